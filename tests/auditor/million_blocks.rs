//! A million random blocks against the slow reference: zero differences, every sum conserved.

use std::fmt::Write as _;
use std::thread;

use lotbridge::allocation::block::{self, BlockError, MAX_CREDIT, Scratch};
use lotbridge::allocation::{Excess, Residual};
use lotbridge::domain::Login;
use num_bigint::BigInt;

use crate::auditor::random::Random;
use crate::auditor::sharing::{self, Outcome, Verdict, Whole, lcm};

const SEED: u64 = 20_260_301;
const CASES: u64 = 1_000_000;

/// One block to share.
#[derive(Debug, Clone)]
struct Case {
    block: u64,
    claims: Vec<block::Claim>,
    residual: Residual,
    excess: Excess,
}

/// What the cases met, so that a generator that became tame is noticed.
#[derive(Debug, Default, PartialEq, Eq)]
struct Met {
    cases: u64,
    accounts: u64,
    plain: u64,
    capped: u64,
    below_minimum: u64,
    no_weight: u64,
    remainders: u64,
    wide: u64,
    refused: u64,
}

#[test]
fn a_million_random_blocks_agree() {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(8) as u64;
    let workers: Vec<_> = (0..threads)
        .map(|worker| {
            thread::spawn(move || {
                let mut met = Met::default();
                let mut scratch = Scratch::default();
                for index in (worker..CASES).step_by(usize::try_from(threads).unwrap()) {
                    let case = random_case(index);
                    if let Err(problem) = check(&case, &mut scratch, &mut met) {
                        return Err(describe(index, &case, &problem));
                    }
                }
                Ok(met)
            })
        })
        .collect();
    let mut met = Met::default();
    for worker in workers {
        met.add(&worker.join().unwrap().unwrap_or_else(|failure| panic!("{failure}")));
    }
    println!("{met:?}");
    assert_eq!(met.cases, CASES);
    assert!(met.refused < CASES / 50, "too many blocks were refused: {met:?}");
    for (what, count, least) in [
        ("accounts", met.accounts, 10 * CASES),
        ("plain shares", met.plain, CASES),
        ("capped shares", met.capped, CASES / 10),
        ("shares below the minimum", met.below_minimum, CASES / 10),
        ("accounts without a weight", met.no_weight, CASES / 10),
        ("blocks with a remainder", met.remainders, CASES / 10),
        ("blocks beyond i128", met.wide, CASES / 100),
    ] {
        assert!(count >= least, "only {count} {what}: the cases do not try enough");
    }
}

/// The rules are the documented ones and not only those that the code happens to follow: small blocks, worked by
/// hand from the text.
#[test]
fn the_reference_follows_the_text() {
    let plain = |login, weight| sharing::Claim {
        login,
        weight: i128::from(weight),
        step: 1,
        min: 1,
        cap: None,
        credit: 0,
    };
    let units = |outcome: &Outcome<i128>| outcome.shares.iter().map(|share| share.units).collect::<Vec<_>>();
    // 10 by 1:1:1, one step left over: to the smaller login.
    let thirds = [plain(3, 1), plain(1, 1), plain(2, 1)];
    for residual in [Residual::LargestRemainder, Residual::LargestAccount, Residual::Carry] {
        assert_eq!(units(&sharing::share(&10, &thirds, residual, Excess::Others)), [3, 4, 3]);
    }
    // A cap of 2: the other two share 8, or 6.66 and so 6.
    let mut capped = thirds.clone();
    capped[1].cap = Some(2);
    let others = sharing::share(&10, &capped, Residual::LargestRemainder, Excess::Others);
    assert_eq!((units(&others), others.remainder), (vec![4, 2, 4], 0));
    let remainder = sharing::share(&10, &capped, Residual::LargestRemainder, Excess::Remainder);
    assert_eq!((units(&remainder), remainder.remainder), (vec![3, 2, 3], 2));
    // A minimum of 4: both fall out at 3, the one who stays takes all.
    let mut minimum = thirds.clone();
    (minimum[0].min, minimum[2].min) = (4, 4);
    let others = sharing::share(&10, &minimum, Residual::LargestRemainder, Excess::Others);
    assert_eq!(units(&others), [0, 10, 0]);
    // 1 by 7:3 with carry: 0.7 and 0.3 are due; the credits are what each is short of, or ahead.
    let pair = [plain(1, 7), plain(2, 3)];
    let carried = sharing::share(&1, &pair, Residual::Carry, Excess::Others);
    assert_eq!(units(&carried), [1, 0]);
    let credits: Vec<i128> = carried.shares.iter().map(|share| share.credit).collect();
    assert_eq!(credits, [-300_000, 300_000]);
    // 1 by 9:1, owed 0.5 and 0.6: the heavier is owed a whole step one unit later, the lighter four.
    let (mut heavy, mut light) = (plain(2, 9), plain(1, 1));
    (heavy.credit, light.credit) = (-400_000, 500_000);
    assert_eq!(units(&sharing::share(&1, &[heavy, light], Residual::Carry, Excess::Others)), [1, 0]);
}

