//! Tables first, then properties; `reference` is the module's rules again in big fractions, `drift` is about carry.

mod drift;
mod properties;
mod reference;

use super::*;

/// Reads `login weight step min cap credit -> units verdict new_credit` by line; `-` is no cap, `=` an unchanged
/// credit. Shares, and compares shares, remainder and rounds.
fn table(block: u64, residual: Residual, excess: Excess, rows: &str, remainder: u64, rounds: u32) {
    let (mut claims, mut expected) = (Vec::new(), Vec::new());
    for row in rows.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let (before, after) = row.split_once("->").unwrap();
        let [login, weight, step, min, cap, credit] = words(before);
        let [units, verdict, new_credit] = words(after);
        let number = |text: &str| text.parse().unwrap();
        claims.push(Claim {
            login: Login(number(login)),
            weight: number(weight),
            step: number(step),
            min: number(min),
            cap: if cap == "-" { u64::MAX } else { number(cap) },
            credit: credit.parse().unwrap(),
        });
        let verdict = match verdict {
            "plain" => Verdict::Plain,
            "capped" => Verdict::Capped,
            "below" => Verdict::BelowMinimum,
            _ => Verdict::NoWeight,
        };
        let new_credit = if new_credit == "=" { credit } else { new_credit }.parse().unwrap();
        expected.push(Share { units: number(units), verdict, new_credit });
    }
    let mut scratch = Scratch::default();
    let shared = share(block, &claims, residual, excess, &mut scratch).unwrap();
    assert_eq!(shared.shares, expected, "block {block}\n{rows}");
    assert_eq!((shared.remainder, shared.rounds), (remainder, rounds), "block {block}\n{rows}");
    assert_eq!(shared.total_weight, claims.iter().map(|claim| u128::from(claim.weight)).sum::<u128>());
    let again = reference::share(block, &claims, residual, excess);
    assert_eq!((shared.shares, remainder), (again.shares.as_slice(), again.remainder));
}

fn words<const N: usize>(text: &str) -> [&str; N] {
    text.split_whitespace().collect::<Vec<_>>().try_into().unwrap()
}

#[test]
fn ten_lots_over_three_accounts() {
    // 10.00 lots by an equity of 10,000, 7,000 and 2,000: exactly 526.32, 368.42 and 105.26 hundredths.
    let rows = "
        1 10000 1 1 - 0 -> 526 plain =
        2  7000 1 1 - 0 -> 369 plain =
        3  2000 1 1 - 0 -> 105 plain =";
    table(1_000, Residual::LargestRemainder, Excess::Others, rows, 0, 1);
    let rows = "
        1 10000 1 1 - 0 -> 527 plain =
        2  7000 1 1 - 0 -> 368 plain =
        3  2000 1 1 - 0 -> 105 plain =";
    table(1_000, Residual::LargestAccount, Excess::Others, rows, 0, 1);
    let rows = "
        1 10000 1 1 - 0      -> 526 plain  315789
        2  7000 1 1 - 0      -> 368 plain  421053
        3  2000 1 1 - 736843 -> 106 plain       1";
    table(1_000, Residual::Carry, Excess::Others, rows, 0, 1);
}

#[test]
fn what_a_cap_withholds_goes_to_others_or_remains() {
    let rows = "
        1 10000 1 1 300 0 -> 300 capped =
        2  7000 1 1   - 0 -> 544 plain  =
        3  2000 1 1   - 0 -> 156 plain  =";
    table(1_000, Residual::LargestRemainder, Excess::Others, rows, 0, 1);
    // The second account reaches its cap only because of what the first could not take.
    let rows = "
        1 10000 1 1 300 0 -> 300 capped =
        2  7000 1 1 540 0 -> 540 capped =
        3  2000 1 1   - 0 -> 160 plain  =";
    table(1_000, Residual::LargestAccount, Excess::Others, rows, 0, 1);
    let rows = "
        1 10000 1 1 300 0 -> 300 capped =
        2  7000 1 1 540 0 -> 368 plain  =
        3  2000 1 1   - 0 -> 105 plain  =";
    table(1_000, Residual::LargestRemainder, Excess::Remainder, rows, 227, 1);
    // A cap is rounded down to the step, and is nothing below the minimum.
    let rows = "
        1 1 10  10 39 0 -> 30 capped =
        2 1 10 100 99 0 ->  0 capped =
        3 1 10  10 30 0 -> 30 capped =";
    table(1_000, Residual::LargestRemainder, Excess::Others, rows, 940, 1);
}

