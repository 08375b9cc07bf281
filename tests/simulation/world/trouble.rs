//! What goes wrong: processes killed, connections broken, bytes lost, terminals that lag, hide and lose.

use std::collections::BTreeSet;

use super::super::random::Random;
use super::super::wrong::Invariant;
use super::book::begins_with;
use super::{Kind, World};

/// A terminal that is back, or moves again, shows the lists of before for so long. What stood still for less than is
/// noticed, and this, is less than the time that a terminal may lag.
const STALE_MS: [u64; 4] = [0, 0, 300, 1_000];

impl World {
    pub(super) fn trouble(&mut self) {
        let pace = self.pace.1;
        let everything = self.happens(Kind::AllDie, pace * 3 / 10);
        if let Some(mut random) = self.happens(Kind::HubDies, 2 * pace) {
            self.kill_hub(&mut random);
        }
        if let Some(mut random) = self.happens(Kind::SlaveDies, 5 * pace) {
            let at = random.place(self.slaves.len());
            self.kill_slave(at, &mut random);
        }
        if let Some(mut random) = everything {
            self.kill_hub(&mut random);
            for at in 0..self.slaves.len() {
                self.kill_slave(at, &mut random);
            }
        }
        let send = self.sending();
        if !send.is_empty()
            && let Some(mut random) = self.happens(Kind::DiesMidOrder, 30 * pace)
        {
            let at = *random.pick(&send);
            let who = random.between(0, 3);
            if who > 0 {
                self.kill_slave(at, &mut random);
            }
            if who < 2 {
                self.kill_hub(&mut random);
            }
        }
        if let Some(mut random) = self.happens(Kind::LinkBreaks, 4 * pace) {
            let at = random.place(self.slaves.len());
            self.break_link(at, &mut random);
        }
        if let Some(mut random) = self.happens(Kind::BytesTampered, 3 * pace) {
            let at = random.place(self.slaves.len());
            if self.links[at].tamper(self.now_ms, &mut random) {
                self.tell(|| format!("bytes of link {at} are lost or doubled"));
            }
        }
        if let Some(mut random) = self.happens(Kind::SlaveFreezes, 2 * pace) {
            let (at, until_ms) = (random.place(self.slaves.len()), self.now_ms + random.between(200, 8_000));
            self.slaves[at].frozen_until = until_ms;
            self.slaves[at].account.stale_until = until_ms + *random.pick(&STALE_MS);
            self.tell(|| format!("slave {at} is frozen until {until_ms}"));
        }
        let runs = self.hub.is_ok() && self.now_ms >= self.frozen_until.max(self.program_frozen_until);
        if let Some(mut random) = self.happens(Kind::MasterFreezes, 4 * pace)
            && runs
        {
            let (whole, until_ms) = (random.per_mille(500), self.now_ms + random.between(200, 8_000));
            self.freezes = Some((whole, until_ms));
            self.master.stale_until = until_ms + *random.pick(&STALE_MS);
            if random.per_mille(700) && self.master.glitch.is_none_or(|(last, _)| self.now_ms > last + 4_000)
            {
                // What it hands over right before and right after lacks the same.
                self.master.glitch = Some((until_ms + random.between(20, 500), random.place(10)));
                self.commit_ms = self.now_ms;
            }
            self.tell(|| format!("the master is frozen until {until_ms}, its hub as well: {whole}"));
        }
        self.owners();
        self.terminals();
    }

    /// The accounts' owners.
    fn owners(&mut self) {
        if let Some(mut random) = self.happens(Kind::CashMoves, 600) {
            let slave = random.place(self.slaves.len());
            let slave = &mut self.slaves[slave];
            if slave.watch.is_set() {
                slave.pays(self.now_ms, &mut random);
                let (login, paid) = (slave.login, slave.watch.paid);
                self.tell(|| format!("{login} has paid in {paid} millionths in all"));
            }
        }
        if self.master.nets()
            && let Some(mut random) = self.happens(Kind::DealVanishes, 2 * self.pace.1)
        {
            self.lose_deal(&mut random);
        }
        if self.happens(Kind::GuardsRearmed, 400).is_some() {
            for slave in self.slaves.iter_mut().filter(|slave| slave.watch.is_set()) {
                slave.rearms(self.now_ms);
            }
            self.tell(|| "guards are re-armed".into());
        }
    }

    /// The master's broker takes a deal back, or corrects one: not a position's first, without which nobody knows its parts.
    fn lose_deal(&mut self, random: &mut Random) {
        let terminal = &self.master.terminal;
        let held = |id| terminal.positions().any(|open| open.position.id == id);
        let mut begun = BTreeSet::new();
        let later =
            terminal.deals().iter().filter(|deal| !begun.insert(deal.position) && held(deal.position));
        let later: Vec<u64> = later.map(|deal| deal.ticket).collect();
        if !later.is_empty() {
            let deal = *random.pick(&later);
            self.master.vanished.insert(deal);
            self.tell(|| format!("deal {deal} of the master's vanishes"));
        }
    }

