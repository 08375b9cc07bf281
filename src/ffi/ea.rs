//! What an EA's wrapper class does, in Rust: every call goes through the exported C functions and their structs.
//! For headless terminals, replays, benchmarks and tests.

mod exact;

use super::convert::{array, double};
use super::export as c;
use super::panel as p;
use super::structs as s;
use super::values::{Coded, expiration_code};
use crate::domain::{
    Deal, Instrument, Lots, Money, OrderResult, PastOrder, PendingOrder, Position, Price, Rate, Ratio,
    Snapshot,
};

pub use exact::{exact_expiration, exact_filling, exact_kind, exact_lots, exact_stop};

/// A call that failed: its code and the library's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text} (code {code})")]
pub struct EaError {
    /// `LB_…`.
    pub code: i32,
    /// `lb_last_error`.
    pub text: String,
}

fn check(code: i32) -> Result<i32, EaError> {
    if code >= 0 {
        return Ok(code);
    }
    let mut buffer = vec![0_u8; 4096];
    let mut length = 0;
    c::lb_last_error(buffer.as_mut_ptr(), 4096, &raw mut length);
    buffer.truncate((length as usize).min(4095));
    Err(EaError { code, text: String::from_utf8_lossy(&buffer).into_owned() })
}

/// An open handle; closed when dropped.
#[derive(Debug)]
struct Handle(u64);

impl Drop for Handle {
    fn drop(&mut self) {
        // A handle that was closed already has nothing left to close.
        c::lb_close(self.0);
    }
}

fn count<T>(items: &[T]) -> u32 {
    u32::try_from(items.len()).unwrap_or(u32::MAX)
}

/// A text of many lines.
fn lines(ask: impl FnOnce(*mut u8, u32, *mut u32) -> i32) -> Result<Vec<String>, EaError> {
    let mut buffer = vec![0_u8; 64 << 10];
    let mut length = 0;
    check(ask(buffer.as_mut_ptr(), count(&buffer), &raw mut length))?;
    buffer.truncate(length as usize);
    Ok(String::from_utf8_lossy(&buffer).lines().map(str::to_owned).collect())
}

/// What one `LB_MAX` call takes.
const CALL_MOST: usize = 10_000;

impl Handle {
    /// Hands over a whole state but for its commit.
    fn hand_over(&self, snapshot: &Snapshot) -> Result<(), EaError> {
        let account = account(snapshot);
        check(c::lb_snapshot_begin(self.0, &raw const account))?;
        let items: Vec<_> = snapshot.instruments.iter().map(instrument).collect();
        check(c::lb_snapshot_instruments(self.0, items.as_ptr(), count(&items)))?;
        let items: Vec<_> = snapshot.rates.iter().map(rate).collect();
        check(c::lb_snapshot_rates(self.0, items.as_ptr(), count(&items)))?;
        let items: Vec<_> = snapshot.positions.iter().map(position).collect();
        check(c::lb_snapshot_positions(self.0, items.as_ptr(), count(&items)))?;
        // The newest deals are the evidence that counts.
        let skipped = snapshot.deals.len().saturating_sub(CALL_MOST);
        let items: Vec<_> = snapshot.deals.iter().skip(skipped).map(deal).collect();
        check(c::lb_snapshot_deals(self.0, items.as_ptr(), count(&items)))?;
        let items: Vec<_> = snapshot.orders.iter().map(order).collect();
        check(c::lb_snapshot_orders(self.0, items.as_ptr(), count(&items)))?;
        let skipped = snapshot.past_orders.len().saturating_sub(CALL_MOST);
        let items: Vec<_> = snapshot.past_orders.iter().skip(skipped).map(past_order).collect();
        check(c::lb_snapshot_past_orders(self.0, items.as_ptr(), count(&items)))?;
        Ok(())
    }
}

/// A master's EA.
#[derive(Debug)]
pub struct MasterEa(Handle);

impl MasterEa {
    /// Opens a master with a configuration's text or path.
    ///
    /// # Errors
    /// As `lb_master_open`.
    pub fn open(config: &str) -> Result<Self, EaError> {
        let mut handle = 0;
        check(c::lb_master_open(config.as_ptr(), count(config.as_bytes()), &raw mut handle))?;
        Ok(Self(Handle(handle)))
    }

    /// Hands over the whole state.
    ///
    /// # Errors
    /// As the `lb_snapshot_…` calls and `lb_master_commit`.
    pub fn commit(&self, snapshot: &Snapshot) -> Result<(), EaError> {
        self.stage(snapshot)?;
        self.commit_staged()
    }

