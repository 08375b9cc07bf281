//! What an account is opened with.

use super::{Faults, Session, TerminalError};
use crate::domain::{Currency, Login, MarginMode, Money};

/// What an account is opened with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalSettings {
    /// The account's number.
    pub login: Login,
    /// The currency that all its money is in.
    pub currency: Currency,
    /// Decimal places of that currency, 0 to 6; 2 for most.
    pub currency_digits: u8,
    /// How its positions add up.
    pub margin_mode: MarginMode,
    /// 100 means 1:100; at least 1.
    pub leverage: u32,
    /// What the account starts with. It is no balance operation.
    pub opening_balance: Money,
    /// Where slippage, delays and faults come from: the same seed and the same calls give the same account.
    pub seed: u64,
    /// An order is filled worse than the quote by up to so many points, uniformly, in whole ticks.
    pub slippage_points_max: u32,
    /// An order is answered after up to so many milliseconds, uniformly. The terminal only says how many; the
    /// caller waits or does not.
    pub delay_ms_max: u32,
    /// Positions are closed by the broker while equity is below so many percent of margin; `None`: never.
    pub stop_out_percent: Option<u32>,
    /// `ACCOUNT_LIMIT_ORDERS`: pending orders that may wait at once. Zero for no limit of the broker's; 10,000 is
    /// the terminal's own.
    pub pending_orders_max: u32,
    /// Under market execution an opening request must not carry stops: they are attached afterwards.
    pub stops_after_opening: bool,
    /// When the market is open, for every symbol; empty for always.
    pub sessions: Vec<Session>,
    /// How often requests go wrong; [`Faults::default`] for never.
    pub faults: Faults,
}

impl TerminalSettings {
    pub(super) fn check(&self) -> Result<(), TerminalError> {
        let wrong = |setting, found, allowed| Err(TerminalError::Setting { setting, found, allowed });
        if u32::from(self.currency_digits) > Money::PLACES {
            return wrong("currency_digits", i64::from(self.currency_digits), "0 to 6");
        }
        if self.leverage == 0 {
            return wrong("leverage", 0, "at least 1");
        }
        if let Some(session) = self.sessions.iter().find(|session| !session.is_of_one_week()) {
            return wrong("sessions", i64::from(session.to_minute), "from before to, to at most 10080");
        }
        let faults = self.faults.sum();
        if faults > Faults::MOST {
            return wrong(
                "faults",
                i64::try_from(faults).unwrap_or(i64::MAX),
                "at most 1000 per mille in all",
            );
        }
        Ok(())
    }
}