    fn terminals(&mut self) {
        let (pace, now_ms) = (self.pace.1, self.now_ms);
        if let Some(mut random) = self.happens(Kind::TerminalLags, 1_500) {
            let lag = |random: &mut Random| if random.per_mille(500) { random.between(0, 500) } else { 0 };
            let lags = [lag(&mut random), lag(&mut random), lag(&mut random)];
            let who = random.place(self.slaves.len() + 1);
            self.account(who).lag_ms = lags;
            self.tell(|| format!("terminal {who} lags by {lags:?} ms"));
        }
        if let Some(mut random) = self.happens(Kind::TerminalHides, 3 * pace) {
            let until = now_ms + random.between(20, 700);
            let (hidden, who) = (random.place(10), random.place(self.slaves.len() + 1));
            let account = self.account(who);
            // Never two in one go: a position is invisible for a moment, not for long.
            if account.glitch.is_none_or(|(last, _)| now_ms > last + 4_000) {
                account.glitch = Some((until, hidden));
                self.tell(|| format!("terminal {who} hides something until {until}"));
            }
        }
        if let Some(mut random) = self.happens(Kind::TerminalOffline, 4 * pace) {
            let who = random.place(self.slaves.len() + 1);
            self.account(who).connect(false);
            self.tell(|| format!("terminal {who} is offline"));
        } else if let Some(mut random) = self.happens(Kind::TerminalOnline, 2_000) {
            for who in 0..=self.slaves.len() {
                let account = self.account(who);
                if !account.online {
                    account.stale_until = now_ms + *random.pick(&STALE_MS);
                    account.connect(true);
                }
            }
        }
    }

    /// Nothing goes wrong any more.
    pub fn quiet_down(&mut self) {
        self.calm = true;
        for who in 0..=self.slaves.len() {
            let account = self.account(who);
            account.connect(true);
            (account.calm, account.glitch, account.lag_ms) = (true, None, [0, 50, 0]);
            account.stale_until = 0;
        }
        for slave in &mut self.slaves {
            slave.frozen_until = slave.frozen_until.min(self.now_ms);
        }
        self.thaw();
        self.tell(|| "calm".into());
    }

    fn thaw(&mut self) {
        if (self.frozen_until.max(self.program_frozen_until) > self.now_ms || self.freezes.is_some())
            && let Some((until, _)) = &mut self.master.glitch
        {
            // What is hidden around a freeze is not hidden for long when that ends early.
            *until = (*until).min(self.now_ms + 500);
        }
        self.freezes = None;
        self.frozen_until = self.frozen_until.min(self.now_ms);
        self.program_frozen_until = self.program_frozen_until.min(self.now_ms);
    }

    /// Things may go wrong again.
    pub fn stir(&mut self) {
        self.calm = false;
        for who in 0..=self.slaves.len() {
            self.account(who).calm = false;
        }
    }

    /// How far the clock of a process that starts now is off: mostly not at all, or as far as the last one.
    pub(super) fn jump(&mut self, before_ms: i64) -> i64 {
        let Some(mut random) = self.happens(Kind::ClocksJump, 20_000) else { return before_ms };
        let most = *random.pick(&[50, 2_000, 3_600_000]);
        let jump = random.around(most);
        self.tell(|| format!("a process starts with its clock off by {jump} ms"));
        jump
    }

    fn kill_hub(&mut self, random: &mut Random) {
        if self.hub.as_ref().is_ok_and(|hub| hub.summary().impossible > 0) {
            return;
        }
        self.hub = Err(self.now_ms + random.between(50, 6_000));
        self.thaw();
        let all = self.records.len() as u64;
        let lost = match random.between(0, 9) {
            0..=5 => 0,
            6..=7 => random.between(0, 8.min(all)),
            8 => random.between(0, all),
            _ => all,
        };
        let lost = match &mut self.book {
            Some(book) => match book.dies(random) {
                Ok(kept) if begins_with(&self.records, &kept) => all - kept.len() as u64,
                Ok(_) => {
                    self.object(Invariant::Ledger, "its file gives back other records than the first".into());
                    0
                }
                Err(wrong) => {
                    self.wrong.get_or_insert(wrong);
                    0
                }
            },
            None => lost,
        };
        self.records.truncate(usize::try_from(all - lost).unwrap());
        self.forgot += u64::from(lost > 0);
        self.monitor.lost(self.now_ms, None);
        if lost > 0 {
            self.monitor.forgotten(self.now_ms);
        }
        for at in 0..self.links.len() {
            self.break_link(at, random);
            self.links[at].lose_hub();
        }
        self.tell(|| format!("the hub dies, {lost} of {all} records are lost"));
    }

    fn kill_slave(&mut self, at: usize, random: &mut Random) {
        let again_ms = self.now_ms + random.between(20, 5_000);
        self.slaves[at].kill(self.now_ms, again_ms);
        self.break_link(at, random);
        self.links[at].lose_slave();
        let login = self.slaves[at].login;
        self.tell(|| format!("{login} dies"));
    }

    pub(super) fn break_link(&mut self, at: usize, random: &mut Random) {
        if self.links[at].break_off(self.now_ms, random) {
            self.tell(|| format!("link {at} breaks"));
        }
    }
}
