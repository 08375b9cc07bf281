//! Records in words that a trader can read.

use lotbridge::allocation::Decision;
use lotbridge::domain::{CopyId, Login, Micros, PendingTerms, Price, Side};
use lotbridge::replication::{Action, MasterTrade, Outcome, Record, State};

use crate::table;

/// Whose record it is: `250:123 2001`, `250:123`, `2001`, or nobody's.
pub fn whose(record: &Record) -> String {
    let (copy, login) = parties(record);
    let copy = copy.map(|copy| copy.to_string());
    let login = login.map(|login| login.to_string());
    [copy, login].into_iter().flatten().collect::<Vec<String>>().join(" ")
}

/// Its copy and its account, as far as it has them.
pub fn parties(record: &Record) -> (Option<CopyId>, Option<Login>) {
    match record {
        Record::Taken(trade) => (trade.copy, None),
        Record::Decided { copy, login, .. }
        | Record::Copy { copy, login, .. }
        | Record::Instructed { copy, login, .. }
        | Record::Reported { copy, login, .. } => (Some(*copy), Some(*login)),
        Record::Finished { copy, .. }
        | Record::MasterChanged { copy, .. }
        | Record::MasterOrder { copy, .. } => (Some(*copy), None),
        Record::Account { login, .. } | Record::Guard { login, .. } => (None, Some(*login)),
        _ => (None, None),
    }
}

/// What was asked for; `bound`: how long and how far from what price an open may be.
fn instructed(action: &Action, symbol: &str, bound: &str) -> String {
    match action {
        Action::Open { side, lots, stop_loss, take_profit } => {
            format!("open {side} {lots} {symbol}{}, {bound}", stops(*stop_loss, *take_profit))
        }
        Action::Reduce { to } if to.is_zero() => format!("close {symbol}"),
        Action::Reduce { to } => format!("reduce {symbol} to {to} lots"),
        Action::Modify { stop_loss, take_profit } => format!("set{}", stops(*stop_loss, *take_profit)),
        Action::Place { side, kind, lots, terms } => {
            let kind = table::code(kind);
            format!("place {side} {kind} {lots} {symbol} {}", at_terms(terms))
        }
        Action::Change { terms } => format!("change the {symbol} order to {}", at_terms(terms)),
        Action::Cancel => format!("cancel the {symbol} order"),
    }
}

fn at_terms(terms: &PendingTerms) -> String {
    let limit = terms.limit_price.map_or(String::new(), |price| format!(" limit {price}"));
    format!("at {}{limit}{}", terms.price, stops(terms.stop_loss, terms.take_profit))
}

/// What happened.
pub fn what(record: &Record) -> String {
    match record {
        Record::Taken(trade) => taken(trade),
        Record::Decided { decision, pool, credit, .. } => decided(decision, pool, *credit),
        Record::Copy { state, opened, retcode, skip, .. } => {
            let done = format!("is {state}, {opened} lots opened in all");
            match (state, skip, retcode) {
                (State::Skipped, Some(reason), _) => format!("skipped: {reason}"),
                (State::Rejected, _, Some(retcode)) => format!("rejected: {retcode}"),
                (State::Open | State::Closing | State::Closed, ..) => done,
                _ => format!("is {state}"),
            }
        }
        Record::Finished { .. } => "over: nothing is left to do".into(),
        Record::Instructed { symbol, action, reference, deviation_points, valid_until, at, .. } => {
            let until = micros(valid_until.since(*at));
            let bound = format!("within {deviation_points} points of {reference}, valid {until}");
            format!("instructed: {}", instructed(action, symbol, &bound))
        }
        Record::Reported { outcome, slippage, since_commit_us, since_sent_us, .. } => {
            reported(*outcome, *slippage, *since_commit_us, *since_sent_us)
        }
        Record::MasterChanged { lots, .. } if lots.is_zero() => "master: closed".into(),
        Record::MasterChanged { lots, stop_loss, take_profit, .. } => {
            format!("master: holds {lots} lots{}", stops(*stop_loss, *take_profit))
        }
        Record::MasterOrder { order: Some(order), .. } => {
            format!("master: the order now waits {}", at_terms(&order.terms))
        }
        Record::MasterOrder { order: None, .. } => "master: the order waits no more".into(),
        Record::MasterNetting { position, tale, .. } => {
            let (parts, lots) = tale.parts();
            format!(
                "master: copied of netting position {position}: {lots} lots, parts: {parts}; its deals do not tell so"
            )
        }
        Record::Told { text, .. } => format!("alert: {text}"),
        Record::Account { currency, balance, equity, margin, free_margin, .. } => format!(
            "balance {} {currency}, equity {}, margin {}, free margin {}",
            table::money(*balance),
            table::money(*equity),
            table::money(*margin),
            table::money(*free_margin)
        ),
        Record::Configured { sha256, configuration, .. } => {
            format!("configuration of {} bytes, SHA-256 {sha256}", configuration.len())
        }
        Record::Guard { state, .. } => {
            let tripped: Vec<String> = state.trips.iter().map(ToString::to_string).collect();
            if tripped.is_empty() {
                "guards: armed".into()
            } else {
                format!("guards: {}", tripped.join("; "))
            }
        }
        Record::ByHand { reaction: Some(reaction), .. } => format!("by hand, on every account: {reaction}"),
        Record::ByHand { reaction: None, .. } => "by hand, on every account: goes on".into(),
        Record::Missing { count, .. } => {
            format!("{count} records before this one could not be written and are missing")
        }
    }
}

