//! Random days of an account against a second opinion: all of it worked out anew from the whole history, in decimals.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::allocation::{DrawdownFrom, Guarded, Loss};

/// One state: minutes since the last, how equity moved, what was paid in, margin in use; amounts in cents.
type Step = (u16, i64, i64, i64);

fn cents(amount: i64) -> Money {
    Money::from_units(amount * 10_000)
}

fn step() -> impl Strategy<Value = Step> {
    let cash = prop_oneof![5 => Just(0), 1 => -30_000..60_000_i64];
    (0_u16..700, -20_000..20_000_i64, cash, 0..200_000_i64)
}

fn loss() -> impl Strategy<Value = Option<Guarded<Loss>>> {
    let percent = (1_i64..2_000).prop_map(|p| Loss::Percent(Ratio::from_units(p * Ratio::ONE / 100)));
    let money = (1_i64..80_000).prop_map(|m| Loss::Money(cents(m)));
    prop::option::of(prop_oneof![percent, money])
        .prop_map(|bound| bound.map(|bound| Guarded { bound, reaction: Reaction::CloseAll }))
}

fn any_rules() -> impl Strategy<Value = GuardRules> {
    let amounts = (prop::option::of(300_000..990_000_i64), prop::option::of(100_i64..2_000));
    (0_u32..1440, loss(), loss(), loss(), any::<bool>(), amounts).prop_map(
        |(minutes, daily_loss, daily_drawdown, total_drawdown, trails, (stop, level))| GuardRules {
            day_starts_at_minutes: minutes,
            daily_loss,
            daily_drawdown,
            total_drawdown,
            drawdown_from: if trails { DrawdownFrom::Trailing } else { DrawdownFrom::Static },
            equity_stop: stop.map(|stop| Guarded { bound: cents(stop), reaction: Reaction::CloseOnly }),
            margin_level: level.map(|level| Guarded {
                bound: Ratio::from_units(level * Ratio::ONE),
                reaction: Reaction::SkipOpens,
            }),
            ..GuardRules::default()
        },
    )
}

/// What the account was at each state: minute, equity without anything that was paid in since the start, all that was
/// paid in, margin; in the currency.
struct Seen {
    minute: i64,
    traded: Decimal,
    paid: Decimal,
    margin: Decimal,
}

fn is_lost(rule: Option<Guarded<Loss>>, from: Decimal, equity: Decimal) -> bool {
    equity < from
        && match rule.map(|rule| rule.bound) {
            None => false,
            Some(Loss::Money(most)) => equity <= from - most.to_decimal(),
            Some(Loss::Percent(most)) => equity <= from - from * most.to_decimal() / Decimal::ONE_HUNDRED,
        }
}

