//! What happened, as `--report` writes it: from the record (what was decided) and the accounts (what was done).

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use lotbridge::allocation::{Decision, SkipReason};
use lotbridge::domain::{
    CopyId, Deal, Login, Lots, Magic, MarginMode, Money, Ratio, Retcode, ServerTime, Side, Signature, Symbol,
};
use lotbridge::replication::{Record, State, deals_by_magic, skip_code};
use lotbridge::terminal::Terminal;
use serde::Serialize;

use super::broker::Broker;
use super::plan::Plan;

/// The whole report. Lots and money are strings, times are ISO 8601 in the trade server's own time.
#[derive(Debug, Serialize)]
pub struct Report {
    pub history: HistoryPart,
    pub master: MasterPart,
    pub slaves: Vec<SlavePart>,
    pub copies: Vec<CopyPart>,
    pub latency_us: LatencyPart,
}

#[derive(Debug, Serialize)]
pub struct HistoryPart {
    pub format: &'static str,
    pub positions: usize,
    pub pending_orders: u32,
    pub balance_operations: usize,
    pub notes: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct MasterPart {
    pub login: Login,
    pub opening_balance: Money,
    pub net_profit: Money,
    pub final_balance: Money,
    pub max_drawdown: Money,
    pub max_drawdown_percent: Ratio,
    /// The balance after every deal and balance operation, in their order.
    pub running_balance: Vec<Money>,
}

#[derive(Debug, Serialize)]
pub struct SlavePart {
    pub login: Login,
    pub opening_balance: Money,
    /// Copies that were opened.
    pub copies: usize,
    /// Copies that were not made, for a reason.
    pub skipped: usize,
    /// Copies that the trade server refused.
    pub rejected: usize,
    /// By reason code.
    pub skips: BTreeMap<String, usize>,
    pub net_profit: Money,
    pub final_balance: Money,
    pub max_drawdown: Money,
    pub max_drawdown_percent: Ratio,
    pub open_lots: Lots,
    /// Pending orders that it placed.
    pub orders_placed: usize,
    /// Those that became positions.
    pub orders_filled: usize,
    /// Those that were cancelled.
    pub orders_cancelled: usize,
    /// Half of its copies are under ten steps: it cannot follow finely.
    pub tracks_coarsely: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct CopyPart {
    pub login: Login,
    pub pool: String,
    pub master_position: u64,
    pub symbol: Symbol,
    pub side: Side,
    pub master_lots: Lots,
    pub opened_lots: Lots,
    pub closed_lots: Lots,
    pub open_time: Option<String>,
    pub close_time: Option<String>,
    /// Price profit, in the slave's currency, as MetaTrader's deals have it: without the two below. A netting account books it
    /// from the mean price of the whole position: its sum is the account's, the parts are not each copy's own.
    pub profit: Money,
    pub commission: Money,
    pub swap: Money,
    pub skip: Option<String>,
    pub decision: Option<Arc<Decision>>,
}

#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct LatencyPart {
    pub count: usize,
    pub p50: u64,
    pub p99: u64,
    pub max: u64,
}

/// A copy as the record has it.
#[derive(Default)]
struct Recorded {
    pool: String,
    decision: Option<Arc<Decision>>,
    state: Option<State>,
    skip: Option<SkipReason>,
    retcode: Option<Retcode>,
}

impl Report {
    /// Puts the report together.
    pub fn new(plan: &Plan, broker: &Broker, records: Vec<Record>, latencies_us: &[u64]) -> Result<Self> {
        let copies = copies(plan, broker, records)?;
        let slaves = plan
            .slaves
            .keys()
            .map(|login| slave(plan, broker, *login, &copies))
            .collect::<Result<Vec<_>>>()?;
        let master = broker.account(plan.master.login).context("no master")?;
        Ok(Self {
            history: HistoryPart {
                format: plan.history.format.name(),
                positions: plan.history.positions.len(),
                pending_orders: plan.history.pending_orders,
                balance_operations: plan.history.balance_operations.len(),
                notes: notes(plan, broker),
            },
            master: MasterPart {
                login: plan.master.login,
                opening_balance: plan.master.balance,
                net_profit: net_profit(master),
                final_balance: master.account().balance,
                max_drawdown: master.drawdown().amount,
                max_drawdown_percent: master.drawdown().percent,
                running_balance: master.statement().iter().map(|line| line.balance).collect(),
            },
            slaves,
            copies,
            latency_us: LatencyPart::of(latencies_us),
        })
    }
}

impl LatencyPart {
    fn of(samples: &[u64]) -> Self {
        let mut sorted = samples.to_vec();
        sorted.sort_unstable();
        let at =
            |percent: usize| sorted.get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1)));
        let value = |sample: Option<&u64>| sample.copied().unwrap_or(0);
        Self { count: sorted.len(), p50: value(at(50)), p99: value(at(99)), max: value(sorted.last()) }
    }
}

