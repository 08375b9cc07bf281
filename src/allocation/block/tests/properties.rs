//! What holds for every block, and equality with the reference.

use proptest::prelude::*;

use super::super::*;
use super::reference;

fn residuals() -> impl Strategy<Value = Residual> {
    prop_oneof![Just(Residual::LargestRemainder), Just(Residual::LargestAccount), Just(Residual::Carry)]
}

fn excesses() -> impl Strategy<Value = Excess> {
    prop_oneof![Just(Excess::Others), Just(Excess::Remainder)]
}

/// Claims with these steps, and weights below one of these bounds; caps and minima up to 40 and 15 steps.
fn claims(
    steps: &'static [u64],
    weights: &'static [u64],
    count: impl Into<prop::collection::SizeRange>,
) -> impl Strategy<Value = Vec<Claim>> {
    let claim = (
        0..weights.len(),
        any::<u64>(),
        0..steps.len(),
        prop_oneof![Just(0), Just(1), 0_u64..30],
        prop_oneof![2 => Just(u64::MAX), 3 => 0_u64..80],
        -MAX_CREDIT..=MAX_CREDIT,
    );
    let claim = claim.prop_map(|(bound, weight, step, min, cap, credit)| Claim {
        login: Login(0),
        weight: weight % weights[bound],
        step: steps[step],
        min: min * steps[step] / 2,
        cap: if cap == u64::MAX { cap } else { cap * steps[step] / 2 },
        credit,
    });
    (prop::collection::vec(claim, count), any::<u64>()).prop_map(|(mut claims, salt)| {
        for (claim, index) in claims.iter_mut().zip(0_u64..) {
            claim.login = Login((index ^ salt).rotate_left(7));
        }
        claims
    })
}

const SMALL: &[u64] = &[2, 9, 1_000, 1_000_000_000];
const LARGE: &[u64] = &[9, 1_000_000_000, u64::MAX];
const STEPS: &[u64] = &[1, 3, 10, 100];

fn agree(block: u64, claims: &[Claim], residual: Residual, excess: Excess) -> Result<(), TestCaseError> {
    let mut scratch = Scratch::default();
    let shared = share(block, claims, residual, excess, &mut scratch).unwrap();
    let expected = reference::share(block, claims, residual, excess);
    prop_assert_eq!(shared.shares, expected.shares);
    prop_assert_eq!(
        (shared.remainder, shared.total_weight, shared.rounds),
        (expected.remainder, expected.total_weight, expected.rounds)
    );
    Ok(())
}

