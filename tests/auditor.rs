//! The auditor: every lot recomputed apart from the allocation's code, see `auditor/mod.rs`.

#[path = "auditor/mod.rs"]
mod auditor;
#[path = "auditor/every_allocation.rs"]
mod every_allocation;
#[path = "auditor/every_block.rs"]
mod every_block;
#[path = "auditor/million_blocks.rs"]
mod million_blocks;
#[path = "auditor/tampering.rs"]
mod tampering;
#[path = "auditor/world.rs"]
mod world;
