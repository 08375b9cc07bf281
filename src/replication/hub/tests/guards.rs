//! What the hub asks for once an account's guards have tripped, on its own watch or on the slave's.

use super::*;
use crate::allocation::{GuardKind, Reaction};
use crate::replication::Tripped;

/// What the manager is told.
pub(super) fn alerts(hub: &mut Hub) -> String {
    std::iter::from_fn(|| hub.poll_alert()).map(|alert| alert.to_string()).collect::<Vec<_>>().join("; ")
}

/// What the manager forbids on every account.
pub(super) fn by_hand(hub: &mut Hub, now: Micros, what: &[&str]) {
    let reaction =
        (what != ["goes", "on"]).then(|| serde_json::from_str(&format!("\"{}\"", what[0])).unwrap());
    hub.by_hand(now, reaction);
}

/// What the next states will say.
pub(super) fn change(desk: &mut Desk, now: Micros, what: &str, value: &[&str]) {
    match (what, value) {
        ("equity", [equity]) => desk.snapshot.account.equity = of(equity),
        ("trips", [reaction]) => {
            let reaction: Reaction = serde_json::from_str(&format!("\"{reaction}\"")).unwrap();
            desk.guard.tripped = Some(Tripped { guard: GuardKind::DailyLoss, reaction });
        }
        ("rearmed", []) => {
            desk.guard.tripped = None;
            desk.guard.rearmed = now;
        }
        other => panic!("a slave cannot {other:?}"),
    }
}

/// Account 2001 has these guards, 2002 has none.
fn play(guards: &str, script: &str) {
    let config = MULTIPLIER.replace("LATE", "skip");
    let accounts = format!("\"accounts\": {{\"2001\": {{\"guards\": {guards}}}, ");
    Script::new(&config.replace("\"accounts\": {", &accounts)).play(script);
}

/// Both are there, and 2001 holds a copy with a stop.
const BEGIN: &str = "
    0   | master: says               |
    0   | 2001: connects             |
    0   | 2001: says                 |
    100 | master: 1 buy 0.10 sl 1990 | 2001 open 1 buy 0.05 sl 1990.00
    110 | 2001: answers done 0.05    |
    120 | 2001: has 1 0.05 sl 1990   |
";

fn begun(script: &str) -> String {
    format!("{BEGIN}{script}").replace("1990.00", "1990")
}

#[test]
fn skip_opens_follows_what_is_there() {
    play(
        r#"{"daily_loss": {"percent": "5", "reaction": "skip_opens"}}"#,
        &begun(
            "200 | 2001: equity 9500.01       |
             210 | alerts                     |
             220 | 2001: equity 9500          |
                 | alerts                     | slave 2001: guard_daily_loss has tripped, skip_opens: equity 9500.00 against 10000.00; stays so until it is re-armed on the slave's terminal
             300 | master: 2 buy 0.10         |
                 | look 2001 2                | skipped 0.00 of 0.00 guard_daily_loss
             400 | master: 1 buy 0.10 sl 1980 | 2001 modify 1 sl 1980
             410 | 2001: answers done 0.00    |
             420 | 2001: has 1 0.05 sl 1980   |
             500 | master: 1 buy 0.06 sl 1980 | 2001 reduce 1 to 0.03
             510 | 2001: answers done 0.02    |
             520 | 2001: has 1 0.03 sl 1980   |
             600 | 2001: equity 10000         |
             610 | master: 3 buy 0.10         |
                 | look 2001 3                | skipped 0.00 of 0.00 guard_daily_loss",
        ),
    );
}

#[test]
fn close_only_moves_no_stop_away() {
    play(
        r#"{"equity_stop": {"money": "9000", "reaction": "close_only"}}"#,
        &begun(
            "200 | 2001: equity 9000          |
             300 | master: 1 buy 0.10 sl 1980 |
             310 | master: 1 buy 0.10         |
                 | look 2001 1                | open 0.05 of 0.05
             320 | master: 1 buy 0.10 sl 1985 tp 2100 | 2001 modify 1 sl 1990 tp 2100
             330 | 2001: answers done 0.00    |
             340 | 2001: has 1 0.05 sl 1990 tp 2100 |
             350 | master: 1 buy 0.10 sl 1995 tp 2100 | 2001 modify 1 sl 1995 tp 2100
             360 | 2001: answers done 0.00    |
             370 | 2001: has 1 0.05 sl 1995 tp 2100 |
             400 | master: 1 buy 0.10 sl 1985 tp 2100 |
             500 | 2001: equity 9500          |
             510 | 2001: rearmed              | 2001 modify 1 sl 1985 tp 2100
             520 | 2001: answers done 0.00    |
             600 | master: 1 closed           | 2001 reduce 1 to 0.00",
        ),
    );
}

