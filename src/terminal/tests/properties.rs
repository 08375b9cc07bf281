//! Whatever is done to an account, its sums hold: recomputed here in decimals, from what the account shows.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::checks::{check_deals, check_orders, check_sums};
use super::*;
use crate::domain::{Position, Snapshot};

/// One thing done to the account; numbers choose among what there is.
#[derive(Debug, Clone)]
enum Step {
    Quote { gold: bool, bid: i64, spread: i64, minutes: i64 },
    Open { gold: bool, buy: bool, steps: i64, stops: Option<(i64, i64)> },
    Place { gold: bool, buy: bool, kind: PendingKind, away: i64, steps: i64, minutes: Option<i64> },
    Amend { which: usize, away: i64 },
    Cancel { which: usize },
    CloseBy { which: usize, other: usize },
    Pass { minutes: i64 },
    Connect { connected: bool },
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
        4 => (any::<bool>(), any::<bool>(), kinds(), 50_i64..900, 1_i64..100, prop::option::of(1_i64..4000))
            .prop_map(|(gold, buy, kind, away, steps, minutes)| Step::Place { gold, buy, kind, away, steps, minutes }),
        1 => (0_usize..8, 50_i64..900).prop_map(|(which, away)| Step::Amend { which, away }),
        1 => (0_usize..8).prop_map(|which| Step::Cancel { which }),
        1 => (0_usize..8, 0_usize..8).prop_map(|(which, other)| Step::CloseBy { which, other }),
        1 => (0_i64..3000).prop_map(|minutes| Step::Pass { minutes }),
        1 => (0..5).prop_map(|n| Step::Connect { connected: n != 0 }),
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

fn kinds() -> impl Strategy<Value = PendingKind> {
    prop::sample::select(vec![PendingKind::Limit, PendingKind::Stop, PendingKind::StopLimit])
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

/// The terms of an order that waits so many ticks away from the market.
fn terms_away(instrument: &Instrument, side: Side, kind: PendingKind, away: i64) -> PendingTerms {
    let market = if side == Side::Buy { instrument.ask } else { instrument.bid };
    let worse = if kind == PendingKind::Limit { -side.sign() } else { side.sign() };
    let at = |ticks: i64| Price::from_units(market.units() + ticks * worse * instrument.tick_size.units());
    let price = at(away);
    PendingTerms {
        price,
        limit_price: (kind == PendingKind::StopLimit).then(|| at(away / 2 - 30)),
        stop_loss: Some(Price::from_units(
            at(away).units() - 2000 * side.sign() * instrument.tick_size.units(),
        )),
        take_profit: None,
        expiration: Expiration::Gtc,
    }
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
            magic: Magic(1 + u64::try_from(lots.units() % 3).unwrap()),
            filling: if lots.units() / 1_000_000 % 2 == 0 {
                Filling::FillOrKill
            } else {
                Filling::ImmediateOrCancel
            },
        };
        t.order_send(*now, &request).result
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
        Step::Place { .. } | Step::Amend { .. } | Step::Cancel { .. } => {
            wait(&state, step, |symbol, action, lots| {
                send(t, symbol, action, lots);
            });
        }
        Step::RecordOpen { .. } | Step::RecordClose { .. } => record(t, *now, &state, step),
        _ => happen(t, now, &state, step),
    }
}

/// The steps that are no order of the trader's.
fn happen(t: &mut Terminal, now: &mut ServerTime, state: &Snapshot, step: &Step) {
    match *step {
        Step::Cash { cents } => {
            t.balance_operation(*now, Money::from_units(cents * 10_000)).unwrap();
        }
        Step::Charge { which, cents } => {
            if let Some(deal) = state.deals.get(which) {
                t.charge(deal.ticket, Money::from_units(cents * 10_000), of("-0.01")).unwrap();
            }
        }
        Step::CloseBy { which, other } => {
            if let (Some(p), Some(other)) = (chosen(state, which), chosen(state, other)) {
                t.close_by(*now, p.ticket, other.ticket);
            }
        }
        Step::Pass { minutes } => {
            *now = ServerTime(now.0 + minutes * 60_000);
            t.pass_time(*now).unwrap();
        }
        Step::Connect { connected } => t.set_connected(connected),
        _ => panic!("an order: {step:?}"),
    }
}

