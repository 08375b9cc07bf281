//! Scripts that a trader can read: the trade server's time (day and minute), what the account shows, what trips.
//!
//! | what | |
//! | --- | --- |
//! | `equity 9500` | open positions make it so |
//! | `deal -500` | a position was closed, and its deal is shown: balance and equity; what was floating is named by `equity` |
//! | `late -500`, `shown` | the balance has it, its deal is shown later; now |
//! | `cash -2000` | a withdrawal; a deposit without the sign |
//! | `margin 400` | in use from now on |
//! | `holds XAUUSD 0.3 EURUSD 0.1` | copies from now on |
//! | `restarts`, `rearmed` | read back from what was put down; by hand |

mod accounts;
mod by_hand;
mod deals;
mod random;

use accounts::{account, deal, position};

use super::*;
use crate::allocation::GuardRules;
use crate::config::Setup;
use crate::domain::{Deal, Login};

/// So long a deal may be late.
const SETTLE_MS: u64 = 2_000;

pub(super) fn of<T: std::str::FromStr>(value: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    value.parse().unwrap_or_else(|e| panic!("\"{value}\": {e:?}"))
}

/// As the configuration has them.
fn rules(guards: &str) -> GuardRules {
    let text = format!(
        r#"{{"master": {{"login": 1001, "currency": "USD"}}, "secret": "s", "pools": [{{"name": "a",
            "allocation": {{"method": "multiplier"}}, "members": [{{"login": 2001}}]}}],
            "accounts": {{"2001": {{"guards": {guards}}}}}}}"#
    );
    Setup::parse(&text).unwrap_or_else(|e| panic!("{e}")).account(Login(2001)).rules.guards.clone()
}

fn signature() -> Signature {
    Signature::of_master(Login(1001))
}

struct Script {
    guard: Guard,
    cash: Option<CashFlows>,
    shown: Snapshot,
    late: Vec<Deal>,
    tickets: u64,
}

fn play(guards: &str, script: &str) -> Script {
    let guard = Guard::new(rules(guards));
    let mut played = Script { guard, cash: None, shown: account(of("10000")), late: Vec::new(), tickets: 0 };
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let [when, what, expected] = line.split('|').map(str::trim).collect::<Vec<_>>()[..] else {
            panic!("not three columns: {line}");
        };
        if let Some((day, time)) = when.split_once(' ') {
            let parts: Vec<i64> = time.split(':').map(of).collect();
            let seconds = parts.iter().zip([3600, 60, 1]).map(|(part, of)| part * of).sum::<i64>();
            played.shown.account.time = ServerTime::from_secs(of::<i64>(day) * 86_400 + seconds);
        }
        what.split(',').for_each(|what| played.act(&what.split_whitespace().collect::<Vec<_>>()));
        assert_eq!(played.look(), expected, "in the line: {line}");
    }
    played
}

impl Script {
    fn act(&mut self, what: &[&str]) {
        let account = &mut self.shown.account;
        let mut add = |amount: &str| {
            let amount = of(amount);
            account.balance = account.balance.saturating_add(amount);
            account.equity = account.equity.saturating_add(amount);
            amount
        };
        match what {
            ["equity", equity] => account.equity = of(equity),
            ["margin", margin] => account.margin = of(margin),
            ["cash", amount] => drop(add(amount)),
            ["deal" | "late", profit] => {
                let profit = add(profit);
                self.tickets += 1;
                let deal = deal(self.tickets, profit, account.time);
                if what[0] == "deal" { self.shown.deals.push(deal) } else { self.late.push(deal) }
            }
            ["shown"] => self.shown.deals.append(&mut self.late),
            ["holds", held @ ..] => {
                let held = held.chunks(2).zip(1..);
                self.shown.positions = held.map(|(pair, id)| position(pair[0], pair[1], id)).collect();
            }
            ["restarts"] => {
                let json = serde_json::to_string(&(self.guard.state(), &self.cash)).unwrap();
                let (state, cash): (GuardState, Option<CashFlows>) = serde_json::from_str(&json).unwrap();
                self.guard = Guard::new(self.guard.rules.clone());
                self.guard.restore(state);
                self.cash = cash;
                self.cash.iter_mut().for_each(CashFlows::resume);
            }
            ["rearmed"] => self.guard.rearm(Micros(0)),
            ["forgets"] => self.guard.distrust(Micros(0)),
            ["same"] => {}
            other => panic!("an account cannot {other:?}"),
        }
    }

