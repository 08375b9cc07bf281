//! One slave's mirror of one master position: what is wanted, what the account has, what is under way.

use std::sync::Arc;

use super::instruction::InstructionId;
use super::lifecycle::{Event, Impossible, State};
use crate::allocation::{Decision, SkipReason};
use crate::domain::{Login, Lots, Micros, PendingTerms, Price, Retcode};

/// Both stops of a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stops {
    /// The stop loss.
    pub stop_loss: Option<Price>,
    /// The take profit.
    pub take_profit: Option<Price>,
}

/// Who shares a netting account's position with a copy: its stops are those of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Company {
    /// It is the copy's alone, as on hedging accounts always.
    #[default]
    Nobody,
    /// Other copies: it has no stops.
    Copies,
    /// The investor, or other programs: its stops are left as they are.
    Others,
}

/// What an instruction under way is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errand {
    /// To open.
    Open,
    /// To reduce, or to close.
    Reduce,
    /// To set stops, or a pending order's terms.
    Modify,
    /// To place its pending order.
    Place,
    /// To cancel its pending order.
    Withdraw,
}

impl Errand {
    /// How many errands there are.
    pub const COUNT: usize = 5;
}

/// Refusals of an errand in a row.
#[derive(Debug, Clone, Copy, Default)]
pub struct Refused {
    /// How many.
    times: u32,
    /// It is not asked for again before this moment.
    not_before: Micros,
}

/// An instruction that the slave has and has not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flight {
    /// Its number.
    pub instruction: InstructionId,
    /// What it is for.
    pub errand: Errand,
    /// The price that an open is measured from.
    pub reference: Price,
    /// When the master's change was handed over.
    pub committed_at: Micros,
    /// When it left.
    pub sent_at: Micros,
}

/// One slave's mirror of one master position.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts; its state is the enum")]
pub struct Copy {
    /// The slave.
    pub login: Login,
    /// Where it is in its life.
    pub state: State,
    /// How it was sized; `None` while the slave's facts are awaited.
    pub decision: Option<Arc<Decision>>,
    /// What has been opened in all.
    pub opened: Lots,
    /// What the account holds now, by its last snapshot and the reports since.
    pub actual: Lots,
    /// A snapshot has shown what `actual` says.
    pub seen: bool,
    /// It was closed once, by whomever: it is wanted no more.
    pub over: bool,
    /// This hub has not sent it: the record of before says that it was sized, and no more.
    pub unsent: bool,
    /// Under way.
    pub flight: Option<Flight>,
    /// The stops that were asked for last: not asked for again, whatever the investor makes of them. `None`:
    /// nobody knows what the position has, so they are still to be asked for.
    pub stops_asked: Option<Stops>,
    /// The open price that the account showed last.
    pub open_price: Option<Price>,
    /// The stops that the account showed last.
    pub stops_seen: Option<Stops>,
    /// What of its pending order still waits beside its position, as the account showed it last.
    pub rest: Lots,
    /// What the account shows of its stops may be older than what was asked for while others shared its position.
    pub stops_doubted: bool,
    /// Who else has a share of its position, as the account showed it last.
    pub company: Company,
    /// Its pending order, as the account showed it last.
    pub order: Option<PendingTerms>,
    /// The terms of its pending order that were asked for last; `None`: nothing was, or it was refused.
    pub terms_asked: Option<PendingTerms>,
    /// Its pending order is withdrawn to enter at market: the master's has filled.
    pub to_market: bool,
    /// When it was first open while the master's order still waits.
    pub alone_since: Option<Micros>,
    /// The trade server refused stops in the opening request: open without, attach afterwards.
    pub open_bare: bool,
    /// How often each errand was refused in a row, and until when it waits.
    pub refused: [Refused; Errand::COUNT],
    /// The terminal works on an order of it, or has answered one since its last state was taken.
    pub busy: bool,
    /// When something may have been done last that the account did not show yet: until it has been watched for
    /// long enough after that, nothing is sent that would be wrong if done twice, or overtaken.
    pub unsure_since: Option<Micros>,
    /// When it was told last that some of it is closed: its account may show the list of before for a while.
    pub dealt_at: Option<Micros>,
    /// From when its deadline counts: the master's open, or when a late joiner may have it.
    pub taken_at: Micros,
    /// Since when the account shows no trace, while it should or may.
    pub missing_since: Option<Micros>,
    /// Why it was skipped after it had been sized, or the trade server's refusal.
    pub skip: Option<SkipReason>,
    /// The last return code of its open.
    pub retcode: Option<Retcode>,
}

