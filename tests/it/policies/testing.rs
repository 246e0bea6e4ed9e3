//! Tests of policies: what is refused, what passes and fails, and the tests of what ships.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lastgood::evaluate::testing::run;
use lastgood::policy::diagnostic::{self, Style};
use lastgood::policy::testing::{self, Test};
use lastgood::policy::{Diagnostic, Policy, SourceFile, builtin};
use lastgood::sources::files::read_tests;
use rstest::rstest;

use super::{HEAD, file};

/// The shipped policy with one rule switched off.
fn policy() -> Policy {
    let own = "extends = \"builtin:infrastructure-backups\"\n[[rule]]\nid = \"vaults-locked\"\nenabled = false\n";
    lastgood::policy::load(&[file("policy.toml", &format!("{HEAD}{own}"))])
        .unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn load(text: &str) -> Result<Vec<Test>, Vec<Diagnostic>> {
    testing::load(&[file("p.test.toml", text)], &policy())
}

/// Every invalid file is refused with the message that was reviewed.
#[rstest]
fn refuses_tests_with_a_message_that_points_at_the_mistake(
    #[files("fixtures/policies/tests/*.test.toml")] path: PathBuf,
) {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let text = std::fs::read_to_string(&path).unwrap();
    let problems =
        testing::load(&[file(&name, &text)], &policy()).err().unwrap_or_else(|| panic!("{name} is accepted"));
    assert!(
        problems.iter().all(|problem| !problem.labels.is_empty() && !problem.message.ends_with('.')),
        "{problems:?}"
    );
    insta::with_settings!({
        snapshot_path => "../../../fixtures/policies/snapshots",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(format!("test-{}", name.trim_end_matches(".test.toml")), diagnostic::render(&problems, Style::Plain));
    });
}

const BUCKET: &str = "[[test.inventory.resources]]\narn = \"arn:aws:s3:::assets\"\nkind = \"s3-bucket\"\ndetail.bucket = { versioning = \"suspended\" }\n";

/// What differs, for one expectation about a bucket with suspended versioning.
fn differs(expect: &str) -> Vec<String> {
    let text = format!("as_of = 2026-11-22T00:00:00Z\n[[test]]\nname = \"t\"\nexpect = [{{ {expect} }}]\n{BUCKET}");
    let tests = load(&text).unwrap_or_else(|problems| panic!("{problems:?}"));
    let shown = |difference: lastgood::evaluate::testing::Difference| {
        format!("{}:{}: {}: {}", difference.at.file, difference.at.line, difference.about, difference.message)
    };
    run(&policy(), &tests[0]).into_iter().map(shown).collect()
}

#[test]
fn an_expectation_is_met_or_says_what_came() {
    for met in [
        "rule = \"s3-versioning\", outcome = \"fail\"",
        "rule = \"s3-versioning\", resource = \"assets\", outcome = \"fail\", reason = \"suspended\"",
        "rule = \"s3-versioning\", resource = \"arn:aws:s3:::assets\", outcome = \"fail\"",
        "rule = \"daily-backup\", outcome = \"none\"",
    ] {
        assert_eq!(differs(met), [""; 0], "{met}");
    }
    for (expect, said) in [
        ("rule = \"s3-versioning\", outcome = \"pass\"", "s3-versioning of assets: expected pass, came fail"),
        ("rule = \"s3-versioning\", outcome = \"unknown\"", "s3-versioning of assets: expected unknown, came fail"),
        ("rule = \"s3-versioning\", outcome = \"none\"", "s3-versioning of assets: expected none, came fail"),
        (
            "rule = \"s3-versioning\", outcome = \"fail\", reason = \"never\"",
            "s3-versioning of assets: came fail as expected, and its reason does not contain \"never\"",
        ),
        ("rule = \"daily-backup\", outcome = \"pass\"", "daily-backup: expected pass, and the rule does not judge it"),
    ] {
        assert_eq!(differs(expect), [format!("p.test.toml:4: {said}")], "{expect}");
    }
}

#[test]
fn two_verdicts_need_a_name() {
    let other = BUCKET.replace("assets", "other");
    let test = "as_of = 2026-11-22T00:00:00Z\n[[test]]\nname = \"t\"\nexpect = [{ rule = \"s3-versioning\", outcome = \"fail\" }]\n";
    let tests = load(&format!("{test}{BUCKET}{other}")).unwrap_or_else(|problems| panic!("{problems:?}"));
    let found = run(&policy(), &tests[0]);
    assert_eq!(found[0].message, "expected one verdict, came 2: assets, other; name one with `resource`");
}

#[test]
fn what_every_inventory_has_is_filled_in() {
    let text = "as_of = 2026-11-22T00:00:00Z\n[inventory]\nreads = [{ call = \"ec2:*\" }, { call = \"log:ReadRecords\", since = \"now-1d\" }]\n\
        [[test]]\nname = \"t\"\nas_of = \"2026-11-23T00:00:00+01:00\"\nexpect = [{ rule = \"s3-versioning\", resource = \"a\", outcome = \"unknown\" }]\n\
        [test.inventory]\nreads = [{ call = \"s3:ListBuckets\" }]\n\
        [[test.inventory.resources]]\narn = \"arn:aws:s3:::a\"\nkind = \"s3-bucket\"\ncreated_at = 2026-01-01T00:00:00Z\ntags = { when = \"now-1d\" }\n\
        [[test.inventory.resources]]\narn = \"arn:aws:ec2:us-east-1:444455556666:volume/vol-1\"\nkind = \"ebs-volume\"\ncreated_at = \"now-2d\"\n";
    let test = load(text).unwrap_or_else(|problems| panic!("{problems:?}")).remove(0);
    assert_eq!(test.as_of, "2026-11-22T23:00:00Z".parse::<lastgood::model::Instant>().unwrap());
    let inventory = &test.inventory;
    assert_eq!(inventory.captured_at, test.as_of);
    let places: Vec<(&str, &str, &str)> =
        inventory.reads.iter().map(|read| (&*read.call, &*read.account, &*read.region)).collect();
    assert_eq!(
        places,
        [
            ("ec2:*", "111122223333", "eu-west-2"),
            ("s3:ListBuckets", "111122223333", "global"),
            ("log:ReadRecords", "declared", "global"),
        ]
    );
    let since = inventory.reads.iter().find_map(|read| read.since);
    assert_eq!(since, Some("2026-11-21T23:00:00Z".parse().unwrap()), "from the test's own instant");
    let volume = &inventory.resources[0];
    assert_eq!((&*volume.account, &*volume.region), ("444455556666", "us-east-1"));
    assert_eq!(volume.created_at.known(), Some(&"2026-11-20T23:00:00Z".parse().unwrap()));
    assert_eq!(inventory.resources[1].tag("when"), Some("now-1d"), "a tag is text");
}

/// The tests of what ships hold, and show a pass and a failure of each rule that they are about.
#[test]
fn the_shipped_policy_passes_its_own_tests() {
    let policy = lastgood::policy::load(&builtin::default().unwrap().sources())
        .unwrap_or_else(|problems| panic!("{problems:?}"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let files: Vec<SourceFile> = read_tests(&[folder]).unwrap();
    let tests = testing::load(&files, &policy)
        .unwrap_or_else(|problems| panic!("{}", diagnostic::render(&problems, Style::Plain)));
    let mut shown: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for test in &tests {
        assert_eq!(run(&policy, test), [], "{}", test.name);
        for expected in &test.expect {
            shown
                .entry(expected.rule.to_string())
                .or_default()
                .push(expected.outcome.map_or("none", |outcome| outcome.id()));
        }
    }
    assert!(shown.len() >= 13, "{shown:?}");
    for (rule, outcomes) in shown {
        assert!(outcomes.contains(&"pass") && outcomes.contains(&"fail"), "{rule} shows {outcomes:?}");
    }
}
