//! What the audit knows about the world.

pub mod schedule;
