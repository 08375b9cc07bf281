//! Whatever is done to an account, its sums hold: recomputed here in decimals, from what the account shows.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rust_decimal::{Decimal, RoundingStrategy};

use super::*;
use crate::domain::{Filling, Position, Snapshot};

/// One thing done to the account; numbers choose among what there is.
#[derive(Debug, Clone)]
enum Step {
    Quote { gold: bool, bid: i64, spread: i64, minutes: i64 },
    Open { gold: bool, buy: bool, steps: i64, stops: Option<(i64, i64)> },
    Close { which: usize, steps: i64 },
    Modify { which: usize, stops: Option<(i64, i64)> },
    Cash { cents: i64 },
    Charge { which: usize, cents: i64 },
    RecordOpen { id: u64, buy: bool, units: i64, price: i64 },
    RecordClose { which: usize, percent: i64, price: i64 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let stops = || prop::option::of((1_i64..3000, 1_i64..3000));
    let step = prop_oneof![
        6 => (any::<bool>(), 9_000_i64..11_000, 0_i64..40, 0_i64..3000)
            .prop_map(|(gold, bid, spread, minutes)| Step::Quote { gold, bid, spread, minutes }),
        4 => (any::<bool>(), any::<bool>(), 0_i64..300, stops())
            .prop_map(|(gold, buy, steps, stops)| Step::Open { gold, buy, steps, stops }),
        3 => (0_usize..8, 0_i64..200).prop_map(|(which, steps)| Step::Close { which, steps }),
        1 => (0_usize..8, stops()).prop_map(|(which, stops)| Step::Modify { which, stops }),
        1 => (-50_000_i64..100_000).prop_map(|cents| Step::Cash { cents }),
        1 => (0_usize..20, -500_i64..100).prop_map(|(which, cents)| Step::Charge { which, cents }),
        1 => (0_u64..30, any::<bool>(), 1_i64..200_000_000, 900_000_i64..1_100_000)
            .prop_map(|(id, buy, units, price)| Step::RecordOpen { id, buy, units, price }),
        1 => (0_usize..8, 1_i64..=100, 900_000_i64..1_100_000)
            .prop_map(|(which, percent, price)| Step::RecordClose { which, percent, price }),
    ];
    prop::collection::vec(step, 1..60)
}

/// Gold moves in cents about 100.00, the yen in thousandths about 10.000.
fn price(gold: bool, ticks: i64) -> Price {
    Price::from_units(ticks * if gold { 1_000_000 } else { 100_000 })
}

fn stops_around(
    instrument: &Instrument,
    side: Side,
    stops: Option<(i64, i64)>,
) -> (Option<Price>, Option<Price>) {
    let Some((loss, profit)) = stops else { return (None, None) };
    let away = |ticks: i64| {
        Price::from_units(instrument.bid.units() + ticks * side.sign() * instrument.tick_size.units())
    };
    (Some(away(-loss)), Some(away(profit)))
}

fn chosen(state: &Snapshot, which: usize) -> Option<&Position> {
    state.positions.get(which % state.positions.len().max(1))
}

fn apply(t: &mut Terminal, now: &mut ServerTime, step: &Step) {
    let state = t.snapshot(ServerTime(0));
    let send = |t: &mut Terminal, symbol: Symbol, action: OrderAction, lots: Lots| {
        let request = OrderRequest {
            symbol,
            action,
            lots,
            price: Price::ZERO,
            deviation_points: 0,
            magic: Magic(1),
            filling: Filling::default(),
        };
        t.order_send(*now, &request)
    };
    match *step {
        Step::Quote { gold, bid, spread, minutes } => {
            *now = ServerTime(now.0 + minutes * 60_000);
            let symbol = if gold { "XAUUSD" } else { "USDJPY" };
            t.quote(*now, symbol, price(gold, bid), price(gold, bid + spread)).unwrap();
        }
        Step::Open { gold, buy, steps, stops } => {
            let instrument = state.instrument(if gold { "XAUUSD" } else { "USDJPY" }).unwrap();
            let side = if buy { Side::Buy } else { Side::Sell };
            let (stop_loss, take_profit) = stops_around(instrument, side, stops);
            let lots = Lots::from_units(steps * instrument.lot_step.units());
            send(t, instrument.symbol, OrderAction::Open { side, stop_loss, take_profit }, lots);
        }
        Step::Close { which, steps } => {
            if let Some(p) = chosen(&state, which) {
                let step = state.instrument(&p.symbol).unwrap().lot_step.units();
                let lots = if steps == 0 { p.lots } else { Lots::from_units(steps * step) };
                send(t, p.symbol, OrderAction::Close { ticket: p.ticket }, lots);
            }
        }
        Step::Modify { which, stops } => {
            if let Some(p) = chosen(&state, which) {
                let (stop_loss, take_profit) =
                    stops_around(state.instrument(&p.symbol).unwrap(), p.side, stops);
                let action = OrderAction::Modify { ticket: p.ticket, stop_loss, take_profit };
                send(t, p.symbol, action, Lots::ZERO);
            }
        }
        Step::Cash { cents } => {
            t.balance_operation(*now, Money::from_units(cents * 10_000)).unwrap();
        }
        Step::Charge { which, cents } => {
            if let Some(deal) = state.deals.get(which) {
                t.charge(deal.ticket, Money::from_units(cents * 10_000), of("-0.01")).unwrap();
            }
        }
        Step::RecordOpen { .. } | Step::RecordClose { .. } => record(t, *now, &state, step),
    }
}

/// The two steps that a history dictates.
fn record(t: &mut Terminal, now: ServerTime, state: &Snapshot, step: &Step) {
    match *step {
        Step::RecordOpen { id, buy, units, price } => {
            let taken = id == 0 || state.deals.iter().any(|deal| deal.position.0 == id);
            let opened = t.open_recorded(&RecordedOpen {
                id: PositionId(id),
                time: now,
                symbol: gold().symbol,
                side: if buy { Side::Buy } else { Side::Sell },
                lots: Lots::from_units(units),
                price: Price::from_units(price * 10_000),
                stop_loss: None,
                take_profit: None,
                magic: Magic(2),
                commission: of("-0.333333"),
            });
            assert_eq!(opened.is_err(), taken);
        }
        Step::RecordClose { which, percent, price } => {
            if let Some(p) = chosen(state, which) {
                t.close_recorded(&RecordedClose {
                    id: p.id,
                    time: now,
                    lots: Lots::from_units((p.lots.units() / 100 * percent).max(1)),
                    price: Price::from_units(price * 10_000),
                    commission: of("-0.1"),
                    swap: of("0.000001"),
                })
                .unwrap();
            }
        }
        _ => panic!("not a recorded step: {step:?}"),
    }
}

/// `side × (close − open) / tick size × tick value × lots`, in decimals.
fn profit(instrument: &Instrument, side: Side, lots: Lots, open: Price, close: Price) -> Decimal {
    ((close.to_decimal() - open.to_decimal()) / instrument.tick_size.to_decimal()
        * instrument.tick_value.to_decimal()
        * lots.to_decimal()
        * Decimal::from(side.sign()))
    .round_dp_with_strategy(2, RoundingStrategy::MidpointNearestEven)
}

fn check_sums(t: &Terminal, opening: Money) {
    let account = t.account();
    let dealt = t.deals().iter().flat_map(|d| [d.commission, d.swap, d.profit]);
    let paid = t.operations().iter().map(|o| o.amount);
    let balance = dealt.chain(paid).fold(opening.to_decimal(), |sum, amount| sum + amount.to_decimal());
    assert_eq!(account.balance.to_decimal(), balance, "balance");
    let statement = t.statement();
    assert_eq!(statement.last().map_or(opening, |line| line.balance), account.balance, "statement");
    assert!(statement.is_sorted_by(|a, b| a.ticket < b.ticket && a.time <= b.time), "statement order");

    let (mut equity, mut margin) = (balance, Decimal::ZERO);
    for open in t.positions() {
        let p = &open.position;
        let spec = t.snapshot(account.time).instrument(&p.symbol).unwrap().clone();
        let close = if p.side == Side::Buy { spec.bid } else { spec.ask };
        if close.is_positive() {
            equity += profit(&spec, p.side, p.lots, p.open_price, close);
        }
        equity += open.swap.to_decimal();
        let value = profit(&spec, Side::Buy, p.lots, Price::ZERO, p.open_price);
        let off = open.margin.to_decimal() - value / Decimal::from(account.leverage);
        assert!(off.abs() <= "0.0051".parse().unwrap(), "margin of {p:?}: {}", open.margin);
        margin += open.margin.to_decimal();
    }
    assert_eq!(account.equity.to_decimal(), equity, "equity");
    assert_eq!(account.margin.to_decimal(), margin, "margin");
    assert_eq!(account.free_margin.to_decimal(), equity - margin, "free margin");
}

fn check_deals(t: &Terminal) {
    let mut open: BTreeMap<PositionId, (Side, Price, i64)> = BTreeMap::new();
    let state = t.snapshot(ServerTime(0));
    for deal in t.deals() {
        let spec = state.instrument(&deal.symbol).unwrap();
        match deal.entry {
            DealEntry::In => {
                let fresh = open.insert(deal.position, (deal.side, deal.price, deal.lots.units()));
                assert_eq!(fresh, None, "an identifier is given once");
                assert!(deal.profit.is_zero());
            }
            DealEntry::Out => {
                let (side, at, lots) = open.get_mut(&deal.position).unwrap();
                assert_eq!(deal.side, side.opposite());
                assert_eq!(deal.profit.to_decimal(), profit(spec, *side, deal.lots, *at, deal.price));
                *lots -= deal.lots.units();
                assert!(*lots >= 0, "never more out than in");
            }
            other => panic!("{other:?}"),
        }
    }
    open.retain(|_, (_, _, lots)| *lots > 0);
    let held: BTreeMap<_, _> =
        t.positions().map(|p| &p.position).map(|p| (p.id, (p.side, p.open_price, p.lots.units()))).collect();
    assert_eq!(held, open, "open is what went in less what went out");
}

fn account(seed: u64) -> Terminal {
    let mut t = terminal_with(TerminalSettings {
        seed,
        slippage_points_max: 5,
        delay_ms_max: 5,
        opening_balance: of("5000"),
        stop_out_percent: Some(50),
        ..settings()
    });
    t.set_charges("XAUUSD", charges("3.5", "-7.77", "2.22")).unwrap();
    t.set_charges("USDJPY", charges("2.345", "1.11", "-5.55")).unwrap();
    t
}

proptest! {
    #[test]
    fn sums_hold_after_every_step(seed in any::<u64>(), steps in steps()) {
        let (mut t, mut now) = (account(seed), moment("mon 00:00"));
        let mut lowest = Decimal::ZERO;
        for step in &steps {
            apply(&mut t, &mut now, step);
            check_sums(&t, of("5000"));
            check_deals(&t);
            let drawdown = t.drawdown();
            let fall = drawdown.peak.to_decimal() - t.account().equity.to_decimal();
            lowest = lowest.max(fall);
            prop_assert!(fall >= Decimal::ZERO && drawdown.amount.to_decimal() >= lowest);
            prop_assert!(!drawdown.percent.is_negative());
        }
    }

    #[test]
    fn the_same_seed_and_calls_give_the_same_account(seed in any::<u64>(), steps in steps()) {
        let play = || {
            let (mut t, mut now) = (account(seed), moment("mon 00:00"));
            for step in &steps {
                apply(&mut t, &mut now, step);
            }
            (t.snapshot(ServerTime(0)), t.drawdown(), t.statement())
        };
        prop_assert_eq!(play(), play());
    }

    #[test]
    fn a_week_of_nights_is_seven_wherever_it_begins(start in -1_000_000_000_000_i64..4_000_000_000_000, weeks in 0_i64..200) {
        let from = ServerTime(start);
        let to = ServerTime(start + weeks * 7 * DAY_MS);
        prop_assert_eq!(super::super::valuation::nights(from, to), weeks * 7);
    }
}