#[test]
fn close_all_closes_and_nothing_reopens() {
    play(
        r#"{"total_drawdown": {"money": "1000", "reaction": "close_all"}}"#,
        &begun(
            "200 | master: 2 buy 0.10 sl 1990 | 2001 open 2 buy 0.05 sl 1990.00
             205 | 2001: answers done 0.05    |
             208 | 2001: has 2 0.05 sl 1990   |
             210 | 2001: equity 9000          | 2001 reduce 1 to 0.00; 2001 reduce 2 to 0.00
             230 | 2001: lost 1               |
             240 | 2001: answers 10018        |
             489 | wait                       |
             490 | wait                       | 2001 reduce 2 to 0.00
             500 | 2001: answers done 0.05    |
             510 | 2001: lost 2               |
                 | look 2001 1                | closed 0.00 of 0.05
                 | look 2001 2                | closed 0.00 of 0.05
             600 | master: 3 buy 0.10         |
                 | look 2001 3                | skipped 0.00 of 0.00 guard_total_drawdown
             700 | 2001: rearmed              |
             710 | master: 4 buy 0.10         | 2001 open 4 buy 0.05
                 | look 2001 1                | closed 0.00 of 0.05",
        ),
    );
}

#[test]
fn what_is_sized_and_not_sent_is_not_sent_any_more() {
    play(
        r#"{"equity_stop": {"money": "9000", "reaction": "skip_opens"}}"#,
        "0   | master: says         |
         0   | 2001: connects       |
         0   | 2001: says           |
         100 | master: 1 buy 0.10   | 2001 open 1 buy 0.05
         110 | 2001: answers 10004  | 2001 open 1 buy 0.05
         120 | 2001: answers 10004  |
         130 | 2001: equity 9000    |
             | look 2001 1          | skipped 0.00 of 0.00 guard_equity_stop
         900 | wait                 |",
    );
}

#[test]
fn what_trips_on_the_slaves_terminal_holds_here_too() {
    play(
        r#"{"equity_stop": {"money": "9000", "reaction": "skip_opens"}}"#,
        &begun(
            "200 | 2001: trips skip_opens     |
             210 | alerts                     | slave 2001: its own terminal says that guard_daily_loss has tripped, skip_opens
             300 | master: 2 buy 0.10         |
                 | look 2001 2                | skipped 0.00 of 0.00 guard_daily_loss
             400 | 2001: equity 9000          |
             410 | 2001: trips close_all      | 2001 reduce 1 to 0.00",
        ),
    );
}

#[test]
fn a_restarted_hub_remembers_what_tripped_and_who_rearmed() {
    play(
        r#"{"daily_loss": {"money": "500", "reaction": "skip_opens"}}"#,
        &begun(
            "200  | 2001: equity 9500    |
             300  | hub: restarts        |
             310  | master: says         |
             320  | 2001: connects       |
             330  | 2001: equity 10000   |
             400  | master: 2 buy 0.10   |
                  | look 2001 2          | skipped 0.00 of 0.00 guard_daily_loss
             500  | 2001: rearmed        |
             600  | 2001: equity 9600    |
             700  | hub: restarts        |
             710  | master: says         |
             720  | 2001: connects       |
             730  | 2001: equity 9500.01 |
                  | alerts               |
             740  | 2001: equity 9500    |
                  | alerts               | slave 2001: guard_daily_loss has tripped, skip_opens: equity 9500.00 against 10000.00; stays so until it is re-armed on the slave's terminal",
        ),
    );
}

