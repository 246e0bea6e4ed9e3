//! No input makes the program panic: damaged inventories and assessments, absurd times, any bytes.

use lastgood::demo;
use lastgood::evaluate::evaluate;
use lastgood::model::Instant;
use lastgood::model::assessment::Assessment;
use lastgood::model::inventory::Inventory;
use lastgood::policy::{Policy, SourceFile, builtin, load};
use lastgood::report::{FORMATS, RenderOptions, render};
use proptest::prelude::*;

fn policy() -> Policy {
    let mut files = builtin::default().unwrap().sources();
    files.push(SourceFile { name: "waivers.toml".into(), text: demo::WAIVERS.into() });
    load(&files).unwrap_or_else(|_| panic!("the shipped policy is valid"))
}

/// A part of the demo with something of everything.
fn small() -> Inventory {
    let mut inventory = demo::inventory();
    inventory.points.retain(|point| point.started_at > demo::as_of() - chrono::TimeDelta::days(3));
    inventory.activities.truncate(12);
    inventory
}

fn judge_and_render(policy: &Policy, mut inventory: Inventory, as_of: Instant) {
    inventory.sort();
    let assessment = evaluate(policy, &inventory, as_of);
    assert_eq!(assessment.summary.total(), assessment.verdicts.len() as u64);
    for info in FORMATS.iter().filter(|info| info.name != "pdf") {
        let mut bytes = Vec::new();
        render(&assessment, info.format, &RenderOptions::default(), &mut bytes).unwrap();
        assert!(!bytes.is_empty());
    }
}

/// Instants at the ends of what can be written, and around the one that is judged.
const TIMES: [&str; 8] = [
    "0001-01-01T00:00:00Z",
    "1970-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "+262142-12-31T23:59:59Z",
    "-262143-01-01T00:00:00Z",
    "2026-11-22T00:00:00Z",
    "2026-11-22T00:00:01Z",
    "2026-03-29T01:30:00Z",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn absurd_times_are_judged_without_a_panic(
        edits in proptest::collection::vec((0_usize..10_000, proptest::sample::select(&TIMES[..])), 1..40),
        as_of in proptest::sample::select(&TIMES[..]),
    ) {
        let policy = policy();
        let mut json = serde_json::to_value(small()).unwrap();
        for (place, time) in edits {
            set_nth_time(&mut json, place, time);
        }
        let inventory: Inventory = serde_json::from_value(json).unwrap();
        judge_and_render(&policy, inventory, as_of.parse().unwrap());
    }

    #[test]
    fn a_damaged_inventory_is_refused_or_judged(edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut bytes = serde_json::to_vec(&small()).unwrap();
        for (place, byte) in edits {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Ok(inventory) = serde_json::from_slice::<Inventory>(&bytes) {
            judge_and_render(&policy(), inventory, demo::as_of());
        }
    }

    #[test]
    fn a_damaged_assessment_is_refused_or_rendered(edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut bytes = serde_json::to_vec(&evaluate(&policy(), &small(), demo::as_of())).unwrap();
        for (place, byte) in edits {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Ok(assessment) = serde_json::from_slice::<Assessment>(&bytes) {
            for info in FORMATS.iter().filter(|info| info.name != "pdf") {
                render(&assessment, info.format, &RenderOptions::default(), &mut Vec::new()).unwrap();
            }
        }
    }
}

/// Change the `nth` instant of the document, counting round and round.
fn set_nth_time(json: &mut serde_json::Value, nth: usize, time: &str) {
    fn times<'a>(json: &'a mut serde_json::Value, found: &mut Vec<&'a mut serde_json::Value>) {
        match json {
            serde_json::Value::Object(object) => object.values_mut().for_each(|value| times(value, found)),
            serde_json::Value::Array(array) => array.iter_mut().for_each(|value| times(value, found)),
            serde_json::Value::String(text) if text.parse::<Instant>().is_ok() => found.push(json),
            _ => {}
        }
    }
    let mut found = Vec::new();
    times(json, &mut found);
    let index = nth % found.len();
    *found[index] = time.into();
}
