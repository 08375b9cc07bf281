//! Random masters, accounts, pools and members, from the ordinary to the odd.

use lotbridge::allocation::formula::Formula;
use lotbridge::allocation::{
    AccountRules, Conversion, Excess, Exposure, FixedPer, LateCopies, Limits, Member, Method, PendingRules,
    Pool, PoolFilter, Residual, Rounding, SlaveFacts, StopsAt, WeightKind,
};
use lotbridge::domain::{
    Account, BasisPoints, Currency, Instrument, Login, Lots, MarginMode, Money, PoolTag, Price, Ratio,
    ServerTime, TradeRules, text,
};

use crate::auditor::random::Random;

/// Formulas that the auditor knows how to work out itself, see [`super::every_allocation`].
pub const FORMULAS: [&str; 4] = [
    "master_lots * equity / master_equity * profile",
    "min(master_lots * 2, 0.75)",
    "balance / 10000 * 0.01 - 0.05",
    "if equity > 25000 { lots_min * 3 } else { 0 }",
];

/// One slave account with everything that sizing asks for.
pub struct Slave {
    pub account: Account,
    pub instrument: Instrument,
    pub conversion: Option<Conversion>,
    pub symbol_factor: Ratio,
    pub exposure: Exposure,
    pub rules: AccountRules,
    pub credit: i64,
    pub member: Member,
}

impl Slave {
    pub fn facts(&self) -> SlaveFacts<'_> {
        SlaveFacts {
            account: &self.account,
            instrument: &self.instrument,
            conversion: self.conversion,
            symbol_factor: self.symbol_factor,
            exposure: self.exposure,
            rules: &self.rules,
            credit: self.credit,
        }
    }
}

/// One trade of a master.
pub struct Master {
    pub account: Account,
    pub instrument: Instrument,
    pub lots: Lots,
    pub entry: Price,
    pub stop_loss: Option<Price>,
}

pub fn random_master(random: &mut Random) -> Master {
    let instrument = random_instrument(random, "EURUSD");
    let entry = Price::from_units(random.between(10_000, 300_000) * 1_000);
    let distance = random.between(-3_000, 3_000) * 1_000;
    Master {
        account: random_account(random, 1),
        lots: random_lots(random),
        entry,
        stop_loss: (!random.once_in(8)).then(|| Price::from_units((entry.units() - distance).max(1_000))),
        instrument,
    }
}

/// Hundredths of a lot mostly, thousandths sometimes, now and then a very large volume.
fn random_lots(random: &mut Random) -> Lots {
    let units = match random.below(6) {
        0 => random.between(1, 10) * 1_000_000,
        1..=3 => random.between(1, 1_000) * 1_000_000,
        4 => random.between(1, 5_000) * 100_000,
        _ => random.between(1, 50_000) * 10_000_000,
    };
    Lots::from_units(units)
}

pub fn random_slave(random: &mut Random, login: u64, pool: &Pool) -> Slave {
    let mut instrument = random_instrument(random, "EURUSD.s");
    instrument.trading.volume_limit = some_volume_limit(login);
    let rules = AccountRules {
        rounding: random.pick(&[Rounding::Down, Rounding::Nearest, Rounding::RaiseToMinimum]),
        max_risk_multiple: Ratio::from_units(random.pick(&[1, 2, 5, 5, 5, 100]) * Ratio::ONE),
        limits: random_limits(random),
        require_stop_loss: false,
        ..AccountRules::default()
    };
    Slave {
        account: random_account(random, login),
        instrument,
        conversion: random_conversion(random),
        symbol_factor: some_factor(login),
        exposure: Exposure {
            symbol_lots: Lots::from_units(random.between(0, 300) * 1_000_000),
            direction_lots: Lots::from_units(i64::try_from(login % 200).unwrap() * 1_000_000),
            total_lots: Lots::from_units(random.between(300, 900) * 1_000_000),
            copies: u32::try_from(random.below(8)).unwrap(),
        },
        rules,
        credit: if random.once_in(3) { 0 } else { random.between(-1_000_000, 1_000_000) },
        member: random_member(random, login, pool),
    }
}

