//! The guards on the slave's own terminal, with a hub that is dead, out of date or hostile.

use super::super::guarding::widens;
use super::*;
use crate::allocation::{GuardRules, Guarded, Loss, Reaction};
use crate::replication::Unsaved;

/// Read back from what was put down.
pub(super) fn restart(agent: &mut Agent) {
    let saved = serde_json::to_string(&agent.saved_guard()).unwrap();
    *agent = Agent::new(agent.settings.clone());
    agent.restore_guard(serde_json::from_str(&saved).unwrap());
}

/// An equity stop at 900.
pub(super) fn rules(reaction: Reaction) -> AccountRules {
    let stop = Guarded { bound: of("900"), reaction };
    let guards = GuardRules { equity_stop: Some(stop), ..GuardRules::default() };
    AccountRules { guards, ..AccountRules::default() }
}

#[test]
fn a_tripped_guard_opens_nothing_whatever_the_hub_says() {
    play_by(
        rules(Reaction::SkipOpens),
        "0   | account: 1 0.10, sl 1990 |
         10  | account: 1 0.10, sl 1990, equity 900 |
         20  | hub: open 2 0.10         | 2: guard_equity_stop
         30  | account: 1 0.10, sl 1990, equity 1000 |
         40  | hub: open 2 0.10         | 2: guard_equity_stop
         50  | restarts                 |
         60  | account: 1 0.10, sl 1990 |
         70  | hub: open 2 0.10         | 2: guard_equity_stop
         80  | hub: reduce 1 0.05       | order close #101 XAUUSD 0.05
         90  | answer 1 done 0.05       | 1: 10009 0.05
         95  | account: 1 0.05, sl 1990 |
         100 | hub: modify 1 1980       | order modify #101 XAUUSD 0.00
         110 | rearmed                  |
         120 | account: 1 0.05          |
         130 | hub: open 2 0.10         | order open 0.10",
    );
}

#[test]
fn close_only_moves_no_stop_away() {
    play_by(
        rules(Reaction::CloseOnly),
        "0   | account: 1 0.10, sl 1990, equity 900 |
         10  | hub: modify 1 1989.99    | 1: guard_equity_stop
         20  | hub: modify 1 1990       | order modify #101 XAUUSD 0.00
         30  | answer 1 10009           | 1: 10009 0.00
         40  | hub: modify 1 1995       | order modify #101 XAUUSD 0.00
         50  | answer 1 10009           | 1: 10009 0.00
         60  | account: 1 0.10, equity 900 |
         70  | hub: modify 1 1900       | order modify #101 XAUUSD 0.00",
    );
}

#[test]
fn close_all_needs_no_hub() {
    play_by(
        rules(Reaction::CloseAll),
        "0    | account: 1 0.10, 2 0.05 |
         10   | breaks off            |
         20   | account: 1 0.10, 2 0.05, equity 900 | order close #101 XAUUSD 0.10; order close #102 XAUUSD 0.05
         30   | account: 1 0.10, 2 0.05, equity 900 |
         40   | answer 1 done 0.10    | 1: 10009 0.10
         50   | answer 2 10018        | 2: 10018 0.00
         60   | ask                   |
         70   | account: 2 0.05       |
         1019 | ask                   |
         1020 | ask                   | order close #102 XAUUSD 0.05
         1030 | answer 2 10012        | 2: 10012 0.00
         2030 | ask                   |
         2040 | account: offline      |
         2050 | account: 2 0.03       | order close #102 XAUUSD 0.03
         2060 | answer 2 done 0.03    | 2: 10009 0.03
         2070 | account: nothing      |
         2080 | hub: reduce 1 0.00    | 1: already
         2090 | hub: open 3 0.10      | 3: guard_equity_stop",
    );
}

#[test]
fn an_open_that_was_under_way_when_the_guard_tripped_is_closed() {
    play_by(
        rules(Reaction::CloseAll),
        "0   | account: nothing    |
         10  | hub: open 1 0.10    | order open 0.10
         20  | account: equity 900 |
         30  | answer 1 done 0.10  | 1: 10009 0.10
         40  | account: nothing    |
         50  | account: 1 0.10     | order close #101 XAUUSD 0.10",
    );
}

#[test]
fn what_the_guard_has_closed_is_not_closed_again_though_the_state_lags_behind() {
    play_by(
        rules(Reaction::CloseAll),
        "0    | account: 1 0.10, equity 900 | order close #101 XAUUSD 0.10
         10   | answer 1 done 0.10          | 1: 10009 0.10
         600  | account: 1 0.10, equity 900 |
         1100 | account: 1 0.10, equity 900 |
         2009 | account: 1 0.10, equity 900 |
         2010 | account: 1 0.10, equity 900 | order close #101 XAUUSD 0.10",
    );
}

