//! The account itself: its clock, its facts, deposits and withdrawals.

use std::collections::VecDeque;

use super::accepted::Accepted;
use super::drawdown::{Drawdown, DrawdownMeter};
use super::history::History;
use super::market::Market;
use super::positions::{OpenPosition, PositionBook};
use super::random::SplitMix;
use super::settings::TerminalSettings;
use super::waiting::PendingBook;
use super::{Answer, TerminalError, valuation};
use crate::domain::{Account, Instrument, Lots, Money, Price, ServerTime, Snapshot};

/// The most deals that a snapshot carries: the newest.
const SNAPSHOT_DEALS_MAX: usize = 10_000;

/// A headless MetaTrader 5 with one account. See the [module](super) for its rules.
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
    pub(super) waiting: PendingBook,
    /// A stream of its own: faults do not change what slippage the others get.
    pub(super) faults: SplitMix,
    /// How the next requests are answered.
    pub(super) script: VecDeque<Answer>,
    /// Market orders that were answered with `PLACED`.
    pub(super) accepted: Vec<Accepted>,
    pub(super) connected: bool,
}

impl Terminal {
    /// Opens an account.
    ///
    /// # Errors
    /// More than 6 currency digits, a leverage of zero, a session that is none, faults of more than 1000 per mille.
    pub fn new(settings: TerminalSettings) -> Result<Self, TerminalError> {
        settings.check()?;
        Ok(Self {
            market: Market::default(),
            clock: None,
            positions: PositionBook::default(),
            history: History::new(settings.opening_balance),
            drawdown: DrawdownMeter::new(settings.opening_balance),
            random: SplitMix::new(settings.seed),
            waiting: PendingBook::default(),
            faults: SplitMix::new(!settings.seed),
            script: VecDeque::new(),
            accepted: Vec::new(),
            connected: true,
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
            margin_mode: self.settings.margin_mode,
            leverage: self.settings.leverage,
            connected: self.connected,
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
    /// the ask, the deals from `since` on (the newest 10,000 of them), and so the orders that are over.
    pub fn snapshot(&self, since: ServerTime) -> Snapshot {
        Snapshot {
            account: self.account(),
            instruments: self.market.instruments().map(|instrument| self.with_margin(instrument)).collect(),
            rates: self.market.rates().to_vec(),
            positions: self.positions.iter().map(|open| open.position.clone()).collect(),
            deals: self.history.recent(since, SNAPSHOT_DEALS_MAX).to_vec(),
            orders: self.waiting.iter().cloned().collect(),
            past_orders: self.waiting.past(since).copied().collect(),
            working: self.working().copied().collect(),
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
