//! Where texts and inventories come from, other than AWS.

pub mod files;