impl Met {
    fn add(&mut self, other: &Self) {
        self.cases += other.cases;
        self.accounts += other.accounts;
        self.plain += other.plain;
        self.capped += other.capped;
        self.below_minimum += other.below_minimum;
        self.no_weight += other.no_weight;
        self.remainders += other.remainders;
        self.wide += other.wide;
        self.refused += other.refused;
    }
}

/// Shares the block both ways; answers what differs.
fn check(case: &Case, scratch: &mut Scratch, met: &mut Met) -> Result<(), String> {
    met.cases += 1;
    met.accounts += case.claims.len() as u64;
    let shared = match block::share(case.block, &case.claims, case.residual, case.excess, scratch) {
        Ok(shared) => shared,
        Err(BlockError::TooLarge { .. }) if may_be_refused(case) => {
            met.refused += 1;
            return Ok(());
        }
        Err(error) => return Err(format!("refused: {error}")),
    };
    let given: u128 = shared.shares.iter().map(|share| u128::from(share.units)).sum();
    if given + u128::from(shared.remainder) != u128::from(case.block) {
        return Err(format!("not conserved: {given} and the remainder {}", shared.remainder));
    }
    met.remainders += u64::from(shared.remainder > 0);
    let big = needs_big(case);
    met.wide += u64::from(big);
    let expected = if big { reference::<BigInt>(case) } else { reference::<i128>(case) };
    if expected.remainder != i128::from(shared.remainder) {
        return Err(format!("remainder {}, expected {}", shared.remainder, expected.remainder));
    }
    for ((claim, share), right) in case.claims.iter().zip(shared.shares).zip(&expected.shares) {
        let (verdict, count) = match share.verdict {
            block::Verdict::Plain => (Verdict::Plain, &mut met.plain),
            block::Verdict::Capped => (Verdict::Capped, &mut met.capped),
            block::Verdict::BelowMinimum => (Verdict::BelowMinimum, &mut met.below_minimum),
            block::Verdict::NoWeight => (Verdict::NoWeight, &mut met.no_weight),
        };
        *count += 1;
        let same = i128::from(share.units) == right.units
            && verdict == right.verdict
            && i128::from(share.new_credit) == right.credit;
        if !same {
            return Err(format!("account {}: {share:?}, expected {right:?}", claim.login));
        }
        bounds(claim, share)?;
    }
    Ok(())
}

/// What holds for every share, whoever is right about its size.
fn bounds(claim: &block::Claim, share: &block::Share) -> Result<(), String> {
    let whole_steps = share.units.is_multiple_of(claim.step);
    let within = share.units <= claim.cap && (share.units == 0 || share.units >= claim.min);
    if whole_steps && within && share.new_credit.abs() <= MAX_CREDIT {
        return Ok(());
    }
    Err(format!("account {}: {share:?} is outside of its bounds", claim.login))
}

