//! The account itself: its settings, its clock, its facts, deposits and withdrawals.

use super::drawdown::{Drawdown, DrawdownMeter};
use super::history::History;
use super::market::Market;
use super::positions::{OpenPosition, PositionBook};
use super::random::SplitMix;
use super::{TerminalError, valuation};
use crate::domain::{
    Account, Currency, Instrument, Login, Lots, MarginMode, Money, Price, ServerTime, Snapshot,
};

/// The most deals that a snapshot carries: the newest.
const SNAPSHOT_DEALS_MAX: usize = 10_000;

/// What an account is opened with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalSettings {
    /// The account's number.
    pub login: Login,
    /// The currency that all its money is in.
    pub currency: Currency,
    /// Decimal places of that currency, 0 to 6; 2 for most.
    pub currency_digits: u8,
    /// 100 means 1:100; at least 1.
    pub leverage: u32,
    /// What the account starts with. It is no balance operation.
    pub opening_balance: Money,
    /// Where slippage and delays come from: the same seed and the same calls give the same account.
    pub seed: u64,
    /// An order is filled worse than the quote by up to so many points, uniformly, in whole ticks.
    pub slippage_points_max: u32,
    /// An order is answered after up to so many milliseconds, uniformly. The terminal only says how many; the
    /// caller waits or does not.
    pub delay_ms_max: u32,
    /// Positions are closed by the broker while equity is below so many percent of margin; `None`: never.
    pub stop_out_percent: Option<u32>,
}

/// A headless MetaTrader 5 with one hedging account. See the [module](super) for its rules.
#[derive(Debug, Clone)]
pub struct Terminal {
    pub(super) settings: TerminalSettings,
    pub(super) market: Market,
    /// The latest server time seen; `None` before the first event.
    pub(super) clock: Option<ServerTime>,
    pub(super) positions: PositionBook,
    pub(super) history: History,
    pub(super) drawdown: DrawdownMeter,
    pub(super) random: SplitMix,
}

impl Terminal {
    /// Opens an account.
    ///
    /// # Errors
    /// More than 6 currency digits, or a leverage of zero.
    pub fn new(settings: TerminalSettings) -> Result<Self, TerminalError> {
        let wrong = |setting, found, allowed| Err(TerminalError::Setting { setting, found, allowed });
        if u32::from(settings.currency_digits) > Money::PLACES {
            return wrong("currency_digits", i64::from(settings.currency_digits), "0 to 6");
        }
        if settings.leverage == 0 {
            return wrong("leverage", 0, "at least 1");
        }
        Ok(Self {
            market: Market::default(),
            clock: None,
            positions: PositionBook::default(),
            history: History::new(settings.opening_balance),
            drawdown: DrawdownMeter::new(settings.opening_balance),
            random: SplitMix::new(settings.seed),
            settings,
        })
    }

    /// The account's facts. Its time is the latest server time it has seen, zero before the first event.
    pub fn account(&self) -> Account {
        let (equity, margin) = (self.equity(), self.margin());
        Account {
            login: self.settings.login,
            currency: self.settings.currency,
            currency_digits: self.settings.currency_digits,
            margin_mode: MarginMode::Hedging,
            leverage: self.settings.leverage,
            connected: true,
            balance: self.history.balance(),
            equity,
            margin,
            free_margin: equity.saturating_sub(margin),
            time: self.clock.unwrap_or_default(),
        }
    }

    /// The positions that are open, by ticket.
    pub fn positions(&self) -> impl Iterator<Item = &OpenPosition> {
        self.positions.iter()
    }

    /// How far equity has fallen from its peaks.
    pub fn drawdown(&self) -> Drawdown {
        self.drawdown.reached()
    }

    /// The whole state, as a terminal hands it over: every symbol with its quote and the margin of one lot at
    /// the ask, and the deals from `since` on (the newest 10,000 of them).
    pub fn snapshot(&self, since: ServerTime) -> Snapshot {
        Snapshot {
            account: self.account(),
            instruments: self.market.instruments().map(|instrument| self.with_margin(instrument)).collect(),
            rates: self.market.rates().to_vec(),
            positions: self.positions.iter().map(|open| open.position.clone()).collect(),
            deals: self.history.recent(since, SNAPSHOT_DEALS_MAX).to_vec(),
            orders: Vec::new(),
            past_orders: Vec::new(),
        }
    }

    /// Money is paid in, or out when negative: neither profit nor loss. A withdrawal is not held against free
    /// margin. Answers the operation's ticket.
    ///
    /// # Errors
    /// A time before the account's clock, a full history, a balance beyond what money holds.
    pub fn balance_operation(&mut self, time: ServerTime, amount: Money) -> Result<u64, TerminalError> {
        self.advance(time)?;
        let equity_before = self.equity();
        let ticket = self.history.operate(time, amount)?;
        self.drawdown.cash_flow(equity_before, amount);
        self.observe_equity();
        Ok(ticket)
    }

    /// Balance, open profit and accrued swap.
    pub(super) fn equity(&self) -> Money {
        self.positions.iter().fold(self.history.balance(), |sum, open| sum.saturating_add(open.result()))
    }

    /// In use by open positions.
    pub(super) fn margin(&self) -> Money {
        self.positions.iter().fold(Money::ZERO, |sum, open| sum.saturating_add(open.margin))
    }

    pub(super) fn observe_equity(&mut self) {
        self.drawdown.observe(self.equity());
    }

    fn with_margin(&self, instrument: &Instrument) -> Instrument {
        let TerminalSettings { leverage, currency_digits, .. } = self.settings;
        let one = Lots::from_units(Lots::ONE);
        let price = instrument.ask.max(Price::ZERO);
        let margin_per_lot =
            valuation::margin(instrument, one, price, leverage, currency_digits).saturating();
        Instrument { margin_per_lot, ..instrument.clone() }
    }
}
