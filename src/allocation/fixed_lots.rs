//! LAMM: a pre-configured lot amount per investor account.

use super::decision::{Facts, SkipReason};
use super::fraction::Fraction;
use super::plan::{FixedPer, Member};

/// `lots_i` per trade, or `lots_i × V_m` per master lot. The profile does not change a fixed amount.
pub fn size(per: FixedPer, member: &Member, facts: &mut Facts) -> Result<Fraction, SkipReason> {
    let lots = member.lots.ok_or(SkipReason::NothingToSizeFrom)?;
    facts.lots = Some(lots);
    facts.per = Some(per);
    match per {
        FixedPer::Trade => Ok(Fraction::of_lots(lots)),
        FixedPer::MasterLot => Fraction::of_lots(lots)
            .times(facts.master_lots.units(), crate::domain::Lots::ONE)
            .ok_or(SkipReason::OutOfRange),
    }
}
