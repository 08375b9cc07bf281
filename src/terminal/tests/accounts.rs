//! Commission, charges, cash, drawdown, specifications, snapshots.

use super::*;

#[test]
fn commission_is_charged_per_lot_and_side_and_rounded_half_to_even() {
    let mut t = terminal();
    t.set_charges("XAUUSD", charges("3.50", "0", "0")).unwrap();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.00   |
                   | buy XAUUSD 0.03 sl=1990        | done 1 0.03 @ 2000
                   | sell XAUUSD 1                  | done 2 1.00 @ 2000
                   | account                        | balance 9996.40 equity 9996.40 margin 2060.00 free 7936.40
                   | close XAUUSD 1 0.01            | done 1 0.01 @ 2000
         mon 10:01 | quote XAUUSD 1989.00 1989.00   | out 1 sell 0.02 @ 1989 profit -22.00 commission -0.07
                   | account                        | balance 9974.29 equity 11074.29 margin 2000.00 free 9074.29",
    );
    // 0.105, 3.50, 0.035: half a cent goes to the even one.
    let commissions: Vec<Money> = t.deals().iter().map(|deal| deal.commission).collect();
    assert_eq!(commissions, ["-0.10", "-3.50", "-0.04", "-0.07"].map(of::<Money>));
}

#[test]
fn the_broker_posts_charges_on_a_deal_that_exists() {
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.00 |
                   | buy XAUUSD 1                 | done 1 1.00 @ 2000
                   | close XAUUSD 1 1             | done 1 1.00 @ 2000",
    );
    let (first, second) = (t.deals()[0].ticket, t.deals()[1].ticket);
    assert_eq!(t.charge(second, of("-3.5"), of("-0.25")).unwrap().commission, of("-3.5"));
    t.charge(first, of("-1"), Money::ZERO).unwrap();
    assert_eq!(t.charge(first, of("-2"), of("0.1")).unwrap(), t.deals()[0]);
    assert_eq!((t.deals()[0].commission, t.deals()[0].swap), (of("-3"), of("0.1")));
    assert_eq!(t.account().balance, of("9993.35"));
    assert_eq!(t.drawdown().amount, of("6.65"), "charges are losses");
    assert_eq!(t.charge(1, of("-1"), Money::ZERO), Err(TerminalError::NoSuchDeal(1)), "a position's ticket");
    let before = (t.account(), t.deals().to_vec());
    for (deal, what) in [(first, "a charge"), (second, "the balance")] {
        let beyond = t.charge(deal, Money::ZERO, Money::MAX);
        assert_eq!(beyond, Err(TerminalError::OutOfRange { what }));
    }
    assert_eq!((t.account(), t.deals().to_vec()), before);
}

#[test]
fn the_statement_runs_through_deals_and_cash_in_one_sequence() {
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | cash 500                     | balance 10500.00 equity 10500.00 margin 0.00 free 10500.00
                   | quote XAUUSD 2000.00 2000.00 |
                   | buy XAUUSD 1                 | done 1 1.00 @ 2000
         mon 10:01 | quote XAUUSD 2001.00 2001.00 |
         mon 10:02 | cash -200                    | balance 10300.00 equity 10400.00 margin 2000.00 free 8400.00
                   | close XAUUSD 1 1             | done 1 1.00 @ 2001",
    );
    let closing = t.deals()[1].ticket;
    t.charge(closing, of("-5"), Money::ZERO).unwrap();
    let lines: Vec<(i64, String, String)> = t
        .statement()
        .iter()
        .map(|line: &StatementLine| (line.time.0, line.amount.to_string(), line.balance.to_string()))
        .collect();
    let at = |when, amount: &str, balance: &str| (moment(when).0, amount.into(), balance.into());
    assert_eq!(
        lines,
        [
            at("mon 10:00", "500.00", "10500.00"),
            at("mon 10:00", "0.00", "10500.00"),
            at("mon 10:02", "-200.00", "10300.00"),
            at("mon 10:02", "95.00", "10395.00"),
        ]
    );
    assert_eq!(t.account().balance, of("10395"));
    let paid: Vec<Money> = t.operations().iter().map(|o: &BalanceOperation| o.amount).collect();
    assert_eq!(paid, ["500", "-200"].map(of::<Money>));
    assert_eq!(t.statement().iter().map(|line| line.ticket).max(), Some(closing), "one sequence of tickets");
}

