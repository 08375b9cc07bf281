//! Any text as a configuration. One that is taken is traded by: a position of the master's, shared out to its members.

use std::sync::Arc;

use lotbridge::config::Setup;
use lotbridge::domain::Micros;
use lotbridge::replication::{GuardReport, Hub, SlaveState};

use super::facts::account;

/// So many members have a terminal.
const TERMINALS: usize = 4;

/// Parses, and checks that what goes on record says the same.
pub fn run(data: &[u8]) {
    let Ok(setup) = Setup::parse(&String::from_utf8_lossy(data)) else { return };
    let mut again: serde_json::Value = serde_json::from_str(&setup.text).expect("the record is JSON");
    again["secret"] = setup.secret.expose().into();
    let again = Setup::parse(&again.to_string()).expect("what is on record is a configuration");
    assert_eq!(
        (&again.pools, &again.accounts, &again.master),
        (&setup.pools, &setup.accounts, &setup.master)
    );
    trade(Arc::new(setup));
}

fn trade(setup: Arc<Setup>) {
    let now = Micros(1_760_000_000_000_000);
    let (master, pools) = (setup.master.login.0, setup.pools.clone());
    let mut hub = Hub::new(setup, now);
    for member in pools.iter().flat_map(|pool| &pool.members).take(TERMINALS) {
        let state = SlaveState {
            number: 1,
            age_us: 0,
            sent: now,
            snapshot: account(member.login.0, 0),
            busy: Vec::new(),
            guard: GuardReport::default(),
            adrift: Vec::new(),
            older: Vec::new(),
            lacks: Vec::new(),
        };
        hub.on_connected(now, member.login).expect("a member");
        // A guard may keep it out; that is said, and no more.
        let _ = hub.on_slave(now, member.login, state);
    }
    for positions in [0, 1, 2, 1, 0] {
        let _ = hub.on_master(now, account(master, positions));
        hub.tick(now.plus_ms(5_000));
        while hub.poll_output().is_some() {}
    }
    while hub.poll_record().is_some() {}
    assert_eq!(hub.summary().impossible, 0);
}
