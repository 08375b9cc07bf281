//! Two masters for one slave account: each has its own copies there, told apart by the magic alone.
#![cfg(unix)]

use std::path::Path;
use std::time::{Duration, Instant};

use lotbridge::domain::{
    Filling, Instrument, Login, Lots, Magic, MarginMode, Money, OrderAction, OrderRequest, OrderResult,
    Price, ServerTime, Side, Signature, TradeRules, text,
};
use lotbridge::ffi::ea::{MasterEa, SlaveEa, Waited, exact_lots};
use lotbridge::ffi::{LB_BUY, LB_CLOSE, LB_OPEN, LbOrder};
use lotbridge::terminal::{Faults, Terminal, TerminalSettings};
use serde_json::json;

const NOW: ServerTime = ServerTime(1_000_000);
const SLAVE: u64 = 2001;
const MASTERS: [u64; 2] = [1001, 1002];

/// Either master's copies are half of its own lots.
fn config(folder: &Path, master: u64) -> String {
    let config = json!({
        "master": {"login": master, "currency": "USD", "endpoint_dir": folder.join("run"), "state_dir": folder,
                   "deviation_points": 100, "doubt_ms": 300},
        "secret": "s",
        "pools": [{"name": "p", "allocation": {"method": "multiplier"}, "members": [{"login": SLAVE, "profile": "0.5"}]}],
    });
    config.to_string()
}

fn terminal(login: u64, margin_mode: MarginMode) -> Terminal {
    let mut terminal = Terminal::new(TerminalSettings {
        login: Login(login),
        currency: text("USD").unwrap(),
        currency_digits: 2,
        margin_mode,
        leverage: 100,
        opening_balance: "100000".parse().unwrap(),
        seed: login,
        slippage_points_max: 0,
        delay_ms_max: 0,
        stop_out_percent: None,
        pending_orders_max: 0,
        stops_after_opening: false,
        sessions: Vec::new(),
        faults: Faults::default(),
    })
    .unwrap();
    let gold = Instrument {
        symbol: text("XAUUSD").unwrap(),
        digits: 2,
        contract_size: "100".parse().unwrap(),
        tick_size: "0.01".parse().unwrap(),
        tick_value: "1".parse().unwrap(),
        lots_min: "0.01".parse().unwrap(),
        lots_max: "100".parse().unwrap(),
        lot_step: "0.01".parse().unwrap(),
        margin_per_lot: Money::ZERO,
        stops_level_points: 0,
        bid: Price::ZERO,
        ask: Price::ZERO,
        trading: TradeRules::default(),
    };
    terminal.add_instrument(gold).unwrap();
    let price = "2000".parse().unwrap();
    terminal.quote(NOW, "XAUUSD", price, price).unwrap();
    terminal
}

fn trade(terminal: &mut Terminal, action: OrderAction, lots: &str, magic: Magic) -> OrderResult {
    let request = OrderRequest {
        symbol: text("XAUUSD").unwrap(),
        action,
        lots: lots.parse().unwrap(),
        price: Price::ZERO,
        deviation_points: 100,
        magic,
        filling: Filling::default(),
    };
    let result = terminal.order_send(NOW, &request).result;
    assert!(result.lots.is_positive(), "{result:?}");
    result
}

const fn open(side: Side) -> OrderAction {
    OrderAction::Open { side, stop_loss: None, take_profit: None }
}

/// What an order of a copier's is to a terminal.
fn action(order: &LbOrder) -> OrderAction {
    match order.action {
        LB_OPEN => open(if order.side == LB_BUY { Side::Buy } else { Side::Sell }),
        LB_CLOSE => OrderAction::Close { ticket: order.ticket },
        other => panic!("nobody asked for action {other}"),
    }
}

struct Account {
    terminal: Terminal,
    copiers: [SlaveEa; 2],
}

impl Account {
    fn hand_over(&self) {
        let state = self.terminal.snapshot(ServerTime(0));
        for copier in &self.copiers {
            copier.commit(&state).unwrap();
        }
    }

