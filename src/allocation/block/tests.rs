mod drift;
mod reference;

use proptest::prelude::*;

use super::*;

fn agrees(block: u64, claims: &[Claim], residual: Residual, excess: Excess) {
    let mut scratch = Scratch::default();
    let shared = share(block, claims, residual, excess, &mut scratch).unwrap();
    let expected = reference::share(block, claims, residual, excess);
    assert_eq!(shared.shares, expected.shares, "{block} {residual:?} {excess:?} {claims:#?}");
    assert_eq!(
        (shared.remainder, shared.total_weight, shared.rounds),
        (expected.remainder, expected.total_weight, expected.rounds)
    );
}

fn residuals() -> impl Strategy<Value = Residual> {
    prop_oneof![Just(Residual::LargestRemainder), Just(Residual::LargestAccount), Just(Residual::Carry)]
}

fn excesses() -> impl Strategy<Value = Excess> {
    prop_oneof![Just(Excess::Others), Just(Excess::Remainder)]
}

/// Claims that differ in size: `bits` of weight.
fn claims(steps: &'static [u64], weights: &'static [u64], count: usize) -> impl Strategy<Value = Vec<Claim>> {
    let claim = (
        0..weights.len(),
        any::<u64>(),
        0..steps.len(),
        prop_oneof![Just(0), Just(1), 0_u64..30],
        prop_oneof![2 => Just(u64::MAX), 3 => 0_u64..80],
        -MAX_CREDIT..=MAX_CREDIT,
    )
        .prop_map(|(bound, weight, step, min, cap, credit)| Claim {
            login: Login(0),
            weight: weight % weights[bound],
            step: steps[step],
            min: min * steps[step] / 2,
            cap: if cap == u64::MAX { cap } else { cap * steps[step] / 2 },
            credit,
        });
    (prop::collection::vec(claim, 1..count), any::<u64>()).prop_map(|(mut claims, salt)| {
        for (claim, index) in claims.iter_mut().zip(0_u64..) {
            claim.login = Login((index ^ salt).rotate_left(7));
        }
        claims
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, .. ProptestConfig::default() })]
    #[test]
    fn equal_steps_agree_with_the_reference(
        claims in claims(&[3], &[2, 9, 1_000, 1_000_000_000], 12), block in 0_u64..400,
        residual in residuals(), excess in excesses(),
    ) {
        agrees(block, &claims, residual, excess);
    }
    #[test]
    fn different_steps_agree_with_the_reference(
        claims in claims(&[1, 3, 10, 100], &[2, 9, 1_000, 1_000_000_000], 12), block in 0_u64..2_000,
        residual in residuals(), excess in excesses(),
    ) {
        agrees(block, &claims, residual, excess);
    }
    #[test]
    fn wide_numbers_agree_with_the_reference(
        claims in claims(&[1, 3, 10, 100], &[9, 1_000_000_000, u64::MAX], 12), block in 0_u64..2_000,
        residual in residuals(), excess in excesses(),
    ) {
        agrees(block, &claims, residual, excess);
    }
    #[test]
    fn many_accounts_agree_with_the_reference(
        claims in claims(&[1], &[2, 9, 1_000, 1_000_000_000], 200), block in 0_u64..2_000,
        residual in residuals(), excess in excesses(),
    ) {
        agrees(block, &claims, residual, excess);
    }
    #[test]
    fn many_different_agree_with_the_reference(
        claims in claims(&[1, 3, 10, 100], &[2, 9, 1_000, 1_000_000_000], 200), block in 0_u64..9_000,
        residual in residuals(), excess in excesses(),
    ) {
        agrees(block, &claims, residual, excess);
    }
}