/// Which guards must have tripped by the last of these states, looked at as a whole.
fn second_opinion(rules: &GuardRules, seen: &[Seen]) -> Vec<GuardKind> {
    let last = seen.last().unwrap();
    let day_of = |s: &Seen| (s.minute - i64::from(rules.day_starts_at_minutes)).div_euclid(1440);
    // Everything as if what is in the account by now had been there from the start.
    let with = |s: &Seen| s.traded + last.paid;
    let today: Vec<Decimal> = seen.iter().filter(|s| day_of(s) == day_of(last)).map(with).collect();
    let all: Vec<Decimal> = seen.iter().map(with).collect();
    let equity = with(last);
    let peak = |of: &[Decimal]| of.iter().copied().max().unwrap();
    let total_from = match rules.drawdown_from {
        DrawdownFrom::Static => all[0],
        DrawdownFrom::Trailing => peak(&all),
    };
    let mut met = Vec::new();
    let mut note = |is_met: bool, guard| met.extend(is_met.then_some(guard));
    note(is_lost(rules.daily_loss, today[0], equity), GuardKind::DailyLoss);
    note(is_lost(rules.daily_drawdown, peak(&today), equity), GuardKind::DailyDrawdown);
    note(is_lost(rules.total_drawdown, total_from, equity), GuardKind::TotalDrawdown);
    note(rules.equity_stop.is_some_and(|r| equity <= r.bound.to_decimal()), GuardKind::EquityStop);
    let level = |r: Guarded<Ratio>| {
        last.margin > Decimal::ZERO && equity / last.margin * Decimal::ONE_HUNDRED <= r.bound.to_decimal()
    };
    note(rules.margin_level.is_some_and(level), GuardKind::MarginLevel);
    met
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// A guard has tripped exactly when its loss was there at one of the states, restarts or not.
    #[test]
    fn a_guard_trips_when_a_second_opinion_says_so(
        rules in any_rules(),
        steps in prop::collection::vec(step(), 1..40),
        restart in 0_usize..40,
    ) {
        let mut guard = Guard::new(rules.clone());
        let mut shown = account(cents(1_000_000));
        let mut cash = Cash { series: Micros(1), ..Cash::default() };
        let (mut minute, mut traded, mut expected, mut seen) = (0_i64, 1_000_000, Vec::new(), Vec::new());
        for (at, (minutes, moved, paid, margin)) in steps.into_iter().enumerate() {
            minute += i64::from(minutes);
            traded += moved;
            cash.total = cash.total.saturating_add(cents(paid));
            shown.account.time = ServerTime(minute * 60_000);
            shown.account.equity = cents(traded).saturating_add(cash.total);
            shown.account.margin = cents(margin);
            if at == restart {
                let state = serde_json::to_string(guard.state()).unwrap();
                guard = Guard::new(rules.clone());
                guard.restore(serde_json::from_str(&state).unwrap());
            }
            guard.observe(Micros(0), &shown, signature(), &cash);
            let (traded, margin) = (cents(traded).to_decimal(), cents(margin).to_decimal());
            seen.push(Seen { minute, traded, paid: cash.total.to_decimal(), margin });
            expected.extend(second_opinion(&rules, &seen));
            expected.sort();
            expected.dedup();
            let mut tripped: Vec<GuardKind> = guard.state().trips.iter().map(|trip| trip.guard).collect();
            tripped.sort();
            prop_assert_eq!(&tripped, &expected, "after state {}", at);
        }
    }

    /// However late the deals are shown, what was paid in is told from what was traded.
    #[test]
    fn cash_is_told_from_trades(
        steps in prop::collection::vec((any::<bool>(), -90_000..90_000_i64, 0_u64..3, any::<bool>()), 1..60),
    ) {
        let mut shown = account(cents(1_000_000));
        let mut flows = CashFlows::begin(Micros(0), &shown);
        let (mut late, mut paid, mut tickets, mut now): (Vec<(u64, Deal)>, i64, u64, u64) =
            (Vec::new(), 0, 0, 0);
        for (is_trade, amount, lag, restarts) in steps {
            now += 500;
            // A deal that is shown after later ones and after a restart is taken for a known one.
            let restarts = restarts && late.is_empty();
            shown.account.time = ServerTime(i64::try_from(now).unwrap());
            shown.account.balance = shown.account.balance.saturating_add(cents(amount));
            if is_trade {
                tickets += 1;
                late.push((now + lag * 500, deal(tickets, cents(amount), shown.account.time)));
            } else {
                paid += amount;
            }
            let (due, rest): (Vec<_>, Vec<_>) = late.into_iter().partition(|(at, _)| *at <= now);
            late = rest;
            shown.deals.extend(due.into_iter().map(|(_, deal)| deal));
            shown.deals.sort_by_key(|deal| deal.ticket);
            if restarts {
                flows = serde_json::from_str(&serde_json::to_string(&flows).unwrap()).unwrap();
                flows.resume();
            }
            flows.observe(Micros(now * 1000), &shown, SETTLE_MS);
        }
        shown.deals.extend(late.into_iter().map(|(_, deal)| deal));
        flows.observe(Micros((now + 500) * 1000), &shown, SETTLE_MS);
        flows.observe(Micros((now + 5_000) * 1000), &shown, SETTLE_MS);
        let Cash { total, unexplained, .. } = flows.cash();
        prop_assert_eq!((total, unexplained), (cents(paid), Money::ZERO));
    }
}
