//! The main job, for real: `lotbridge replay` with a process per terminal, over the real socket.

#[path = "auditor/mod.rs"]
mod auditor;
#[path = "replay/bad_input.rs"]
mod bad_input;
#[path = "replay/command.rs"]
mod command;
#[path = "replay/kills.rs"]
mod kills;
#[path = "replay/netting.rs"]
mod netting;
#[path = "replay/pending.rs"]
mod pending;
#[path = "replay/real.rs"]
mod real;
#[path = "replay/restart.rs"]
mod restart;
