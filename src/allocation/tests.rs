//! Factors between symbols: what a method wants, in lots of the slave's own symbol.

use super::*;
use crate::domain::{Login, MarginMode, Money, PoolTag, ServerTime, TradeRules};

fn of<T: std::str::FromStr<Err: std::fmt::Debug>>(value: &str) -> T {
    value.parse().unwrap()
}

fn account() -> Account {
    Account {
        login: Login(1),
        currency: text("USD").unwrap(),
        currency_digits: 2,
        margin_mode: MarginMode::Hedging,
        leverage: 100,
        connected: true,
        balance: of("10000"),
        equity: of("10000"),
        margin: Money::ZERO,
        free_margin: of("10000"),
        time: ServerTime(0),
    }
}

fn instrument(contract_size: &str) -> Instrument {
    Instrument {
        symbol: text("DJ30").unwrap(),
        digits: 2,
        contract_size: of(contract_size),
        tick_size: of("0.01"),
        tick_value: of("0.01"),
        lots_min: of("0.01"),
        lots_max: of("100"),
        lot_step: of("0.01"),
        margin_per_lot: Money::ZERO,
        stops_level_points: 0,
        bid: of("40000"),
        ask: of("40000"),
        trading: TradeRules::default(),
    }
}

fn member(login: u64) -> Member {
    Member {
        login: Login(login),
        profile: BasisPoints::ONE,
        lots: Some(of("0.40")),
        percent: None,
        weight: None,
    }
}

fn pool(method: Method) -> Pool {
    Pool {
        name: "a".to_owned(),
        tag: PoolTag(1),
        filter: PoolFilter::default(),
        method,
        members: Vec::new(),
        late_copies: LateCopies::default(),
        contract_size: true,
        leverage: true,
        pending: PendingRules::default(),
        reverse: false,
        stops: StopsAt::default(),
    }
}

#[test]
fn every_method_is_multiplied() {
    let (account, master, rules) = (account(), instrument("10"), AccountRules::default());
    let trade = Trade {
        lots: of("2"),
        entry: of("40000"),
        stop_loss: Some(of("39900")),
        account: &account,
        instrument: &master,
    };
    let formula = Method::Formula(formula::Formula::compile("master_lots / 4").unwrap());
    for (method, contract_size, factor, lots) in [
        (Method::FixedLots { per: FixedPer::Trade }, "1", "0.1", "0.04"),
        (Method::FixedLots { per: FixedPer::MasterLot }, "1", "10", "8"),
        (Method::Multiplier, "10", "0.1", "0.2"),
        (Method::Multiplier, "1", "0.1", "2"),
        (Method::EquityRatio, "10", "0.333", "0.66"),
        (Method::RiskPercent { percent: of("1") }, "1", "0.5", "0.5"),
        (formula, "1", "3", "1.5"),
        (Method::Multiplier, "10", "1", "2"),
    ] {
        let (own, pool) = (instrument(contract_size), pool(method));
        let (exposure, conversion) = (Exposure::default(), Some(Conversion::SAME));
        let symbol_factor = of(factor);
        let slave = SlaveFacts {
            account: &account,
            instrument: &own,
            conversion,
            symbol_factor,
            exposure,
            rules: &rules,
            credit: 0,
        };
        let decision = allocate_one(&pool, &member(2), &trade, &slave);
        assert_eq!(decision.lots(), of(lots), "{} × {factor}", pool.method.name());
        assert_eq!(decision.facts.symbol_factor, Some(symbol_factor).filter(|_| factor != "1"));
    }
}

#[test]
fn a_formula_sees_the_stop_and_the_rate() {
    let (account, instrument, rules) = (account(), instrument("10"), AccountRules::default());
    let pool = pool(Method::Formula(formula::Formula::compile("stop_distance / 1000 + rate").unwrap()));
    let exposure = Exposure::default();
    for (stop_loss, inverse, lots) in [
        (Some("39900"), false, "1.35"),
        (Some("40200"), false, "1.45"),
        (Some("39900"), true, "0.9"),
        (None, true, "0.8"),
    ] {
        let stop_loss = stop_loss.map(of);
        let trade = Trade {
            lots: of("2"),
            entry: of("40000"),
            stop_loss,
            account: &account,
            instrument: &instrument,
        };
        let slave = SlaveFacts {
            account: &account,
            instrument: &instrument,
            conversion: Some(Conversion { rate: of("1.25"), inverse }),
            symbol_factor: of("1"),
            exposure,
            rules: &rules,
            credit: 0,
        };
        let decision = allocate_one(&pool, &member(2), &trade, &slave);
        assert_eq!(decision.lots(), of(lots), "{stop_loss:?} {inverse}");
    }
}

#[test]
fn only_blocks_that_carry_have_credits() {
    for (residual, carries) in
        [(Residual::Carry, true), (Residual::LargestRemainder, false), (Residual::LargestAccount, false)]
    {
        let (by, block_multiplier, excess) = (WeightKind::Equal, Ratio::UNIT, Excess::Others);
        assert_eq!(Method::Block { by, block_multiplier, residual, excess }.carries(), carries);
    }
    assert!(!Method::Multiplier.carries());
}