    /// Hands over the whole state but for its commit.
    ///
    /// # Errors
    /// As the `lb_snapshot_…` calls.
    pub fn stage(&self, snapshot: &Snapshot) -> Result<(), EaError> {
        self.0.hand_over(snapshot)
    }

    /// Commits what was staged.
    ///
    /// # Errors
    /// As `lb_master_commit`.
    pub fn commit_staged(&self) -> Result<(), EaError> {
        check(c::lb_master_commit(self.0.0)).map(drop)
    }

    /// Waits until every copy is where it shall be, at most `wait_ms`; then how things stand.
    ///
    /// # Errors
    /// As `lb_master_wait`.
    pub fn wait(&self, wait_ms: u32) -> Result<s::LbMasterStatus, EaError> {
        let mut status = s::LbMasterStatus::default();
        check(c::lb_master_wait(self.0.0, wait_ms, &raw mut status))?;
        Ok(status)
    }

    /// The alerts, a line each.
    ///
    /// # Errors
    /// As `lb_master_alerts`.
    pub fn alerts(&self) -> Result<Vec<String>, EaError> {
        lines(|buffer, capacity, length| p::lb_master_alerts(self.0.0, buffer, capacity, length))
    }
}

/// What a slave's wait brought.
#[derive(Debug, Clone, Copy)]
pub enum Waited {
    /// `LB_OK`.
    Order(s::LbOrder),
    /// `LB_STATE_WANTED`.
    StateWanted,
    /// `LB_EMPTY`.
    Nothing,
}

/// A slave's EA.
#[derive(Debug)]
pub struct SlaveEa(Handle);

impl SlaveEa {
    /// Opens a slave with a configuration's text or path.
    ///
    /// # Errors
    /// As `lb_slave_open`.
    pub fn open(config: &str, login: u64) -> Result<Self, EaError> {
        let mut handle = 0;
        check(c::lb_slave_open(config.as_ptr(), count(config.as_bytes()), login, &raw mut handle))?;
        Ok(Self(Handle(handle)))
    }

    /// Hands over the whole state; its number.
    ///
    /// # Errors
    /// As the `lb_snapshot_…` calls and `lb_slave_commit`.
    pub fn commit(&self, snapshot: &Snapshot) -> Result<u64, EaError> {
        self.0.hand_over(snapshot)?;
        let mut number = 0;
        check(c::lb_slave_commit(self.0.0, &raw mut number))?;
        Ok(number)
    }

    /// The next order, waiting at most `wait_ms`.
    ///
    /// # Errors
    /// As `lb_slave_wait`.
    pub fn wait(&self, wait_ms: u32) -> Result<Waited, EaError> {
        let mut order = s::LbOrder::default();
        Ok(match check(c::lb_slave_wait(self.0.0, wait_ms, &raw mut order))? {
            super::code::LB_OK => Waited::Order(order),
            super::code::LB_STATE_WANTED => Waited::StateWanted,
            _ => Waited::Nothing,
        })
    }

    /// Reports what the terminal answered.
    ///
    /// # Errors
    /// As `lb_slave_report`.
    pub fn report(&self, instruction: u64, result: &OrderResult) -> Result<(), EaError> {
        let result = s::LbResult {
            instruction,
            ticket: result.ticket,
            deal: result.deal,
            lots: double(result.lots.units(), Lots::PLACES),
            price: double(result.price.units(), Price::PLACES),
            retcode: result.retcode.0,
            reserved: 0,
        };
        check(c::lb_slave_report(self.0.0, &raw const result)).map(drop)
    }

    /// How the slave stands.
    ///
    /// # Errors
    /// As `lb_slave_status`.
    pub fn status(&self) -> Result<s::LbSlaveStatus, EaError> {
        let mut status = s::LbSlaveStatus::default();
        check(c::lb_slave_status(self.0.0, &raw mut status))?;
        Ok(status)
    }

    /// The alerts, a line each.
    ///
    /// # Errors
    /// As `lb_slave_alerts`.
    pub fn alerts(&self) -> Result<Vec<String>, EaError> {
        lines(|buffer, capacity, length| p::lb_slave_alerts(self.0.0, buffer, capacity, length))
    }

    /// From when on the terminal is to hand over its deals, in milliseconds of trade-server time.
    ///
    /// # Errors
    /// As `lb_slave_deals_from`.
    pub fn deals_from(&self) -> Result<i64, EaError> {
        let mut time_ms = 0;
        check(c::lb_slave_deals_from(self.0.0, &raw mut time_ms))?;
        Ok(time_ms)
    }

