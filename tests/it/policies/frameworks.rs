//! Framework mappings: what loads, what is refused and how, and what follows from verdicts.

use std::collections::BTreeSet;

use lastgood::demo;
use lastgood::evaluate::evaluate;
use lastgood::model::framework::{ControlState, ControlStatus, Strength};
use lastgood::model::inventory::Inventory;
use lastgood::model::outcome::Outcome;
use lastgood::policy::diagnostic::{self, Style};
use lastgood::policy::frameworks::{Framework, SHIPPED, load, sources};
use lastgood::policy::{Diagnostic, Policy, SourceFile, builtin};
use rstest::rstest;

use super::{HEAD, file};

fn policy(text: &str) -> Policy {
    lastgood::policy::load(&[file("policy.toml", text)])
        .unwrap_or_else(|problems| panic!("{}", diagnostic::render(&problems, Style::Plain)))
}

fn shipped() -> Policy {
    lastgood::policy::load(&builtin::default().unwrap().sources()).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn codes(files: &[SourceFile], policy: &Policy) -> Vec<&'static str> {
    load(files, policy).err().unwrap_or_default().iter().map(|problem| problem.code).collect()
}

fn control<'a>(frameworks: &'a [Framework], framework: &str, id: &str) -> &'a lastgood::policy::frameworks::Control {
    let framework = frameworks.iter().find(|known| known.id.as_str() == framework).unwrap();
    framework.controls.iter().find(|control| control.id.as_str() == id).unwrap_or_else(|| panic!("no control {id}"))
}

/// Strictly: every id exists, every control says why, nothing claims too much, nothing is doubtful.
#[rstest]
fn every_shipped_mapping_loads(#[files("policies/frameworks/*.toml")] path: std::path::PathBuf) {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(SHIPPED.iter().any(|(known, shipped)| known.ends_with(&name) && *shipped == text), "{name} is not shipped");
    let frameworks = load(&[file(&name, &text)], &shipped())
        .unwrap_or_else(|problems| panic!("{}", diagnostic::render(&problems, Style::Plain)));
    let framework = &frameworks[0];
    assert_eq!(format!("{}.toml", framework.id), name);
    assert!(framework.controls.len() >= 7 && framework.note.len() > 40);
    for control in &framework.controls {
        assert!(control.rationale.len() > 40 && !control.title.is_empty(), "{}", control.id);
        assert!(!control.rules.is_empty() && control.missing.is_empty(), "{}: {:?}", control.id, control.missing);
        assert!(!control.rationale.ends_with('.') && !control.title.ends_with('.'), "{}", control.id);
        let words = format!("{} {}", control.title, control.rationale).to_lowercase();
        assert!(!words.contains("complian") && !words.contains("certif") || words.contains("not shown"), "{words}");
    }
}

#[test]
fn the_shipped_policy_carries_every_shipped_mapping() {
    let policy = shipped();
    assert_eq!(policy.frameworks.len(), 10);
    assert_eq!(load(&sources(), &policy).unwrap_or_else(|problems| panic!("{problems:?}")), policy.frameworks);
    let full: Vec<&str> = policy
        .frameworks
        .iter()
        .flat_map(|framework| &framework.controls)
        .filter(|control| control.strength == Strength::Full)
        .map(|control| control.id.as_str())
        .collect();
    assert_eq!(full, ["CP-9(1)", "11.2", "11.5"], "a claim to show all of a control is made with care");
}

/// 35 days of copies are no twelve months of logs, and no six years of records.
#[test]
fn a_short_retention_does_not_answer_a_long_one() {
    let policy = shipped();
    for (framework, id) in [("pci-dss", "10.5.1"), ("hipaa", "164.316(b)(2)(i)"), ("cis-v8", "8.10")] {
        let control = control(&policy.frameworks, framework, id);
        assert_eq!(control.shortfalls.len(), 1, "{id}");
        assert!(
            control.shortfalls[0].contains("is 35d, and the control asks for at least"),
            "{}",
            control.shortfalls[0]
        );
        assert_eq!(control.strength, Strength::Supporting);
    }
    let claimed: Vec<SourceFile> = sources()
        .into_iter()
        .map(|mut source| {
            let at = source.text.find("id = \"10.5.1\"").filter(|_| source.name.contains("pci"));
            if let Some(at) = at {
                let rest = source.text.split_off(at);
                source.text.push_str(&rest.replacen("\"supporting\"", "\"full\"", 1));
            }
            source
        })
        .collect();
    assert_eq!(codes(&claimed, &policy), ["overclaimed"]);
    let longer = "[[rule]]\nid = \"kept-35-days\"\nwith = { keep = \"400d\" }\n";
    let longer = self::policy(&format!("{HEAD}extends = \"builtin:infrastructure-backups\"\n{longer}"));
    assert!(control(&longer.frameworks, "pci-dss", "10.5.1").shortfalls.is_empty());
    assert!(load(&claimed, &longer).is_ok(), "the claim depends on the rule alone");
}