    fn look(&mut self) -> String {
        let now = Micros(u64::try_from(self.shown.account.time.0).unwrap() * 1000);
        let cash = self.cash.get_or_insert_with(|| CashFlows::begin(now, &self.shown));
        cash.observe(now, &self.shown, SETTLE_MS);
        self.guard.observe(now, &self.shown, signature(), &cash.cash());
        let trips = std::iter::from_fn(|| self.guard.poll_trip());
        let shown: Vec<String> = trips
            .map(|trip| {
                let numbers = match trip.breach {
                    Breach::Equity { equity, against } => format!("{equity}/{against}"),
                    Breach::Margin { equity, margin } => format!("{equity}/{margin}"),
                    Breach::Exposure { lots, symbol } => format!("{lots}{}", symbol.unwrap_or_default()),
                    Breach::Lost | Breach::ByHand => String::new(),
                };
                format!("{} {} {numbers}", trip.guard.skip(), trip.reaction).replace("guard_", "")
            })
            .collect();
        shown.join("; ").trim_end().to_owned()
    }
}

#[test]
fn a_daily_loss_is_measured_from_the_days_first_equity() {
    play(
        r#"{"daily_loss": {"percent": "5", "reaction": "close_only"}}"#,
        "1 09:00    | equity 10000   |
         1 10:00    | equity 12000   |
         1 11:00    | equity 9500.01 |
         1 12:00    | equity 9500    | daily_loss close_only 9500.00/10000.00
         1 13:00    | equity 9000    |
         2 00:00    | equity 8000    |",
    );
    play(
        r#"{"daily_loss": {"money": "500", "reaction": "skip_opens"}}"#,
        "1 23:59:59 | equity 9600    |
         2 00:00    | equity 9300    |
         2 00:01    | equity 8800.01 |
         1 23:59    | equity 8800.01 |
         2 00:02    | equity 8800    | daily_loss skip_opens 8800.00/9300.00",
    );
}

#[test]
fn a_day_begins_when_the_broker_says() {
    play(
        r#"{"day_starts_at_minutes": 90, "daily_loss": {"money": "500", "reaction": "close_all"}}"#,
        "1 01:30    | equity 10000   |
         2 01:29:59 | equity 9501    |
         2 01:30    | equity 9400    |
         2 02:00    | equity 8901    |
         3 01:29    | equity 8900    | daily_loss close_all 8900.00/9400.00",
    );
}

#[test]
fn a_daily_drawdown_is_measured_from_the_days_peak() {
    play(
        r#"{"daily_drawdown": {"percent": "2.5", "reaction": "skip_opens"}}"#,
        "1 09:00    | equity 10000   |
         1 10:00    | equity 10400   |
         1 11:00    | equity 10140.01 |
         2 00:00    | equity 10140   |
         2 01:00    | equity 9886.51 |
         2 02:00    | equity 9886.50 | daily_drawdown skip_opens 9886.50/10140.00",
    );
}

#[test]
fn a_total_drawdown_is_static_or_trails_the_peak() {
    play(
        r#"{"total_drawdown": {"percent": "10", "reaction": "close_all"}}"#,
        "1 09:00    | equity 10000   |
         3 09:00    | equity 15000   |
         5 09:00    | equity 9000.01 |
         6 09:00    | restarts       |
         6 09:01    | equity 9000    | total_drawdown close_all 9000.00/10000.00",
    );
    play(
        r#"{"total_drawdown": {"kind": "trailing", "percent": "10", "reaction": "close_all"}}"#,
        "1 09:00    | equity 10000   |
         3 09:00    | equity 15000   |
         4 09:00    | restarts       |
         5 09:00    | equity 13500.01 |
         6 09:00    | equity 13500   | total_drawdown close_all 13500.00/15000.00",
    );
}

