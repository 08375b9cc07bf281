//! Scripts that a trader can read: when (milliseconds), what happens to the agent, what it hands the terminal
//! (`order …`) and tells the hub (`copy: …`).
//!
//! | what | |
//! | --- | --- |
//! | `account: 1 0.10, 2 0.05` | the terminal's state, with these copies; `account: nothing`, `account: offline` |
//! | `account: 1 0.10, sl 1990, equity 900` | the copy's stop, the account's equity; 1000 otherwise |
//! | `account: was 1 0.10` | the state shows only the deals of a copy that is gone |
//! | `account: limit 1 0.10`, `account: stop_limit 1 0.10` | the copy's pending order |
//! | `account: waits 1, cancelled 2, refused 3` | copies' orders of 0.10 lots: one waits, one is gone, one was never let in |
//! | `account: 1 0.10, sells 1`, `account: nothing, buys 2` | the trade server works on an order of 0.05 lots |
//! | `net: 1 buy 0.10, hand sell 0.05` | a netting account after these deals; `net behind:` its list of deals lacks the last; `net works:` a sale of copy 1 is worked on |
//! | `hub: open 1 0.10`, `hub: reduce 1 0.05`, `hub: modify 1 1990` (or `none`), `hub: place 1 0.10`, `hub: cancel 1 0`, `hub: change 1 1995` (a stop-limit order's limit price; 0: none) | an instruction |
//! | `answer 1 done 0.10`, `answer 1 10012` | the terminal answers the order of this copy |
//! | `ask` | orders wanted |
//! | `busy` | copies of which the last state proves nothing |
//! | `rearmed`, `restarts`, `forgets` | the guards: by hand; read back from what was put down; that cannot be read |
//! | `breaks off` | the session with the hub is over |
//! | `elsewhere` | the terminal is logged in to another account |

mod account;
mod answers;
mod guards;
mod netting;
mod pending;
mod shares;
mod standstill;
mod trading;
mod working;

use std::collections::BTreeMap;

use super::*;
use crate::allocation::{Limits, Reaction};
use crate::domain::{
    Account, Comment, Deal, DealEntry, Instrument, Magic, MarginMode, Money, PendingKind, PoolTag, Position,
    PositionId, Retcode, ServerTime, text,
};
use account::snapshot;

fn of<T: std::str::FromStr>(value: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    value.parse().unwrap_or_else(|e| panic!("\"{value}\": {e:?}"))
}

fn signature() -> Signature {
    Signature::of_master(Login(1001))
}

fn key(copy: &str) -> CopyId {
    CopyId::new(PoolTag(1), PositionId(of(copy)))
}

struct Script {
    agent: Agent,
    now: Micros,
    instructions: u64,
    orders: BTreeMap<CopyId, InstructionId>,
}

fn play(script: &str) {
    play_with(&Limits::default(), script);
}

fn play_with(limits: &Limits, script: &str) {
    play_by(AccountRules { limits: limits.clone(), ..AccountRules::default() }, script);
}

fn play_by(rules: AccountRules, script: &str) {
    let mut script_state = Script::begin(rules);
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let [when, what, expected] = line.split('|').map(str::trim).collect::<Vec<_>>()[..] else {
            panic!("not three columns: {line}");
        };
        if !when.is_empty() {
            script_state.now = Micros(of::<u64>(when) * 1000);
        }
        assert_eq!(script_state.act(what), expected, "in the line: {line}");
    }
}

