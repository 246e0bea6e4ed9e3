//! Every integration test, in one binary, so that the SDK is linked once.

mod checks;
mod cli;
mod docs;
mod evaluate;
mod fixture;
mod layers;
mod policies;
mod reports;