/// What an agent before this one closed may be shown still: closed again, it would be open the other way.
#[test]
fn of_a_netting_account_nothing_is_closed_before_it_has_been_watched() {
    play(
        "0    | net: 1 buy 0.10 |
         10   | close all       |
         1000 | net: 1 buy 0.10 |
         1999 | net: 1 buy 0.10 |
         2000 | net: 1 buy 0.10 | order close #500 XAUUSD 0.10",
    );
}

#[test]
fn under_a_tripped_guard_no_order_waits() {
    for reaction in [Reaction::SkipOpens, Reaction::CloseOnly, Reaction::CloseAll] {
        play_by(
            rules(reaction),
            "0    | account: waits 1, waits 2 |
             10   | breaks off                |
             20   | account: waits 1, waits 2, equity 900 | order cancel #801 0.00; order cancel #802 0.00
             30   | answer 1 10009            | 1: 10009 0.00
             40   | answer 2 10018            | 2: 10018 0.00
             50   | account: waits 2          |
             1019 | ask                       |
             1020 | ask                       | order cancel #802 0.00",
        );
    }
}

#[test]
fn a_stop_is_wider_where_more_is_lost_at_it() {
    for (side, from, to, wider) in [
        (Side::Buy, Some("1990"), Some("1989.99999999"), true),
        (Side::Buy, Some("1990"), Some("1990"), false),
        (Side::Buy, Some("1990"), Some("1990.00000001"), false),
        (Side::Sell, Some("2010"), Some("2010.00000001"), true),
        (Side::Sell, Some("2010"), Some("2010"), false),
        (Side::Sell, Some("2010"), Some("2009.99999999"), false),
        (Side::Sell, Some("2010"), None, true),
        (Side::Sell, None, Some("2010"), false),
        (Side::Buy, None, None, false),
    ] {
        assert_eq!(widens(side, from.map(of), to.map(of)), wider, "{side} {from:?} {to:?}");
    }
}

#[test]
fn the_guard_and_the_hub_do_not_close_twice() {
    play_by(
        rules(Reaction::CloseAll),
        "0   | account: 1 0.10     |
         10  | hub: reduce 1 0.00  | order close #101 XAUUSD 0.10
         20  | account: 1 0.10, equity 900 |
         30  | answer 1 done 0.10  | 1: 10009 0.10
         40  | account: 1 0.10     |
         50  | account: nothing    |
         60  | hub: reduce 1 0.00  | 1: already",
    );
}

#[test]
fn what_cannot_be_read_back_opens_nothing() {
    play_by(
        rules(Reaction::CloseAll),
        "0   | forgets             |
         10  | account: 1 0.10, sl 1990 |
         20  | hub: open 2 0.10    | 2: guard_state_lost
         30  | hub: modify 1 1980  | 1: guard_state_lost
         40  | rearmed             |
         50  | hub: open 2 0.10    | order open 0.10",
    );
    play("0 | forgets | \n 10 | account: nothing | \n 20 | hub: open 1 0.10 | order open 0.10");
}

#[test]
fn the_owners_hand_forbids_what_a_guard_forbids_until_it_lets_go() {
    play(
        "0   | account: 1 0.10     |
         10  | paused              |
         20  | hub: open 2 0.10    | 2: paused_by_hand
         30  | hub: reduce 1 0.05  | order close #101 XAUUSD 0.05
         40  | answer 1 done 0.05  | 1: 10009 0.05
         50  | account: 1 0.05     |
         60  | goes on             |
         70  | hub: open 3 0.10    | order open 0.10",
    );
    play(
        "0   | account: 1 0.10     |
         10  | close all           | order close #101 XAUUSD 0.10
         20  | answer 1 done 0.10  | 1: 10009 0.10
         30  | account: nothing    |
         40  | restarts            |
         50  | account: nothing    |
         60  | hub: open 2 0.10    | 2: paused_by_hand
         70  | goes on             |
         80  | hub: open 2 0.10    | order open 0.10",
    );
}

#[test]
fn a_pause_and_a_guard_do_not_lift_each_other() {
    play_by(
        rules(Reaction::CloseOnly),
        "0   | account: equity 900 |
         10  | paused              |
         20  | goes on             |
         30  | hub: open 1 0.10    | 1: guard_equity_stop
         40  | paused              |
         50  | rearmed             |
         60  | account: equity 2000 |
         70  | hub: open 1 0.10    | 1: paused_by_hand
         80  | goes on             |
         90  | hub: open 1 0.10    | order open 0.10",
    );
}

#[test]
fn a_loss_of_the_day_closes_on_the_tick() {
    let loss = Guarded { bound: Loss::Percent(of("5")), reaction: Reaction::CloseAll };
    let guards = GuardRules { daily_loss: Some(loss), ..GuardRules::default() };
    play_by(
        AccountRules { guards, ..AccountRules::default() },
        "0  | account: 1 0.10                |
         10 | account: 1 0.10, equity 950.01 |
         20 | account: 1 0.10, equity 950    | order close #101 XAUUSD 0.10",
    );
}