#[test]
fn an_equity_stop_and_a_margin_level_are_absolute() {
    play(
        r#"{"equity_stop": {"money": "8000", "reaction": "close_all"},
            "margin_level": {"percent": "200", "reaction": "skip_opens"}}"#,
        "1 09:00    | margin 4000    |
         1 09:01    | margin 5000.01 | margin_level skip_opens 10000.00/5000.01
         1 09:02    | margin 0       |
         1 09:03    | cash -2000     | equity_stop close_all 8000.00/8000.00
         1 09:04    | rearmed        | equity_stop close_all 8000.00/8000.00
         1 09:05    | cash 2000      |
         1 09:06    | rearmed, margin 5000 | margin_level skip_opens 10000.00/5000.00",
    );
}

#[test]
fn exposure_counts_copies_long_and_short() {
    play(
        r#"{"exposure_per_symbol": {"lots": "0.3", "reaction": "close_only"},
            "exposure_total": {"lots": "0.5", "reaction": "close_all"}}"#,
        "1 09:00 | holds XAUUSD 0.1 XAUUSD 0.2 EURUSD 0.2  |
         1 09:01 | holds XAUUSD 0.1 XAUUSD 0.21            | exposure_per_symbol close_only 0.31XAUUSD
         1 09:02 | holds XAUUSD 0.3 EURUSD 0.3             | exposure_total close_all 0.60",
    );
}

#[test]
fn deposits_and_withdrawals_neither_trip_nor_hide() {
    let guards = r#"{"daily_loss": {"percent": "5", "reaction": "close_all"},
                     "total_drawdown": {"kind": "trailing", "money": "1000", "reaction": "close_all"}}"#;
    play(
        guards,
        "1 09:00:00 | same        |
         1 09:00:01 | cash -3000  |
         1 09:00:02 | same        |
         1 09:00:03 | same        |
         1 09:00:04 | equity 6650.01 |
         1 09:00:05 | equity 6650 | daily_loss close_all 6650.00/7000.00
         1 09:00:06 | equity 6000 | total_drawdown close_all 6000.00/7000.00",
    );
    play(
        guards,
        "1 09:00:00 | same           |
         1 09:00:01 | cash 10000     |
         1 09:00:01 | equity 18999   |
         1 09:00:03 | restarts       | daily_loss close_all 18999.00/20000.00; total_drawdown close_all 18999.00/20000.00",
    );
    play(
        guards,
        "1 09:00:00 | equity 9400 |
         1 09:00:01 | cash 500    |
         1 09:00:04 | equity 9405.01 |
         1 09:00:05 | equity 9405 | daily_loss close_all 9405.00/9900.00",
    );
}

#[test]
fn a_loss_is_none_the_less_for_being_closed() {
    let guards = r#"{"daily_loss": {"money": "500", "reaction": "close_all"}}"#;
    play(
        guards,
        "1 09:00:00 | same      |
         1 09:00:01 | deal -300 |
         1 09:00:09 | same      |
         1 09:00:10 | deal -199.99 |
         1 09:00:11 | equity 9500 | daily_loss close_all 9500.00/10000.00",
    );
    // The deal is late: it is a loss as soon as it is seen, and never a withdrawal.
    play(
        guards,
        "1 09:00:00 | same       |
         1 09:00:01 | late -600  |
         1 09:00:02 | same       |
         1 09:00:02 | shown      | daily_loss close_all 9400.00/10000.00",
    );
    // A gain whose deal is late raises no peak twice.
    play(
        r#"{"daily_drawdown": {"money": "500", "reaction": "close_all"}}"#,
        "1 09:00:00 | same       |
         1 09:00:01 | late 400   |
         1 09:00:02 | shown      |
         1 09:00:05 | equity 9900.01 |
         1 09:00:06 | equity 9900 | daily_drawdown close_all 9900.00/10400.00",
    );
    // What was traded while nobody looked is no cash flow.
    play(
        guards,
        "1 08:59:00 | same       |
         1 09:00:00 | deal -100  |
         1 09:00:10 | same       |
         1 09:00:11 | deal -350, restarts |
         1 09:00:20 | cash 1000  |
         1 09:00:30 | same       |
         1 09:00:31 | equity 10500.01 |
         1 09:00:32 | equity 10500 | daily_loss close_all 10500.00/11000.00",
    );
}

