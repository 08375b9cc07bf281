//! An order as the slave's EA gets it.

use super::constants::{LB_CANCEL, LB_CLOSE, LB_MODIFY, LB_MODIFY_PENDING, LB_OPEN, LB_PLACE};
use super::convert::{array, comment, double};
use super::structs::LbOrder;
use super::values::{Coded, expiration_code};
use crate::domain::{Lots, OrderAction, PendingTerms, Price};
use crate::replication::Order;

/// The struct of an order; `age_us`: since the master's change was handed over.
pub(super) fn order_struct(order: &Order, age_us: u64) -> LbOrder {
    let mut out = LbOrder {
        instruction: order.instruction.0,
        copy: order.copy.number(),
        magic: order.request.magic.0,
        age_us,
        lots: double(order.request.lots.units(), Lots::PLACES),
        filling: order.request.filling.code(),
        deviation_points: order.request.deviation_points,
        symbol: array(&order.request.symbol),
        comment: comment(order.copy),
        ..LbOrder::default()
    };
    match order.request.action {
        OrderAction::Open { side, stop_loss, take_profit } => {
            (out.action, out.side) = (LB_OPEN, side.code());
            (out.stop_loss, out.take_profit) = (none_or(stop_loss), none_or(take_profit));
        }
        OrderAction::Close { ticket } => (out.action, out.ticket) = (LB_CLOSE, ticket),
        OrderAction::Modify { ticket, stop_loss, take_profit } => {
            (out.action, out.ticket) = (LB_MODIFY, ticket);
            (out.stop_loss, out.take_profit) = (none_or(stop_loss), none_or(take_profit));
        }
        OrderAction::Place { side, kind, terms } => {
            (out.action, out.side, out.kind) = (LB_PLACE, side.code(), kind.code());
            out.set_terms(&terms);
        }
        OrderAction::ModifyPending { ticket, terms } => {
            (out.action, out.ticket) = (LB_MODIFY_PENDING, ticket);
            out.set_terms(&terms);
        }
        OrderAction::Cancel { ticket } => (out.action, out.ticket) = (LB_CANCEL, ticket),
    }
    out
}

/// A price that may be absent: 0.
fn none_or(price: Option<Price>) -> f64 {
    price.map_or(0.0, |price| double(price.units(), Price::PLACES))
}

impl LbOrder {
    fn set_terms(&mut self, terms: &PendingTerms) {
        self.price = none_or(Some(terms.price));
        self.limit_price = none_or(terms.limit_price);
        (self.stop_loss, self.take_profit) = (none_or(terms.stop_loss), none_or(terms.take_profit));
        (self.expiration, self.expiration_ms) = expiration_code(terms.expiration);
    }
}