/// The steps with pending orders.
fn wait(state: &Snapshot, step: &Step, mut send: impl FnMut(Symbol, OrderAction, Lots)) {
    let order = |which: usize| state.orders.get(which % state.orders.len().max(1));
    match *step {
        Step::Place { gold, buy, kind, away, steps, minutes } => {
            let instrument = state.instrument(if gold { "XAUUSD" } else { "USDJPY" }).unwrap();
            let side = if buy { Side::Buy } else { Side::Sell };
            let mut terms = terms_away(instrument, side, kind, away);
            if let Some(minutes) = minutes {
                let until = ServerTime(state.account.time.0 + minutes * 60_000);
                terms.expiration = match minutes % 3 {
                    0 => Expiration::Day,
                    1 => Expiration::Specified(until),
                    _ => Expiration::SpecifiedDay(until),
                };
            }
            let lots = Lots::from_units(steps * instrument.lot_step.units());
            send(instrument.symbol, OrderAction::Place { side, kind, terms }, lots);
        }
        Step::Amend { which, away } => {
            if let Some(order) = order(which) {
                let instrument = state.instrument(&order.symbol).unwrap();
                let terms = terms_away(instrument, order.side, order.kind, away);
                send(order.symbol, OrderAction::ModifyPending { ticket: order.ticket, terms }, Lots::ZERO);
            }
        }
        Step::Cancel { which } => {
            if let Some(order) = order(which) {
                send(order.symbol, OrderAction::Cancel { ticket: order.ticket }, Lots::ZERO);
            }
        }
        _ => panic!("no step with a pending order: {step:?}"),
    }
}

/// The two steps that a history dictates.
fn record(t: &mut Terminal, now: ServerTime, state: &Snapshot, step: &Step) {
    match *step {
        Step::RecordOpen { id, buy, units, price } => {
            let netting = state.account.margin_mode == MarginMode::Netting;
            let taken = netting
                || id == 0
                || state.deals.iter().any(|deal| deal.position.0 == id)
                || state.orders.iter().any(|order| order.ticket == id)
                || state.past_orders.iter().any(|order| order.ticket == id);
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
            // What was accepted has its ticket, whatever came of it.
            let faulty = t.settings.faults != Faults::default();
            let accepted = faulty && opened == Err(TerminalError::IdentifierTaken(PositionId(id)));
            assert!(opened.is_err() == taken || accepted, "{opened:?}, {taken}");
        }
        Step::RecordClose { which, percent, price } => {
            if let Some(p) = chosen(state, which) {
                let closed = t.close_recorded(&RecordedClose {
                    id: p.id,
                    time: now,
                    lots: Lots::from_units((p.lots.units() / 100 * percent).max(1)),
                    price: Price::from_units(price * 10_000),
                    commission: of("-0.1"),
                    swap: of("0.000001"),
                });
                assert_eq!(closed.is_err(), state.account.margin_mode == MarginMode::Netting);
            }
        }
        _ => panic!("not a recorded step: {step:?}"),
    }
}

fn account(seed: u64, netting: bool, faulty: bool) -> Terminal {
    let mut t = terminal_with(TerminalSettings {
        seed,
        margin_mode: if netting { MarginMode::Netting } else { MarginMode::Hedging },
        faults: if faulty { Faults::every(30) } else { Faults::default() },
        slippage_points_max: 5,
        delay_ms_max: 5,
        opening_balance: of("5000"),
        stop_out_percent: Some(50),
        ..settings()
    });
    let trading = TradeRules { filling_modes: 3, freeze_level_points: 30, ..TradeRules::default() };
    t.add_instrument(Instrument { trading, ..gold() }).unwrap();
    t.set_charges("XAUUSD", charges("3.5", "-7.77", "2.22")).unwrap();
    t.set_charges("USDJPY", charges("2.345", "1.11", "-5.55")).unwrap();
    t
}

proptest! {
    #[test]
    fn sums_hold_after_every_step(seed in any::<u64>(), netting in any::<bool>(), faulty in any::<bool>(), steps in steps()) {
        let (mut t, mut now) = (account(seed, netting, faulty), moment("mon 00:00"));
        let (mut lowest, mut seen) = (Decimal::ZERO, BTreeSet::new());
        for step in &steps {
            apply(&mut t, &mut now, step);
            check_sums(&t, of("5000"));
            check_deals(&t);
            check_orders(&t, &mut seen);
            let drawdown = t.drawdown();
            let fall = drawdown.peak.to_decimal() - t.account().equity.to_decimal();
            lowest = lowest.max(fall);
            prop_assert!(fall >= Decimal::ZERO && drawdown.amount.to_decimal() >= lowest);
            prop_assert!(!drawdown.percent.is_negative());
        }
    }

    #[test]
    fn the_same_seed_and_calls_give_the_same_account(seed in any::<u64>(), netting in any::<bool>(), faulty in any::<bool>(), steps in steps()) {
        let play = || {
            let (mut t, mut now) = (account(seed, netting, faulty), moment("mon 00:00"));
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
