//! Evaluation as a whole: scopes, overrides, waivers, rot, clauses, and what must never happen.

use lastgood::demo;
use lastgood::evaluate::evaluate;
use lastgood::model::Instant;
use lastgood::model::assessment::{Assessment, Verdict};
use lastgood::model::fact::Fact;
use lastgood::model::inventory::Inventory;
use lastgood::model::kind::Kind;
use lastgood::model::outcome::Outcome;
use lastgood::policy::{Policy, SourceFile, builtin, load};

const HEAD: &str = r#"
[policy]
id = "test"
title = "test"
version = "1"
timezone = "Europe/London"
owner = "o@example.com"
"#;

const VERSIONING: &str = r#"
[[rule]]
id = "s3-versioning"
title = "versioning is enabled"
clauses = ["7.1"]
check = "versioning"
severity = "high"
"#;

fn policy(text: &str) -> Policy {
    let files = [SourceFile { name: "policy.toml".into(), text: format!("{HEAD}{text}") }];
    load(&files)
        .unwrap_or_else(|problems| panic!("{}", problems.iter().map(|p| p.line()).collect::<Vec<_>>().join("\n")))
}

fn shipped() -> Policy {
    let mut files = builtin::default().unwrap().sources();
    files.push(SourceFile { name: "demo/waivers.toml".into(), text: demo::WAIVERS.into() });
    load(&files)
        .unwrap_or_else(|problems| panic!("{}", problems.iter().map(|p| p.line()).collect::<Vec<_>>().join("\n")))
}

fn as_of() -> Instant {
    demo::as_of()
}

fn of<'a>(assessment: &'a Assessment, rule: &str, name: &str) -> &'a Verdict {
    let found = assessment.verdicts.iter().find(|v| v.rule.id == rule && v.subject.name == name);
    found.unwrap_or_else(|| panic!("no verdict of {rule} on {name}"))
}

fn codes(assessment: &Assessment) -> Vec<(&str, Outcome)> {
    assessment.policy_findings.iter().map(|finding| (&*finding.code, finding.outcome)).collect()
}

#[test]
fn the_demo_shows_every_outcome_and_a_gap() {
    let inventory = demo::inventory();
    assert!(inventory.resources.len() >= 60, "{}", inventory.resources.len());
    assert_eq!((inventory.accounts.len(), inventory.regions.len()), (2, 2));
    let assessment = evaluate(&shipped(), &inventory, as_of());
    for outcome in Outcome::ALL {
        assert!(assessment.summary.of(outcome) > 0, "no verdict is {outcome}");
    }
    assert!(!assessment.inventory.complete && !assessment.inventory.gaps.is_empty());
    assert_eq!(assessment.summary.total(), assessment.verdicts.len() as u64);
    for verdict in &assessment.verdicts {
        assert!(!verdict.reason().contains('{'), "{}: {}", verdict.rule.id, verdict.reason());
    }
}

#[test]
fn equal_arguments_give_equal_bytes() {
    let (policy, inventory) = (shipped(), demo::inventory());
    let first = serde_json::to_string(&evaluate(&policy, &inventory, as_of())).unwrap();
    let mut shuffled = inventory.clone();
    shuffled.resources.reverse();
    shuffled.points.reverse();
    shuffled.activities.reverse();
    shuffled.gaps.reverse();
    shuffled.reads.reverse();
    shuffled.sort();
    assert_eq!(first, serde_json::to_string(&evaluate(&policy, &shuffled, as_of())).unwrap());
    let saved: Inventory = serde_json::from_str(&serde_json::to_string(&inventory).unwrap()).unwrap();
    assert_eq!(first, serde_json::to_string(&evaluate(&policy, &saved, as_of())).unwrap());
    let read_back: Assessment = serde_json::from_str(&first).unwrap();
    assert_eq!(first, serde_json::to_string(&read_back).unwrap());
}

