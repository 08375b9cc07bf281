//! What sharing a block costs per account, in integers and by the same rules in `rust_decimal`.
//!
//! `cargo bench --bench block`. Both run in turns, in 11 rounds; a round's figure is the fastest of its eight
//! slices (the machine may be busy), the table shows the rounds' medians, and the ratio is the median of theirs. Inputs are seeded: equity 1,000 to 1,000,000 in cents, evenly over magnitudes,
//! times a risk profile of 5,000 to 15,000 basis points.

use std::hint::black_box;
use std::time::Instant;

use lotbridge::allocation::block::{Claim, MAX_CREDIT, Scratch, Share, Verdict, share};
use lotbridge::allocation::{Excess, Residual};
use lotbridge::domain::Login;
use rust_decimal::Decimal;

const ROUNDS: usize = 11;
/// Measurements per round and side, in turns; the fastest counts, so that a preempted one does not.
const SLICES: usize = 8;
/// Accounts per measurement: enough for the clock, few enough to fit between two preemptions.
const OURS: usize = 60_000;
const DECIMALS: usize = 10_000;
/// Distinct accounts per variant, so that small blocks are not learnt by heart by the processor.
const DISTINCT: usize = 4_000;

/// A kind of block.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Variant {
    /// Five steps per account on average, no limits.
    Plain,
    /// A twentieth of a step per account, no limits: most get nothing.
    Scarce,
    /// Everybody weighs the same.
    EqualWeights,
    /// Five steps per account; a fifth of the accounts have a cap that binds, a twentieth a minimum of ten steps.
    Limits,
    /// The same with `Excess::Remainder`.
    LimitsRemainder,
    /// Limits; a third of the accounts has a step ten times as large.
    MixedLimits,
    /// Limits, by carry (ours alone).
    CarryLimits,
    /// Limits, with weights so large that 64 bits do not do (ours alone: decimals do not hold them).
    WideLimits,
}

const VARIANTS: [(Variant, &str); 8] = [
    (Variant::Plain, "plain"),
    (Variant::Scarce, "plain, scarce"),
    (Variant::EqualWeights, "plain, equal weights"),
    (Variant::Limits, "limits, to others"),
    (Variant::LimitsRemainder, "limits, to remainder"),
    (Variant::MixedLimits, "limits, two steps"),
    (Variant::CarryLimits, "limits, carry"),
    (Variant::WideLimits, "limits, 128 bits"),
];

impl Variant {
    fn limited(self) -> bool {
        !matches!(self, Self::Plain | Self::Scarce | Self::EqualWeights)
    }
    fn excess(self) -> Excess {
        if self == Self::LimitsRemainder { Excess::Remainder } else { Excess::Others }
    }
    fn residual(self) -> Residual {
        if self == Self::CarryLimits { Residual::Carry } else { Residual::LargestRemainder }
    }
}

/// `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
    fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.next() % (to - from + 1)
    }
    /// True in `percent` of 100.
    fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }
}

struct Case {
    block: u64,
    claims: Vec<Claim>,
}

impl Case {
    fn new(variant: Variant, accounts: usize, random: &mut Random) -> Self {
        let mut claims: Vec<Claim> = (0..accounts)
            .map(|_| {
                let octave = random.between(0, 9);
                let equity = random.between(100_000 << octave, 200_000 << octave);
                let weight =
                    if variant == Variant::EqualWeights { 1 } else { equity * random.between(5_000, 15_000) };
                let weight = if variant == Variant::WideLimits { weight << 20 } else { weight };
                let step = if variant == Variant::MixedLimits && random.chance(33) { 10 } else { 1 };
                let credit = random.between(0, 1_000_000).cast_signed() - MAX_CREDIT / 4;
                Claim { login: Login(random.next() >> 24), weight, step, min: step, cap: u64::MAX, credit }
            })
            .collect();
        let accounts = accounts as u64;
        let block = if variant == Variant::Scarce { accounts / 20 + 1 } else { accounts * 5 + 3 };
        let total: u128 = claims.iter().map(|claim| u128::from(claim.weight)).sum();
        for claim in claims.iter_mut().filter(|_| variant.limited()) {
            // Every symbol has a largest volume; here 100 lots of 0.01, far from binding for most.
            claim.cap = 10_000 * claim.step;
            let due = u128::from(block) * u128::from(claim.weight) / total;
            if random.chance(20) {
                claim.cap = u64::try_from(due).unwrap_or(0) * random.between(300, 900) / 1000;
            }
            if random.chance(5) {
                claim.min = 10 * claim.step;
            }
        }
        Self { block, claims }
    }
}

