//! The integration tests.

mod reports;