    /// Both masters' copiers work on the account until neither has had anything to do for a while.
    fn settle(&mut self) {
        let mut quiet_since = Instant::now();
        while quiet_since.elapsed() < Duration::from_millis(1_500) {
            for at in 0..2 {
                match self.copiers[at].wait(10).unwrap() {
                    Waited::Order(order) => {
                        let lots = exact_lots(order.lots).unwrap().to_string();
                        let result = trade(&mut self.terminal, action(&order), &lots, Magic(order.magic));
                        self.copiers[at].report(order.instruction, &result).unwrap();
                        self.hand_over();
                        quiet_since = Instant::now();
                    }
                    Waited::StateWanted => self.hand_over(),
                    Waited::Nothing => {}
                }
            }
        }
    }

    /// What each master's copies came to, by their deals' magics: bought less sold.
    fn held(&self) -> [Lots; 2] {
        MASTERS.map(|master| {
            let signature = Signature::of_master(Login(master));
            let deals = self.terminal.deals().iter().filter(|deal| deal.magic.copy(signature).is_some());
            deals.fold(Lots::ZERO, |sum, deal| {
                let lots = Lots::from_units(deal.side.sign() * deal.lots.units());
                sum.saturating_add(lots)
            })
        })
    }

    fn net(&self) -> Lots {
        let positions = self.terminal.positions().map(|open| &open.position);
        let signed = positions.map(|position| position.side.sign() * position.lots.units());
        Lots::from_units(signed.sum())
    }
}

fn lots(both: [&str; 2]) -> [Lots; 2] {
    both.map(|lots| lots.parse().unwrap())
}

#[test]
fn each_masters_copies_are_its_own() {
    for margin_mode in [MarginMode::Hedging, MarginMode::Netting] {
        let folder = tempfile::tempdir().unwrap();
        let configs = MASTERS.map(|master| config(folder.path(), master));
        let mut masters = MASTERS.map(|login| terminal(login, MarginMode::Hedging));
        let eas = [0, 1].map(|at| MasterEa::open(&configs[at]).unwrap());
        let copiers = [0, 1].map(|at| SlaveEa::open(&configs[at], SLAVE).unwrap());
        let mut account = Account { terminal: terminal(SLAVE, margin_mode), copiers };
        let commit = |masters: &[Terminal; 2]| {
            (0..2).for_each(|at| eas[at].commit(&masters[at].snapshot(ServerTime(0))).unwrap());
        };
        commit(&masters);
        account.hand_over();
        account.settle();

        // Against each other: the first buys, the second sells; both positions have the same ticket.
        let bought = trade(&mut masters[0], open(Side::Buy), "0.40", Magic(0));
        let sold = trade(&mut masters[1], open(Side::Sell), "0.20", Magic(0));
        assert_eq!(bought.ticket, sold.ticket, "only the signature tells them apart");
        commit(&masters);
        account.settle();
        assert_eq!(account.held(), lots(["0.20", "-0.10"]), "{margin_mode:?}");

        trade(&mut masters[0], OrderAction::Close { ticket: bought.ticket }, "0.20", Magic(0));
        commit(&masters);
        account.settle();
        assert_eq!(account.held(), lots(["0.10", "-0.10"]), "{margin_mode:?}");
        assert!(account.net().is_zero());

        trade(&mut masters[0], OrderAction::Close { ticket: bought.ticket }, "0.20", Magic(0));
        commit(&masters);
        account.settle();
        assert_eq!(account.held(), lots(["0.00", "-0.10"]), "{margin_mode:?}");
        assert_eq!(account.net(), "-0.10".parse().unwrap());

        trade(&mut masters[1], OrderAction::Close { ticket: sold.ticket }, "0.20", Magic(0));
        commit(&masters);
        account.settle();
        assert_eq!(account.held(), [Lots::ZERO; 2], "{margin_mode:?}");
        assert_eq!(account.terminal.positions().count(), 0);
    }
}