/// The rules of `allocation::block` for `LargestRemainder`, in decimals.
mod decimals {
    use super::{Claim, Decimal, Excess};

    pub struct Row {
        pub login: u64,
        pub weight: Decimal,
        pub step: Decimal,
        pub min: Decimal,
        /// Rounded down to the step.
        pub cap: Option<Decimal>,
    }

    pub fn rows(claims: &[Claim]) -> Vec<Row> {
        let cap = |claim: &Claim| {
            let cap = claim.cap - claim.cap % claim.step;
            Decimal::from(if cap < claim.min { 0 } else { cap })
        };
        claims
            .iter()
            .map(|claim| Row {
                login: claim.login.0,
                weight: Decimal::from(claim.weight),
                step: Decimal::from(claim.step),
                min: Decimal::from(claim.min),
                cap: (claim.cap < u64::MAX).then(|| cap(claim)),
            })
            .collect()
    }

    #[derive(Default)]
    pub struct Buffers {
        members: Vec<usize>,
        missing: Vec<(Decimal, usize)>,
        pub units: Vec<Decimal>,
    }

    /// Takes those over their cap out; answers block and weight of the others.
    fn caps(
        block: Decimal,
        weight: Decimal,
        rows: &[Row],
        buffers: &mut Buffers,
    ) -> (Decimal, Decimal, bool) {
        let (mut fixed, mut fixed_weight) = (Decimal::ZERO, Decimal::ZERO);
        let units = &mut buffers.units;
        buffers.members.retain(|&at| match rows[at].cap {
            Some(cap) if block * rows[at].weight > cap * weight => {
                units[at] = cap;
                fixed += cap;
                fixed_weight += rows[at].weight;
                false
            }
            _ => true,
        });
        (block - fixed, weight - fixed_weight, fixed_weight > Decimal::ZERO)
    }

    pub fn share(block: Decimal, rows: &[Row], excess: Excess, buffers: &mut Buffers) {
        buffers.members.clear();
        buffers.members.extend(0..rows.len());
        buffers.units.clear();
        buffers.units.resize(rows.len(), Decimal::ZERO);
        let all: Decimal = rows.iter().map(|row| row.weight).sum();
        let (mut block, mut weight) = (block, all);
        loop {
            let mut target = block;
            if excess == Excess::Remainder {
                let (_, kept, _) = caps(block, weight, rows, buffers);
                target = (block * kept / weight).floor();
            } else {
                let mut again = true;
                while again {
                    (block, weight, again) = caps(block, weight, rows, buffers);
                }
                target = target.min(block);
            }
            deal(block, weight, target, rows, buffers);
            let (before, units) = (weight, &mut buffers.units);
            buffers.members.retain(|&at| {
                let below = !units[at].is_zero() && units[at] < rows[at].min;
                if below {
                    units[at] = Decimal::ZERO;
                    weight -= rows[at].weight;
                }
                !below
            });
            if weight == before || excess == Excess::Remainder {
                return;
            }
        }
    }

    fn deal(block: Decimal, weight: Decimal, target: Decimal, rows: &[Row], buffers: &mut Buffers) {
        let mut left = target;
        buffers.missing.clear();
        for &at in &buffers.members {
            let row = &rows[at];
            let steps = block * row.weight / (weight * row.step);
            let whole = steps.floor();
            buffers.units[at] = whole * row.step;
            left -= buffers.units[at];
            if steps > whole {
                buffers.missing.push((steps - whole, at));
            }
        }
        let order = |one: &(Decimal, usize), other: &(Decimal, usize)| {
            other.0.cmp(&one.0).then(rows[one.1].login.cmp(&rows[other.1].login))
        };
        let first = rows[0].step;
        if rows.iter().all(|row| row.step == first) {
            let count = usize::try_from((left / first).floor()).unwrap_or(0);
            if count < buffers.missing.len() {
                buffers.missing.select_nth_unstable_by(count, order);
                buffers.missing.truncate(count);
            }
        } else {
            buffers.missing.sort_unstable_by(order);
        }
        for &(_, at) in &buffers.missing {
            if rows[at].step <= left {
                left -= rows[at].step;
                buffers.units[at] += rows[at].step;
            }
        }
    }
}

