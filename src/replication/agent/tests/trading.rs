//! What the slave's broker allows: the filling, the trade mode, its limit on one direction.

use super::*;
use crate::domain::{
    Execution, Expiration, Filling, PendingKind, PendingOrder, PendingTerms, TradeMode, TradeRules,
};

fn account(copies: &[&str], trading: TradeRules) -> Snapshot {
    let mut shown = snapshot(copies);
    shown.instruments[0].trading = trading;
    shown
}

fn agent(shown: Snapshot) -> Agent {
    let rules = AccountRules::default();
    let settings = AgentSettings { login: Login(2001), signature: signature(), rules, doubt_ms: 2000 };
    let mut agent = Agent::new(settings);
    agent.on_snapshot(Micros(0), shown);
    agent
}

/// What becomes of an instruction: its order, or why there is none.
fn ask(agent: &mut Agent, id: u64, copy: &str, action: Action) -> Result<OrderRequest, Outcome> {
    agent.on_instruction(Instruction {
        id: InstructionId(id),
        copy: key(copy),
        symbol: text("XAUUSD").unwrap(),
        action,
        reference: of("2000"),
        deviation_points: 50,
        committed_at: Micros(0),
        valid_until: Micros(0),
    });
    let order = agent.next_order(Micros(0));
    order.map(|order| order.request).ok_or_else(|| agent.poll_report().unwrap().outcome)
}

fn open(side: Side, lots: &str) -> Action {
    Action::Open { side, lots: of(lots), stop_loss: None, take_profit: None }
}

/// What a copy is found and counted by is not for a hub to say.
#[test]
fn an_order_carries_its_copys_own_magic() {
    let mut agent = agent(snapshot(&["2", "0.10"]));
    let opened = ask(&mut agent, 1, "1", open(Side::Buy, "0.10")).unwrap();
    assert_eq!(opened.magic, Magic::of_copy(signature(), key("1")));
    let closed = ask(&mut agent, 2, "2", Action::Reduce { to: Lots::ZERO }).unwrap();
    assert_eq!(closed.magic, Magic::of_copy(signature(), key("2")));
}

/// A server may need a third of a second for each order.
#[test]
fn what_closes_does_not_wait_for_what_opens() {
    play(
        "0  | account: 1 0.10     |
         10 | account: offline    |
         20 | hub: open 2 0.10    |
         30 | hub: open 3 0.20    |
         40 | hub: reduce 1 0.00  |
         50 | account: 1 0.10     | order close #101 XAUUSD 0.10; order open 0.10; order open 0.20",
    );
}

/// A close that is refused comes back, with forty others of the same closed market: opens elsewhere have their turn.
#[test]
fn what_opens_has_its_turn_among_closes() {
    const ALL: &str = "account: 1 0.10, 2 0.10, 3 0.10, 4 0.10, 5 0.10, 6 0.10";
    play(&format!(
        "0  | {ALL}              |
         10 | account: offline   |
         20 | hub: open 9 0.20   |
         30 | hub: reduce 1 0.00 |
         30 | hub: reduce 2 0.00 |
         30 | hub: reduce 3 0.00 |
         30 | hub: reduce 4 0.00 |
         30 | hub: reduce 5 0.00 |
         30 | hub: reduce 6 0.00 |
         40 | {ALL} | order close #101 XAUUSD 0.10; order close #102 XAUUSD 0.10; order close #103 XAUUSD 0.10; order close #104 XAUUSD 0.10; order open 0.20; order close #105 XAUUSD 0.10; order close #106 XAUUSD 0.10"
    ));
}

/// The terminal is asked for one after the other, and its next state is the answer, if it has a connection.
#[test]
fn what_the_terminal_lacks_is_told_once() {
    let mut agent = agent(snapshot(&["nothing"]));
    let [gold, silver] = ["XAUUSD", "XAGUSD"].map(|name| text(name).unwrap());
    for symbol in [gold, silver, silver] {
        agent.want_symbol(symbol);
    }
    let none: [Symbol; 0] = [];
    let lacks = |agent: &mut Agent, shown| agent.on_snapshot(Micros(0), shown).lacks;
    assert_eq!(lacks(&mut agent, snapshot(&["nothing"])), none, "not asked for yet");
    assert_eq!(
        [agent.next_wanted(), agent.next_wanted(), agent.next_wanted()],
        [Some(gold), Some(silver), None]
    );
    assert!(!agent.wants_symbols());
    assert_eq!(lacks(&mut agent, snapshot(&["offline"])), none);
    assert_eq!(lacks(&mut agent, snapshot(&["nothing"])), [silver]);
    assert_eq!(lacks(&mut agent, snapshot(&["nothing"])), none);
}

/// Its broker has lowered the maximum, to 50 lots, since it was opened.
#[test]
fn what_is_more_than_one_order_may_be_is_closed_in_parts() {
    play(
        "0  | account: 1 120      |
         10 | hub: reduce 1 0.00  | order close #101 XAUUSD 50.00
         20 | answer 1 done 50    | 1: 10009 50.00
         30 | hub: reduce 1 0.00  | order close #101 XAUUSD 50.00
         40 | answer 1 done 50    | 1: 10009 50.00
         50 | account: 1 20       |
         60 | hub: reduce 1 0.00  | order close #101 XAUUSD 20.00",
    );
    play_by(
        guards::rules(Reaction::CloseAll),
        "0    | account: 1 70              |
         10   | account: 1 70, equity 900  | order close #101 XAUUSD 50.00
         20   | answer 1 done 50           | 1: 10009 50.00
         30   | account: 1 20, equity 900  |
         1010 | ask                        | order close #101 XAUUSD 20.00",
    );
}