fn notes(plan: &Plan, broker: &Broker) -> Vec<String> {
    let mut notes = plan.notes.clone();
    if broker.contradictions() > 0 {
        notes.push(format!(
            "{} times a price reached a pending order that goes on waiting by the history: slaves' own may have filled \
             alone there.",
            broker.contradictions()
        ));
    }
    notes
}

/// Every member's copy of every position that its pool took, in the order of opening, pools and logins.
fn copies(plan: &Plan, broker: &Broker, records: Vec<Record>) -> Result<Vec<CopyPart>> {
    let mut recorded: BTreeMap<(CopyId, Login), Recorded> = BTreeMap::new();
    for record in records {
        match record {
            Record::Decided { copy, pool, login, decision, .. } => {
                let entry = recorded.entry((copy, login)).or_default();
                entry.pool = pool.to_string();
                entry.skip = decision.skip;
                entry.decision = Some(decision);
            }
            Record::Copy { copy, login, state, retcode, skip, .. } => {
                let entry = recorded.entry((copy, login)).or_default();
                (entry.state, entry.skip, entry.retcode) = (Some(state), skip, retcode);
            }
            _ => {}
        }
    }
    let signature = Signature::of_master(plan.master.login);
    let mut deals: BTreeMap<Login, BTreeMap<Magic, Vec<Deal>>> = BTreeMap::new();
    for (login, account) in &plan.slaves {
        let terminal = broker.account(*login).context("a slave without account")?;
        let nets = account.margin_mode == MarginMode::Netting;
        deals.insert(*login, by_magic(terminal, nets, signature));
    }
    let mut parts = Vec::with_capacity(recorded.len());
    for ((copy, login), entry) in recorded {
        let magic = Magic::of_copy(signature, copy);
        let none = Vec::new();
        let deals = deals.get(&login).and_then(|deals| deals.get(&magic)).unwrap_or(&none);
        parts.extend(copy_part(plan, copy, login, entry, deals)?);
    }
    let order = |name: &str| plan.setup.pools.iter().position(|pool| pool.name == name);
    parts.sort_by_key(|part| (part.master_position, order(&part.pool), part.login));
    Ok(parts)
}

/// An account's deals by copy: of a netting account, by whose share they changed.
fn by_magic(terminal: &Terminal, nets: bool, signature: Signature) -> BTreeMap<Magic, Vec<Deal>> {
    if nets {
        return deals_by_magic(terminal.deals(), signature);
    }
    let mut deals: BTreeMap<Magic, Vec<Deal>> = BTreeMap::new();
    for deal in terminal.deals() {
        deals.entry(deal.magic).or_default().push(deal.clone());
    }
    deals
}

