//! Where inventories and policies come from besides live AWS: files.
//!
//! File I/O lives here; the rest of the library takes values.

pub mod baseline;
pub mod blocks;
pub mod cloudformation;
pub mod evidence;
pub mod files;
pub mod iac;
pub mod inventory;
pub mod journal;
pub mod link;
pub mod logs;
pub mod terraform;
