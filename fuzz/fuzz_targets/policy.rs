//! A policy of any text: loaded or refused, never a panic. Conditions are compiled on the way.
#![no_main]

use lastgood::policy::{SourceFile, load};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = load(&[SourceFile { name: "fuzz.toml".into(), text: text.into() }]);
});
