//! (Policy, Inventory, Instant) → Assessment. Pure.