impl Copy {
    /// A copy that is not yet sized.
    pub fn planned(login: Login, taken_at: Micros) -> Self {
        Self {
            login,
            state: State::Planned,
            decision: None,
            opened: Lots::ZERO,
            actual: Lots::ZERO,
            seen: false,
            over: false,
            unsent: false,
            flight: None,
            stops_asked: None,
            open_price: None,
            stops_seen: None,
            rest: Lots::ZERO,
            stops_doubted: false,
            company: Company::Nobody,
            order: None,
            terms_asked: None,
            to_market: false,
            alone_since: None,
            open_bare: false,
            refused: [Refused::default(); Errand::COUNT],
            busy: false,
            unsure_since: None,
            dealt_at: None,
            taken_at,
            missing_since: None,
            skip: None,
            retcode: None,
        }
    }

    /// Meets an event.
    ///
    /// # Errors
    /// It cannot happen in the copy's state; the copy is left as it was.
    pub fn meet(&mut self, event: Event) -> Result<(), Impossible> {
        self.state = self.state.after(event)?;
        self.unsent &= event != Event::Send;
        if self.state == State::Closed {
            self.over = true;
            self.actual = Lots::ZERO;
            self.flight = None;
        }
        if self.state != State::Pending {
            self.order = None;
        }
        Ok(())
    }

    /// How often this was refused in a row.
    pub const fn refusals(&self, errand: Errand) -> u32 {
        self.refused[errand as usize].times
    }

    /// This was refused once more; how often in all.
    pub const fn count_refusal(&mut self, errand: Errand) -> u32 {
        let refused = &mut self.refused[errand as usize];
        refused.times = refused.times.saturating_add(1);
        refused.times
    }

    /// This was done: its refusals count no more.
    pub fn forget_refusals(&mut self, errand: Errand) {
        self.refused[errand as usize] = Refused::default();
    }

    /// This is not asked for again before that moment.
    pub const fn wait_with(&mut self, errand: Errand, not_before: Micros) {
        self.refused[errand as usize].not_before = not_before;
    }

    /// Is it too early to ask for this again?
    pub fn waits_with(&self, errand: Errand, now: Micros) -> bool {
        now < self.refused[errand as usize].not_before
    }

    /// Is it still to be sized?
    pub fn awaits_sizing(&self) -> bool {
        self.state == State::Planned && self.decision.is_none()
    }

    /// Has the account these lots of it from a hub before this one, which had sized it and lost its record?
    pub fn is_of_another_hub(&self, lots: Lots) -> bool {
        let never_sent = self.state == State::Planned || self.unsent;
        never_sent && self.retcode.is_none() && self.sized().is_positive() && self.sized() != lots
    }

    /// What it was sized to; nothing while it is not sized.
    pub fn sized(&self) -> Lots {
        self.decision.as_ref().map_or(Lots::ZERO, |decision| decision.lots())
    }

    /// What the account holds or is about to hold.
    pub fn exposure(&self) -> Lots {
        match self.state {
            State::Planned | State::Sent | State::Pending | State::InDoubt => self.sized(),
            State::Open | State::Closing => self.actual,
            State::Closed | State::Skipped | State::Rejected => Lots::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Expiration, Price};

    #[test]
    fn what_an_order_asked_for_is_forgotten_when_it_waits_no_more() {
        let price = Price::from_units(Price::ONE);
        let (limit_price, stop_loss, take_profit) = (None, None, None);
        let terms = PendingTerms { price, limit_price, stop_loss, take_profit, expiration: Expiration::Gtc };
        let mut copy = Copy::planned(Login(2001), Micros(0));
        copy.meet(Event::Send).unwrap();
        copy.meet(Event::SeenPending).unwrap();
        copy.order = Some(terms);
        copy.meet(Event::SeenPending).unwrap();
        assert_eq!(copy.order, Some(terms), "it waits still");
        copy.meet(Event::SeenOpen).unwrap();
        assert_eq!(copy.order, None);
    }
}
