//! Positions closed by opposite ones.

use super::*;

#[test]
fn two_opposite_positions_close_each_other_by_the_smaller_volume() {
    let mut t = terminal();
    t.set_charges("XAUUSD", charges("10", "-10", "0")).unwrap();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.30       |
                   | buy XAUUSD 0.30 magic=7            | done 1 0.30 @ 2000.3
                   | sell XAUUSD 0.10 magic=8           | done 2 0.10 @ 2000
         mon 10:01 | quote XAUUSD 2010.00 2010.30       |
                   | sell XAUUSD 0.50                   | done 3 0.50 @ 2010
         tue 10:00 | close-by 1 2                       | done 1 0.10 @ 2000
                   | position 1                         | buy lots 0.20 profit 194.00 swap -2.00
                   | position 2                         | none
                   | close-by 3 1                       | done 3 0.20 @ 2000.3
                   | position 3                         | sell lots 0.30 profit -9.00 swap 0.00
                   | account                            | balance 10173.00 equity 10164.00 margin 603.00 free 9561.00",
    );
    assert_eq!(
        deals_text(&t)[3..],
        [
            "out-by 1 sell 0.10 @ 2000 profit -3.00 commission -1.00 swap -1.00",
            "out-by 2 buy 0.10 @ 2000 profit 0.00 commission -1.00",
            "out-by 3 buy 0.20 @ 2000.3 profit 194.00 commission -2.00",
            "out-by 1 sell 0.20 @ 2000.3 profit 0.00 commission -2.00 swap -2.00",
        ]
    );
    assert_eq!(t.deals()[3..].iter().map(|d| d.magic.0).collect::<Vec<_>>(), [7, 8, 0, 7]);
}

#[test]
fn only_opposite_positions_of_one_symbol_close_each_other() {
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.30  |
                   | quote USDJPY 150.000 150.010  |
                   | buy XAUUSD 0.10               | done 1 0.10 @ 2000.3
                   | buy XAUUSD 0.10               | done 2 0.10 @ 2000.3
                   | sell USDJPY 0.1               | done 3 0.10 @ 150
                   | close-by 1 2                  | invalid request
                   | close-by 1 1                  | invalid request
                   | close-by 1 3                  | invalid request
                   | close-by 1 9                  | position already closed
                   | close-by 9 1                  | position already closed",
    );
    let mut t = terminal_with(TerminalSettings { margin_mode: MarginMode::Netting, ..settings() });
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.30  |
                   | buy XAUUSD 0.10               | done 1 0.10 @ 2000.3
                   | close-by 1 1                  | invalid or prohibited order type",
    );
}
