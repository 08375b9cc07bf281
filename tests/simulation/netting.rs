//! What a netting account's trades are to its slaves: worked out once more, from the truth at the broker.

use lotbridge::domain::{Lots, Position, PositionId};
use lotbridge::terminal::Terminal;

/// A trade that opened something, with what is left of it.
pub struct Part {
    pub position: Position,
    pub opened: Lots,
}

/// Every trade that ever opened something; what was traded the other way is taken off the oldest first.
pub fn parts(terminal: &Terminal) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for deal in terminal.deals() {
        let mut left = deal.lots;
        let same_position = |part: &&mut Part| part.position.ticket == deal.position.0;
        let first = !parts.iter().any(|part| part.position.ticket == deal.position.0);
        for part in parts.iter_mut().filter(same_position).filter(|part| part.position.side != deal.side) {
            let off = left.min(part.position.lots);
            part.position.lots = part.position.lots.saturating_sub(off);
            left = left.saturating_sub(off);
        }
        if left.is_positive() {
            let shown = terminal.positions().find(|open| open.position.id == deal.position);
            // The first has the position's own number; the others their deal's, with the highest of 32 bits turned.
            let id = if first { deal.position.0 } else { deal.ticket ^ 1 << 31 };
            let stops = shown.map(|open| (open.position.stop_loss, open.position.take_profit));
            let (stop_loss, take_profit) = stops.unwrap_or_default();
            parts.push(Part {
                opened: left,
                position: Position {
                    id: PositionId(id),
                    // To find it by.
                    ticket: deal.position.0,
                    symbol: deal.symbol,
                    side: deal.side,
                    lots: left,
                    open_price: deal.price,
                    open_time: deal.time,
                    stop_loss,
                    take_profit,
                    magic: deal.magic,
                    comment: Default::default(),
                },
            });
        }
    }
    parts
}
