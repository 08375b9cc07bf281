//! The module's rules again, in big fractions and without a thought for speed: an independent second reading.

use num_bigint::BigInt;
use num_rational::BigRational;

use super::super::{Claim, Excess, MAX_CREDIT, Residual, Share, Verdict};

type Fraction = BigRational;

fn whole(number: impl Into<BigInt>) -> Fraction {
    Fraction::from_integer(number.into())
}

fn to_u64(number: &Fraction) -> u64 {
    assert!(number.is_integer());
    u64::try_from(number.to_integer()).unwrap()
}

/// What the reference finds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) shares: Vec<Share>,
    pub(super) remainder: u64,
    pub(super) total_weight: u128,
    pub(super) rounds: u32,
}

struct Reference<'a> {
    claims: &'a [Claim],
    residual: Residual,
    excess: Excess,
    block: Fraction,
    weight: Fraction,
    /// Claims that still share.
    members: Vec<usize>,
    /// Steps of each claim.
    given: Vec<u64>,
    verdicts: Vec<Verdict>,
    credits: Vec<i64>,
}

/// Shares by the rules of the module's documentation.
pub(super) fn share(block: u64, claims: &[Claim], residual: Residual, excess: Excess) -> Outcome {
    let barred = |claim: &Claim| residual == Residual::Carry && claim.step > block;
    let members: Vec<usize> =
        (0..claims.len()).filter(|&at| claims[at].weight > 0 && !barred(&claims[at])).collect();
    let total_weight = claims.iter().map(|claim| u128::from(claim.weight)).sum();
    let of_members = members.iter().map(|&at| u128::from(claims[at].weight)).sum();
    let verdicts = claims
        .iter()
        .map(|claim| if claim.weight == 0 { Verdict::NoWeight } else { Verdict::BelowMinimum })
        .collect();
    let mut reference = Reference {
        claims,
        residual,
        excess,
        block: whole(block),
        weight: whole(if excess == Excess::Others { of_members } else { total_weight }),
        members,
        given: vec![0; claims.len()],
        verdicts,
        credits: claims.iter().map(|claim| claim.credit).collect(),
    };
    let mut rounds = u32::from(total_weight > 0);
    while reference.round() {
        rounds += 1;
    }
    let units = |at: usize| reference.given[at] * claims[at].step;
    let shares: Vec<Share> = (0..claims.len())
        .map(|at| Share {
            units: units(at),
            verdict: reference.verdicts[at],
            new_credit: reference.credits[at],
        })
        .collect();
    let remainder = block - shares.iter().map(|share| share.units).sum::<u64>();
    Outcome { shares, remainder, total_weight, rounds }
}