/// The copy of a pending order that became no position is none, unless the slave's own was filled all the same.
fn copy_part(
    plan: &Plan,
    copy: CopyId,
    login: Login,
    entry: Recorded,
    deals: &[Deal],
) -> Result<Option<CopyPart>> {
    let row = copy.position_low();
    let at = usize::try_from(row)?.checked_sub(1).context("a copy of no row")?;
    let history = &plan.history;
    let (symbol, side, master_lots) = if let Some(position) = history.positions.get(at) {
        (position.symbol, position.side, position.lots)
    } else {
        if deals.is_empty() {
            return Ok(None);
        }
        let order = history.orders.get(at - history.positions.len());
        let order = order.context("a copy of a row that the history does not have")?;
        (order.symbol, order.side, order.lots)
    };
    // Whatever it did to a netting account's position, a copy's first deal opened it.
    let opening = deals.first().map(|deal| deal.side);
    let lots = |closes: bool| {
        let of = deals.iter().filter(|deal| (Some(deal.side) != opening) == closes);
        of.fold(Lots::ZERO, |sum, deal| sum.saturating_add(deal.lots))
    };
    let sum =
        |of: fn(&Deal) -> Money| deals.iter().fold(Money::ZERO, |sum, deal| sum.saturating_add(of(deal)));
    let time = |closes: bool| {
        deals.iter().filter(move |deal| (Some(deal.side) != opening) == closes).map(|deal| iso(deal.time))
    };
    let (opened, closed) = (lots(false), lots(true));
    let refused = entry.retcode.filter(|_| entry.state == Some(State::Rejected));
    let skip = if opened.is_positive() { None } else { skip_code(entry.skip, refused) };
    Ok(Some(CopyPart {
        login,
        pool: entry.pool,
        master_position: row,
        symbol,
        side,
        master_lots,
        opened_lots: opened,
        closed_lots: closed,
        open_time: time(false).next(),
        close_time: if opened == closed { time(true).next_back() } else { None },
        profit: sum(|deal| deal.profit),
        commission: sum(|deal| deal.commission),
        swap: sum(|deal| deal.swap),
        skip,
        decision: entry.decision,
    }))
}

fn slave(plan: &Plan, broker: &Broker, login: Login, copies: &[CopyPart]) -> Result<SlavePart> {
    let terminal = broker.account(login).context("a slave without account")?;
    let own: Vec<&CopyPart> = copies.iter().filter(|copy| copy.login == login).collect();
    let mut skips: BTreeMap<String, usize> = BTreeMap::new();
    for code in own.iter().filter_map(|copy| copy.skip.clone()) {
        *skips.entry(code).or_default() += 1;
    }
    let opened: Vec<&&CopyPart> = own.iter().filter(|copy| copy.opened_lots.is_positive()).collect();
    let rejected = skips.iter().filter(|(code, _)| code.starts_with("rejected_")).map(|(_, n)| n).sum();
    // What was read back from an account does not say its step.
    let sized: Vec<_> = opened.iter().filter_map(|copy| Some((copy, step(copy)?))).collect();
    let coarse = sized.iter().filter(|(copy, step)| is_coarse(copy, *step)).count();
    let orders = broker.order_counts(login);
    Ok(SlavePart {
        login,
        opening_balance: plan.slaves.get(&login).context("a slave without account")?.balance,
        copies: opened.len(),
        skipped: skips.values().sum::<usize>() - rejected,
        rejected,
        net_profit: net_profit(terminal),
        final_balance: terminal.account().balance,
        max_drawdown: terminal.drawdown().amount,
        max_drawdown_percent: terminal.drawdown().percent,
        open_lots: terminal.positions().fold(Lots::ZERO, |sum, open| sum.saturating_add(open.position.lots)),
        orders_placed: orders.placed,
        orders_filled: orders.filled,
        orders_cancelled: orders.cancelled,
        tracks_coarsely: coarse * 2 > sized.len() || (opened.is_empty() && !own.is_empty()),
        skips,
    })
}

/// Under ten steps a copy cannot follow finely.
fn is_coarse(copy: &CopyPart, step: Lots) -> bool {
    copy.opened_lots.units() < step.units().saturating_mul(10)
}

/// The step that a copy was rounded to.
fn step(copy: &CopyPart) -> Option<Lots> {
    copy.decision.as_ref().map(|decision| decision.rounding.step).filter(|step| step.is_positive())
}

/// Profit of all deals, with commission and swap.
fn net_profit(terminal: &Terminal) -> Money {
    terminal.deals().iter().fold(Money::ZERO, |sum, deal| {
        sum.saturating_add(deal.profit).saturating_add(deal.commission).saturating_add(deal.swap)
    })
}

/// ISO 8601, in the trade server's own time (it has no zone); with milliseconds only where there are any.
fn iso(time: ServerTime) -> String {
    let moment = jiff::civil::DateTime::new(1970, 1, 1, 0, 0, 0, 0)
        .and_then(|epoch| epoch.checked_add(jiff::SignedDuration::from_millis(time.0)));
    moment.map_or_else(|_| format!("{} ms since 1970", time.0), |moment| moment.to_string())
}