/// The reference's answer in numbers that all fit `i128`.
fn reference<T: Whole + TryInto<i128>>(case: &Case) -> Outcome<i128> {
    let claims: Vec<sharing::Claim<T>> = case
        .claims
        .iter()
        .map(|claim| sharing::Claim {
            login: claim.login.0,
            weight: T::from(claim.weight),
            step: T::from(claim.step),
            min: T::from(claim.min),
            cap: (claim.cap != u64::MAX).then(|| T::from(claim.cap)),
            credit: T::from(claim.credit),
        })
        .collect();
    let outcome = sharing::share(&T::from(case.block), &claims, case.residual, case.excess);
    let fits = |number: T| number.try_into().ok().expect("units and credits fit 128 bits");
    Outcome {
        remainder: fits(outcome.remainder),
        shares: outcome
            .shares
            .into_iter()
            .map(|share| sharing::Share {
                units: fits(share.units),
                verdict: share.verdict,
                credit: fits(share.credit),
            })
            .collect(),
    }
}

/// Refused are only blocks that go beyond 128 bits: total weight times the steps' least common multiple (times a
/// million and a few steps with `Carry`), or block times total weight.
fn may_be_refused(case: &Case) -> bool {
    let owed = if case.residual == Residual::Carry { 24 } else { 0 };
    bits_of_scale(case) + owed > 127 || u128::from(case.block).checked_mul(total_weight(case)).is_none()
}

fn total_weight(case: &Case) -> u128 {
    case.claims.iter().map(|claim| u128::from(claim.weight)).sum()
}

/// Does `i128` hold the reference's numbers? They are at most block, largest credit (21 bits) or step times
/// weights, common multiple of the steps and a million (20 bits).
fn needs_big(case: &Case) -> bool {
    let block = 64 - u64::from(case.block.leading_zeros());
    let step = case.claims.iter().map(|claim| 64 - u64::from(claim.step.leading_zeros())).max().unwrap_or(0);
    block.max(22).max(step + 1) + bits_of_scale(case) + 20 > 124
}

/// Bits of the total weight times the steps' least common multiple, from above.
fn bits_of_scale(case: &Case) -> u64 {
    let bits = |number: u128| 128 - u64::from(number.leading_zeros());
    let common = case.claims.iter().fold(1_i128, |common, claim| lcm(&common, &i128::from(claim.step)));
    bits(total_weight(case)) + bits(common.unsigned_abs())
}

/// The failure, its smallest form and how to see it again.
fn describe(index: u64, case: &Case, problem: &str) -> String {
    let (smallest, problem) = shrink(case.clone(), problem.to_owned());
    let mut text = format!("case {index} of seed {SEED}: {problem}\n");
    let Case { block, claims, residual, excess } = &smallest;
    writeln!(text, "block {block}, {residual:?}, {excess:?}").unwrap();
    for claim in claims {
        writeln!(text, "  {claim:?}").unwrap();
    }
    text
}

/// Drops accounts and makes numbers plain as long as there is still something wrong, but not for ever.
fn shrink(mut case: Case, mut problem: String) -> (Case, String) {
    let wrong = |case: &Case| check(case, &mut Scratch::default(), &mut Met::default()).err();
    for _ in 0..2_000 {
        let smaller = simpler(&case).into_iter().find_map(|case| Some((wrong(&case)?, case)));
        let Some((found, simple)) = smaller else { break };
        (case, problem) = (simple, found);
    }
    (case, problem)
}

/// Every case that is one thing simpler, the simplest first.
fn simpler(case: &Case) -> Vec<Case> {
    let mut found = Vec::new();
    for at in 0..case.claims.len() {
        let mut fewer = case.clone();
        fewer.claims.remove(at);
        found.push(fewer);
    }
    for at in 0..case.claims.len() {
        let changes: [fn(&mut block::Claim); 5] = [
            |claim| claim.credit = 0,
            |claim| claim.cap = u64::MAX,
            |claim| claim.min = 0,
            |claim| claim.step = 1,
            |claim| claim.weight /= 2,
        ];
        for change in changes {
            let mut plainer = case.clone();
            change(&mut plainer.claims[at]);
            if plainer.claims[at] != case.claims[at] {
                found.push(plainer);
            }
        }
    }
    if case.block > 0 {
        found.push(Case { block: case.block / 2, ..case.clone() });
        found.push(Case { block: case.block - 1, ..case.clone() });
    }
    found
}