#[test]
fn below_the_minimum() {
    // 5.26, 3.68 and 1.05 steps; without the third 5.88 and 4.12.
    let rows = "
        1 10000 1 1 - 0 -> 6 plain =
        2  7000 1 1 - 0 -> 4 plain =
        3  2000 1 2 - 0 -> 0 below =";
    table(10, Residual::LargestRemainder, Excess::Others, rows, 0, 2);
    let rows = "
        1 10000 1 1 - 0 -> 5 plain =
        2  7000 1 1 - 0 -> 4 plain =
        3  2000 1 2 - 0 -> 0 below =";
    table(10, Residual::LargestRemainder, Excess::Remainder, rows, 1, 1);
    // Nobody reaches the minimum: all leave, one round after the other.
    let rows = "
        1 4 1 9 - 0 -> 0 below =
        2 3 1 8 - 0 -> 0 below =
        3 0 1 1 - 0 -> 0 none  =";
    table(7, Residual::LargestRemainder, Excess::Others, rows, 7, 2);
}

#[test]
fn ties_go_to_the_smaller_login() {
    for residual in [Residual::LargestRemainder, Residual::LargestAccount] {
        let rows = "
            30 5 1 1 - 0 -> 3 plain =
            10 5 1 1 - 0 -> 4 plain =
            20 5 1 1 - 0 -> 4 plain =";
        table(11, residual, Excess::Others, rows, 0, 1);
    }
    // With carry, who was passed over is owed more.
    let rows = "
        30 5 1 1 -  666667 -> 4 plain  333334
        10 5 1 1 - -333333 -> 4 plain -666666
        20 5 1 1 - -333333 -> 3 plain  333334";
    table(11, Residual::Carry, Excess::Others, rows, 0, 1);
}

#[test]
fn steps_of_different_size() {
    // A third of a step is missing everywhere; 37 are left for a step of 1, of 10, and none of 100.
    let rows = "
        1 1   1   1 - 0 -> 334 plain =
        2 1  10  10 - 0 -> 340 plain =
        3 1 100 100 - 0 -> 300 plain =";
    table(1_000, Residual::LargestRemainder, Excess::Others, rows, 26, 1);
    // The largest fraction does not fit in what is left, and is passed over.
    let rows = "
        1 6 10 10 - 0 -> 50 plain =
        2 4  1  1 - 0 -> 34 plain =
        3 1 12 12 - 0 ->  0 below =";
    table(92, Residual::LargestRemainder, Excess::Others, rows, 8, 1);
}

#[test]
fn carry_and_limits() {
    // Half a step is due to each; the second is owed another half.
    let rows = "
        1 5 1 1 -      0 -> 0 below  500000
        2 5 1 1 - 500000 -> 1 plain       0";
    table(1, Residual::Carry, Excess::Others, rows, 0, 1);
    // At the cap nothing is earned; the others' fair share is what they really had to share.
    let rows = "
        1 8 1 1 2    123 -> 2 capped      =
        2 1 1 1 -      0 -> 4 plain       0
        3 1 1 1 -      0 -> 4 plain       0";
    table(10, Residual::Carry, Excess::Others, rows, 0, 1);
    // The first falls below its minimum because it is in debt: the block it misses pays the debt.
    let rows = "
        1 5 1 2 - -1000000 -> 0 below 0
        2 5 1 1 -        0 -> 3 plain 0";
    table(3, Residual::Carry, Excess::Others, rows, 0, 2);
    // A step larger than the block can never be had: no part in it, and no credit for it.
    let rows = "
        1 5 10 10 - 700000 -> 0 below =
        2 5  1  1 -      0 -> 9 plain 0";
    table(9, Residual::Carry, Excess::Others, rows, 0, 1);
    let rows = "
        1 5 10 10 - 700000 -> 0 below =
        2 5  1  1 -      0 -> 4 plain 0";
    table(9, Residual::Carry, Excess::Remainder, rows, 5, 1);
    // All credits at their end: the block is still distributed, from either side.
    let rows = "
        1 1 1 1 - -2000000 -> 1 plain -2000000
        2 1 1 1 - -2000000 -> 1 plain -2000000";
    table(2, Residual::Carry, Excess::Others, rows, 0, 1);
    let rows = "
        1 1 1 1 - 2000000 -> 1 plain 1500000
        2 1 1 1 - 2000000 -> 0 below 2000000";
    table(1, Residual::Carry, Excess::Others, rows, 0, 1);
    // Two and a half steps are due to each; six of eight are taken back, the larger logins lose first.
    let rows = "
        4 1 1 1 - 2000000 -> 0 below 2000000
        1 1 1 1 - 2000000 -> 1 plain 1500000
        3 1 1 1 - 2000000 -> 0 below 2000000
        2 1 1 1 - 2000000 -> 1 plain 1500000";
    table(2, Residual::Carry, Excess::Others, rows, 0, 1);
}

#[test]
fn just_the_margin_is_not_more_than_the_margin() {
    // One unit is left, and a step of 2 does not fit. The first has the shorter wait, but is owed just the margin.
    let rows = "
        1 6 1 1 -    2000 -> 6 plain    2000
        2 2 1 1 -    3000 -> 3 plain -997000
        3 1 2 2 - -500000 -> 0 below       0";
    table(9, Residual::Carry, Excess::Others, rows, 0, 1);
}