impl Reference<'_> {
    fn weight_of(&self, at: usize) -> Fraction {
        whole(self.claims[at].weight)
    }
    fn step_of(&self, at: usize) -> Fraction {
        whole(self.claims[at].step)
    }
    /// `q_i`
    fn exact(&self, at: usize) -> Fraction {
        &self.block * self.weight_of(at) / &self.weight
    }
    fn exact_steps(&self, at: usize) -> Fraction {
        self.exact(at) / self.step_of(at)
    }
    /// The cap, in steps.
    fn cap(&self, at: usize) -> u64 {
        let Claim { cap, step, min, .. } = self.claims[at];
        if cap / step * step < min { 0 } else { cap / step }
    }
    fn sum(&self, of: &[usize]) -> Fraction {
        of.iter().fold(whole(0), |sum, &at| sum + whole(self.given[at]) * self.step_of(at))
    }

    /// Rules 2 to 6 once; answers whether they must run again.
    fn round(&mut self) -> bool {
        let target = self.caps();
        if self.members.is_empty() {
            return false;
        }
        for &at in &self.members {
            self.given[at] = to_u64(&self.exact_steps(at).floor());
        }
        if self.residual == Residual::Carry {
            self.carry(&target);
        } else {
            self.left_over(&target);
        }
        let below = |at: &usize| {
            let units = self.given[*at] * self.claims[*at].step;
            units > 0 && units < self.claims[*at].min
        };
        let (dropped, kept): (Vec<usize>, Vec<usize>) = self.members.iter().partition(|at| below(at));
        self.members = kept;
        for &at in &dropped {
            self.given[at] = 0;
            if self.residual == Residual::Carry {
                self.credits[at] = self.credits[at].max(0);
            }
            if self.excess == Excess::Others {
                self.weight -= self.weight_of(at);
            }
        }
        if !dropped.is_empty() && self.excess == Excess::Others {
            return true;
        }
        for &at in &self.members {
            self.verdicts[at] = if self.given[at] > 0 { Verdict::Plain } else { Verdict::BelowMinimum };
        }
        if self.residual == Residual::Carry {
            self.new_credits();
        }
        false
    }

    /// Rule 2; answers `P`.
    fn caps(&mut self) -> Fraction {
        loop {
            let over = |at: &usize| self.exact_steps(*at) > whole(self.cap(*at));
            let (fixed, kept): (Vec<usize>, Vec<usize>) = self.members.iter().partition(|at| over(at));
            self.members = kept;
            for &at in &fixed {
                self.given[at] = self.cap(at);
                self.verdicts[at] = Verdict::Capped;
            }
            if self.excess == Excess::Remainder {
                return self.members.iter().fold(whole(0), |sum, &at| sum + self.exact(at)).floor();
            }
            self.block -= self.sum(&fixed);
            for &at in &fixed {
                self.weight -= self.weight_of(at);
            }
            if fixed.is_empty() {
                return self.block.clone();
            }
        }
    }

    /// Rule 4.
    fn left_over(&mut self, target: &Fraction) {
        let mut left = target - self.sum(&self.members);
        let by_account = self.residual == Residual::LargestAccount;
        let missing = |at: usize| self.exact_steps(at) - self.exact_steps(at).floor();
        let mut line: Vec<(Fraction, usize)> = self
            .members
            .iter()
            .map(|&at| (if by_account { self.weight_of(at) } else { missing(at) }, at))
            .filter(|(key, _)| *key > whole(0))
            .collect();
        line.sort_by(|(a, one), (b, other)| {
            b.cmp(a).then(self.claims[*one].login.cmp(&self.claims[*other].login))
        });
        for (_, at) in line {
            if self.step_of(at) <= left && self.given[at] < self.cap(at) {
                self.given[at] += 1;
                left -= self.step_of(at);
            }
        }
    }

    /// Rule 5 up to the new credits.
    fn carry(&mut self, target: &Fraction) {
        let million = BigInt::from(1_000_000);
        let due =
            |at: usize| self.exact_steps(at) + Fraction::new(self.claims[at].credit.into(), million.clone());
        let dues: Vec<Fraction> = (0..self.claims.len())
            .map(|at| if self.weight > whole(0) { due(at) } else { whole(0) })
            .collect();
        for &at in &self.members {
            self.given[at] = to_u64(&dues[at].floor().max(whole(0)).min(whole(self.cap(at))));
        }
        let started = self.given.clone();
        while self.sum(&self.members) > *target {
            let owed = |at: usize| (&dues[at] - whole(self.given[at]), self.claims[at].login);
            let last = *self
                .members
                .iter()
                .filter(|&&at| self.given[at] > 0)
                .min_by(|&&one, &&other| {
                    let ((a, one), (b, other)) = (owed(one), owed(other));
                    a.cmp(&b).then(other.cmp(&one))
                })
                .unwrap();
            self.given[last] -= 1;
        }
        loop {
            let left = target - self.sum(&self.members);
            let owed = |at: usize| (&dues[at] - whole(self.given[at]), self.claims[at].login);
            let most =
                |at: usize| (started[at] + 1).max(to_u64(&self.exact_steps(at).ceil())).min(self.cap(at));
            // Owed more than the margin first, the shortest wait before all; then owed most.
            let rank = |at: usize| {
                let (owed, login) = owed(at);
                let margin = Fraction::new(2.into(), 1_000.into());
                let wait =
                    (whole(1) - &margin - &owed) * self.step_of(at) * &self.weight / self.weight_of(at);
                let owing = owed > margin;
                let key = if owing { -wait.ceil().max(whole(0)) } else { owed };
                (owing, key, std::cmp::Reverse(login))
            };
            let next = self
                .members
                .iter()
                .copied()
                .filter(|&at| self.given[at] < most(at) && self.step_of(at) <= left)
                .max_by_key(|&at| rank(at));
            let Some(next) = next else { return };
            self.given[next] += 1;
        }
    }

    /// The rest of rule 5.
    fn new_credits(&mut self) {
        let shared = self.sum(&self.members);
        let weight = self.members.iter().fold(whole(0), |sum, &at| sum + self.weight_of(at));
        for &at in &self.members {
            let fair = &shared * self.weight_of(at) / &weight / self.step_of(at) * whole(1_000_000);
            let (floor, half) = (fair.floor(), Fraction::new(1.into(), 2.into()));
            let part = &fair - &floor;
            let odd = floor.to_integer() % 2 != BigInt::from(0);
            let up = part > half || (part == half && odd);
            let fair = floor.to_integer() + BigInt::from(u8::from(up));
            let credit: BigInt =
                BigInt::from(self.credits[at]) + fair - BigInt::from(self.given[at]) * 1_000_000;
            let bounded = credit.max(BigInt::from(-MAX_CREDIT)).min(BigInt::from(MAX_CREDIT));
            self.credits[at] = i64::try_from(bounded).unwrap();
        }
    }
}