#[test]
fn opens_and_closes_are_filled_as_the_symbol_allows() {
    for (filling_modes, execution, filling) in [
        (1, Execution::Market, Filling::FillOrKill),
        (2, Execution::Market, Filling::ImmediateOrCancel),
        (2, Execution::Exchange, Filling::ImmediateOrCancel),
        (0, Execution::Exchange, Filling::Return),
        (0, Execution::Market, Filling::FillOrKill),
    ] {
        let trading = TradeRules { execution, filling_modes, ..TradeRules::default() };
        let mut agent = agent(account(&["1", "0.10"], trading));
        for (id, copy, action) in
            [(1, "2", open(Side::Buy, "0.10")), (2, "1", Action::Reduce { to: Lots::ZERO })]
        {
            let request = ask(&mut agent, id, copy, action).unwrap();
            assert_eq!(request.filling, filling, "{trading:?}: {request:?}");
        }
    }
}

#[test]
fn nothing_is_opened_against_the_trade_mode_and_everything_is_closed() {
    for (mode, long, short) in [
        (TradeMode::Full, true, true),
        (TradeMode::Disabled, false, false),
        (TradeMode::LongOnly, true, false),
        (TradeMode::ShortOnly, false, true),
        (TradeMode::CloseOnly, false, false),
    ] {
        let mut agent = agent(account(&["1", "0.10"], TradeRules { mode, ..TradeRules::default() }));
        for (id, copy, side, opens) in [(1, "2", Side::Buy, long), (2, "3", Side::Sell, short)] {
            let refused = ask(&mut agent, id, copy, open(side, "0.10")).err();
            let expected = (!opens).then_some(Outcome::Declined(SkipReason::TradeMode));
            assert_eq!(refused, expected, "{mode:?} {side}");
        }
        assert!(ask(&mut agent, 3, "1", Action::Reduce { to: Lots::ZERO }).is_ok(), "{mode:?}");
    }
}

/// A limit of 1.00 lot, with 0.60 bought (0.10 of it waiting) and 0.40 sold, by whomever.
fn nearly_full() -> Agent {
    let trading = TradeRules { volume_limit: of("1"), ..TradeRules::default() };
    let mut shown = account(&["1", "0.30"], trading);
    let own = shown.positions[0].clone();
    let (symbol, magic) = (own.symbol, Magic(7));
    for (id, side, lots) in [(7, Side::Buy, "0.20"), (8, Side::Sell, "0.40")] {
        let (id, ticket, lots) = (PositionId(id), id, of(lots));
        shown.positions.push(Position { id, ticket, side, lots, magic, ..own.clone() });
    }
    let (price, expiration) = (of("1990"), Expiration::Gtc);
    let terms = PendingTerms { price, limit_price: None, stop_loss: None, take_profit: None, expiration };
    shown.orders.push(PendingOrder {
        ticket: 9,
        symbol,
        side: Side::Buy,
        kind: PendingKind::Limit,
        lots: of("0.10"),
        terms,
        placed: ServerTime(0),
        magic,
        comment: Comment::new(),
    });
    agent(shown)
}

#[test]
fn the_brokers_limit_counts_everybody_in_one_direction() {
    let full = Some(Outcome::Declined(SkipReason::VolumeLimit));
    for (side, lots, refused) in [
        (Side::Buy, "0.40", None),
        (Side::Buy, "0.41", full),
        (Side::Sell, "0.60", None),
        (Side::Sell, "0.61", full),
    ] {
        assert_eq!(ask(&mut nearly_full(), 1, "2", open(side, lots)).err(), refused, "{side} {lots}");
    }
    let mut agent = nearly_full();
    let done = |lots: &str| OrderResult {
        retcode: Retcode::DONE,
        deal: 1,
        ticket: 1,
        lots: of(lots),
        price: of("2000"),
    };
    assert_eq!(ask(&mut agent, 1, "2", open(Side::Buy, "0.40")).err(), None);
    assert_eq!(ask(&mut agent, 2, "3", open(Side::Buy, "0.01")).err(), full, "it is being opened");
    assert!(agent.on_result(Micros(0), InstructionId(1), done("0.40")));
    agent.poll_report();
    assert_eq!(ask(&mut agent, 3, "3", open(Side::Buy, "0.01")).err(), full, "it was opened");
    assert_eq!(ask(&mut agent, 4, "1", Action::Reduce { to: of("0.25") }).err(), None);
    assert!(agent.on_result(Micros(0), InstructionId(4), done("0.05")));
    agent.poll_report();
    assert_eq!(ask(&mut agent, 5, "3", open(Side::Buy, "0.06")).err(), full, "so much is free again");
    assert_eq!(ask(&mut agent, 6, "3", open(Side::Buy, "0.05")).err(), None);
}
