//! Templates of CloudFormation, and files of parameters, over any bytes: read or refused, never a panic and never for
//! long.
#![no_main]

use std::collections::BTreeMap;
use std::path::Path;

use lastgood::sources::cloudformation::{Given, Stacks, parameters, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let as_of = "2026-11-22T00:00:00Z".parse().unwrap();
    let none = BTreeMap::new();
    let given = Given { as_of, live: None, parameters: &none, stacks: &Stacks::default() };
    let _ = read(data.to_vec(), Path::new("template.yaml"), &given);
    let _ = parameters::read(data.to_vec(), Path::new("parameters.json"));
});
