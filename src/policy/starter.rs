//! The policy that `lastgood policy init` writes.

/// A policy to start from; it loads as it is.
pub const TEXT: &str = include_str!("starter.toml");