/// Its deal may come late, and nobody looked for it meanwhile: it would trip nothing.
#[test]
fn a_loss_is_not_taken_for_a_withdrawal_right_after_a_standstill() {
    let loss = Guarded { bound: Loss::Percent(of("5")), reaction: Reaction::CloseAll };
    let guards = GuardRules { daily_loss: Some(loss), ..GuardRules::default() };
    let mut script = Script::begin(AccountRules { guards, ..AccountRules::default() });
    let mut shown = snapshot(&["1", "0.10"]);
    let opening = shown.deals[0].clone();
    script.agent.on_snapshot(Micros(0), shown.clone());
    (shown.account.balance, shown.account.equity) = (of("940"), of("940"));
    for at_ms in [10, 60_000, 61_000] {
        script.now = Micros(at_ms * 1_000);
        if at_ms == 61_000 {
            let (entry, time, profit) = (DealEntry::Out, ServerTime(5), of("-60"));
            shown.deals.push(Deal { ticket: 700, entry, time, profit, ..opening.clone() });
        }
        script.agent.on_snapshot(script.now, shown.clone());
        let expected = if at_ms == 61_000 { "order close #101 XAUUSD 0.10" } else { "" };
        assert_eq!(script.said(), expected, "{at_ms}");
    }
}

#[test]
fn a_hub_cannot_number_an_instruction_like_the_agents_own() {
    let mut agent = Agent::new(AgentSettings {
        login: Login(2001),
        signature: signature(),
        rules: rules(Reaction::CloseAll),
        doubt_ms: 2000,
    });
    agent.on_snapshot(Micros(0), snapshot(&["1", "0.10", "equity", "900"]));
    assert_eq!(agent.unsaved_guard(), Unsaved::Matters);
    let own = agent.next_order(Micros(0)).unwrap().instruction;
    agent.on_instruction(Instruction {
        id: own,
        copy: key("2"),
        symbol: text("XAUUSD").unwrap(),
        action: Action::Reduce { to: Lots::ZERO },
        reference: of("2000"),
        deviation_points: 50,
        committed_at: Micros(0),
        valid_until: Micros(1000),
    });
    let report = agent.poll_report().unwrap();
    assert_eq!((report.copy, report.outcome), (key("2"), Outcome::Declined(SkipReason::OutOfRange)));
    assert!(agent.on_result(Micros(5), own, OrderResult::refused(Retcode(10018))), "still the agent's");
}

#[test]
fn the_hub_is_told_how_the_guards_stand() {
    let mut agent = Agent::new(AgentSettings {
        login: Login(2001),
        signature: signature(),
        rules: rules(Reaction::CloseAll),
        doubt_ms: 2000,
    });
    assert!(agent.guard_room().is_empty(), "nothing is known yet");
    let state = agent.on_snapshot(Micros(0), snapshot(&["nothing"]));
    assert_eq!(agent.guard_room(), ["guard_equity_stop: 1000.00 above 900.00, close_all"]);
    assert_eq!((state.guard.tripped, state.guard.rearmed), (None, Micros(0)));
    let state = agent.on_snapshot(Micros(1), snapshot(&["equity", "900"]));
    assert_eq!(state.guard.tripped.map(|tripped| tripped.reaction), Some(Reaction::CloseAll));
    assert!(agent.poll_trip().is_some() && agent.poll_trip().is_none(), "told once");
    agent.guard_is_saved();
    assert_eq!(agent.unsaved_guard(), Unsaved::Nothing);
    agent.rearm(Micros(7));
    assert_eq!((agent.guard_report().tripped, agent.guard_report().rearmed), (None, Micros(7)));
    assert_eq!(agent.unsaved_guard(), Unsaved::Matters);
}

/// With nobody at the other end either, the account's owner is told of what cannot be closed.
#[test]
fn a_close_that_is_refused_again_and_again_is_told() {
    let settings = AgentSettings {
        login: Login(2001),
        signature: signature(),
        rules: rules(Reaction::CloseAll),
        doubt_ms: 2000,
    };
    let (mut agent, mut asked, mut told) = (Agent::new(settings), Vec::new(), Vec::new());
    for second in 0..100 {
        let now = Micros(second * 1_000_000);
        agent.on_snapshot(now, snapshot(&["1", "0.10", "equity", "900"]));
        if let Some(order) = agent.next_order(now) {
            assert!(agent.on_result(now, order.instruction, OrderResult::refused(Retcode(10018))));
            asked.push(second);
        }
        told.extend(agent.poll_notice().map(|notice| (second, notice)));
    }
    assert_eq!(asked, [0, 1, 2, 4, 8, 16, 32, 62, 92]);
    let notice = "XAUUSD #101 is to be closed for a guard and is still there after 5 orders: look at the terminal; it is \
                  ordered again";
    assert_eq!(told, [(16, notice.to_owned())]);
}
