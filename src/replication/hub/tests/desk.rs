//! A terminal whose states a script dictates.

use super::*;

/// A terminal whose states the script dictates.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) snapshot: Snapshot,
    /// Positions that are there and not shown.
    pub(super) hidden: Vec<Position>,
    pub(super) tickets: u64,
    /// So many deals were made.
    pub(super) deals: u64,
    pub(super) last: Option<(InstructionId, CopyId)>,
    pub(super) guard: GuardReport,
}

impl Desk {
    pub(super) fn new(login: Login) -> Self {
        let money = |amount: i64| Money::from_units(amount * Money::ONE);
        let account = Account {
            login,
            currency: text("USD").unwrap(),
            currency_digits: 2,
            margin_mode: MarginMode::Hedging,
            leverage: 100,
            connected: true,
            balance: money(10_000),
            equity: money(10_000),
            margin: money(0),
            free_margin: money(10_000),
            time: ServerTime(0),
        };
        let gold = Instrument {
            symbol: text("XAUUSD").unwrap(),
            digits: 2,
            contract_size: of("100"),
            tick_size: of("0.01"),
            tick_value: of("1"),
            lots_min: of("0.01"),
            lots_max: of("50"),
            lot_step: of("0.01"),
            margin_per_lot: Money::ZERO,
            stops_level_points: 0,
            bid: of("2000"),
            ask: of("2000"),
            trading: TradeRules::default(),
        };
        let (rates, positions, deals) = (Vec::new(), Vec::new(), Vec::new());
        let (orders, past_orders) = (Vec::new(), Vec::new());
        let snapshot = Snapshot {
            account,
            instruments: vec![gold],
            rates,
            positions,
            deals,
            orders,
            past_orders,
            working: Vec::new(),
        };
        Self { snapshot, hidden: Vec::new(), tickets: 0, deals: 0, last: None, guard: GuardReport::default() }
    }

    /// Opens a position, with its deal.
    pub(super) fn open(&mut self, id: u64, side: Side, lots: Lots, magic: Magic) {
        let position = Position {
            id: PositionId(id),
            ticket: id,
            symbol: text("XAUUSD").unwrap(),
            side,
            lots,
            open_price: of("2000"),
            open_time: self.snapshot.account.time,
            stop_loss: None,
            take_profit: None,
            magic,
            comment: Comment::new(),
        };
        self.deal(&position, DealEntry::In, lots);
        self.snapshot.positions.push(position);
    }

    pub(super) fn deal(&mut self, position: &Position, entry: DealEntry, lots: Lots) {
        // A number is given once, though its deal may be gone from the list.
        self.deals += 1;
        self.snapshot.deals.push(Deal {
            ticket: self.deals,
            position: position.id,
            symbol: position.symbol,
            side: position.side,
            entry,
            lots,
            price: of("2000"),
            time: self.snapshot.account.time,
            magic: position.magic,
            commission: Money::ZERO,
            swap: Money::ZERO,
            profit: Money::ZERO,
        });
    }

    /// Closes down to `lots`, with the deal; nothing closes it.
    pub(super) fn reduce(&mut self, at: usize, lots: Lots) {
        let position = self.snapshot.positions[at].clone();
        let closed = position.lots.saturating_sub(lots);
        if closed.is_positive() {
            self.deal(&position, DealEntry::Out, closed);
        }
        self.snapshot.positions[at].lots = lots;
        self.snapshot.positions.retain(|p| p.lots.is_positive());
    }

    pub(super) fn place(&self, is: impl Fn(&Position) -> bool) -> Option<usize> {
        self.snapshot.positions.iter().position(is)
    }

    /// The trade server still works on an order at market: its number, and what is left of it.
    pub(super) fn work_on(&mut self, what: &[&str]) {
        self.snapshot.working.clear();
        if let [ticket, lots] = what {
            let (symbol, side, magic) = (text("XAUUSD").unwrap(), Side::Buy, Magic(0));
            self.snapshot.working.push(WorkingOrder {
                ticket: of(ticket),
                symbol,
                side,
                lots: of(lots),
                magic,
            });
        }
    }
}