/// The case of this number: the same every time.
fn random_case(index: u64) -> Case {
    let mut random = Random::new(SEED ^ index.wrapping_mul(0xd134_2543_de82_ef95));
    let most = random.pick(&[3, 8, 20, 60]);
    let count = 1 + random.below(most);
    let extreme = random.once_in(12);
    let weight_kind = if extreme { 5 + random.below(2) } else { random.below(5) };
    let step_kind = random.below(6);
    let uniform = random.pick(&[1, 1, 1, 10, 100, 12_345]);
    let mut claims: Vec<block::Claim> = (0..count)
        .map(|at| block::Claim {
            login: Login((random.magnitude(64) & !63) + at),
            weight: random_weight(&mut random, weight_kind),
            step: random_step(&mut random, step_kind, uniform),
            min: 0,
            cap: u64::MAX,
            credit: 0,
        })
        .collect();
    let block = random_block(&mut random, &claims, extreme);
    let capped = random.pick(&[0, 0, 2, 10]);
    let minima = random.pick(&[0, 1, 2, 10]);
    let credit_kind = random.below(4);
    let weights: u128 = claims.iter().map(|claim| u128::from(claim.weight)).sum::<u128>().max(1);
    for claim in &mut claims {
        let fair = u128::from(block) * u128::from(claim.weight) / weights;
        let fair = u64::try_from(fair).unwrap();
        if capped > 0 && random.once_in(capped) {
            claim.cap = near(&mut random, fair, claim.step);
        }
        if minima > 0 {
            let raised = random.once_in(minima);
            claim.min = if raised { near(&mut random, fair, claim.step) } else { claim.step };
        }
        claim.credit = match credit_kind {
            0 => 0,
            1 => random.pick(&[-500_000, 0, 500_000, 1_000_000, MAX_CREDIT, -MAX_CREDIT]),
            2 => random.between(-600_000, 600_000),
            _ => random.between(-MAX_CREDIT, MAX_CREDIT),
        };
    }
    let residual = random.pick(&[Residual::LargestRemainder, Residual::LargestAccount, Residual::Carry]);
    Case { block, claims, residual, excess: random.pick(&[Excess::Others, Excess::Remainder]) }
}

/// Ties, cents of equity times profile, risk weights, all magnitudes, the ends of the range.
fn random_weight(random: &mut Random, kind: u64) -> u64 {
    if random.once_in(30) {
        return 0;
    }
    match kind {
        0 => 1,
        1 => 1 + random.below(5),
        2 => (10_000 + random.magnitude(33)) * random.pick(&[5_000, 7_500, 10_000, 15_000, 20_000]),
        3 => random.magnitude(24) * (1 + random.below(30_000)),
        4 => random.magnitude(40),
        5 => random.magnitude(60),
        _ => random.pick(&[1, 2, u64::MAX, u64::MAX - 1, u64::MAX / 3, 1 << 40]),
    }
}

fn random_step(random: &mut Random, kind: u64, uniform: u64) -> u64 {
    match kind {
        0..=2 => uniform,
        3 => random.pick(&[1, 10, 100]),
        4 => random.pick(&[1, 2, 5, 10, 25, 100, 1_000]),
        _ => random.pick(&[2, 3, 5, 7, 11, 13, 30, 77]),
    }
}

/// From nothing, over a few steps for all, to the end of the range.
fn random_block(random: &mut Random, claims: &[block::Claim], extreme: bool) -> u64 {
    let steps: u64 = claims.iter().map(|claim| claim.step).sum();
    match random.below(if extreme { 5 } else { 4 }) {
        0 => random.magnitude(30),
        1 => random.below(steps + 2),
        2 => random.below(12 * steps),
        3 => claims[0].step * random.below(100),
        _ => random.next(),
    }
}

/// Somewhere around a number: a cap or minimum that may or may not bind.
fn near(random: &mut Random, fair: u64, step: u64) -> u64 {
    match random.below(6) {
        0 => 0,
        1 => fair,
        2 => fair.saturating_sub(random.below(2 * step + 1)),
        3 => fair.saturating_add(random.below(2 * step + 1)),
        4 => random.below(fair.saturating_mul(2).saturating_add(1)),
        _ => step * random.below(5),
    }
}
