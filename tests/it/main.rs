//! Every integration test, in one binary, so that the SDK is linked once.

#[cfg(feature = "aws")]
mod aws;
mod checks;
mod fixture;
mod layers;
mod policies;
mod reports;
