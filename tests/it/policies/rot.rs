//! Waivers in time, and rot.

use lastgood::model::Instant;
use lastgood::policy::Policy;
use lastgood::policy::rot::static_findings;

use super::{HEAD, load};

fn policy(waiver: &str, more: &str) -> Policy {
    let text = format!(
        "{HEAD}timezone = \"Europe/Berlin\"\n[[rule]]\nid = \"daily\"\ncheck = \"cadence\"\nclauses = [\"1.1\"]\nwith = {{ every = \"1d\" }}\n\
         [[waiver]]\nid = \"W-1\"\n{waiver}\nreason = \"r\"\nrequested_by = \"a\"\napproved_by = \"b\"\n\
         approved_on = 2026-11-01\nexpires = 2026-12-31\n\
         [[clause]]\nid = \"1.1\"\ndemand = \"d\"\n{more}"
    );
    load(&text).unwrap_or_else(|problems| panic!("{problems:?}"))
}

const NARROW: &str = "rules = [\"da*\"]\nresources = [\"arn:aws:s3:::scratch-*\"]";

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn codes(policy: &Policy, as_of: &str) -> Vec<String> {
    static_findings(policy, at(as_of)).iter().map(|finding| format!("{} {}", finding.code, finding.outcome)).collect()
}

#[test]
fn a_waiver_holds_from_its_approval_to_the_end_of_its_last_day() {
    let policy = policy(NARROW, "");
    let waiver = &policy.waivers[0];
    let covers = |as_of: &str| waiver.covers("daily", "arn:aws:s3:::scratch-1", at(as_of));
    assert!(!covers("2026-10-31T22:59:59Z"), "nobody had approved it");
    assert!(covers("2026-10-31T23:00:00Z"), "midnight in Berlin");
    assert!(covers("2026-12-31T22:59:59Z"));
    assert!(!covers("2026-12-31T23:00:00Z"), "the day is over in Berlin");
    assert!(!waiver.covers("weekly", "arn:aws:s3:::scratch-1", at("2026-12-01T00:00:00Z")));
    assert!(!waiver.covers("daily", "arn:aws:s3:::other", at("2026-12-01T00:00:00Z")));
}

#[test]
fn a_waiver_is_announced_before_its_end_and_found_after_it() {
    let policy = policy(NARROW, "");
    assert_eq!(codes(&policy, "2026-10-01T00:00:00Z"), ["waiver-not-yet-approved not-applicable"]);
    assert_eq!(codes(&policy, "2026-12-17T22:59:59Z"), [""; 0]);
    assert_eq!(codes(&policy, "2026-12-17T23:00:00Z"), ["waiver-expiring not-applicable"]);
    assert_eq!(codes(&policy, "2026-12-31T22:59:59Z"), ["waiver-expiring not-applicable"]);
    assert_eq!(codes(&policy, "2026-12-31T23:00:00Z"), ["waiver-expired fail"]);
    let finding = &static_findings(&policy, at("2027-01-01T00:00:00Z"))[0];
    assert_eq!(&*finding.message, "waiver `W-1` expired at 2026-12-31T23:00:00Z; what it covered counts again");
    assert_eq!((&*finding.policy_at.file, finding.policy_at.line), ("policy.toml", 12));
}

#[test]
fn a_waiver_for_everything_is_too_broad() {
    for (waiver, what) in [
        ("rules = [\"*\"]\nresources = [\"*\"]", "every rule for every resource"),
        ("rules = [\"*\"]\nresources = [\"arn:aws:s3:::x\"]", "every rule for its resources"),
        ("rules = [\"daily\"]\nresources = [\"arn:aws:s3:::x\", \"**\"]", "its rules for every resource"),
    ] {
        let findings = static_findings(&policy(waiver, ""), at("2026-11-15T00:00:00Z"));
        assert_eq!((&*findings[0].code, findings.len()), ("waiver-too-broad", 1));
        assert!(findings[0].message.contains(what), "{}", findings[0].message);
    }
}

#[test]
fn rules_and_clauses_must_belong_together() {
    let more = "[[clause]]\nid = \"4.1\"\ndemand = \"d\"\n[[clause]]\nid = \"1.4\"\ndemand = \"d\"\nin_force = false\n\
                [[rule]]\nid = \"loose\"\ncheck = \"versioning\"\n[[rule]]\nid = \"off\"\ncheck = \"versioning\"\nenabled = false\n";
    assert_eq!(
        codes(&policy(NARROW, more), "2026-11-15T00:00:00Z"),
        ["rule-disabled not-applicable", "rule-without-clause not-applicable", "clause-not-assessed unknown",]
    );
}
