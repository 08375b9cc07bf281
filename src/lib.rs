//! LotBridge replicates the trades of a MetaTrader 5 master account to its slaves, each in its size.
//!
//! # The idea
//! Nothing is counted. On every trade event, and on a timer, each terminal hands over its *whole* state; per copy, the
//! hub holds what is *wanted* against what the account *has*, and instructs what closes the gap. A missed event costs
//! milliseconds, never a position. A copy's identity is the magic number that the account itself keeps, so that whatever
//! is lost here is read back from there; in doubt, the account is looked at and nothing is sent again.
//!
//! # The modules
//! From the bottom up; each may name those of its last column and no other. `tests/tidy.rs` holds the code to this table
//! and to the rules below it.
//!
//! | module | what it is, and what it knows nothing about | may use |
//! | --- | --- | --- |
//! | [`domain`] | the field's facts as types: lots, prices and money are integers of a fixed unit. Knows nothing of copies, files, sockets or clocks: time comes in as a value | nothing |
//! | [`allocation`] | from one master volume to each slave's: pure functions of the facts they are given; a decision holds all that is needed to recompute it. Knows nothing of terminals, of what was sent, or of earlier trades but the `carry` credit it is handed | domain |
//! | [`config`] | the one JSON file. Whoever has a `Setup` has one that was checked as a whole. Knows nothing of accounts' states | allocation, domain |
//! | [`history`] | a manager's exported history, read into positions and their order in time. Knows nothing of slaves or configurations | domain |
//! | [`terminal`] | a headless MetaTrader 5: one account at one broker, the same calls give the same account. Knows nothing of copies, masters or sockets | domain |
//! | [`replication`] | hub, agent, and the life of a copy as one table: what happens comes in with its moment, what is to be done is polled out. The account has the last word; a copy that is closed never reopens. Knows nothing of sockets, files, threads or clocks | allocation, config, domain |
//! | [`protocol`] | messages, frames, sessions: bytes in, messages out, and the other way round. Whoever has not proved the secret is told nothing. Knows nothing of sockets | domain, replication |
//! | [`ledger`] | what was decided, done and why, in a SQLite file; each record holds the hash of the one before. Knows nothing of what the records mean; losing it loses no position | domain, replication |
//! | [`transport`] | bytes between processes of one user on one machine. Every wait has its bound. Knows nothing of messages, or of anything else here | nothing |
//! | [`node`] | a master's and a slave's: where clock, threads, locks, sockets and record come together with the rest. Nobody waits for a slow slave. Does not know whether its terminal is a real one | allocation, config, domain, ledger, protocol, replication, transport |
//! | [`ffi`] | the C ABI: every export is one guarded call that answers a code; nothing unwinds, no pointer is kept. It converts and calls `node`; decides nothing | config, domain, node, replication |
//!
//! The command line, `src/bin/lotbridge`, is outside the library and uses its public side.
//!
//! # What holds everywhere
//! - `unsafe` stands in `ffi` and `transport` only.
//! - `f64` comes in and goes out through `ffi`, where an instrument's own digits make it exact; nowhere else is it used.
//! - `node` is the owner of clock, threads and locks. `transport`, next to the operating system, has its own for its
//!   bounded waits, and `ffi` a lock to each handle; below them there are none. Nothing in the library prints.
//! - No static changes, but in `ffi`, `node` and `transport`.
//! - Whatever can grow has a bound. Every rounding has a name.
//! - A file has 400 lines at most, a function 70.
//!
//! # The way of one trade
//! From the master's commit to the slave's order, and back into the report; each step with its file in `src`.
//!
//! ```text
//! the master's terminal, on its own thread
//!   lb_snapshot_begin               ffi/export.rs                 then _instruments, _positions, _deals: a Draft
//!   lb_master_commit                ffi/export.rs
//!   └ MasterNode::commit            node/master.rs                one lock, one look at the clock, no waiting
//!     ├ Hub::on_master              replication/hub/master.rs     what is new, changed, gone since the last state
//!     │ └ Hub::advance              replication/hub/mod.rs        for every position in every pool that takes it
//!     │   ├ Hub::size_group         replication/hub/sizing.rs     from fresh facts, or a skip with its reason
//!     │   │ ├ allocate_one          allocation/mod.rs             each slave by itself
//!     │   │ └ allocate_block        allocation/weights.rs         or one block shared out
//!     │   └ Hub::reconcile_group    replication/hub/reconcile.rs  wanted against actual: an Instruction, with deadline
//!     └ Inner::send_outputs         node/master.rs                credits of a carrying pool on the disk first
//!       └ Peer::send                node/peers.rs                 a slow slave has a bounded backlog of its own
//!         ├ HubSession::write       protocol/session.rs           numbered, encoded, framed
//!         └ Connection::try_write   transport/unix/connection.rs  what the socket takes at once
//! ───── local socket ─────
//! the slave's terminal, on its own thread
//!   lb_slave_wait                   ffi/export.rs                 at most wait_ms
//!   └ SlaveNode::wait               node/slave.rs
//!     ├ Connection::read_within     transport/unix/connection.rs
//!     ├ SlaveSession::next_event    protocol/session.rs
//!     ├ Agent::on_instruction       replication/agent.rs          a bounded queue
//!     └ Agent::next_order           replication/agent.rs          its own limits and guards: never twice, late or far
//!   OrderSend, by the EA
//!   lb_slave_report                 ffi/export.rs
//!   └ SlaveNode::report             node/slave.rs
//!     └ Agent::on_result            replication/agent.rs          what the state will have to show
//!   lb_slave_commit                 ffi/export.rs                 the account after it: the evidence
//!   └ SlaveNode::commit             node/slave.rs
//!     └ Agent::on_snapshot          replication/agent.rs          its guards look at every state
//! ───── local socket ─────
//! the master's service thread
//!   Service::run                    node/service.rs
//!   ├ HubSession::next_event        protocol/session.rs
//!   ├ Hub::on_report                replication/hub/report.rs     what the terminal says came of it
//!   ├ Hub::on_slave                 replication/hub/slave.rs      what the account shows: this has the last word
//!   │ ├ Guard::observe              replication/guard.rs          its equity and exposure: what they forbid
//!   │ └ State::after                replication/lifecycle.rs      Planned, Sent, Open, Closing, Closed; or InDoubt
//!   └ Service::write_records        node/service.rs               to the ledger's thread
//!     └ Recorder::hand_over         node/recorder.rs
//! the ledger's thread
//!   Desk::run                       node/recorder.rs              in groups
//!   └ Ledger::append                ledger/mod.rs                 a transaction, every record chained to the one before
//! afterwards
//!   Ledger::read                    ledger/mod.rs                 what was decided
//!   Report::new                     bin/lotbridge/replay/report.rs   with what the accounts' deals say was done
//! ```

pub mod allocation;
pub mod config;
pub mod domain;
pub mod ffi;
pub mod history;
pub mod ledger;
pub mod node;
pub mod protocol;
pub mod replication;
pub mod terminal;
pub mod transport;