#[test]
fn drawdown_follows_equity_and_cash_is_neither_profit_nor_loss() {
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | drawdown                     | peak 10000.00 amount 0.00 percent 0
                   | quote XAUUSD 2000.00 2000.00 |
                   | buy XAUUSD 1                 | done 1 1.00 @ 2000
         mon 10:01 | quote XAUUSD 2020.00 2020.00 |
                   | drawdown                     | peak 12000.00 amount 0.00 percent 0
         mon 10:02 | quote XAUUSD 2008.00 2008.00 |
                   | drawdown                     | peak 12000.00 amount 1200.00 percent 10
         mon 10:03 | quote XAUUSD 2014.00 2014.00 |
                   | drawdown                     | peak 12000.00 amount 1200.00 percent 10
         mon 10:04 | cash -5700                   | balance 4300.00 equity 5700.00 margin 2000.00 free 3700.00
                   | drawdown                     | peak 6300.00 amount 1200.00 percent 10
         mon 10:05 | quote XAUUSD 2011.00 2011.00 |
                   | drawdown                     | peak 6300.00 amount 1200.00 percent 10
                   | cash 20000                   | balance 24300.00 equity 25400.00 margin 2000.00 free 23400.00
                   | drawdown                     | peak 26300.00 amount 1200.00 percent 10
         mon 10:06 | quote XAUUSD 2007.00 2007.00 |
                   | drawdown                     | peak 26300.00 amount 1300.00 percent 11.41732283
                   | close XAUUSD 1 1             | done 1 1.00 @ 2007
                   | cash -25000                  | balance 0.00 equity 0.00 margin 0.00 free 0.00
                   | cash 100                     | balance 100.00 equity 100.00 margin 0.00 free 100.00
                   | drawdown                     | peak 1400.00 amount 1300.00 percent 11.41732283",
    );
    // At 10:03 equity is 11,400 of 12,000: 0.95 of the peak. At 10:05 0.95 × 5,400/5,700 = 0.9 of it, 10 % down
    // again. At 10:06 0.9 × 25,000/25,400 = 0.88582677 of it, though in money it is the largest fall only by 100.
}

#[test]
fn a_drawdown_ends_with_what_was_lost_even_below_zero() {
    let mut t = terminal_with(TerminalSettings { opening_balance: of("1000"), ..settings() });
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.00 |
                   | buy XAUUSD 0.50              | done 1 0.50 @ 2000
         mon 10:01 | quote XAUUSD 1970.00 1970.00 |
                   | drawdown                     | peak 1000.00 amount 1500.00 percent 150
                   | cash 2500                    | balance 3500.00 equity 2000.00 margin 1000.00 free 1000.00
         mon 10:02 | quote XAUUSD 1940.00 1940.00 |
                   | drawdown                     | peak 3500.00 amount 3000.00 percent 150
         mon 10:03 | quote XAUUSD 1880.00 1880.00 |
                   | drawdown                     | peak 3500.00 amount 6000.00 percent 225",
    );
}

#[test]
fn tick_values_and_specifications_change_under_open_positions() {
    let mut t = terminal();
    play(
        &mut t,
        "mon 10:00 | quote USDJPY 150.000 150.000 |
                   | buy USDJPY 0.3               | done 1 0.30 @ 150
         mon 10:01 | quote USDJPY 151.000 151.000 |
                   | account                      | balance 10000.00 equity 10200.00 margin 300.00 free 9900.00",
    );
    t.set_tick_value("USDJPY", of("0.6")).unwrap();
    play(&mut t, "mon 10:01 | account | balance 10000.00 equity 10180.00 margin 270.00 free 9910.00");
    // A specification's own quote counts neither for a known symbol nor for a new one.
    t.add_instrument(Instrument { tick_value: of("0.5"), bid: of("1"), ask: of("1"), ..yen() }).unwrap();
    let euro = Instrument { symbol: text("EURUSD").unwrap(), bid: of("1"), ask: of("1"), ..gold() };
    t.add_instrument(euro).unwrap();
    play(
        &mut t,
        "mon 10:01 | account            | balance 10000.00 equity 10150.00 margin 225.00 free 9925.00
                   | close USDJPY 1 0.3 | done 1 0.30 @ 151
                   | buy EURUSD 0.10    | no quotes",
    );
}

