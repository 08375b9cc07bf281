//! Any bytes as a manager's exported history: CSV, order book, HTML, in any encoding.

use lotbridge::history::{instruments, read, tick_value_at, timeline};

/// What is read is also put in order and worked with, as a replay does.
pub fn run(data: &[u8]) {
    let Ok(history) = read(data) else { return };
    let steps = timeline(&history);
    assert!(steps.windows(2).all(|pair| pair[0].time <= pair[1].time), "time goes backwards");
    let Ok(found) = instruments(&history) else { return };
    for position in &history.positions {
        let Some(instrument) = found.iter().find(|one| one.symbol == position.symbol) else { continue };
        for exit in &position.exits {
            let _ = tick_value_at(instrument, position, exit);
        }
    }
}