#[test]
fn what_has_tripped_stays_so_until_it_is_rearmed_by_hand() {
    let mut guard = Guard::new(rules(r#"{"equity_stop": {"money": "8000", "reaction": "close_only"}}"#));
    let mut poor = account(of("8000"));
    let tripped = |guard: &Guard| guard.tripped().map(|t| (t.guard, t.reaction));
    guard.observe(Micros(5), &poor, signature(), &Cash::default());
    assert_eq!(tripped(&guard), Some((GuardKind::EquityStop, Reaction::CloseOnly)));
    assert_eq!(guard.unsaved(), Unsaved::Matters);
    poor.account.equity = of("10000");
    poor.account.time = ServerTime(9 * DAY_MS);
    guard.observe(Micros(6), &poor, signature(), &Cash::default());
    let mut other = Guard::new(GuardRules::default());
    other.restore(guard.state().clone());
    assert_eq!(tripped(&other), Some((GuardKind::EquityStop, Reaction::CloseOnly)), "without its rule, too");
    guard.rearm(Micros(7));
    guard.observe(Micros(8), &poor, signature(), &Cash::default());
    assert_eq!((tripped(&guard), guard.state().rearmed), (None, Micros(7)));
    assert_eq!(guard.state().references.unwrap().start, of("10000"), "measured from then on");
    guard.rearm(Micros(7));
    assert_eq!(guard.state().rearmed, Micros(8), "no two armings have one number");
}

#[test]
fn a_lost_state_opens_nothing() {
    play(
        r#"{"daily_loss": {"money": "500", "reaction": "close_all"}}"#,
        "1 09:00 | forgets     | state_lost close_only
         1 09:01 | rearmed     |
         1 09:02 | equity 9500 | daily_loss close_all 9500.00/10000.00",
    );
    play("{}", "1 09:00 | forgets |");
}

/// A line for each, with what it goes by, its bound, and what it does.
#[test]
fn the_room_is_told_in_the_accounts_currency() {
    let rules = r#"{"daily_loss": {"percent": "5", "reaction": "close_all"},
        "total_drawdown": {"kind": "trailing", "money": "1000", "reaction": "skip_opens"},
        "equity_stop": {"money": "5000", "reaction": "close_all"},
        "margin_level": {"percent": "200", "reaction": "close_only"}}"#;
    let played = play(
        rules,
        "1 09:00 | equity 10000 |
         1 10:00 | equity 12000 |
         1 11:00 | equity 9800, margin 1000 | total_drawdown skip_opens 9800.00/12000.00",
    );
    let expected = [
        "guard_total_drawdown has tripped, skip_opens: equity 9800.00 against 12000.00; stays so until it is re-armed on \
         the slave's terminal",
        "guard_daily_loss: 200.00 of 500.00, close_all",
        "guard_total_drawdown: 2200.00 of 1000.00, skip_opens",
        "guard_equity_stop: 9800.00 above 5000.00, close_all",
        "guard_margin_level: 980 %, above 200 %, close_only",
    ];
    assert_eq!(played.guard.room(&played.shown, signature()), expected);
}

#[test]
fn the_most_severe_of_several_counts() {
    let mut guard = Guard::new(GuardRules::default());
    let trips = [
        (GuardKind::DailyLoss, Reaction::SkipOpens),
        (GuardKind::EquityStop, Reaction::CloseOnly),
        (GuardKind::MarginLevel, Reaction::CloseOnly),
    ];
    for (kind, reaction) in trips {
        guard.trip(kind, reaction, Micros(0), ServerTime(0), Breach::Lost);
    }
    assert_eq!(
        guard.tripped(),
        Some(Tripped { guard: GuardKind::EquityStop, reaction: Reaction::CloseOnly })
    );
    let told = guard.poll_trip().unwrap().to_string();
    assert!(told.starts_with("guard_daily_loss has tripped, skip_opens: "), "{told}");
}