fn taken(trade: &MasterTrade) -> String {
    let position = &trade.position;
    if let Some(order) = &trade.order {
        return format!(
            "master: order {} {} {} {} {} {}; pool {}",
            order.ticket,
            order.side,
            table::code(&order.kind),
            order.lots,
            order.symbol,
            at_terms(&order.terms),
            trade.pool
        );
    }
    format!(
        "master: position {} {} {} {} at {}{}; pool {}",
        position.id,
        position.side,
        position.lots,
        position.symbol,
        position.open_price,
        stops(position.stop_loss, position.take_profit),
        trade.pool
    )
}

fn decided(decision: &Decision, pool: &str, credit: Option<i64>) -> String {
    let master = decision.facts.master_lots;
    let before =
        decision.lots_before_rounding.map(|lots| format!(", {} before rounding", table::share(lots)));
    let result = match decision.skip {
        Some(reason) => format!("skip, {reason}"),
        None => format!("{} lots", decision.lots()),
    };
    let caps: Vec<String> = decision.caps.iter().map(|bound| format!("; {}", table::cap(bound))).collect();
    let credit = credit.map(|credit| format!("; credit {credit} millionths of a step"));
    format!(
        "decided: {result} ({} of the master's {master}{}; pool {pool}{}{})",
        decision.method,
        before.unwrap_or_default(),
        caps.concat(),
        credit.unwrap_or_default()
    )
}

fn reported(
    outcome: Outcome,
    slippage: Option<Price>,
    since_commit_us: Option<u64>,
    since_sent_us: Option<u64>,
) -> String {
    let said = match outcome {
        Outcome::Answered(result) => {
            let done = if result.lots.is_positive() && result.price.is_positive() {
                format!(", {} lots at {}", result.lots, result.price)
            } else {
                String::new()
            };
            format!("reported: {}{done}", result.retcode)
        }
        Outcome::Declined(reason) => format!("reported: declined by the agent, {reason}"),
        Outcome::AlreadyDone => "reported: nothing was left to do".into(),
    };
    let slippage = match slippage {
        Some(price) if price.is_zero() => ", no slippage".into(),
        Some(price) if price.is_negative() => {
            format!(", slippage {price} ({} better)", Price::ZERO.saturating_sub(price))
        }
        Some(price) => format!(", slippage {price} worse"),
        None => String::new(),
    };
    let sent = since_sent_us.map(|us| format!("; {} after it was sent", micros(us)));
    let commit = since_commit_us.map(|us| format!(", {} after the master's change", micros(us)));
    [said, slippage, sent.unwrap_or_default(), commit.unwrap_or_default()].concat()
}

fn stops(stop_loss: Option<Price>, take_profit: Option<Price>) -> String {
    let stop = |name, price: Option<Price>| match price {
        Some(price) => format!(", {name} {price}"),
        None => format!(", no {name}"),
    };
    format!("{}{}", stop("stop loss", stop_loss), stop("take profit", take_profit))
}

/// A duration: `1.234 ms`, `8.000 s`.
pub fn micros(us: u64) -> String {
    if us < 1_000_000 {
        format!("{}.{:03} ms", us / 1000, us % 1000)
    } else {
        format!("{}.{:03} s", us / 1_000_000, us / 1000 % 1000)
    }
}

/// How long after another moment: `+1.234 ms`.
pub fn after(moment: Micros, since: Micros) -> String {
    if moment >= since {
        format!("+{}", micros(moment.since(since)))
    } else {
        format!("-{}", micros(since.since(moment)))
    }
}

/// What an open at this price is worse by than the reference.
pub fn worse_by(side: Side, reference: Price, price: Price) -> Price {
    match side {
        Side::Buy => price.saturating_sub(reference),
        Side::Sell => reference.saturating_sub(price),
    }
}
