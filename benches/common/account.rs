//! An account that keeps only what the benchmark needs: its open positions, and the deals of the one closed last.

use lotbridge::domain::{
    Account, Comment, Deal, DealEntry, Instrument, Login, Lots, Magic, MarginMode, Money, Position,
    PositionId, Price, Ratio, ServerTime, Side, Snapshot, TradeRules, text,
};

use super::Outcome;

const SYMBOL: &str = "XAUUSD";
/// Trade-server time, in milliseconds since 1970: it stands still, so that no position is ever late.
const TIME_MS: i64 = 1_760_000_000_000;

/// An account on which every order is filled at the quote.
#[derive(Debug)]
pub struct Book {
    state: Snapshot,
    last_ticket: u64,
}

impl Book {
    /// An account of 100,000 USD without positions, which may trade one symbol.
    pub fn new(login: u64) -> Outcome<Self> {
        let money = Money::from_units(100_000 * Money::ONE);
        let account = Account {
            login: Login(login),
            currency: text("USD")?,
            currency_digits: 2,
            margin_mode: MarginMode::Hedging,
            leverage: 100,
            connected: true,
            balance: money,
            equity: money,
            margin: Money::ZERO,
            free_margin: money,
            time: ServerTime(TIME_MS),
        };
        let instrument = Instrument {
            symbol: text(SYMBOL)?,
            digits: 2,
            contract_size: "100".parse::<Ratio>()?,
            tick_size: "0.01".parse()?,
            tick_value: "1".parse()?,
            lots_min: "0.01".parse()?,
            lots_max: "100".parse()?,
            lot_step: "0.01".parse()?,
            margin_per_lot: "4000".parse()?,
            stops_level_points: 0,
            bid: "4000.00".parse()?,
            ask: "4000.20".parse()?,
            trading: TradeRules::default(),
        };
        let state = Snapshot {
            account,
            instruments: vec![instrument],
            rates: Vec::new(),
            positions: Vec::new(),
            deals: Vec::new(),
            orders: Vec::new(),
            past_orders: Vec::new(),
            working: Vec::new(),
        };
        Ok(Self { state, last_ticket: 0 })
    }

    /// What the terminal would hand over.
    pub const fn state(&self) -> &Snapshot {
        &self.state
    }

    /// Buys; the position's identifier, which is its ticket and its opening deal's.
    pub fn open(&mut self, lots: Lots, magic: Magic) -> Outcome<u64> {
        self.last_ticket += 1;
        let instrument = self.state.instruments.first().ok_or("the account has an instrument")?;
        let (symbol, open_price) = (instrument.symbol, instrument.ask);
        let stop = |points: i64| Some(Price::from_units(open_price.units() + points * Price::ONE));
        self.state.positions.push(Position {
            id: PositionId(self.last_ticket),
            ticket: self.last_ticket,
            symbol,
            side: Side::Buy,
            lots,
            open_price,
            open_time: ServerTime(TIME_MS),
            stop_loss: stop(-20),
            take_profit: stop(40),
            magic,
            comment: Comment::new(),
        });
        Ok(self.last_ticket)
    }

    /// Closes a position; its lots.
    pub fn close(&mut self, ticket: u64) -> Outcome<Lots> {
        let positions = &mut self.state.positions;
        let at = positions.iter().position(|p| p.ticket == ticket).ok_or("no such position")?;
        let position = positions.remove(at);
        self.last_ticket += 1;
        let deal = |ticket, entry, side| Deal {
            ticket,
            position: position.id,
            symbol: position.symbol,
            side,
            entry,
            lots: position.lots,
            price: position.open_price,
            time: ServerTime(TIME_MS),
            magic: position.magic,
            commission: Money::ZERO,
            swap: Money::ZERO,
            profit: Money::ZERO,
        };
        self.state.deals = vec![
            deal(position.ticket, DealEntry::In, Side::Buy),
            deal(self.last_ticket, DealEntry::Out, Side::Sell),
        ];
        Ok(position.lots)
    }
}
