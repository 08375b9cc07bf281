//! What goes on record for the story alone: a restarted hub does not need it.

use super::super::copy::Errand;
use super::super::instruction::{Instruction, Outcome, Report};
use super::super::record::Record;
use super::Hub;
use crate::domain::{Account, Login, Micros, Price, Side};

/// An account whose balance stands still is put on record at most this often.
const SAMPLE_MS: u64 = 60_000;

impl Hub {
    /// An account's money, when its balance has changed or a minute has passed.
    pub(super) fn record_account(&mut self, account: &Account, now: Micros) {
        let sample = (now, account.balance);
        if let Some((at, balance)) = self.sampled.get_mut(&account.login) {
            if *balance == account.balance && now < at.plus_ms(SAMPLE_MS) {
                return;
            }
            (*at, *balance) = sample;
        } else {
            self.sampled.insert(account.login, sample);
        }
        self.records.push_back(Record::Account {
            login: account.login,
            currency: account.currency,
            balance: account.balance,
            equity: account.equity,
            margin: account.margin,
            free_margin: account.free_margin,
            at: now,
        });
    }

    /// An instruction that leaves.
    pub(super) fn record_instruction(&mut self, login: Login, instruction: &Instruction, now: Micros) {
        self.records.push_back(Record::Instructed {
            copy: instruction.copy,
            login,
            instruction: instruction.id,
            symbol: instruction.symbol,
            action: instruction.action,
            reference: instruction.reference,
            deviation_points: instruction.deviation_points,
            committed_at: instruction.committed_at,
            valid_until: instruction.valid_until,
            at: now,
        });
    }

    /// A report, with how long it took and how much worse the price is; before it is acted upon.
    pub(super) fn record_report(&mut self, login: Login, report: &Report, now: Micros) {
        let group = self.groups.get(&report.copy);
        let copy = group.and_then(|group| group.copies.iter().find(|copy| copy.login == login));
        let flight = copy.and_then(|copy| copy.flight);
        let flight = flight.filter(|flight| flight.instruction == report.instruction);
        let slippage = flight.zip(group).and_then(|(flight, group)| {
            let side = match flight.errand {
                Errand::Open => group.side(self),
                Errand::Reduce if flight.reference.is_positive() => group.side(self).opposite(),
                _ => return None,
            };
            let Outcome::Answered(result) = report.outcome else { return None };
            let traded = result.lots.is_positive() && result.price.is_positive();
            traded.then(|| worse_by(side, flight.reference, result.price))
        });
        self.records.push_back(Record::Reported {
            copy: report.copy,
            login,
            instruction: report.instruction,
            outcome: report.outcome,
            slippage,
            since_commit_us: flight.map(|flight| now.since(flight.committed_at)),
            since_sent_us: flight.map(|flight| now.since(flight.sent_at)),
            at: now,
        });
    }
}

/// How much worse than the reference a trade at this price is: a buyer pays more, a seller gets less. A close sells what
/// was bought.
pub(super) fn worse_by(side: Side, reference: Price, price: Price) -> Price {
    match side {
        Side::Buy => price.saturating_sub(reference),
        Side::Sell => reference.saturating_sub(price),
    }
}