fn random_member(random: &mut Random, login: u64, pool: &Pool) -> Member {
    let by_weight = |kind| uses(&pool.method, kind);
    let profile = match random.below(4) {
        0 | 1 => 10_000,
        2 => random.pick(&[2_500, 5_000, 15_000, 20_000, 0, 33_333]),
        _ => u32::try_from(random.between(1, 40_000)).unwrap(),
    };
    let part = |random: &mut Random| BasisPoints::from_units(u32::try_from(random.below(1_000_000)).unwrap());
    Member {
        login: Login(login),
        profile: BasisPoints::from_units(profile),
        lots: matches!(pool.method, Method::FixedLots { .. }).then(|| random_lots(random)),
        percent: by_weight(WeightKind::Percent).then(|| part(random)),
        weight: by_weight(WeightKind::RiskWeight).then(|| part(random)),
    }
}

/// Does the method make weights of this kind?
pub fn uses(method: &Method, kind: WeightKind) -> bool {
    match method {
        Method::Block { by, .. } => *by == kind,
        Method::Hybrid { blend, .. } => blend.iter().any(|(part, _)| *part == kind),
        _ => false,
    }
}

fn random_conversion(random: &mut Random) -> Option<Conversion> {
    match random.below(12) {
        0 => None,
        1..=5 => Some(Conversion::SAME),
        6..=8 => Some(Conversion {
            rate: Ratio::from_units(random.between(50_000, 200_000) * 1_000),
            inverse: random.once_in(2),
        }),
        _ => Some(Conversion {
            rate: Ratio::from_units(random.between(1, 200_000_000_000)),
            inverse: random.once_in(2),
        }),
    }
}

/// One mostly; by the login.
fn some_factor(login: u64) -> Ratio {
    let factor = match login % 16 {
        0 => "0.1",
        3 => "10",
        6 => "0.01",
        9 => "2.5",
        12 => "0.5",
        _ => "1",
    };
    factor.parse().unwrap()
}

/// Seldom, by the login: the broker's limit on one direction, in hundredths of a lot.
fn some_volume_limit(login: u64) -> Lots {
    let hundredths = if login % 7 == 5 { 1 + login % 500 } else { 0 };
    Lots::from_units(i64::try_from(hundredths).unwrap() * 1_000_000)
}

fn random_limits(random: &mut Random) -> Limits {
    let mut lots = |most: i64| {
        random
            .once_in(5)
            .then(|| Lots::from_units(random.between(0, most) * 1_000_000 + random.between(0, 2) * 500_000))
    };
    let (lots_per_trade, lots_per_symbol, lots_total) = (lots(300), lots(600), lots(2_000));
    Limits {
        lots_per_trade,
        lots_per_symbol,
        lots_total,
        open_copies: random.once_in(20).then(|| u32::try_from(random.below(10)).unwrap()),
        margin_buffer_percent: random
            .once_in(5)
            .then(|| Ratio::from_units(random.between(0, 120) * Ratio::ONE / 2)),
    }
}

fn random_instrument(random: &mut Random, symbol: &str) -> Instrument {
    let step = random.pick(&[
        1_000_000,
        1_000_000,
        1_000_000,
        10_000_000,
        100_000,
        100_000_000,
        5_000_000,
        3_000_000,
    ]);
    let lots_min = match random.below(6) {
        0..=3 => step,
        4 => step * random.between(2, 20),
        _ => random.between(1, 4) * 500_000,
    };
    let lots_max = match random.below(4) {
        0 => step * random.between(1, 200),
        1 => 5_050_000_000,
        _ => 50_000_000_000,
    };
    let tick_value = match random.below(3) {
        0 => Ratio::ONE,
        1 => random.between(1, 500_000_000),
        _ => 67_432_100,
    };
    Instrument {
        symbol: text(symbol).unwrap(),
        digits: 5,
        contract_size: Ratio::from_units(
            random.pick(&[100_000, 100_000, 100_000, 100, 1_000, 10_000, 62_500]) * Ratio::ONE,
        ),
        tick_size: Price::from_units(random.pick(&[1_000, 1_000, 1_000, 5_000, 25_000])),
        tick_value: Ratio::from_units(tick_value),
        lots_min: Lots::from_units(lots_min),
        lots_max: Lots::from_units(lots_max.max(lots_min)),
        lot_step: Lots::from_units(step),
        margin_per_lot: Money::from_units(if random.once_in(4) {
            0
        } else {
            random.between(100_000_000, 3_000_000_000)
        }),
        stops_level_points: 0,
        bid: Price::from_units(108_340_000),
        ask: Price::from_units(108_350_000),
        trading: TradeRules::default(),
    }
}