#[test]
fn a_weaker_policy_lowers_what_the_shipped_mappings_claim() {
    let weaker = r#"
[[override]]
rule = "restore-tested-every-quarter"
scope = { accounts = ["111122223333"] }
with = { within = "200d" }
reason = "agreed"

[[rule]]
id = "full-cycle"
enabled = false
"#;
    let policy = policy(&format!("{HEAD}extends = \"builtin:infrastructure-backups\"\n{weaker}"));
    let quarter = control(&policy.frameworks, "cis-v8", "11.5");
    assert_eq!(quarter.strength, Strength::Partial);
    assert_eq!(quarter.shortfalls.len(), 1, "the override is weaker, though the rule is not");
    let weekly = control(&policy.frameworks, "cis-v8", "11.2");
    assert_eq!(weekly.strength, Strength::Partial);
    assert!(weekly.missing.iter().any(|missing| missing.contains("1.5")), "{:?}", weekly.missing);
}

#[test]
fn a_policy_of_its_own_has_no_mapping_until_one_is_given() {
    let policy = policy(&format!("{HEAD}{RULE}"));
    assert!(policy.frameworks.is_empty());
    assert!(codes(&sources(), &policy).contains(&"unknown-rule"));
}

#[test]
fn a_broken_mapping_is_refused_with_everything_that_is_wrong() {
    let text = std::fs::read_to_string("fixtures/policies/mappings/broken.toml").unwrap();
    let problems = load(&[file("broken.toml", &text)], &shipped()).err().unwrap();
    let lines: Vec<String> = problems.iter().map(Diagnostic::line).collect();
    let found: BTreeSet<&str> = problems.iter().map(|problem| problem.code).collect();
    let expected = [
        "bad-value",
        "duplicate",
        "missing-key",
        "no-bound",
        "overclaimed",
        "unknown-clause",
        "unknown-parameter",
        "unknown-rule",
    ];
    assert_eq!(found, BTreeSet::from(expected), "{}", lines.join("\n"));
    insta::with_settings!({
        snapshot_path => "../../../fixtures/policies/snapshots",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!("mapping-broken", format!("{}\n{}", diagnostic::render(&problems, Style::Plain), lines.join("\n")));
    });
    let twice = [file("a.toml", MAPPING), file("b.toml", MAPPING)];
    assert_eq!(codes(&twice, &policy(&format!("{HEAD}{RULE}"))), ["duplicate"]);
    let nothing = MAPPING.replace("rules = [\"s3-versioning\"]", "");
    assert_eq!(codes(&[file("a.toml", &nothing)], &policy(&format!("{HEAD}{RULE}"))), ["maps-nothing"]);
    let (empty, _) = MAPPING.split_once("[[control]]").unwrap();
    assert_eq!(codes(&[file("a.toml", empty)], &policy(&format!("{HEAD}{RULE}"))), ["no-controls"]);
}

/// Whoever extends the shipped policy may have another register of clauses.
#[test]
fn a_clause_that_the_register_does_not_have_is_missing() {
    let mut policy = shipped();
    policy.clauses.retain(|clause| &*clause.id != "2.1");
    let mapped = lastgood::policy::frameworks::shipped(&policy);
    let missing: BTreeSet<&str> =
        mapped.iter().flat_map(|f| &f.controls).flat_map(|c| &c.missing).map(|m| &**m).collect();
    assert_eq!(missing, BTreeSet::from(["clause 2.1: not in the register"]));
}

const RULE: &str = r#"
[[rule]]
id = "s3-versioning"
title = "versioning is enabled"
check = "versioning"
"#;

const MAPPING: &str = r#"
[framework]
id = "own"
title = "Our own"
note = "everything else"

[[control]]
id = "A"
title = "versions are kept"
strength = "full"
rules = ["s3-versioning"]
rationale = "shows that buckets keep versions"
"#;

