//! Every check against its fixtures, and the registry against the directory.

use std::path::{Path, PathBuf};

use lastgood::checks::{Arg, Args, CHECKS, find};
use rstest::rstest;

use crate::fixture;

#[rstest]
fn judges_as_its_fixture_says(#[files("fixtures/checks/*/*.toml")] path: PathBuf) {
    let check = path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
    let name = path.file_stem().unwrap().to_string_lossy().into_owned();
    let (fixture, inventory) = fixture::load(&path);
    assert!(!fixture.note.is_empty(), "a fixture says what it shows");
    assert!(name.starts_with(&fixture.outcome), "{name}: the name begins with the outcome");
    let judgement = fixture::judge(&check, &fixture, &inventory);
    fixture::expect(&path, &fixture, &judgement);
}

/// Withhold everything that was read: whatever passed must no longer pass.
#[rstest]
fn never_passes_without_evidence(#[files("fixtures/checks/*/pass-*.toml")] path: PathBuf) {
    let check = path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
    let (fixture, mut inventory) = fixture::load(&path);
    inventory.reads.clear();
    inventory.points.clear();
    inventory.activities.clear();
    inventory.plans.clear();
    inventory.event_rules.clear();
    inventory.topics.clear();
    for resource in &mut inventory.resources {
        resource.detail = lastgood::model::resource::Detail::None;
        resource.tags = lastgood::model::fact::Fact::Unread;
        resource.created_at = lastgood::model::fact::Fact::Unread;
    }
    let judgement = fixture::judge(&check, &fixture, &inventory);
    assert_ne!(judgement.outcome.id(), "pass", "{}", judgement.reason());
}

#[test]
fn every_check_has_a_pass_a_fail_and_an_unknown_fixture() {
    for check in CHECKS {
        for outcome in ["pass", "fail", "unknown"] {
            let folder = Path::new("fixtures/checks").join(check.id);
            let found = std::fs::read_dir(&folder)
                .into_iter()
                .flatten()
                .flatten()
                .any(|entry| entry.file_name().to_string_lossy().starts_with(outcome));
            assert!(found, "`{}` has no {outcome} fixture", check.id);
        }
    }
}

#[test]
fn every_check_is_registered_documented_and_described() {
    for entry in std::fs::read_dir("src/checks").unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(stem) = name.strip_suffix(".rs") else { continue };
        if ["case", "declared", "params", "statements", "traps"].contains(&stem) {
            continue;
        }
        assert!(find(&stem.replace('_', "-")).is_some(), "src/checks/{name} is not in CHECKS");
    }
    for check in CHECKS {
        for heading in ["## What it judges", "## Exact semantics", "## What yields `unknown`"] {
            assert!(check.docs.contains(heading), "`{}` lacks {heading}", check.id);
        }
        assert!(!check.remedy.is_empty() && !check.kinds.is_empty() && !check.reads.is_empty(), "{}", check.id);
        assert!(check.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", check.id);
    }
}

/// A rule that nothing could break is refused when the policy is loaded.
#[test]
fn to_be_told_of_nothing_is_refused() {
    let mut args = Args::default();
    args.set("states", Arg::Texts(Vec::new()));
    let error = (find("failure-notification").unwrap().prepare)(&args).err().unwrap();
    assert_eq!(error.param, "states");
}