#[test]
fn settings_and_specifications_nothing_can_be_traded_by_are_refused() {
    let message = |e: TerminalError| e.to_string();
    let opened = |s| Terminal::new(s).err().map(message);
    let digits = TerminalSettings { currency_digits: 7, ..settings() };
    assert_eq!(opened(digits).as_deref(), Some("currency_digits is 7; allowed: 0 to 6"));
    let leverage = TerminalSettings { leverage: 0, ..settings() };
    assert_eq!(opened(leverage).as_deref(), Some("leverage is 0; allowed: at least 1"));

    let mut t = terminal();
    for (instrument, expected) in [
        (Instrument { digits: 9, ..gold() }, "XAUUSD: digits is 9; allowed: 0 to 8"),
        (Instrument { contract_size: of("0"), ..gold() }, "XAUUSD: contract_size is 0; allowed: above zero"),
        (Instrument { tick_size: of("-1"), ..gold() }, "XAUUSD: tick_size is -1; allowed: above zero"),
        (Instrument { tick_value: of("0"), ..gold() }, "XAUUSD: tick_value is 0; allowed: above zero"),
        (Instrument { lot_step: of("0"), ..gold() }, "XAUUSD: lot_step is 0.00; allowed: above zero"),
        (Instrument { lots_min: of("0"), ..gold() }, "XAUUSD: lots_min is 0.00; allowed: above zero"),
        (Instrument { lots_max: of("0"), ..gold() }, "XAUUSD: lots_max is 0.00; allowed: at least lots_min"),
    ] {
        assert_eq!(t.add_instrument(instrument).map_err(message), Err(expected.into()));
    }
    assert!(matches!(t.set_tick_value("XAUUSD", of("0")), Err(TerminalError::Specification { .. })));
    assert!(matches!(t.set_tick_value("EURUSD", of("1")), Err(TerminalError::UnknownSymbol { .. })));
    assert!(matches!(t.set_charges("EURUSD", Charges::default()), Err(TerminalError::UnknownSymbol { .. })));
    let paying = t.set_charges("XAUUSD", charges("-1", "0", "0"));
    assert!(matches!(paying, Err(TerminalError::Specification { .. })));
    let rate = |rate| Rate { from: text("EUR").unwrap(), to: text("USD").unwrap(), rate };
    assert_eq!(
        t.set_rate(rate(Ratio::ZERO)).map_err(message),
        Err("the rate from EUR to USD is not above zero".into())
    );
}

#[test]
fn a_snapshot_is_the_whole_state() {
    let mut t = terminal();
    let rate =
        |from: &str, rate: &str| Rate { from: text(from).unwrap(), to: text("USD").unwrap(), rate: of(rate) };
    t.set_rate(rate("EUR", "1.10")).unwrap();
    t.set_rate(rate("GBP", "1.30")).unwrap();
    t.set_rate(rate("EUR", "1.12")).unwrap();
    play(
        &mut t,
        "mon 10:00 | quote XAUUSD 2000.00 2000.30            |
                   | buy XAUUSD 0.10 sl=1990 magic=9         | done 1 0.10 @ 2000.3
         tue 10:00 | sell XAUUSD 0.20                        | done 2 0.20 @ 2000
         wed 10:00 | close XAUUSD 2 0.20                     | done 2 0.20 @ 2000.3",
    );
    let snapshot = t.snapshot(moment("tue 10:00"));
    assert_eq!(snapshot.account, t.account());
    assert_eq!(snapshot.rates, [rate("EUR", "1.12"), rate("GBP", "1.30")]);
    let gold_now =
        Instrument { bid: of("2000"), ask: of("2000.30"), margin_per_lot: of("2000.30"), ..gold() };
    assert_eq!(snapshot.instrument("XAUUSD"), Some(&gold_now));
    assert_eq!(snapshot.instrument("USDJPY"), Some(&yen()), "no quote yet: price and margin are unknown");
    assert_eq!(snapshot.positions.len(), 1);
    let position = &snapshot.positions[0];
    assert_eq!((position.id, position.ticket, position.magic), (PositionId(1), 1, Magic(9)));
    assert_eq!(position.stop_loss, Some(of("1990")));
    assert_eq!(snapshot.deals, t.deals()[1..], "Monday's deal is before `since`");
    assert!(snapshot.shows_closed(PositionId(2)) && !snapshot.shows_closed(PositionId(1)));
}