/// The only control of [`MAPPING`], judged.
fn judged(inventory: &Inventory, more: &str, mapping: &str) -> ControlStatus {
    let mut policy = policy(&format!("{HEAD}{RULE}{more}"));
    policy.frameworks = load(&[file("own.toml", mapping)], &policy)
        .unwrap_or_else(|problems| panic!("{}", diagnostic::render(&problems, Style::Plain)));
    let assessment = evaluate(&policy, inventory, demo::as_of());
    assessment.frameworks[0].controls[0].clone()
}

/// The demo estate with the buckets whose verdict has one of these outcomes.
fn estate(outcomes: &[Outcome]) -> Inventory {
    let mut inventory = demo::inventory();
    let assessment = evaluate(&policy(&format!("{HEAD}{RULE}")), &inventory, demo::as_of());
    let kept: BTreeSet<&str> = assessment
        .verdicts
        .iter()
        .filter(|verdict| outcomes.contains(&verdict.outcome))
        .map(|verdict| verdict.subject.resource.as_str())
        .collect();
    inventory.resources.retain(|resource| kept.contains(resource.arn.as_str()));
    inventory
}

#[test]
fn a_control_is_as_bad_as_the_worst_of_its_rules() {
    let state = |outcomes: &[Outcome]| judged(&estate(outcomes), "", MAPPING).state;
    assert_eq!(state(&[Outcome::Pass]), ControlState::Passed);
    assert_eq!(state(&[Outcome::Pass, Outcome::Unknown]), ControlState::Unknown);
    assert_eq!(state(&[Outcome::Pass, Outcome::Unknown, Outcome::Fail]), ControlState::Failed);
    assert_eq!(state(&[]), ControlState::NotAssessed);
}

/// What was not listed may be anything.
#[test]
fn a_list_that_was_not_read_to_the_end_is_never_passed() {
    let mut inventory = estate(&[Outcome::Pass]);
    inventory.reads.retain(|read| !read.call.contains("ListBuckets"));
    let control = judged(&inventory, "", MAPPING);
    assert!(control.verdicts.pass > 0 && control.verdicts.unknown == 0, "{control:?}");
    assert_eq!(control.state, ControlState::Unknown);
}

/// An exception that we approved binds nobody else.
#[test]
fn an_approved_exception_lifts_no_outside_demand() {
    let waiver = "\n[[waiver]]\nid = \"w\"\nrules = [\"*\"]\nresources = [\"*\"]\nreason = \"r\"\nrequested_by = \"a@example.com\"\n\
         approved_by = \"b@example.com\"\napproved_on = 2026-11-01\nexpires = 2027-01-31\n";
    let control = judged(&estate(&[Outcome::Pass, Outcome::Fail]), waiver, MAPPING);
    assert!(control.verdicts.waived > 0 && control.verdicts.fail == 0, "{control:?}");
    assert_eq!(control.state, ControlState::Failed);
}

#[test]
fn what_is_missing_or_falls_short_is_never_passed() {
    let passes = estate(&[Outcome::Pass]);
    let off = "\n[[rule]]\nid = \"other\"\ntitle = \"o\"\ncheck = \"versioning\"\nenabled = false\n";
    let missing = MAPPING.replace("[\"s3-versioning\"]", "[\"s3-versioning\", \"other\"]");
    let control = judged(&passes, off, &missing);
    assert_eq!((control.state, control.missing.len()), (ControlState::Unknown, 1));
    let kept = "\n[[rule]]\nid = \"kept\"\ntitle = \"k\"\ncheck = \"retention-minimum\"\nscope = { kinds = [\"s3-bucket\"], resources = [\"arn:aws:s3:::none\"] }\n\
         may_match_nothing = true\nwith = { keep = \"35d\" }\n";
    let demand = |least: &str| {
        let demand = format!(
            "demand = [{{ rule = \"kept\", parameter = \"keep\", at_least = \"{least}\" }}]\nrules = [\"s3-versioning\", \"kept\"]"
        );
        MAPPING.replace("rules = [\"s3-versioning\"]", &demand).replace("\"full\"", "\"partial\"")
    };
    assert_eq!(judged(&passes, kept, &demand("35d")).state, ControlState::Passed);
    let short = judged(&passes, kept, &demand("36d"));
    assert_eq!((short.state, short.shortfalls.len()), (ControlState::Unknown, 1));
}

#[test]
fn reading_nothing_passes_no_control() {
    let inventory = Inventory::empty(demo::as_of(), "aws");
    let assessment = evaluate(&shipped(), &inventory, demo::as_of());
    let controls: Vec<_> = assessment.frameworks.iter().flat_map(|framework| &framework.controls).collect();
    assert!(controls.len() > 90);
    assert!(controls.iter().all(|control| control.state != ControlState::Passed));
}
