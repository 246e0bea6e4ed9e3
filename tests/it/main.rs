//! Every integration test, in one binary, so that the SDK is linked once.

mod checks;
mod evaluate;
mod fixture;
mod layers;
mod policies;
mod reports;
