//! Market orders that the broker has accepted and still works on.

use super::account::Terminal;
use super::faults::Chance;
use crate::domain::{OrderAction, OrderRequest, Retcode, ServerTime, WorkingOrder};

/// The most market orders that wait after `PLACED`.
const ACCEPTED_MAX: usize = 10_000;

/// A market order that was answered with `PLACED`.
#[derive(Debug, Clone)]
pub(super) struct Accepted {
    order: WorkingOrder,
    request: OrderRequest,
    chance: Chance,
    /// It is executed at the first quote or passing of time from then on.
    due: ServerTime,
}

impl Terminal {
    /// Takes up an order at market to work on it for at least so long; its ticket is that of the position it may open. No
    /// order at market: `None`.
    pub(super) fn accept(
        &mut self,
        request: &OrderRequest,
        chance: Chance,
        for_ms: u32,
    ) -> Option<Result<(), Retcode>> {
        let side = match request.action {
            OrderAction::Open { side, .. } => side,
            OrderAction::Close { ticket } => match self.positions.get(ticket) {
                Some(open) => open.position.side.opposite(),
                None => return Some(Err(Retcode::POSITION_CLOSED)),
            },
            _ => return None,
        };
        if self.accepted.len() >= ACCEPTED_MAX {
            return Some(Err(Retcode::TOO_MANY_REQUESTS));
        }
        let OrderRequest { symbol, lots, magic, .. } = *request;
        let ticket = self.positions.take_identifier().0;
        let order = WorkingOrder { ticket, symbol, side, lots, magic };
        let due = ServerTime(self.clock.unwrap_or_default().0.saturating_add(for_ms.into()));
        self.accepted.push(Accepted { order, request: request.clone(), chance, due });
        Some(Ok(()))
    }

    /// Executes the accepted orders whose time has come.
    pub(super) fn execute_accepted(&mut self) {
        let now = self.clock.unwrap_or_default();
        let (due, waiting): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.accepted).into_iter().partition(|accepted| accepted.due <= now);
        self.accepted = waiting;
        for Accepted { order, request, chance, .. } in due {
            // Its sender had its answer: a refusal now is a position that does not come.
            let _result = self.execute(&request, chance, Some(order.ticket));
        }
    }

    /// Market orders that were answered with `PLACED` and are not executed yet.
    pub fn working(&self) -> impl Iterator<Item = &WorkingOrder> {
        self.accepted.iter().map(|accepted| &accepted.order)
    }
}
