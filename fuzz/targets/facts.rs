//! Plain accounts, so that what a fuzzer finds out has something to act on.

use lotbridge::domain::{
    Account, Comment, Instrument, Login, Magic, MarginMode, Money, Position, PositionId, Price, Ratio,
    ServerTime, Side, Snapshot, TradeRules, text,
};

/// An account of 10,000 USD that may trade one symbol, with as many positions of 0.10 lots.
pub fn account(login: u64, positions: u64) -> Snapshot {
    let money = Money::from_units(10_000 * Money::ONE);
    let price = Price::from_units(4_000 * Price::ONE);
    let ratio = |text: &str| text.parse::<Ratio>().expect("a number");
    let lots = |text: &str| text.parse().expect("lots");
    let symbol = text("XAUUSD").expect("a symbol");
    let position = |id| Position {
        id: PositionId(id),
        ticket: id,
        symbol,
        side: Side::Buy,
        lots: lots("0.10"),
        open_price: price,
        open_time: ServerTime(1_000),
        stop_loss: Some(Price::from_units(3_900 * Price::ONE)),
        take_profit: None,
        magic: Magic(0),
        comment: Comment::new(),
    };
    Snapshot {
        account: Account {
            login: Login(login),
            currency: text("USD").expect("a currency"),
            currency_digits: 2,
            margin_mode: MarginMode::Hedging,
            leverage: 100,
            connected: true,
            balance: money,
            equity: money,
            margin: Money::ZERO,
            free_margin: money,
            time: ServerTime(1_000),
        },
        instruments: vec![Instrument {
            symbol,
            digits: 2,
            contract_size: ratio("100"),
            tick_size: Price::from_units(Price::ONE / 100),
            tick_value: ratio("1"),
            lots_min: lots("0.01"),
            lots_max: lots("100"),
            lot_step: lots("0.01"),
            margin_per_lot: Money::from_units(4_000 * Money::ONE),
            stops_level_points: 0,
            bid: price,
            ask: price,
            trading: TradeRules::default(),
        }],
        rates: Vec::new(),
        positions: (1..=positions).map(position).collect(),
        deals: Vec::new(),
        orders: Vec::new(),
        past_orders: Vec::new(),
        working: Vec::new(),
    }
}