impl Script {
    fn act(&mut self, what: &str) -> String {
        let words: Vec<&str> = what.split_whitespace().map(|word| word.trim_matches(',')).collect();
        match words[..] {
            ["busy"] => {
                let busy: Vec<String> =
                    self.agent.busy().iter().map(|copy| copy.position_low().to_string()).collect();
                return busy.join(" ");
            }
            ["account:", kind @ ("limit" | "stop_limit"), copy, lots] => {
                let orders = vec![account::waiting(kind, copy, of(lots))];
                self.agent.on_snapshot(self.now, Snapshot { orders, ..snapshot(&["nothing"]) });
            }
            ["account:", ref what @ ..] => {
                let state = self.agent.on_snapshot(self.now, snapshot(what));
                assert_eq!(state.busy, self.agent.busy());
            }
            ["hub:", ref what @ ..] => self.instruct(what),
            ["answer", copy, ref answer @ ..] => {
                let result = match answer {
                    ["done", lots] => OrderResult {
                        retcode: Retcode::DONE,
                        deal: 1,
                        ticket: 1,
                        lots: of(lots),
                        price: of("2000"),
                    },
                    [code] => OrderResult::refused(Retcode(of(code))),
                    other => panic!("no answer: {other:?}"),
                };
                let order = self.orders.remove(&key(copy)).expect("an order");
                assert!(self.agent.on_result(self.now, order, result));
                assert!(!self.agent.on_result(self.now, order, result), "answered once");
            }
            ["net:", ..] => self.net(what[4..].trim(), ""),
            ["net", how @ ("behind:" | "works:"), ..] => {
                self.net(what[4 + how.len()..].trim(), how.trim_end_matches(':'));
            }
            ["ask"] => {}
            ["rearmed"] => self.agent.rearm(self.now),
            ["paused"] => self.agent.by_hand(self.now, Some(Reaction::SkipOpens)),
            ["close", "all"] => self.agent.by_hand(self.now, Some(Reaction::CloseAll)),
            ["goes", "on"] => self.agent.by_hand(self.now, None),
            ["restarts"] => guards::restart(&mut self.agent),
            ["forgets"] => self.agent.distrust_guard(self.now),
            ["elsewhere"] => self.agent.hold(),
            ["breaks", "off"] => self.agent.on_disconnected(),
            _ => panic!("nothing such happens: {what}"),
        }
        self.said()
    }

    fn instruct(&mut self, what: &[&str]) {
        let [what, copy, number] = what else { panic!("no instruction: {what:?}") };
        let action = match *what {
            "open" => Action::Open { side: Side::Buy, lots: of(number), stop_loss: None, take_profit: None },
            "reduce" => Action::Reduce { to: of(number) },
            "cancel" => Action::Cancel,
            "change" => {
                let limit_price = Some(of(number)).filter(|price| *price != crate::domain::Price::ZERO);
                Action::Change { terms: crate::domain::PendingTerms { limit_price, ..answers::terms() } }
            }
            "place" => Action::Place {
                side: Side::Buy,
                kind: PendingKind::Limit,
                lots: of(number),
                terms: answers::terms(),
            },
            "modify" if *number == "none" => Action::Modify { stop_loss: None, take_profit: None },
            _ => Action::Modify { stop_loss: Some(of(number)), take_profit: None },
        };
        self.instructions += 1;
        self.agent.on_instruction(Instruction {
            id: InstructionId(self.instructions),
            copy: key(copy),
            symbol: text("XAUUSD").unwrap(),
            action,
            reference: of("2000"),
            deviation_points: 50,
            committed_at: self.now,
            valid_until: self.now.plus_ms(1000),
        });
    }

    fn said(&mut self) -> String {
        let mut said = Vec::new();
        while let Some(Order { instruction, copy, request, .. }) = self.agent.next_order(self.now) {
            self.orders.insert(copy, instruction);
            let what = match request.action {
                OrderAction::Open { side: Side::Buy, .. } => "open".to_owned(),
                OrderAction::Open { side: Side::Sell, .. } => "sell".to_owned(),
                OrderAction::Close { ticket } => format!("close #{ticket} {}", request.symbol),
                OrderAction::Modify { ticket, .. } => format!("modify #{ticket} {}", request.symbol),
                OrderAction::Place { .. } => "place".to_owned(),
                OrderAction::ModifyPending { ticket, .. } => format!("modify order #{ticket}"),
                OrderAction::Cancel { ticket } => format!("cancel #{ticket}"),
            };
            said.push(format!("order {what} {}", request.lots));
        }
        while let Some(report) = self.agent.poll_report() {
            let copy = report.copy.position_low();
            said.push(match report.outcome {
                Outcome::Answered(result) => format!("{copy}: {} {}", result.retcode.0, result.lots),
                Outcome::Declined(reason) => format!("{copy}: {reason}"),
                Outcome::AlreadyDone => format!("{copy}: already"),
            });
        }
        said.join("; ")
    }
}

