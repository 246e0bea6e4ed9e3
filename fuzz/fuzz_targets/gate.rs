//! A Terraform plan of any bytes: judged or refused, never a panic; and nothing that it marks as sensitive comes out.
#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use lastgood::evaluate::change::{Scope, evaluate};
use lastgood::policy::{Policy, builtin, load};
use lastgood::sources::iac::join;
use lastgood::sources::terraform::{Given, read};
use libfuzzer_sys::fuzz_target;

static POLICY: LazyLock<Policy> = LazyLock::new(|| {
    load(&builtin::default().expect("there is one").sources()).unwrap_or_else(|_| panic!("the shipped policy is valid"))
});

fuzz_target!(|bytes: &[u8]| {
    let as_of = "2026-11-22T00:00:00Z".parse().expect("an instant");
    if let Ok(mut reading) = read(bytes.to_vec(), Path::new("fuzz"), &Given { as_of, live: None }) {
        join(&mut reading, None);
        let _ = evaluate(&POLICY, &reading.after, reading.before.as_ref(), as_of, Scope::All);
    }
});