/// The heart of the promise: whatever is not read cannot turn anything into a pass.
#[test]
fn reading_less_never_passes_more() {
    let policy = shipped();
    let full = demo::inventory();
    let passes = |inventory: &Inventory| -> std::collections::BTreeSet<String> {
        let assessment = evaluate(&policy, inventory, as_of());
        assessment.verdicts.iter().filter(|v| v.raw_outcome == Outcome::Pass).map(Verdict::fingerprint).collect()
    };
    let before = passes(&full);
    assert!(!before.is_empty());
    for index in 0..full.reads.len() {
        let mut less = full.clone();
        let read = less.reads.remove(index);
        let after = passes(&less);
        let new: Vec<_> = after.difference(&before).collect();
        assert!(new.is_empty(), "without {} in {} {}: {new:?}", read.call, read.account, read.region);
    }
    for kind in Kind::ALL {
        let mut less = full.clone();
        for resource in less.resources.iter_mut().filter(|resource| resource.kind == *kind) {
            resource.detail = lastgood::model::resource::Detail::None;
            resource.created_at = Fact::Unread;
        }
        let after = passes(&less);
        let new: Vec<_> = after.difference(&before).collect();
        assert!(new.is_empty(), "without the facts of {kind}: {new:?}");
    }
    let mut nothing = full.clone();
    nothing.reads.clear();
    nothing.points.clear();
    nothing.plans.clear();
    nothing.activities.clear();
    nothing.event_rules.clear();
    nothing.topics.clear();
    for resource in &mut nothing.resources {
        resource.detail = lastgood::model::resource::Detail::None;
        resource.tags = Fact::Unread;
        resource.created_at = Fact::Unread;
    }
    assert!(passes(&nothing).is_empty());
}

#[test]
fn an_empty_estate_is_not_compliant() {
    let assessment = evaluate(&policy(VERSIONING), &Inventory::empty(as_of(), "test"), as_of());
    assert!(codes(&assessment).contains(&("empty-estate", Outcome::Unknown)));
    assert_eq!(assessment.clauses[0].status, Outcome::NotApplicable);
}

#[test]
fn a_scope_that_matches_nothing_is_noticed() {
    let mut inventory = demo::inventory();
    for resource in inventory.resources.iter_mut().filter(|resource| resource.tags.is_unread()) {
        resource.tags = Fact::Known([].into());
    }
    let narrow = policy(&format!("{VERSIONING}scope = {{ applications = [\"shopp\"] }}\n"));
    let assessment = evaluate(&narrow, &inventory, as_of());
    assert!(codes(&assessment).contains(&("scope-matches-nothing", Outcome::Unknown)), "{:?}", codes(&assessment));
    let meant = policy(&format!("{VERSIONING}scope = {{ applications = [\"shopp\"] }}\nmay_match_nothing = true\n"));
    let assessment = evaluate(&meant, &inventory, as_of());
    assert!(codes(&assessment).contains(&("scope-matches-nothing", Outcome::NotApplicable)));
    let mut no_buckets = inventory;
    no_buckets.resources.retain(|resource| resource.kind != Kind::S3Bucket);
    let assessment = evaluate(&policy(VERSIONING), &no_buckets, as_of());
    assert!(codes(&assessment).contains(&("scope-matches-nothing", Outcome::NotApplicable)));
    no_buckets.reads.retain(|read| read.call != "s3:ListBuckets");
    let assessment = evaluate(&policy(VERSIONING), &no_buckets, as_of());
    assert!(codes(&assessment).contains(&("scope-matches-nothing", Outcome::Unknown)));
}