#[test]
fn an_open_is_sent_once() {
    play(
        "0   | account: nothing   |
         10  | hub: open 1 0.10   | order open 0.10
         20  | hub: open 1 0.10   |
         30  | answer 1 done 0.10 | 1: 10009 0.10; 1: already
         40  | hub: open 1 0.10   | 1: already
         50  | account: nothing   |
         60  | hub: open 1 0.10   | 1: already
         70  | account: 1 0.10    |
         80  | hub: open 1 0.10   | 1: already
         90  | account: was 1 0.10 |
         100 | hub: open 1 0.10   | 1: already",
    );
}

#[test]
fn it_is_not_sent_late_or_far_or_beyond_limits() {
    play(
        "0    | account: offline |
         10   | hub: open 1 0.10 |
         1011 | account: nothing | 1: too_late
         1020 | account: far     |
         1030 | hub: open 2 0.10 | 2: price_moved
         1040 | account: nothing |
         1050 | hub: open 2 0.10 | order open 0.10",
    );
    let limits = Limits { open_copies: Some(2), lots_total: Some(of("0.15")), ..Limits::default() };
    play_with(
        &limits,
        "0   | account: 1 0.05    |
         10  | hub: open 2 0.11   | 2: limit_lots_total
         20  | hub: open 3 0.05   | order open 0.05
         30  | hub: open 4 0.05   | 4: limit_open_copies
         40  | answer 3 done 0.05 | 3: 10009 0.05
         50  | hub: open 4 0.05   | 4: limit_open_copies",
    );
}

#[test]
fn nothing_is_sent_while_the_terminal_is_off_its_server() {
    play(
        "0   | account: 1 0.10    |
         10  | account: offline   |
         20  | hub: open 2 0.10   |
         30  | hub: reduce 1 0.00 |
         40  | ask                |
         50  | account: 1 0.10    | order close #101 XAUUSD 0.10; order open 0.10",
    );
}

#[test]
fn nothing_is_sent_to_a_terminal_that_is_logged_in_elsewhere() {
    play(
        "0  | account: 1 0.10    |
         10 | elsewhere          |
         20 | hub: reduce 1 0.00 |
         30 | account: 1 0.10    | order close #101 XAUUSD 0.10",
    );
}

#[test]
fn an_empty_state_of_a_terminal_off_its_server_proves_nothing() {
    play(
        "0   | account: nothing   |
         10  | hub: open 1 0.10   | order open 0.10
         20  | answer 1 done 0.10 | 1: 10009 0.10
         30  | account: 1 0.10    |
         40  | account: offline   |
         50  | account: nothing   |
         55  | hub: reduce 1 0.05 | 1: already
         60  | account: 1 0.10    |
         65  | hub: reduce 1 0.05 | order close #101 XAUUSD 0.05
         70  | answer 1 done 0.05 | 1: 10009 0.05
         75  | account: offline   |
         80  | hub: reduce 1 0.05 |
         85  | account: 1 0.10    | 1: already",
    );
}

#[test]
fn one_order_of_a_copy_at_a_time() {
    play(
        "0   | account: 1 0.10, 2 0.10 |
         10  | hub: reduce 1 0.05      | order close #101 XAUUSD 0.05
         20  | hub: reduce 1 0.05      |
         30  | hub: modify 1 1990      |
         40  | hub: reduce 2 0.00      | order close #102 XAUUSD 0.10
         50  | answer 1 done 0.05      | order modify #101 XAUUSD 0.00; 1: 10009 0.05; 1: already
         60  | answer 1 10009          | 1: 10009 0.00",
    );
}

#[test]
fn what_was_closed_without_an_answer_is_not_closed_again() {
    play(
        "0    | account: 1 0.23    |
         10   | hub: reduce 1 0.08 | order close #101 XAUUSD 0.15
         20   | answer 1 done 0.07 | 1: 10009 0.07
         30   | hub: reduce 1 0.08 | order close #101 XAUUSD 0.08
         40   | answer 1 10011     | 1: 10011 0.00
         1900 | account: 1 0.08    |
         1910 | hub: reduce 1 0.05 | order close #101 XAUUSD 0.03",
    );
}