fn random_account(random: &mut Random, login: u64) -> Account {
    let balance = random_money(random);
    let equity = if random.once_in(3) { balance } else { random_money(random) };
    let currency: Currency = text("USD").unwrap();
    Account {
        login: Login(login),
        currency,
        currency_digits: u8::try_from(random.pick(&[2, 2, 2, 0, 3])).unwrap(),
        margin_mode: MarginMode::Hedging,
        leverage: random.pick(&[30, 100, 100, 200, 500]),
        connected: true,
        balance,
        equity,
        margin: Money::ZERO,
        free_margin: if random.once_in(2) { equity } else { random_money(random) },
        time: ServerTime(0),
    }
}

/// Cents mostly; millionths, nothing and debts seldom.
fn random_money(random: &mut Random) -> Money {
    Money::from_units(match random.below(40) {
        0 => 0,
        1 => -random.between(1, 1_000_000) * 10_000,
        2..=4 => random.between(1, 100_000_000_000),
        5..=14 => random.between(1, 100) * 1_000_000_000,
        15..=17 => random.between(1, 100_000_000_000) * 10_000,
        _ => random.between(10_000, 20_000_000) * 10_000,
    })
}

/// A pool of one of the methods that look at each account alone.
pub fn random_pool(random: &mut Random) -> Pool {
    let method = match random.below(8) {
        0 => Method::FixedLots { per: random.pick(&[FixedPer::Trade, FixedPer::MasterLot]) },
        1 => Method::Multiplier,
        2 => Method::BalanceRatio,
        3 => Method::EquityRatio,
        4 => Method::FreeMarginRatio,
        5 | 6 => Method::RiskPercent { percent: Ratio::from_units(random.between(1, 500) * 1_000_000) },
        _ => Method::Formula(Formula::compile(random.pick(&FORMULAS)).unwrap()),
    };
    pool(random, method)
}

/// A pool that shares blocks.
pub fn random_block_pool(random: &mut Random) -> Pool {
    const KINDS: [WeightKind; 5] = [
        WeightKind::Equity,
        WeightKind::Balance,
        WeightKind::Percent,
        WeightKind::Equal,
        WeightKind::RiskWeight,
    ];
    let block_multiplier = Ratio::from_units(match random.below(4) {
        0 | 1 => Ratio::ONE,
        2 => random.between(1, 50) * Ratio::ONE,
        _ => random.between(1, 1_000) * 1_234_500,
    });
    let residual = random.pick(&[Residual::LargestRemainder, Residual::LargestAccount, Residual::Carry]);
    let excess = random.pick(&[Excess::Others, Excess::Remainder]);
    let method = if random.once_in(3) {
        let first = u32::try_from(random.between(1, 9_999)).unwrap();
        let start = usize::try_from(random.below(5)).unwrap();
        let other = (start + 1 + usize::try_from(random.below(4)).unwrap()) % 5;
        let blend = vec![
            (KINDS[start], BasisPoints::from_units(first)),
            (KINDS[other], BasisPoints::from_units(10_000 - first)),
        ];
        Method::Hybrid { blend, block_multiplier, residual, excess }
    } else {
        Method::Block { by: random.pick(&KINDS), block_multiplier, residual, excess }
    };
    pool(random, method)
}

fn pool(random: &mut Random, method: Method) -> Pool {
    Pool {
        name: "pool".to_owned(),
        tag: PoolTag::of_name("pool"),
        filter: PoolFilter::default(),
        method,
        members: Vec::new(),
        late_copies: LateCopies::default(),
        pending: PendingRules::default(),
        reverse: false,
        stops: StopsAt::default(),
        contract_size: !random.once_in(4),
        leverage: !random.once_in(4),
    }
}