#[test]
fn a_scope_that_hangs_on_unread_tags_is_unknown() {
    let scoped = policy(&format!("{VERSIONING}scope = {{ criticality = [\"low\"] }}\n"));
    let registered = evaluate(&scoped, &demo::inventory(), as_of());
    let verdict = of(&registered, "s3-versioning", "staging-crm-import");
    assert_eq!(verdict.outcome, Outcome::Pass, "the application register says how critical it is");
    let mut unregistered = demo::inventory();
    unregistered.resources.iter_mut().for_each(|resource| resource.criticality = None);
    let assessment = evaluate(&scoped, &unregistered, as_of());
    let verdict = of(&assessment, "s3-versioning", "staging-crm-import");
    assert_eq!(verdict.outcome, Outcome::Unknown);
    assert!(verdict.reason().contains("tags could not be read"), "{}", verdict.reason());
    let negated = policy(&format!("{VERSIONING}scope = {{ not = {{ tags = {{ criticality = \"high\" }} }} }}\n"));
    let assessment = evaluate(&negated, &demo::inventory(), as_of());
    assert_eq!(of(&assessment, "s3-versioning", "staging-crm-import").outcome, Outcome::Unknown);
    assert!(!assessment.verdicts.iter().any(|verdict| verdict.subject.name == "crm-uploads"));
}

fn waiver(expires: &str) -> String {
    format!(
        r#"{VERSIONING}
[[waiver]]
id = "W-1"
rules = ["s3-*"]
resources = ["*:crm-uploads"]
reason = "moves to another bucket"
requested_by = "a@example.com"
approved_by = "b@example.com"
approved_on = 2026-01-01
expires = {expires}
"#
    )
}

#[test]
fn a_waiver_keeps_the_raw_outcome_and_stops_at_its_instant() {
    let with_waiver = policy(&waiver("2026-11-22"));
    // The date ends at midnight in the policy's zone: London is on UTC in November.
    let before: Instant = "2026-11-22T23:59:59Z".parse().unwrap();
    let after: Instant = "2026-11-23T00:00:00Z".parse().unwrap();
    let waived = evaluate(&with_waiver, &demo::inventory(), before);
    let verdict = of(&waived, "s3-versioning", "crm-uploads");
    assert_eq!((verdict.outcome, verdict.raw_outcome), (Outcome::Waived, Outcome::Fail));
    assert_eq!(verdict.waiver.as_ref().unwrap().id, "W-1");
    let expired = evaluate(&with_waiver, &demo::inventory(), after);
    assert_eq!(of(&expired, "s3-versioning", "crm-uploads").outcome, Outcome::Fail);
    assert!(codes(&expired).iter().any(|(code, _)| *code == "waiver-expired"), "{:?}", codes(&expired));
}

#[test]
fn a_waiver_that_covers_no_finding_is_unused() {
    let text = waiver("2026-12-01").replace("crm-uploads", "shop-assets");
    let assessment = evaluate(&policy(&text), &demo::inventory(), as_of());
    assert!(codes(&assessment).iter().any(|(code, _)| *code == "waiver-unused"), "{:?}", codes(&assessment));
    assert_eq!(of(&assessment, "s3-versioning", "shop-assets").outcome, Outcome::Pass, "a pass is not waived");
}

#[test]
fn leftovers_of_restore_tests_are_not_judged() {
    let mut inventory = demo::inventory();
    let bucket = inventory.resources.iter_mut().find(|resource| resource.arn == "arn:aws:s3:::crm-uploads").unwrap();
    bucket.tags = Fact::Known([("awsbackup-restore-test".into(), "x".into())].into());
    let assessment = evaluate(&policy(VERSIONING), &inventory, as_of());
    assert!(!assessment.verdicts.iter().any(|verdict| verdict.subject.name == "crm-uploads"));
}

#[test]
fn clauses_carry_the_worst_outcome_of_their_rules_in_numeric_order() {
    let assessment = evaluate(&shipped(), &demo::inventory(), as_of());
    let ids: Vec<&str> = assessment.clauses.iter().map(|clause| &*clause.id).collect();
    let mut sorted = ids.clone();
    sorted.sort_by_key(|id| id.split('.').map(|part| part.parse::<u32>().unwrap_or(u32::MAX)).collect::<Vec<_>>());
    assert_eq!(ids, sorted);
    for clause in &assessment.clauses {
        let of_clause = assessment.verdicts.iter().filter(|verdict| clause.rules.contains(&verdict.rule.id));
        let worst = Outcome::all(of_clause.map(|verdict| verdict.outcome));
        if !clause.rules.is_empty() {
            assert_eq!(clause.status, worst, "{}", clause.id);
        }
    }
}