/// Nanoseconds per account of `run`, over whole passes through `cases`.
fn measure(cases: usize, accounts: usize, least: usize, mut run: impl FnMut(usize)) -> f64 {
    let passes = least.div_ceil(cases * accounts);
    let start = Instant::now();
    for _ in 0..passes {
        for case in 0..cases {
            run(case);
        }
    }
    let measured = u32::try_from(passes * cases * accounts).expect("a few ten thousand");
    start.elapsed().as_secs_f64() * 1e9 / f64::from(measured)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// One line of the table.
fn compare(variant: Variant, name: &str, accounts: usize) {
    let mut random = Random(7 + accounts as u64);
    let cases: Vec<Case> =
        (0..DISTINCT.div_ceil(accounts)).map(|_| Case::new(variant, accounts, &mut random)).collect();
    let rows: Vec<Vec<decimals::Row>> = cases.iter().map(|case| decimals::rows(&case.claims)).collect();
    let (mut scratch, mut buffers) = (Scratch::default(), decimals::Buffers::default());
    let in_decimals = !matches!(variant, Variant::CarryLimits | Variant::WideLimits);
    let (mut differ, mut capped, mut rounds) = (0, 0, 0);
    for (case, rows) in cases.iter().zip(&rows) {
        let shared = share(case.block, &case.claims, variant.residual(), variant.excess(), &mut scratch)
            .expect("the inputs are in range");
        capped += shared.shares.iter().filter(|share| share.verdict == Verdict::Capped).count();
        rounds = rounds.max(shared.rounds);
        if in_decimals {
            decimals::share(Decimal::from(case.block), rows, variant.excess(), &mut buffers);
            let same = |(share, units): (&Share, &Decimal)| Decimal::from(share.units) == *units;
            differ += shared.shares.iter().zip(&buffers.units).filter(|pair| !same(*pair)).count();
        }
    }
    let all = cases.len() * accounts;
    assert!(differ * 50 <= all, "{name}: {differ} of {all} shares differ between integers and decimals");
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (mut integer, mut decimal) = (f64::MAX, f64::MAX);
        for _ in 0..SLICES {
            integer = integer.min(measure(cases.len(), accounts, OURS, |at| {
                let Case { block, claims } = &cases[at];
                let (residual, excess) = (variant.residual(), variant.excess());
                let shared = share(*block, black_box(claims), residual, excess, &mut scratch);
                black_box(shared.map(|shared| shared.remainder)).ok();
            }));
            if in_decimals {
                decimal = decimal.min(measure(cases.len(), accounts, DECIMALS, |at| {
                    let block = Decimal::from(cases[at].block);
                    decimals::share(block, black_box(&rows[at]), variant.excess(), &mut buffers);
                    black_box(&buffers.units);
                }));
            }
        }
        ours.push(integer);
        theirs.push(decimal);
        ratios.push(decimal / integer);
    }
    let percent = 100 * capped / all;
    print!("| {accounts:>7} | {name:<20} | {percent:>3} % | {rounds:>6} |");
    print!(" {:>7.1} | {:>7.1} |", median(&mut ours), ours[0]);
    if in_decimals {
        println!(" {:>8.1} | {:>5.1} | {differ:>3} of {all} |", median(&mut theirs), median(&mut ratios));
    } else {
        println!("        – |     – |   – |");
    }
}

fn main() {
    // `cargo bench --bench block -- 10000 limits` runs those lines only.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let all = |accounts: &str, name: &str| wanted.iter().all(|word| word == accounts || name.contains(word));
    println!(
        "|accounts | variant              |capped | rounds | ours ns | fastest | decimals | ratio | differ |"
    );
    println!(
        "|    ---: | ---                  |  ---: |   ---: |    ---: |    ---: |     ---: |  ---: |   ---: |"
    );
    for accounts in [10, 1_000, 10_000, 100_000] {
        for (variant, name) in VARIANTS {
            if all(&accounts.to_string(), name) {
                compare(variant, name, accounts);
            }
        }
    }
}