#[test]
fn a_part_is_closed_once_though_the_state_lags_behind() {
    play(
        "0    | account: 1 0.10    |
         10   | hub: reduce 1 0.06 | order close #101 XAUUSD 0.04
         20   | answer 1 done 0.04 | 1: 10009 0.04
         30   | account: 1 0.10    |
         40   | hub: reduce 1 0.06 | 1: already
         50   | hub: reduce 1 0.05 | order close #101 XAUUSD 0.01
         60   | answer 1 done 0.01 | 1: 10009 0.01
         70   | account: 1 0.05    |
         80   | hub: reduce 1 0.05 | 1: already
         90   | hub: reduce 1 0.00 | order close #101 XAUUSD 0.05
         100  | answer 1 done 0.05 | 1: 10009 0.05
         1000 | account: 1 0.05    |
         1900 | account: 1 0.05    |
         2099 | account: 1 0.05    |
         2099 | hub: reduce 1 0.00 | 1: already
         2100 | account: 1 0.05    |
         2100 | hub: reduce 1 0.00 | order close #101 XAUUSD 0.05",
    );
}

#[test]
fn a_state_says_of_which_copies_it_proves_nothing() {
    play(
        "0   | account: nothing   |
         10  | hub: open 1 0.10   | order open 0.10
             | busy               | 1
         20  | account: nothing   |
             | busy               | 1
         30  | answer 1 10012     | 1: 10012 0.00
             | busy               | 1
         40  | account: offline   |
             | busy               | 1
         50  | account: nothing   |
             | busy               |",
    );
}

#[test]
fn what_was_not_passed_on_is_forgotten_with_the_session_what_the_terminal_has_is_not() {
    play(
        "0   | account: 1 0.10    |
         10  | hub: reduce 1 0.05 | order close #101 XAUUSD 0.05
         20  | hub: reduce 1 0.00 |
         30  | breaks off         |
             | busy               | 1
         40  | answer 1 done 0.05 | 1: 10009 0.05
         50  | hub: reduce 1 0.05 | 1: already",
    );
}

#[test]
fn a_position_is_closed_by_the_name_its_own_broker_gives_it() {
    play(
        "0  | account: 9 0.10    |
         10 | hub: modify 9 1990 | order modify #109 GOLD 0.00
         20 | answer 9 10009     | 9: 10009 0.00
         30 | hub: reduce 9 0.00 | order close #109 GOLD 0.10",
    );
}

#[test]
fn a_position_that_is_not_shown_yet_is_not_changed() {
    play(
        "0  | account: nothing   |
         10 | hub: open 1 0.10   | order open 0.10
         20 | answer 1 done 0.10 | 1: 10009 0.10
         30 | hub: modify 1 1990 | 1: already
         40 | hub: reduce 1 0.00 | 1: already",
    );
}

#[test]
fn the_hub_is_told_of_our_positions_and_of_all_deals_on_them() {
    let settings = AgentSettings {
        login: Login(2001),
        signature: signature(),
        rules: AccountRules::default(),
        doubt_ms: 2000,
    };
    let mut shown = snapshot(&["was", "1", "0.10"]);
    shown.deals.push(Deal { magic: Magic(7), position: PositionId(7), ..shown.deals[0].clone() });
    let state = Agent::new(settings).on_snapshot(Micros(0), shown);
    let magics: Vec<bool> = state.snapshot.deals.iter().map(|deal| deal.magic == Magic(0)).collect();
    assert_eq!(magics, [false, true], "the open, and the investor's own close");
}

#[test]
fn the_queue_is_bounded() {
    let mut waiting = String::from("0 | account: offline |\n");
    for _ in 0..QUEUE_MOST {
        waiting.push_str("10 | hub: reduce 1 0.00 |\n");
    }
    waiting.push_str("20 | hub: reduce 1 0.00 | 1: too_late");
    play(&waiting);
}