#[test]
fn a_block_is_shared_in_the_masters_lots_and_rounded_in_the_members_own() {
    let (account, master, rules) = (account(), instrument("10"), AccountRules::default());
    let method = Method::Block {
        by: WeightKind::Equal,
        block_multiplier: Ratio::UNIT,
        residual: Residual::LargestRemainder,
        excess: Excess::Others,
    };
    let pool = pool(method);
    // The block, each member's contract size and factor, its lots, what is left of the block.
    for (block, members, left) in [
        ("3", [("10", "1", "1"), ("10", "0.1", "0.1"), ("10", "10", "10")], "0"),
        ("3", [("1", "1", "10"), ("1", "0.1", "1"), ("100", "5", "0.5")], "0"),
        // A step of the second is 0.10 of the master's lots: it does not fit into the last 0.04.
        ("1", [("10", "1", "0.34"), ("10", "0.1", "0.03"), ("10", "1", "0.34")], "0.02"),
        ("0.06", [("10", "1", "0.02"), ("10", "0.1", "0"), ("10", "1", "0.02")], "0.02"),
        ("3", [("10", "0.3", "0.3"), ("10", "0.7", "0.7"), ("10", "2.5", "2.5")], "0"),
    ] {
        let trade = Trade {
            lots: of(block),
            entry: of("1"),
            stop_loss: None,
            account: &account,
            instrument: &master,
        };
        let own: Vec<Instrument> = members.iter().map(|(size, ..)| instrument(size)).collect();
        let people = [member(2), member(3), member(4)];
        let facts = people.iter().zip(&own).zip(members).map(|((member, instrument), (_, factor, _))| {
            let (exposure, conversion) = (Exposure::default(), Some(Conversion::SAME));
            let symbol_factor = of(factor);
            let slave = SlaveFacts {
                account: &account,
                instrument,
                conversion,
                symbol_factor,
                exposure,
                rules: &rules,
                credit: 0,
            };
            (member, Ok(slave))
        });
        let facts: Vec<_> = facts.collect();
        let shared = allocate_block(&pool, &trade, &facts, &mut block::Scratch::default());
        let lots: Vec<Lots> = shared.decisions.iter().map(Decision::lots).collect();
        assert_eq!(lots, members.map(|(.., lots)| of::<Lots>(lots)), "{block} {members:?}");
        assert_eq!(shared.remainder, Fraction::of_lots(of(left)), "{block} {members:?}");
    }
}

/// Raised to the minimum is what is too little, not what is nothing.
#[test]
fn nothing_is_below_the_minimum_and_not_too_risky() {
    let (rounding, instrument) = (Rounding::RaiseToMinimum, instrument("1"));
    let rules = AccountRules { rounding, ..AccountRules::default() };
    for (wanted, outcome) in [("0", Err(SkipReason::BelowMinimum)), ("0.01", Ok(of("0.01")))] {
        let rounded = rounding::round(Fraction::of_lots(of(wanted)), &[], &rules, &instrument);
        assert_eq!(rounded.outcome, outcome, "{wanted}");
    }
}

#[test]
fn a_loss_is_reached_when_something_was_lost() {
    for (reference, equity, reached) in [("100", "100", false), ("100", "99.99", true), ("100", "101", false)]
    {
        for loss in [Loss::Money(Money::ZERO), Loss::Percent(Ratio::ZERO)] {
            assert_eq!(loss.reached(of(reference), of(equity)), reached, "{loss:?}: {equity}");
        }
    }
}

#[test]
fn a_skip_for_want_of_facts_says_whose_it_is() {
    let member = Member { profile: of("0.7"), ..member(2) };
    let decision =
        Decision::without_facts(&pool(Method::Multiplier), &member, of("2"), SkipReason::NotConnected);
    assert_eq!((decision.facts.profile, decision.facts.master_lots), (of("0.7"), of("2")));
}

/// A blend does not make up for what one of its parts cannot be sized from.
#[test]
fn without_equity_or_percent_there_is_no_part_in_a_blend_with_it() {
    let (funded, master, rules) = (account(), instrument("1"), AccountRules::default());
    let without = Account { equity: Money::ZERO, ..account() };
    let trade =
        Trade { lots: of("1"), entry: of("1"), stop_loss: None, account: &funded, instrument: &master };
    let half: BasisPoints = of("0.5");
    let people = [("0.5", 2), ("0", 3)].map(|(percent, login)| {
        let percent: BasisPoints = of(percent);
        Member { percent: Some(percent), ..member(login) }
    });
    for (kind, second) in [(WeightKind::Equity, &without), (WeightKind::Percent, &funded)] {
        let pool = pool(Method::Hybrid {
            blend: vec![(kind, half), (WeightKind::Equal, half)],
            block_multiplier: Ratio::UNIT,
            residual: Residual::LargestRemainder,
            excess: Excess::Others,
        });
        let facts = people.iter().zip([&funded, second]).map(|(member, account)| {
            let (exposure, conversion) = (Exposure::default(), Some(Conversion::SAME));
            let slave = SlaveFacts {
                account,
                instrument: &master,
                conversion,
                symbol_factor: Ratio::UNIT,
                exposure,
                rules: &rules,
                credit: 0,
            };
            (member, Ok(slave))
        });
        let facts: Vec<_> = facts.collect();
        let shared = allocate_block(&pool, &trade, &facts, &mut block::Scratch::default());
        let shown: Vec<_> = shared.decisions.iter().map(|d| (d.lots(), d.skip)).collect();
        assert_eq!(shown, [(of("1"), None), (Lots::ZERO, Some(SkipReason::NothingToSizeFrom))], "{kind:?}");
    }
}
