//! How it stands, in lines for the manager's panel; and what the manager forbids by hand.

use super::super::guard::Tripped;
use super::super::record::Record;
use super::Hub;
use super::slave::Slave;
use crate::allocation::{GuardKind, Pool, Reaction};
use crate::domain::{Login, Micros};

/// So many pools are told of.
const POOLS_MOST: usize = 8;
/// So many of a pool's slaves that need a look are named.
const NAMED_MOST: usize = 4;

impl Hub {
    /// The manager says what is forbidden on every account, or, with `None`, that nothing is by his hand. What the accounts'
    /// own guards and owners forbid stays as it is. Outlives a restart.
    pub fn by_hand(&mut self, now: Micros, reaction: Option<Reaction>) {
        self.by_hand = reaction;
        self.records.push_back(Record::ByHand { reaction, at: now });
        for group in self.groups.values_mut() {
            group.quiet = false;
        }
        self.tick(now);
    }

    /// What is forbidden on an account, if anything: by its guards, as the hub or the slave has them, or by hand.
    pub(super) fn tripped(&self, login: Login) -> Option<Tripped> {
        let by_hand = self.by_hand.map(|reaction| Tripped { guard: GuardKind::ByHand, reaction });
        let guards = self.slaves.get(&login).and_then(|slave| slave.guards.tripped());
        match (by_hand, guards) {
            (Some(by_hand), Some(guards)) if guards.reaction > by_hand.reaction => Some(guards),
            (by_hand, guards) => by_hand.or(guards),
        }
    }

    /// Of each pool its method, how many of its slaves are connected, how long after the master's change their last orders
    /// were done; and a line for each slave that needs a look.
    pub fn standing(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(reaction) = self.by_hand {
            lines.push(format!("By hand, for every slave: {}", words(reaction)));
        }
        let pools = &self.setup.pools;
        for pool in pools.iter().take(POOLS_MOST) {
            self.pool_stands(pool, &mut lines);
        }
        if pools.len() > POOLS_MOST {
            lines.push(format!("and {} more pools", pools.len() - POOLS_MOST));
        }
        lines
    }

    fn pool_stands(&self, pool: &Pool, lines: &mut Vec<String>) {
        let slaves =
            || pool.members.iter().filter_map(|member| Some((member.login, self.slaves.get(&member.login)?)));
        let connected = slaves().filter(|(_, slave)| slave.connected).count();
        let took = || slaves().filter_map(|(_, slave)| slave.took_us);
        let (name, method, members) = (&pool.name, pool.method.name(), pool.members.len());
        lines.push(format!("Pool {name}, {method}: {connected} of {members} slaves connected"));
        if let (Some(least), Some(most)) = (took().min(), took().max()) {
            lines.push(format!("  their last orders took {} to {} ms", ms(least), ms(most)));
        }
        let mut troubled =
            slaves().filter_map(|(login, slave)| Some(format!("  {login} {}", trouble(slave)?)));
        lines.extend(troubled.by_ref().take(NAMED_MOST));
        let more = troubled.count();
        if more > 0 {
            lines.push(format!("  and {more} more"));
        }
    }
}

/// What needs a look about a slave.
fn trouble(slave: &Slave) -> Option<String> {
    if let Some(Tripped { guard, reaction }) = slave.guards.tripped() {
        return Some(format!("{}: {}", guard.skip(), words(reaction)));
    }
    match (slave.connected, slave.watch.since()) {
        (false, _) => Some("is not connected".into()),
        (true, None) => Some("has no connection with its trade server".into()),
        (true, Some(_)) => slave.barred.map(|retcode| format!("may not trade: {retcode}")),
    }
}

/// What a reaction does.
const fn words(reaction: Reaction) -> &'static str {
    match reaction {
        Reaction::SkipOpens => "nothing is opened",
        Reaction::CloseOnly => "nothing is opened, no stop loss moved away",
        Reaction::CloseAll => "every copy is closed",
    }
}

/// Microseconds as milliseconds, with a tenth.
fn ms(micros: u64) -> String {
    format!("{}.{}", micros / 1_000, micros % 1_000 / 100)
}