#[test]
fn a_fraction_at_a_buckets_end_gets_its_step_once() {
    // The weights sum to 2^63, so fractions fill all bits, and 2^62 - 1 is the last of its bucket.
    let rows = "
        1 4611686018427387903 1 1 - 0 -> 1 plain =
        2 4611686018427387903 1 1 - 0 -> 0 below =
        3                   2 1 1 - 0 -> 0 below =";
    table(1, Residual::LargestRemainder, Excess::Others, rows, 0, 1);
    // Nor does it count twice towards the minimum.
    let rows = "
        1 4611686018427387903 1 2 - 0 -> 0 below =
        2 4611686018427387903 1 1 - 0 -> 1 plain =
        3                   2 1 1 - 0 -> 0 below =";
    table(1, Residual::LargestRemainder, Excess::Others, rows, 0, 2);
}

#[test]
fn nothing_to_share_or_nobody_to_share_it() {
    for residual in [Residual::LargestRemainder, Residual::LargestAccount, Residual::Carry] {
        for excess in [Excess::Others, Excess::Remainder] {
            table(7, residual, excess, "", 7, 0);
            table(7, residual, excess, "1 0 1 1 - 5 -> 0 none =", 7, 0);
            table(0, residual, excess, "1 3 1 1 - 5 -> 0 below =", 0, 1);
            table(5, residual, excess, "1 3 1 1 0 5 -> 0 capped =", 5, 1);
        }
    }
}

#[test]
fn what_is_refused() {
    let claim = Claim { login: Login(7), weight: 1, step: 1, min: 0, cap: u64::MAX, credit: 0 };
    let mut scratch = Scratch::default();
    let mut refusal = |block, claims: &[Claim], residual| {
        share(block, claims, residual, Excess::Others, &mut scratch).unwrap_err().to_string()
    };
    let (by_fraction, carry) = (Residual::LargestRemainder, Residual::Carry);
    assert_eq!(
        refusal(1, &[claim, Claim { step: 0, ..claim }], by_fraction),
        "account 7: lot step 0 in claim 1; must be at least one block unit"
    );
    assert_eq!(
        refusal(1, &[Claim { step: 0, ..claim }], by_fraction),
        "account 7: lot step 0 in claim 0; must be at least one block unit"
    );
    assert_eq!(
        refusal(1, &[Claim { credit: -2_000_001, ..claim }], carry),
        "account 7: credit -2000001 in claim 0; allowed are -2000000 to 2000000"
    );
    assert_eq!(
        refusal(1, &vec![claim; MAX_CLAIMS + 1], by_fraction),
        "1000001 claims on one block; allowed are 1000000"
    );
    // Twice what may be owed has to fit, too.
    let large = Claim { step: 776_000_000_000, weight: u64::MAX, ..claim };
    assert_eq!(
        refusal(2_000_000_000_000, &[large], carry),
        "a block of 2000000000000 units, total weight 18446744073709551615, is beyond 128 bits with these lot steps"
    );
    let prime = |step| Claim { step, weight: u64::MAX, ..claim };
    assert_eq!(
        refusal(9, &[prime((1 << 61) - 1), prime((1 << 31) - 1)], by_fraction),
        "a block of 9 units, total weight 36893488147419103230, is beyond 128 bits with these lot steps"
    );
}

#[test]
fn so_many_claims_are_shared() {
    let claim = Claim { login: Login(7), weight: 0, step: 1, min: 0, cap: u64::MAX, credit: 0 };
    let mut scratch = Scratch::default();
    let claims = vec![claim; MAX_CLAIMS];
    let shared = share(1, &claims, Residual::LargestAccount, Excess::Others, &mut scratch).unwrap();
    assert_eq!((shared.shares.len(), shared.remainder), (MAX_CLAIMS, 1));
}

#[test]
fn the_largest_numbers_are_shared_exactly() {
    let claim =
        |login, weight| Claim { login: Login(login), weight, step: 1, min: 0, cap: u64::MAX, credit: 0 };
    let mut scratch = Scratch::default();
    for (one, other) in [(u64::MAX, u64::MAX), (u64::MAX, 1), (1, 1), (3, u64::MAX)] {
        let claims = [claim(1, one), claim(2, other)];
        for block in [u64::MAX, u64::MAX - 1, 1 << 63, (1 << 62) + 1] {
            for residual in [Residual::LargestRemainder, Residual::LargestAccount, Residual::Carry] {
                for excess in [Excess::Others, Excess::Remainder] {
                    let weight = u128::from(one) + u128::from(other);
                    let fits = weight.checked_mul(u128::from(block)).is_some();
                    let shared = share(block, &claims, residual, excess, &mut scratch);
                    let Ok(shared) = shared else {
                        assert_eq!((shared, fits), (Err(BlockError::TooLarge { block, weight }), false));
                        continue;
                    };
                    let again = reference::share(block, &claims, residual, excess);
                    assert_eq!(shared.shares, again.shares, "{block} {one} {other} {residual:?}");
                    assert_eq!((shared.remainder, fits), (0, true));
                }
            }
        }
    }
}