#[test]
fn a_deposit_that_the_slave_reports_moves_what_a_loss_is_measured_from() {
    let config = MULTIPLIER.replace("LATE", "skip");
    let guards =
        r#""accounts": {"2001": {"guards": {"daily_loss": {"money": "500", "reaction": "skip_opens"}}}, "#;
    let mut script = Script::new(&config.replace("\"accounts\": {", guards));
    script.play(
        "0   | master: says         |
         0   | 2001: connects       |
         0   | 2001: says           |",
    );
    script.slaves.get_mut(&Login(2001)).unwrap().guard.cash.total = of("-3000");
    script.play(
        "100 | 2001: equity 6500.01 |
             | alerts               |
         110 | 2001: equity 6500    |
             | alerts               | slave 2001: guard_daily_loss has tripped, skip_opens: equity 6500.00 against 7000.00; stays so until it is re-armed on the slave's terminal",
    );
}

#[test]
fn the_manager_pauses_and_closes_everywhere_over_a_restart() {
    play(
        "{}",
        &begun(
            "200 | manager: skip_opens   |
             300 | master: 2 buy 0.10    |
                 | look 2001 2           | skipped 0.00 of 0.00 paused_by_hand
             310 | hub: restarts         |
             320 | 2001: connects        |
             330 | master: 3 buy 0.10    |
             340 | 2001: says            |
                 | look 2001 3           | skipped 0.00 of 0.00 paused_by_hand
             350 | manager: goes on      |
             400 | master: 4 buy 0.20    | 2001 open 4 buy 0.10
             410 | 2001: answers done 0.10 |
             420 | 2001: has 4 0.10      |
             500 | manager: close_all    | 2001 reduce 1 to 0.00; 2001 reduce 4 to 0.00
             510 | master: 5 buy 0.10    |
                 | look 2001 5           | skipped 0.00 of 0.00 paused_by_hand
             520 | manager: stands       | By hand, for every slave: every copy is closed; Pool half, multiplier: 1 of 2 slaves connected;   their last orders took 10.0 to 10.0 ms;   2002 is not connected",
        ),
    );
}

#[test]
fn of_what_forbids_an_account_the_most_severe_holds() {
    let rule =
        |reaction: &str| format!(r#"{{"equity_stop": {{"money": "9000", "reaction": "{reaction}"}}}}"#);
    // The hub's own watch, and the slave's.
    play(
        &rule("close_all"),
        &begun(
            "200 | 2001: trips skip_opens     |
             210 | 2001: equity 9000          | 2001 reduce 1 to 0.00",
        ),
    );
    play(
        &rule("skip_opens"),
        &begun(
            "200 | 2001: trips skip_opens     |
             210 | 2001: equity 9000          |
             300 | master: 2 buy 0.10         |
                 | look 2001 2                | skipped 0.00 of 0.00 guard_equity_stop",
        ),
    );
    // The manager's hand, and a guard.
    play(
        "{}",
        &begun(
            "200 | manager: skip_opens        |
             210 | 2001: trips close_all      | 2001 reduce 1 to 0.00",
        ),
    );
    play(
        "{}",
        &begun(
            "200 | 2001: trips skip_opens     |
             210 | manager: skip_opens        |
             300 | master: 2 buy 0.10         |
                 | look 2001 2                | skipped 0.00 of 0.00 paused_by_hand
             400 | manager: close_all         | 2001 reduce 1 to 0.00",
        ),
    );
}

#[test]
fn a_peak_goes_on_record_when_it_has_risen_by_a_thousandth() {
    let config = MULTIPLIER.replace("LATE", "skip");
    let guards = r#""accounts": {"2001": {"guards": {"total_drawdown": {"money": "5000", "reaction": "skip_opens"}}}, "#;
    let mut script = Script::new(&config.replace("\"accounts\": {", guards));
    script.play(
        "0   | master: says         |
         0   | 2001: connects       |
         0   | 2001: says           |",
    );
    let day_ms = 24 * 3_600_000;
    for (day, equity, recorded) in [
        (0, "10000", 1),
        (0, "10010", 1),
        (0, "10010.02", 2),
        (1, "9000", 3),
        // The day's peak alone.
        (1, "9008", 3),
        (1, "9010", 4),
    ] {
        script.slaves.get_mut(&Login(2001)).unwrap().snapshot.account.time = ServerTime(day * day_ms);
        script.play(&format!("100 | 2001: equity {equity} |"));
        let guards = script.records.iter().filter(|record| matches!(record, Record::Guard { .. }));
        assert_eq!(guards.count(), recorded, "at {equity} on day {day}");
    }
}
