//! The master's own hand.

use lotbridge::domain::{Filling, Magic, OrderAction, OrderRequest, OrderResult, Price, ServerTime, Side};

use super::Desk;
use crate::accounts::MASTER;

/// A market order without stops.
pub const fn open(side: Side) -> OrderAction {
    OrderAction::Open { side, stop_loss: None, take_profit: None }
}

impl Desk {
    /// An order of the master's own hand.
    pub fn trade(&mut self, action: OrderAction, lots: &str) -> OrderResult {
        let result = self.send(action, lots);
        self.show(MASTER);
        result
    }

    /// Orders of the master's own hand that its terminal shows all together; their tickets.
    pub fn trade_at_once(&mut self, actions: impl IntoIterator<Item = OrderAction>, lots: &str) -> Vec<u64> {
        let tickets = actions.into_iter().map(|action| self.send(action, lots).ticket).collect();
        self.show(MASTER);
        tickets
    }

    fn send(&mut self, action: OrderAction, lots: &str) -> OrderResult {
        let master = self.accounts.get_mut(&MASTER).unwrap();
        let symbol = master.snapshot(ServerTime(0)).instruments[0].symbol;
        let request = OrderRequest {
            symbol,
            action,
            lots: lots.parse().unwrap(),
            price: Price::ZERO,
            deviation_points: 0,
            magic: Magic(0),
            filling: Filling::default(),
        };
        let result = master.order_send(self.now, &request).result;
        assert_eq!(result.retcode.0, 10009, "{request:?}: {result:?}");
        result
    }

    pub fn buy(&mut self, lots: &str) -> u64 {
        self.trade(open(Side::Buy), lots).ticket
    }

    pub fn close(&mut self, ticket: u64, lots: &str) {
        self.trade(OrderAction::Close { ticket }, lots);
    }
}
