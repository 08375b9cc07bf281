//! What a symbol's broker lets an order do.

use super::account::Terminal;
use super::fills::Effect;
use super::market::Listing;
use super::stops::Stops;
use crate::domain::{Execution, Filling, Instrument, Lots, OrderRequest, Position, Retcode, Side, TradeMode};

/// `SYMBOL_FILLING_MODE`'s bits.
const FILL_OR_KILL: u32 = 1;
const IMMEDIATE_OR_CANCEL: u32 = 2;

/// May anything be done with this symbol?
pub(super) fn check_enabled(instrument: &Instrument) -> Result<(), Retcode> {
    if instrument.trading.mode == TradeMode::Disabled { Err(Retcode::TRADE_DISABLED) } else { Ok(()) }
}

/// May a position of this side be opened?
pub(super) fn check_mode(instrument: &Instrument, side: Side) -> Result<(), Retcode> {
    check_enabled(instrument)?;
    match (instrument.trading.mode, side) {
        (TradeMode::LongOnly, Side::Sell) => Err(Retcode::LONG_ONLY),
        (TradeMode::ShortOnly, Side::Buy) => Err(Retcode::SHORT_ONLY),
        (TradeMode::CloseOnly, _) => Err(Retcode::CLOSE_ONLY),
        _ => Ok(()),
    }
}

/// As [`check_mode`], for an execution: one that only reduces a position closes.
pub(super) fn check_mode_of(instrument: &Instrument, side: Side, effect: Effect) -> Result<(), Retcode> {
    match effect {
        Effect::Reduces(_) => check_enabled(instrument),
        Effect::Opens | Effect::Adds(_) | Effect::Reverses(_) => check_mode(instrument, side),
    }
}

/// May a market order be filled so? A symbol that names no modes takes fill-or-kill; `Return` is for every execution
/// but at market.
pub(super) fn check_filling(instrument: &Instrument, filling: Filling) -> Result<(), Retcode> {
    let rules = &instrument.trading;
    let allowed = match filling {
        Filling::FillOrKill => rules.filling_modes == 0 || rules.filling_modes & FILL_OR_KILL != 0,
        Filling::ImmediateOrCancel => rules.filling_modes & IMMEDIATE_OR_CANCEL != 0,
        Filling::Return => rules.execution != Execution::Market,
    };
    if allowed { Ok(()) } else { Err(Retcode::INVALID_FILL) }
}

/// Is an order executed at the price it asks for, or not at all? Otherwise at the broker's, whatever it asks for.
pub(super) fn keeps_asked_price(instrument: &Instrument) -> bool {
    !matches!(instrument.trading.execution, Execution::Market | Execution::Exchange)
}

/// Is a position near one of its stops, where nothing about it may be changed?
pub(super) fn check_freeze(listing: &Listing, position: &Position) -> Result<(), Retcode> {
    let price = listing.closing_price(position.side).ok_or(Retcode::PRICE_OFF)?;
    let stops = Stops { stop_loss: position.stop_loss, take_profit: position.take_profit };
    if stops.are_frozen(&listing.instrument, price) { Err(Retcode::FROZEN) } else { Ok(()) }
}

impl Terminal {
    /// Does the volume limit leave room for so many lots more of this side, pending orders included?
    pub(super) fn check_volume_limit(
        &self,
        instrument: &Instrument,
        side: Side,
        more: Lots,
    ) -> Result<(), Retcode> {
        let most = instrument.trading.volume_limit;
        if !most.is_positive() {
            return Ok(());
        }
        let held = self
            .positions
            .iter()
            .map(|open| (open.position.symbol, open.position.side, open.position.lots))
            .chain(self.waiting.iter().map(|order| (order.symbol, order.side, order.lots)))
            .filter(|(symbol, of_side, _)| *symbol == instrument.symbol && *of_side == side)
            .fold(Lots::ZERO, |sum, (_, _, lots)| sum.saturating_add(lots));
        if held.saturating_add(more) > most { Err(Retcode::LIMIT_VOLUME) } else { Ok(()) }
    }

    /// The checks of an opening at market that the symbol's rules ask for.
    pub(super) fn check_opening_rules(
        &self,
        instrument: &Instrument,
        request: &OrderRequest,
        side: Side,
        effect: Effect,
        stops: Stops,
    ) -> Result<(), Retcode> {
        check_filling(instrument, request.filling)?;
        let at_market = instrument.trading.execution == Execution::Market;
        if at_market && self.settings.stops_after_opening && stops != Stops::NONE {
            return Err(Retcode::INVALID_STOPS);
        }
        let more = match effect {
            Effect::Opens | Effect::Adds(_) => request.lots,
            Effect::Reduces(_) => return Ok(()),
            Effect::Reverses(ticket) => {
                let held = self.positions.get(ticket).map_or(Lots::ZERO, |open| open.position.lots);
                request.lots.saturating_sub(held)
            }
        };
        self.check_volume_limit(instrument, side, more)
    }
}