fn cases(cases: u32) -> ProptestConfig {
    let config = ProptestConfig::default();
    // `PROPTEST_CASES` multiplies: 256 is as written here.
    ProptestConfig { failure_persistence: None, cases: (cases * config.cases).div_ceil(256), ..config }
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn few_accounts_agree_with_the_reference(
        claims in claims(&[3], SMALL, 1..12), block in 0_u64..400, residual in residuals(), excess in excesses(),
    ) {
        agree(block, &claims, residual, excess)?;
    }

    #[test]
    fn unequal_steps_agree_with_the_reference(
        claims in claims(STEPS, SMALL, 1..12), block in 0_u64..2_000, residual in residuals(),
        excess in excesses(),
    ) {
        agree(block, &claims, residual, excess)?;
    }

    #[test]
    fn wide_numbers_agree_with_the_reference(
        claims in claims(STEPS, LARGE, 1..12), block in 0_u64..2_000, residual in residuals(),
        excess in excesses(),
    ) {
        agree(block, &claims, residual, excess)?;
    }

    #[test]
    fn every_unit_is_accounted_for(
        claims in claims(STEPS, SMALL, 0..200), block in 0_u64..9_000, residual in residuals(),
        excess in excesses(),
    ) {
        let mut scratch = Scratch::default();
        let shared = share(block, &claims, residual, excess, &mut scratch).unwrap();
        let given: u64 = shared.shares.iter().map(|share| share.units).sum();
        prop_assert_eq!(given + shared.remainder, block);
        for (claim, share) in claims.iter().zip(shared.shares) {
            prop_assert_eq!(share.units % claim.step, 0);
            prop_assert!(share.units <= claim.cap);
            prop_assert!(share.units == 0 || share.units >= claim.min);
            prop_assert!(share.new_credit.abs() <= MAX_CREDIT);
            prop_assert_eq!(claim.weight == 0, share.verdict == Verdict::NoWeight);
            match share.verdict {
                Verdict::Plain => prop_assert!(share.units > 0),
                Verdict::Capped => prop_assert!(share.units + claim.step > claim.cap || share.units == 0),
                Verdict::BelowMinimum | Verdict::NoWeight => prop_assert_eq!(share.units, 0),
            }
        }
    }

    #[test]
    fn the_order_of_claims_changes_nothing(
        (before, after) in claims(STEPS, SMALL, 0..100)
            .prop_flat_map(|claims| (Just(claims.clone()), Just(claims).prop_shuffle())),
        block in 0_u64..9_000, residual in residuals(), excess in excesses(),
    ) {
        let by_login = |claims: &[Claim]| {
            let mut scratch = Scratch::default();
            let shared = share(block, claims, residual, excess, &mut scratch).unwrap();
            let mut shares: Vec<(Login, Share)> =
                claims.iter().map(|claim| claim.login).zip(shared.shares.iter().copied()).collect();
            shares.sort_by_key(|(login, _)| *login);
            (shares, shared.remainder, shared.total_weight, shared.rounds)
        };
        prop_assert_eq!(by_login(&before), by_login(&after));
    }

    #[test]
    fn more_weight_is_never_less_volume(
        claims in claims(&[2], SMALL, 0..100), block in 0_u64..2_000, cap in 0_u64..80, min in 0_u64..3,
        by_account: bool, excess in excesses(),
    ) {
        let mut claims: Vec<Claim> = claims.into_iter().map(|claim| Claim { min, cap, ..claim }).collect();
        claims.sort_by_key(|claim| claim.weight);
        let residual = if by_account { Residual::LargestAccount } else { Residual::LargestRemainder };
        let mut scratch = Scratch::default();
        let shared = share(block, &claims, residual, excess, &mut scratch).unwrap();
        for (claims, shares) in claims.windows(2).zip(shared.shares.windows(2)) {
            if claims[0].weight < claims[1].weight {
                prop_assert!(shares[0].units <= shares[1].units, "{:?} {:?}", claims, shares);
            }
        }
    }

    #[test]
    fn a_block_of_whole_steps_is_given_in_full_where_there_is_room(
        claims in claims(&[3], SMALL, 1..100), steps in 0_u64..1_000, residual in residuals(),
    ) {
        let claims: Vec<Claim> = claims.into_iter().map(|claim| Claim { min: 0, ..claim }).collect();
        let room = claims.iter().filter(|claim| claim.weight > 0);
        let room = room.map(|claim| claim.cap / 3).fold(0_u64, u64::saturating_add);
        let mut scratch = Scratch::default();
        let shared = share(steps * 3, &claims, residual, Excess::Others, &mut scratch).unwrap();
        prop_assert_eq!(shared.remainder, 3 * steps.saturating_sub(room));
    }

    #[test]
    fn the_unit_of_weights_and_of_volume_does_not_matter(
        claims in claims(STEPS, SMALL, 0..100), block in 0_u64..9_000, residual in residuals(),
        excess in excesses(), larger in 1_u32..34, unit in 1_u64..50,
    ) {
        let mut scratch = Scratch::default();
        let plain = share(block, &claims, residual, excess, &mut scratch).unwrap();
        let (shares, remainder) = (plain.shares.to_vec(), plain.remainder);
        // Larger weights take the 128-bit way, smaller ones the 64-bit way.
        let heavy: Vec<Claim> =
            claims.iter().map(|claim| Claim { weight: claim.weight << larger, ..*claim }).collect();
        let again = share(block, &heavy, residual, excess, &mut scratch).unwrap();
        prop_assert_eq!(again.shares, shares.as_slice());
        let fine: Vec<Claim> = claims
            .iter()
            .map(|claim| Claim {
                step: claim.step * unit,
                min: claim.min * unit,
                cap: claim.cap.saturating_mul(unit),
                ..*claim
            })
            .collect();
        if residual != Residual::Carry && excess == Excess::Others {
            let again = share(block * unit, &fine, residual, excess, &mut scratch).unwrap();
            let scaled: Vec<Share> =
                shares.iter().map(|share| Share { units: share.units * unit, ..*share }).collect();
            prop_assert_eq!((again.shares, again.remainder), (scaled.as_slice(), remainder * unit));
        }
    }

    #[test]
    fn what_was_shared_before_changes_nothing(
        blocks in prop::collection::vec(
            (claims(STEPS, LARGE, 0..90), 0_u64..3_000, residuals(), excesses()), 2..6,
        ),
    ) {
        let mut kept = Scratch::default();
        for (claims, block, residual, excess) in blocks {
            let mut fresh = Scratch::default();
            prop_assert_eq!(
                share(block, &claims, residual, excess, &mut kept),
                share(block, &claims, residual, excess, &mut fresh)
            );
        }
    }
}

proptest! {
    #![proptest_config(cases(16))]

    #[test]
    fn many_accounts_agree_with_the_reference(
        claims in claims(&[1], SMALL, 65..150), block in 0_u64..2_000, residual in residuals(),
        excess in excesses(),
    ) {
        agree(block, &claims, residual, excess)?;
    }

    #[test]
    fn many_unequal_steps_agree_with_the_reference(
        claims in claims(STEPS, SMALL, 65..150), block in 0_u64..9_000, residual in residuals(),
        excess in excesses(),
    ) {
        agree(block, &claims, residual, excess)?;
    }

    #[test]
    fn thousands_of_accounts_agree_with_the_reference(
        claims in claims(&[1], SMALL, 1_500..1_600), block in 0_u64..9_000, by_account: bool,
        excess in excesses(),
    ) {
        let residual = if by_account { Residual::LargestAccount } else { Residual::LargestRemainder };
        agree(block, &claims, residual, excess)?;
    }

    #[test]
    fn forty_different_steps_agree_with_the_reference(
        mut claims in claims(&[1], SMALL, 40..80), block in 0_u64..9_000, excess in excesses(),
    ) {
        // Divisors of 720,720, so that their common multiple stays small.
        let divisors: Vec<u64> = (1..=720_720).filter(|step| 720_720 % step == 0).take(60).collect();
        for (claim, step) in claims.iter_mut().zip(divisors.iter().cycle()) {
            (claim.step, claim.min, claim.cap) = (*step, claim.min * step, claim.cap.saturating_mul(*step));
        }
        agree(block, &claims, Residual::LargestRemainder, excess)?;
    }
}