    /// Arms the account's guards anew.
    ///
    /// # Errors
    /// As `lb_slave_rearm`.
    pub fn rearm(&self) -> Result<(), EaError> {
        check(c::lb_slave_rearm(self.0.0)).map(drop)
    }
}

/// A fixed array's text.
pub fn text_of(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

fn money(amount: Money) -> f64 {
    double(amount.units(), Money::PLACES)
}

fn price(price: Price) -> f64 {
    double(price.units(), Price::PLACES)
}

fn lots(lots: Lots) -> f64 {
    double(lots.units(), Lots::PLACES)
}

fn ratio(ratio: Ratio) -> f64 {
    double(ratio.units(), Ratio::PLACES)
}

fn account(snapshot: &Snapshot) -> s::LbAccount {
    let account = &snapshot.account;
    s::LbAccount {
        login: account.login.0,
        time_ms: account.time.0,
        balance: money(account.balance),
        equity: money(account.equity),
        margin: money(account.margin),
        free_margin: money(account.free_margin),
        leverage: account.leverage,
        currency_digits: account.currency_digits.into(),
        margin_mode: account.margin_mode.code(),
        connected: account.connected.into(),
        currency: array(&account.currency),
    }
}

fn instrument(instrument: &Instrument) -> s::LbInstrument {
    s::LbInstrument {
        symbol: array(&instrument.symbol),
        digits: instrument.digits.into(),
        stops_level_points: instrument.stops_level_points,
        contract_size: ratio(instrument.contract_size),
        tick_size: price(instrument.tick_size),
        tick_value: ratio(instrument.tick_value),
        lots_min: lots(instrument.lots_min),
        lots_max: lots(instrument.lots_max),
        lot_step: lots(instrument.lot_step),
        margin_per_lot: money(instrument.margin_per_lot),
        bid: price(instrument.bid),
        ask: price(instrument.ask),
        volume_limit: lots(instrument.trading.volume_limit),
        trade_mode: instrument.trading.mode.code(),
        execution: instrument.trading.execution.code(),
        filling_modes: instrument.trading.filling_modes,
        freeze_level_points: instrument.trading.freeze_level_points,
        expiration_modes: instrument.trading.expiration_modes,
        reserved: 0,
    }
}

fn rate(rate: &Rate) -> s::LbRate {
    s::LbRate { from: array(&rate.from), to: array(&rate.to), rate: ratio(rate.rate) }
}

fn position(position: &Position) -> s::LbPosition {
    s::LbPosition {
        id: position.id.0,
        ticket: position.ticket,
        magic: position.magic.0,
        open_time_ms: position.open_time.0,
        lots: lots(position.lots),
        open_price: price(position.open_price),
        stop_loss: position.stop_loss.map_or(0.0, price),
        take_profit: position.take_profit.map_or(0.0, price),
        side: position.side.code(),
        reserved: 0,
        symbol: array(&position.symbol),
        comment: array(&position.comment),
    }
}

fn deal(deal: &Deal) -> s::LbDeal {
    s::LbDeal {
        ticket: deal.ticket,
        position: deal.position.0,
        magic: deal.magic.0,
        time_ms: deal.time.0,
        lots: lots(deal.lots),
        price: price(deal.price),
        commission: money(deal.commission),
        swap: money(deal.swap),
        profit: money(deal.profit),
        side: deal.side.code(),
        entry: deal.entry.code(),
        symbol: array(&deal.symbol),
    }
}

fn order(order: &PendingOrder) -> s::LbPendingOrder {
    let (expiration, expiration_ms) = expiration_code(order.terms.expiration);
    s::LbPendingOrder {
        ticket: order.ticket,
        magic: order.magic.0,
        placed_ms: order.placed.0,
        expiration_ms,
        lots: lots(order.lots),
        price: price(order.terms.price),
        limit_price: order.terms.limit_price.map_or(0.0, price),
        stop_loss: order.terms.stop_loss.map_or(0.0, price),
        take_profit: order.terms.take_profit.map_or(0.0, price),
        side: order.side.code(),
        kind: order.kind.code(),
        expiration,
        reserved: 0,
        symbol: array(&order.symbol),
        comment: array(&order.comment),
    }
}

fn past_order(order: &PastOrder) -> s::LbPastOrder {
    s::LbPastOrder {
        ticket: order.ticket,
        position: order.position.0,
        magic: order.magic.0,
        time_ms: order.time.0,
        end: order.end.code(),
        reserved: 0,
    }
}
