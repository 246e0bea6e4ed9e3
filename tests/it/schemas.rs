//! The JSON Schemas of what lastgood saves, held against the Rust types in both directions: whatever is
//! written is valid, nothing that the reader refuses is valid, and no part of a schema is left over.

mod declared;
mod ledger;
mod period;
mod plan;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use jsonschema::Validator;
use lastgood::evaluate::evaluate;
use lastgood::model::Instant;
use lastgood::model::activity::{
    self, Activity, ActivityKind, ActivityOutcome, Artefact, Bytes, Depth, EvidenceFile, Items, Tool, Trigger,
    Validation,
};
use lastgood::model::application::{Application, Component, LoggedAs, OffPeak, ResourceSelector, Stakeholder};
use lastgood::model::assessment::{self, *};
use lastgood::model::attestation::{Attestation, AttestationKind};
use lastgood::model::declared::Action;
use lastgood::model::fact::Fact;
use lastgood::model::framework::{ControlState, ControlStatus, FrameworkStatus, Strength};
use lastgood::model::gap::{Gap, GapStatus, Read};
use lastgood::model::inventory::{self, Inventory};
use lastgood::model::judgement::{Evidence, Sentence, Value as Observed};
use lastgood::model::kind::Kind;
use lastgood::model::kms::KmsKey;
use lastgood::model::ledger::Why;
use lastgood::model::log::{self, LogProblem, LogStream, Record, RecordType};
use lastgood::model::notification::{EventRule, Topic, VaultNotifications};
use lastgood::model::outcome::{Outcome, Severity};
use lastgood::model::plan::Plan;
use lastgood::model::protection::*;
use lastgood::model::recovery_point::*;
use lastgood::model::resource::*;
use lastgood::model::span::Span;
use lastgood::model::text::Text;
use lastgood::policy::{SourceFile, load};
use rstest::rstest;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A saved form: its schema, and a value in which every field of every type is set.
struct Form {
    name: &'static str,
    full: fn() -> Value,
    read: fn(Value) -> bool,
    /// Whether required is what the reader needs, rather than what is always written.
    hand_written: bool,
}

const INVENTORY: Form =
    Form { name: "inventory", full: || written(&full_inventory()), read: reads::<Inventory>, hand_written: true };
const ASSESSMENT: Form =
    Form { name: "assessment", full: || written(&full_assessment()), read: reads::<Assessment>, hand_written: false };

const LOG: Form = Form { name: "log", full: || written(&full_record()), read: reads::<Record>, hand_written: true };

const PLAN: Form = Form { name: "plan", full: || written(&plan::full()), read: reads::<Plan>, hand_written: false };

const PERIOD: Form = Form {
    name: "period",
    full: || written(&period::full()),
    read: reads::<lastgood::model::period::PeriodAssessment>,
    hand_written: false,
};

fn written(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

fn reads<T: DeserializeOwned>(value: Value) -> bool {
    serde_json::from_value::<T>(value).is_ok()
}

impl Form {
    fn schema(&self) -> Value {
        let path = format!("docs/schemas/{}.schema.json", self.name);
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    fn validator(&self) -> Validator {
        jsonschema::draft202012::options().should_validate_formats(true).build(&self.schema()).unwrap()
    }

    fn expect_valid(&self, value: &Value) {
        let validator = self.validator();
        let errors: Vec<String> =
            validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{}:\n{}", self.name, errors.join("\n"));
    }
}

#[rstest]
#[case::inventory(INVENTORY)]
#[case::assessment(ASSESSMENT)]
#[case::log(LOG)]
#[case::plan(PLAN)]
#[case::period(PERIOD)]
fn is_a_schema_of_draft_2020_12_and_needs_no_other_file(#[case] form: Form) {
    let schema = form.schema();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    assert_eq!(schema["title"], schema["properties"]["schema"]["const"], "the title names the version");
    let mut objects = Vec::new();
    each(&schema, "", &mut |_, value| objects.extend(value.is_object().then(|| value.clone())));
    for object in objects {
        if let Some(target) = object.get("$ref").and_then(Value::as_str) {
            assert!(target.starts_with("#/$defs/") && schema.pointer(&target[1..]).is_some(), "{target} is not here");
        }
    }
}

#[test]
fn the_schemas_name_the_versions_that_the_code_writes() {
    assert_eq!(INVENTORY.schema()["title"], inventory::SCHEMA);
    assert_eq!(ASSESSMENT.schema()["title"], assessment::SCHEMA);
    assert_eq!(LOG.schema()["title"], log::SCHEMA);
    assert_eq!(PLAN.schema()["title"], lastgood::model::plan::SCHEMA);
    assert_eq!(PERIOD.schema()["title"], lastgood::model::period::SCHEMA);
}

/// What a log and an inventory share is described in the same words.
#[test]
fn the_log_describes_activities_as_the_inventory_does() {
    let (log, inventory) = (LOG.schema(), INVENTORY.schema());
    for (name, described) in log["$defs"].as_object().unwrap() {
        assert_eq!(described, &inventory["$defs"][name], "{name}");
    }
}

/// A line of each sort, as the program itself writes it.
#[test]
fn every_line_that_lastgood_writes_is_valid() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("backup.jsonl");
    let run = |words: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_lastgood"));
        command
            .args(words.split(' '))
            .current_dir(folder.path())
            .env_clear()
            .env("HOME", folder.path())
            .env("USER", "nora");
        command.env("PATH", std::env::var("PATH").unwrap());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{words}: {output:?}");
    };
    run("log run --resource component:shop/db -- true");
    run("log record --kind recovery --resource component:shop/db --cause disk --action restarted");
    run("log heartbeat");
    // A writer that died, and the next one.
    let mut text = std::fs::read(&log).unwrap();
    text.extend_from_slice(b"{\"schema\":");
    std::fs::write(&log, text).unwrap();
    run("log heartbeat");
    run("log rotate");
    run("log heartbeat");
    run("attest 1.1 --kind review --statement told --by nora --on 2026-11-01 --valid-until 2027-11-01");
    let validator = LOG.validator();
    let mut types = BTreeSet::new();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if !path.file_name().unwrap().to_string_lossy().contains("jsonl") {
            continue;
        }
        for line in std::fs::read_to_string(&path).unwrap().lines() {
            let Ok(value) = serde_json::from_str::<Value>(line) else { continue };
            let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{}: {line}\n{errors:?}", path.display());
            types.insert(value["type"].as_str().unwrap().to_owned());
        }
    }
    for wanted in ["started", "finished", "recorded", "heartbeat", "torn", "continued", "attested"] {
        assert!(types.contains(wanted), "{wanted} is not among {types:?}");
    }
}

#[test]
fn the_demo_estate_is_valid() {
    INVENTORY.expect_valid(&written(&lastgood::demo::inventory()));
    INVENTORY.expect_valid(&written(&Inventory::empty(at("2026-11-22T00:00:00.123Z"), "aws")));
}

/// What an evaluation makes, not only what this file makes by hand.
#[test]
fn the_demo_estate_as_judged_is_valid() {
    let file = |name: &str, text: &str| SourceFile { name: name.into(), text: text.into() };
    let files = [file("policy.toml", POLICY), file("waivers.toml", WAIVERS)];
    let policy = load(&files).unwrap_or_else(|problems| panic!("{problems:?}"));
    let judged = evaluate(&policy, &lastgood::demo::inventory(), lastgood::demo::as_of());
    let Summary { pass, fail, unknown, not_applicable: _, waived } = judged.summary;
    assert!(pass > 0 && fail > 0 && unknown > 0 && waived > 0 && !judged.policy_findings.is_empty(), "{judged:?}");
    ASSESSMENT.expect_valid(&written(&judged));
}

const POLICY: &str = r#"
[policy]
id = "test"
title = "test"
version = "1"
timezone = "Europe/London"
owner = "o@example.com"
approved_by = "a@example.com"
approved_on = 2026-01-15

[[rule]]
id = "s3-versioning"
title = "versioning is enabled"
clauses = ["7.1"]
check = "versioning"
severity = "high"
"#;

const WAIVERS: &str = r#"
[[waiver]]
id = "w-statements"
rules = ["s3-versioning"]
resources = ["arn:aws:s3:::*billing-statements*"]
reason = "statements are written once"
requested_by = "b@example.com"
approved_by = "a@example.com"
approved_on = 2026-06-01
expires = 2027-05-31

[[waiver]]
id = "w-unused"
rules = ["s3-versioning"]
resources = ["arn:aws:s3:::gone"]
reason = "a finding about the policy itself"
requested_by = "b@example.com"
approved_by = "a@example.com"
approved_on = 2026-06-01
expires = 2027-05-31
"#;

#[rstest]
#[case::inventory(INVENTORY)]
#[case::assessment(ASSESSMENT)]
#[case::log(LOG)]
#[case::plan(PLAN)]
#[case::period(PERIOD)]
fn a_value_with_every_field_set_is_valid_and_reads_back(#[case] form: Form) {
    let full = (form.full)();
    form.expect_valid(&full);
    assert!((form.read)(full));
}

/// A property that no value uses is a leftover, or the value above it is not full.
#[rstest]
#[case::inventory(INVENTORY)]
#[case::assessment(ASSESSMENT)]
#[case::log(LOG)]
#[case::plan(PLAN)]
#[case::period(PERIOD)]
fn every_property_of_the_schema_is_written(#[case] form: Form) {
    let (schema, full) = (form.schema(), (form.full)());
    let mut used = BTreeSet::new();
    walk(&schema, "", &full, &mut used);
    let mut described = BTreeSet::new();
    each(&schema, "", &mut |pointer, _| {
        let steps: Vec<&str> = pointer.split('/').collect();
        // `/properties/x` and `/$defs/Type/properties/x`; the conditions of a verdict describe nothing new.
        if let ["", "properties", _]
        | ["", "$defs", _, "properties", _]
        | ["", "$defs", _, "oneOf", _, "properties", _] = steps[..]
        {
            described.insert(pointer.to_owned());
        }
    });
    let unused: Vec<&String> = described.difference(&used).collect();
    assert!(unused.is_empty(), "{unused:#?}");
}

/// Follow a value through the schema, and note each property that describes a part of it.
fn walk(schema: &Value, pointer: &str, value: &Value, used: &mut BTreeSet<String>) {
    let node = schema.pointer(pointer).unwrap();
    if let Some(target) = node.get("$ref").and_then(Value::as_str) {
        return walk(schema, &target[1..], value, used);
    }
    if let Some(choices) = node.get("anyOf").and_then(Value::as_array) {
        // Only the waiver and plain values have a choice; its first branch is the one with fields.
        if value.is_object() && !choices.is_empty() {
            walk(schema, &format!("{pointer}/anyOf/0"), value, used);
        }
        return;
    }
    if let Some(choices) = node.get("oneOf").and_then(Value::as_array) {
        // An action: the branch whose word it has.
        let is_branch = |choice: &Value| choice["properties"]["do"]["const"] == value["do"];
        let chosen = choices.iter().position(is_branch).unwrap_or_else(|| panic!("no branch for {value}"));
        return walk(schema, &format!("{pointer}/oneOf/{chosen}"), value, used);
    }
    for (name, value) in value.as_object().into_iter().flatten() {
        let property = format!("{pointer}/properties/{name}");
        if schema.pointer(&property).is_some() {
            walk(schema, &property, value, used);
            used.insert(property);
        } else if node.get("additionalProperties").is_some_and(Value::is_object) {
            walk(schema, &format!("{pointer}/additionalProperties"), value, used);
        }
    }
    for value in value.as_array().into_iter().flatten() {
        walk(schema, &format!("{pointer}/items"), value, used);
    }
}

/// Call `visit` with every part of a value and its pointer.
fn each(value: &Value, pointer: &str, visit: &mut impl FnMut(&str, &Value)) {
    visit(pointer, value);
    for (key, part) in value.as_object().into_iter().flatten() {
        let key = key.replace('~', "~0").replace('/', "~1");
        each(part, &format!("{pointer}/{key}"), visit);
    }
    for (index, part) in value.as_array().into_iter().flatten().enumerate() {
        each(part, &format!("{pointer}/{index}"), visit);
    }
}

/// One part of each shape: the first gap stands for all gaps, but null and an object are two shapes.
fn parts(value: &Value) -> Vec<(String, Value)> {
    let (mut shapes, mut parts) = (HashSet::new(), Vec::new());
    each(value, "", &mut |pointer, part| {
        let is_index = |step: &str| !step.is_empty() && step.bytes().all(|b| b.is_ascii_digit());
        let shape: Vec<&str> = pointer.split('/').map(|step| if is_index(step) { "*" } else { step }).collect();
        if shapes.insert((shape.join("/"), std::mem::discriminant(part))) {
            parts.push((pointer.to_owned(), part.clone()));
        }
    });
    parts
}

/// The value with another one in place of the part at `pointer`.
fn with(value: &Value, pointer: &str, part: Value) -> Value {
    let mut changed = value.clone();
    *changed.pointer_mut(pointer).unwrap() = part;
    changed
}

/// A key that nobody knows is refused at the same places by the schema and by the reader; tags and the
/// like take any key.
#[rstest]
#[case::inventory(INVENTORY)]
#[case::assessment(ASSESSMENT)]
#[case::log(LOG)]
#[case::plan(PLAN)]
#[case::period(PERIOD)]
fn unknown_keys_are_refused_where_the_reader_refuses_them(#[case] form: Form) {
    let (validator, full) = (form.validator(), (form.full)());
    assert!(validator.is_valid(&full), "what follows would show nothing");
    let (mut refused, mut taken) = (0, 0);
    for (pointer, part) in parts(&full) {
        let Some(mut object) = part.as_object().cloned() else { continue };
        // Of the type that the object's other values have, so that a table of flags or numbers takes it.
        let like = object.values().next().cloned().unwrap_or_else(|| json!("x"));
        object.insert("surprise".into(), like);
        let changed = with(&full, &pointer, Value::Object(object));
        let valid = validator.is_valid(&changed);
        if pointer.ends_with("/counts") {
            assert!(!valid, "{pointer}: its keys are kinds");
        }
        assert_eq!(valid, (form.read)(changed), "{pointer}");
        if valid { taken += 1 } else { refused += 1 }
    }
    // A period has no table with free keys.
    assert!(refused > 8 && (taken > 0 || form.name == "period"), "{refused} refused, {taken} taken");
}

#[rstest]
#[case::inventory(INVENTORY)]
#[case::assessment(ASSESSMENT)]
#[case::log(LOG)]
#[case::plan(PLAN)]
#[case::period(PERIOD)]
fn a_missing_key_is_refused_where_it_is_needed(#[case] form: Form) {
    let (validator, full) = (form.validator(), (form.full)());
    assert!(validator.is_valid(&full), "what follows would show nothing");
    let mut refused = 0;
    for (pointer, part) in parts(&full) {
        for key in part.as_object().into_iter().flatten().map(|(key, _)| key) {
            let mut object = part.as_object().cloned().unwrap();
            object.remove(key);
            let changed = with(&full, &pointer, Value::Object(object));
            let (valid, readable) = (validator.is_valid(&changed), (form.read)(changed));
            assert!(readable || !valid, "{pointer}: `{key}` is needed by the reader and not by the schema");
            // An object that names its one variant is nothing without it, and its reader says so by another rule.
            assert!(!form.hand_written || valid == readable, "{pointer}: `{key}` is needed by the schema alone");
            refused += usize::from(!valid);
        }
    }
    assert!(refused > 20, "{refused}");
}

/// Each part in turn has another type, or is null; nothing of it may pass the schema and fail the reader,
/// and where a type is wrong for the reader the schema says so too.
#[rstest]
#[case::inventory(INVENTORY)]
#[case::assessment(ASSESSMENT)]
#[case::log(LOG)]
#[case::plan(PLAN)]
#[case::period(PERIOD)]
fn wrong_types_and_nulls_are_refused(#[case] form: Form) {
    let (validator, full) = (form.validator(), (form.full)());
    assert!(validator.is_valid(&full), "what follows would show nothing");
    for (pointer, part) in parts(&full) {
        let wrong: Vec<Value> = match part {
            Value::Null => vec![json!(1), json!({})],
            Value::Bool(_) => vec![Value::Null, json!("true"), json!(1)],
            Value::Number(_) => vec![Value::Null, json!("1"), json!(-1), json!(1.5), json!([])],
            Value::String(_) => vec![Value::Null, json!(1), json!(["x"])],
            Value::Array(_) => vec![Value::Null, json!("x"), json!({}), json!([[]])],
            Value::Object(_) => vec![Value::Null, json!("x"), json!([])],
        };
        // Facts and parameters have the type that the check gives them.
        let free = ["/observed/", "/expected/"].iter().any(|table| pointer.contains(table));
        for other in wrong {
            let shown = format!("{pointer} = {other}");
            let may_be_null = pointer.ends_with("/application") || pointer.ends_with("/waiver");
            let null = other.is_null();
            let changed = with(&full, &pointer, other);
            let valid = validator.is_valid(&changed);
            assert!(!valid || (form.read)(changed), "{shown}: the schema takes it and the reader does not");
            assert!(!valid || (free && !null) || (may_be_null && null), "{shown} is taken");
        }
    }
}

/// A mistake as people make it; the schema must refuse it at its place and for its reason.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Mistake {
    what: String,
    form: String,
    at: String,
    put: Value,
    keyword: String,
}

#[test]
fn planted_mistakes_are_refused_for_what_they_are() {
    let text = std::fs::read_to_string("fixtures/schemas/mistakes.json").unwrap();
    let mistakes: Vec<Mistake> = serde_json::from_str(&text).unwrap();
    for Mistake { what, form, at, put, keyword } in mistakes {
        let form = if form == "inventory" { INVENTORY } else { ASSESSMENT };
        let mut value = (form.full)();
        let (parent, key) = at.rsplit_once('/').unwrap();
        let parent = value.pointer_mut(parent).unwrap_or_else(|| panic!("{what}: nothing is at {at}"));
        match (parent, put) {
            // A null in the file stands for the removal of the key, but for those that say `{"null": true}`.
            (Value::Object(object), Value::Null) => assert!(object.remove(key).is_some(), "{what}"),
            (Value::Object(object), put) if put == json!({"null": true}) => {
                object.insert(key.into(), Value::Null);
            }
            (Value::Object(object), put) => {
                object.insert(key.into(), put);
            }
            (Value::Array(list), put) => list[key.parse::<usize>().unwrap()] = put,
            _ => panic!("{what}: {at} is not in an object or list"),
        }
        let validator = form.validator();
        let found: Vec<String> = validator.iter_errors(&value).map(|error| error.schema_path().to_string()).collect();
        assert!(!found.is_empty(), "{what}: it is taken");
        let for_it = found.iter().any(|path| path.rsplit('/').any(|step| step == keyword));
        assert!(for_it, "{what}: refused by {found:?}, not by `{keyword}`");
    }
}

/// Every variant of an enumeration, by a match that does not compile when one is missing.
macro_rules! every {
    ($type:ident: $($variant:ident),* $(,)?) => {{
        fn _none_is_missing(value: $type) {
            match value { $($type::$variant => ()),* }
        }
        ([$(written(&$type::$variant)),*]).into_iter().collect::<Vec<Value>>()
    }};
}

#[test]
fn enumerations_are_those_of_the_code() {
    let expected: Vec<(Form, &str, Vec<Value>)> = vec![
        (INVENTORY, "Kind", Kind::ALL.iter().map(written).collect()),
        (ASSESSMENT, "Kind", Kind::ALL.iter().map(written).collect()),
        (
            ASSESSMENT,
            "ActivityKind",
            every!(ActivityKind: Backup, Copy, Restore, RestoreTest, Verification, Prune, Recovery, Notification, Review),
        ),
        (ASSESSMENT, "Trigger", every!(Trigger: Scheduled, Manual)),
        (ASSESSMENT, "Depth", every!(Depth: Listed, Metadata, Sampled, FullRead, Restored, Compared)),
        (ASSESSMENT, "AttestationKind", every!(AttestationKind: Review, Procedure, Statement)),
        (ASSESSMENT, "Validation", every!(Validation: Successful, Failed, TimedOut, Validating)),
        (ASSESSMENT, "Why", every!(Why: Unexplained, NotRead, OtherKind, OutOfScope, Deleted)),
        (INVENTORY, "GapStatus", gap_statuses()),
        (ASSESSMENT, "GapStatus", gap_statuses()),
        (INVENTORY, "Existence", every!(Existence: Present, Deleted, Unconfirmed)),
        (INVENTORY, "Versioning", every!(Versioning: Enabled, Suspended, Never)),
        (
            INVENTORY,
            "PointKind",
            every!(PointKind: EbsSnapshot, Image, BackupPoint, DbSnapshot, DbClusterSnapshot, TableBackup, Dump, Mirror),
        ),
        (
            INVENTORY,
            "ConditionOperator",
            every!(ConditionOperator: StringEquals, StringNotEquals, StringLike, StringNotLike),
        ),
        (
            INVENTORY,
            "ActivityKind",
            every!(ActivityKind: Backup, Copy, Restore, RestoreTest, Verification, Prune, Recovery, Notification, Review),
        ),
        (INVENTORY, "Trigger", every!(Trigger: Scheduled, Manual)),
        (INVENTORY, "Depth", every!(Depth: Listed, Metadata, Sampled, FullRead, Restored, Compared)),
        (INVENTORY, "AttestationKind", every!(AttestationKind: Review, Procedure, Statement)),
        (INVENTORY, "Weekday", {
            use chrono::Weekday;
            every!(Weekday: Mon, Tue, Wed, Thu, Fri, Sat, Sun)
        }),
        (INVENTORY, "Validation", every!(Validation: Successful, Failed, TimedOut, Validating)),
        (ASSESSMENT, "Outcome", Outcome::ALL.iter().map(written).collect()),
        (ASSESSMENT, "Strength", Strength::ALL.iter().map(written).collect()),
        (ASSESSMENT, "ControlState", ControlState::ALL.iter().map(written).collect()),
        (ASSESSMENT, "Severity", Severity::ALL.iter().map(written).collect()),
        (PERIOD, "Kind", Kind::ALL.iter().map(written).collect()),
        (PERIOD, "Severity", Severity::ALL.iter().map(written).collect()),
        (PERIOD, "GapStatus", gap_statuses()),
        (PERIOD, "PeriodResult", {
            use lastgood::model::period::PeriodResult;
            every!(PeriodResult: NotApplicable, Satisfied, Excepted, NotEvaluable, NotSatisfied)
        }),
        (PERIOD, "DeviationClass", {
            use lastgood::model::period::DeviationClass;
            every!(DeviationClass: Design, Operating, Evidence, Timing)
        }),
        (PERIOD, "Basis", {
            use lastgood::model::period::Basis;
            every!(Basis: Daily, Calendar, Observed)
        }),
        (PERIOD, "CalendarState", {
            use lastgood::model::period::CalendarState;
            every!(CalendarState: Passed, Late, Missing, Excepted, NoEvidence, NotDue, Open)
        }),
    ];
    let set = |values: &[Value]| values.iter().map(Value::to_string).collect::<BTreeSet<_>>();
    let mut named = BTreeSet::new();
    for (form, name, variants) in expected {
        let schema = form.schema();
        let listed = schema["$defs"][name]["enum"].as_array().unwrap();
        assert_eq!(set(listed), set(&variants), "{name}");
        named.insert((form.name, name.to_owned()));
    }
    for form in [INVENTORY, ASSESSMENT, PERIOD] {
        for (name, _) in form.schema()["$defs"].as_object().unwrap().iter().filter(|(_, def)| def.get("enum").is_some())
        {
            assert!(named.contains(&(form.name, name.clone())), "{name} is not compared with the code");
        }
    }
}

/// The words that the code knows; any other is kept as the service wrote it.
#[test]
fn open_enumerations_list_the_words_that_the_code_knows() {
    let schema = INVENTORY.schema();
    let listed = |name: &str| -> Vec<String> {
        serde_json::from_value(schema["$defs"][name]["anyOf"][0]["enum"].clone()).unwrap()
    };
    for word in listed("PointStatus") {
        assert!(!matches!(PointStatus::from(word.as_str()), PointStatus::Other(_)), "{word}");
    }
    for word in listed("ActivityOutcome") {
        assert!(!matches!(ActivityOutcome::from(word.as_str()), ActivityOutcome::Other(_)), "{word}");
    }
    for status in point_statuses().iter().filter(|status| !matches!(status, PointStatus::Other(_))) {
        assert!(listed("PointStatus").iter().any(|word| word == status.id()), "{}", status.id());
    }
    for outcome in activity_outcomes().iter().filter(|outcome| !matches!(outcome, ActivityOutcome::Other(_))) {
        assert!(listed("ActivityOutcome").iter().any(|word| word == outcome.id()), "{}", outcome.id());
    }
}

fn gap_statuses() -> Vec<Value> {
    every!(GapStatus: Denied, Throttled, Disabled, Incomplete, NotUnderstood, Failed)
}

fn point_statuses() -> Vec<PointStatus> {
    use PointStatus::*;
    fn _none_is_missing(status: PointStatus) {
        match status {
            Completed | Available | Stopped | Partial | Creating | Deleting | Expired | Error | Recoverable => (),
            Other(_) => (),
        }
    }
    vec![
        Completed,
        Available,
        Stopped,
        Partial,
        Creating,
        Deleting,
        Expired,
        Error,
        Recoverable,
        Other("QUANTUM".into()),
    ]
}

fn activity_outcomes() -> Vec<ActivityOutcome> {
    use ActivityOutcome::*;
    fn _none_is_missing(outcome: ActivityOutcome) {
        match outcome {
            Succeeded | CompletedWithIssues | Partial | Failed | Expired | Aborted | Running => (),
            Other(_) => (),
        }
    }
    vec![Succeeded, CompletedWithIssues, Partial, Failed, Expired, Aborted, Running, Other("QUANTUM".into())]
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn now() -> Instant {
    at("2026-11-22T00:00:00Z")
}

fn texts(items: &[&str]) -> Vec<Text> {
    items.iter().map(|item| Text::from(*item)).collect()
}

fn tags() -> Tags {
    [(Text::from("owner"), Text::from("platform")), (Text::from("a/b~c"), Text::default())].into()
}

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-west-2";
const VOLUME: &str = "arn:aws:ec2:eu-west-2:111122223333:volume/vol-0a";

// What follows is built without `..default()` on purpose: a new field does not compile until it is set
// here, and is then refused until the schema describes it.

fn resource(kind: Kind, existence: Existence, detail: Detail) -> Resource {
    Resource {
        application: Some("shop".into()),
        criticality: Some("critical".into()),
        arn: VOLUME.into(),
        kind,
        account: ACCOUNT.into(),
        region: REGION.into(),
        name: Some("orders".into()),
        tags: Fact::Known(tags()),
        created_at: Fact::Known(now()),
        existence,
        detail,
    }
}

fn details() -> Vec<Detail> {
    let bucket = |versioning| Bucket {
        versioning: Fact::Known(versioning),
        mfa_delete: Fact::Known(false),
        encryption: Fact::Known(BucketEncryption { algorithm: "aws:kms".into(), kms_key: Some("key".into()) }),
        lifecycle: Fact::Known(vec![LifecycleRule {
            id: "keep".into(),
            prefix: Some("tmp/".into()),
            tags: tags(),
            larger_than: Some(1),
            smaller_than: Some(u64::MAX),
            expire_days: Some(1),
            expire_on: Some(now()),
            noncurrent_days: Some(90),
            newer_noncurrent_versions: Some(3),
        }]),
        object_lock: Fact::Known(ObjectLock { enabled: true, mode: Some("COMPLIANCE".into()), days: Some(365) }),
        replication: Fact::Known(vec![ReplicationRule {
            destination: "arn:aws:s3:::copy".into(),
            account: Some(ACCOUNT.into()),
            whole_bucket: true,
        }]),
        public_access_block: Fact::Known(PublicAccessBlock {
            block_public_acls: true,
            ignore_public_acls: true,
            block_public_policy: false,
            restrict_public_buckets: false,
        }),
        policy_public: Fact::Known(false),
    };
    let _none_is_missing = |detail: Detail| match detail {
        Detail::None | Detail::Volume(_) | Detail::Instance(_) | Detail::Bucket(_) => (),
        Detail::Database(_) | Detail::Table(_) | Detail::FileSystem(_) | Detail::Vault(_) | Detail::Region(_) => (),
    };
    vec![
        Detail::None,
        Detail::Volume(Volume {
            size_gib: Fact::Known(100),
            encrypted: Fact::Known(true),
            kms_key: Some("key".into()),
            attached_to: texts(&["arn:aws:ec2:eu-west-2:111122223333:instance/i-0a"]),
        }),
        Detail::Instance(Instance { state: Fact::Known("running".into()), volumes: Fact::Known(texts(&[VOLUME])) }),
        Detail::Bucket(Box::new(bucket(Versioning::Enabled))),
        Detail::Bucket(Box::new(bucket(Versioning::Suspended))),
        Detail::Bucket(Box::new(bucket(Versioning::Never))),
        Detail::Database(Box::new(Database {
            status: Fact::Known("available".into()),
            backup_retention_days: Fact::Known(u32::MAX),
            backup_window: Fact::Known("22:15-22:45".into()),
            latest_restorable: Some(now()),
            earliest_restorable: Some(now()),
            encrypted: Fact::Known(true),
            kms_key: Some("key".into()),
            deletion_protection: Fact::Known(true),
            publicly_accessible: Fact::Known(false),
        })),
        Detail::Table(Table {
            pitr_days: Fact::Known(35),
            earliest_restorable: Some(now()),
            latest_restorable: Some(now()),
            deletion_protection: Fact::Known(true),
            kms_key: Fact::Known("key".into()),
        }),
        Detail::FileSystem(FileSystem {
            encrypted: Fact::Known(true),
            kms_key: Some("key".into()),
            backup_policy: Fact::Known(true),
        }),
        Detail::Vault(Box::new(Vault {
            vault_type: Some("BACKUP_VAULT".into()),
            kms_key: Fact::Known("key".into()),
            lock: Fact::Known(VaultLock {
                locked: true,
                min_days: Some(7),
                max_days: Some(365),
                immutable_from: Some(now()),
            }),
            policy: Fact::Known("{}".into()),
            notifications: Fact::Known(VaultNotifications {
                topic: Some("arn:aws:sns:eu-west-2:111122223333:t".into()),
                events: texts(&["BACKUP_JOB_COMPLETED"]),
            }),
            points: Fact::Known(12),
        })),
        Detail::Region(Box::new(RegionSettings {
            ebs_encryption_by_default: Fact::Known(true),
            snapshot_block_public_access: Fact::Known("unblocked".into()),
            backup_opt_in: Fact::Known([(Text::from("EBS"), true)].into()),
        })),
    ]
}

fn point(kind: PointKind, status: PointStatus) -> RecoveryPoint {
    RecoveryPoint {
        arn: "arn:aws:ec2:eu-west-2::snapshot/snap-0a".into(),
        kind,
        resource: Some(VOLUME.into()),
        account: ACCOUNT.into(),
        region: REGION.into(),
        vault: Some("arn:aws:backup:eu-west-2:111122223333:backup-vault:primary".into()),
        status,
        started_at: now(),
        completed_at: Some(now()),
        delete_after_days: Some(35),
        delete_at: Some(now()),
        encrypted: Fact::Known(true),
        kms_key: Some("key".into()),
        size: Some(u64::MAX),
        extra: Some(Arc::new(PointExtra {
            tags: Fact::Known(tags()),
            members: texts(&["arn:aws:ec2:eu-west-2::snapshot/snap-0b"]),
            member_of: Some("arn:aws:ec2:eu-west-2::image/ami-0a".into()),
            is_parent: true,
            parent: Some("arn:aws:backup:eu-west-2:111122223333:recovery-point:a".into()),
            is_copy: true,
            data_at: Some(now()),
            continuous: Some(RestoreWindow { earliest: Some(now()), latest: Some(now()) }),
            created_by: Some(created_by()),
            lock: Some(PointLock { state: "compliance".into(), until: Some(now()) }),
            legal_holds: texts(&["hold-1"]),
            public: Fact::Known(false),
            shared_with: Fact::Known(texts(&["444455556666"])),
            archived: true,
            disabled: true,
            managed_by: Some("aws-backup".into()),
            message: Some("stuck".into()),
            last_restored_at: Some(now()),
        })),
    }
}

fn created_by() -> CreatedBy {
    CreatedBy { plan: "arn:aws:backup:eu-west-2:111122223333:backup-plan:p".into(), rule: Some("daily".into()) }
}

fn backup_plan() -> BackupPlan {
    BackupPlan {
        arn: created_by().plan,
        name: "daily-35d".into(),
        account: ACCOUNT.into(),
        region: REGION.into(),
        rules: vec![PlanRule {
            id: "r".into(),
            name: "daily".into(),
            vault: "primary".into(),
            schedule: Some("cron(0 5 * * ? *)".into()),
            timezone: Some("Europe/London".into()),
            start_window_minutes: Some(60),
            completion_window_minutes: Some(120),
            delete_after_days: Some(35),
            cold_after_days: Some(7),
            continuous: true,
            copies: vec![CopyAction {
                vault: Fact::Known("arn:aws:backup:us-east-1:1:backup-vault:v".into()),
                delete_after_days: Some(35),
            }],
        }],
        selections: Fact::Known(vec![Selection {
            id: "s".into(),
            name: "tagged".into(),
            role: Some("arn:aws:iam::111122223333:role/backup".into()),
            resources: texts(&["*"]),
            not_resources: texts(&["arn:aws:s3:::*"]),
            list_of_tags: vec![TagTest { key: "backup".into(), value: "daily".into() }],
            conditions: [
                ConditionOperator::StringEquals,
                ConditionOperator::StringNotEquals,
                ConditionOperator::StringLike,
                ConditionOperator::StringNotLike,
            ]
            .map(|operator| Condition { operator, key: "aws:ResourceTag/env".into(), value: "prod".into() })
            .into(),
        }]),
    }
}

fn gap(status: Value) -> Gap {
    Gap {
        account: ACCOUNT.into(),
        region: "global".into(),
        service: "s3".into(),
        operation: "GetBucketVersioning".into(),
        resource: Some("arn:aws:s3:::assets".into()),
        status: serde_json::from_value(status).unwrap(),
        code: "AccessDenied".into(),
        message: Some("no".into()),
        iam_action: "s3:GetBucketVersioning".into(),
    }
}

fn activity(kind: Value, outcome: ActivityOutcome, validation: Value) -> Activity {
    Activity {
        id: "job-1".into(),
        kind: serde_json::from_value(kind).unwrap(),
        source: "backup:ListBackupJobs".into(),
        account: ACCOUNT.into(),
        region: REGION.into(),
        resource: Some(VOLUME.into()),
        point: Some("arn:aws:ec2:eu-west-2::snapshot/snap-0a".into()),
        outcome,
        started_at: now(),
        completed_at: Some(now()),
        size: Some(1),
        message: Some("fine".into()),
        operator: Some("arn:aws:iam::111122223333:role/backup".into()),
        created_by: Some(created_by()),
        validation: Some(serde_json::from_value(validation).unwrap()),
        cleanup: Some("successful".into()),
        detail: Some(std::sync::Arc::new(activity_detail())),
    }
}

fn activity_detail() -> activity::Detail {
    let text = |text: &str| Some(Text::from(text));
    activity::Detail {
        trigger: Some(Trigger::Manual),
        application: text("shop"),
        data_type: text("mysql"),
        method: text("database-dump"),
        level: text("full"),
        tool: Some(Tool { name: "mysqldump".into(), version: text("10.11.19") }),
        native: text("mysqldump"),
        command: texts(&["mysqldump", "--all-databases"]),
        host: text("db1"),
        sources: texts(&["/var/lib/mysql"]),
        exit_status: Some(0),
        signal: Some(9),
        bytes: Some(Bytes { source: Some(1), stored: Some(1), moved: Some(1) }),
        items: Some(Items { total: Some(1), done: Some(1), failed: Some(0), changed: Some(1), deleted: Some(0) }),
        artefacts: vec![Artefact {
            uri: "s3://backups/shop.sql.gz".into(),
            version_id: text("v1"),
            bytes: Some(1),
            sha256: text("ab"),
            content_bytes: Some(1),
            content_sha256: text("cd"),
            trailer: Some(true),
            encrypted: Some(true),
        }],
        errors: texts(&["no"]),
        warnings: texts(&["hm"]),
        evidence: vec![evidence_file()],
        of: text("s3://backups/shop.sql.gz"),
        depth: Some(Depth::Compared),
        compared_by: text("row-counts"),
        target: text("test-db"),
        environment: text("test"),
        team: text("support"),
        reviewer: text("eve@example.com"),
        reason: text("OPS-7"),
        cause: text("disk failed"),
        actions: texts(&["replaced it"]),
        notified: texts(&["ops@example.com"]),
        about: text("run-1"),
        missing: texts(&["timezone"]),
    }
}

fn evidence_file() -> EvidenceFile {
    EvidenceFile {
        path: "evidence/restore.txt".into(),
        sha256: "ab".into(),
        bytes: Some(1),
        outline: texts(&["Restore"]),
        sha256_now: Some("ab".into()),
    }
}

fn application() -> Application {
    Application {
        id: "shop".into(),
        name: Some("Shop".into()),
        owner: Some("o@example.com".into()),
        criticality: Some("critical".into()),
        timezone: Some("Europe/London".into()),
        off_peak: vec![OffPeak {
            days: vec![chrono::Weekday::Mon],
            from: "22:00:00".parse().unwrap(),
            to: "06:00:00".parse().unwrap(),
        }],
        rto: Some(Span::hours(4)),
        rpo: Some(Span::days(1)),
        priority: Some(1),
        depends_on: Some(texts(&["identity"])),
        stakeholders: vec![Stakeholder { name: "customers".into(), contact: "status page".into() }],
        resources: vec![ResourceSelector {
            arns: texts(&["arn:aws:ec2:*:*:volume/*"]),
            tags: [("application".into(), texts(&["shop"]))].into(),
            kinds: vec![Kind::EbsVolume],
            accounts: texts(&[ACCOUNT]),
            regions: texts(&[REGION]),
        }],
        components: vec![Component {
            name: "orders".into(),
            kind: Kind::Mysql,
            criticality: Some("critical".into()),
            description: Some("orders".into()),
            since: Some("2026-01-01".parse().unwrap()),
            stored_in: texts(&["s3://backups/*"]),
            sources: texts(&["orders"]),
            logged_as: vec![LoggedAs {
                tool: Some("mysqldump".into()),
                host: Some("db1".into()),
                resource: Some("*".into()),
            }],
        }],
        runbook: Some("runbooks/shop.md".into()),
    }
}

fn attestation(kind: Value) -> Attestation {
    Attestation {
        id: "a-1".into(),
        clause: "1.6".into(),
        kind: serde_json::from_value(kind).unwrap(),
        statement: "reviewed".into(),
        by: "eve@example.com".into(),
        performed_by: Some("o@example.com".into()),
        on: "2026-11-01".parse().unwrap(),
        valid_until: "2027-11-01".parse().unwrap(),
        recorded_at: now(),
        application: Some("shop".into()),
        evidence: vec![evidence_file()],
        withdraws: Some("a-0".into()),
    }
}

fn log_stream() -> LogStream {
    LogStream {
        id: "0b8e".into(),
        files: texts(&["backup.jsonl"]),
        format: "lastgood.log/1".into(),
        records: 1,
        first_at: Some(now()),
        last_at: Some(now()),
        head: Some("ab".into()),
        anchored_since: Some(now()),
        problems: vec![LogProblem {
            code: "torn-line".into(),
            file: "backup.jsonl".into(),
            line: 7,
            message: "cut off".into(),
        }],
    }
}

/// A line with every key; no real one has all of them.
fn full_record() -> Record {
    let inventory = full_inventory();
    Record {
        schema: log::SCHEMA.into(),
        stream: "7cf85df6-fe5e-4326-80b1-2dc467436b34".into(),
        seq: u64::MAX,
        prev: "0".repeat(64).into(),
        time: now(),
        record_type: RecordType::Correction,
        writer: "lastgood/0.1.0@db1".into(),
        activity: inventory.activities.into_iter().next().map(Box::new),
        attestation: inventory.attestations.into_iter().next().map(Box::new),
        corrects: Some(0),
        note: Some("why".into()),
    }
}

fn full_inventory() -> Inventory {
    let existences = [Existence::Present, Existence::Deleted, Existence::Unconfirmed];
    let mut resources: Vec<Resource> = details()
        .into_iter()
        .enumerate()
        .map(|(n, detail)| resource(Kind::EbsVolume, existences[n % existences.len()], detail))
        .collect();
    resources.extend(Kind::ALL.iter().map(|kind| resource(*kind, Existence::Deleted, Detail::None)));
    let kinds =
        every!(ActivityKind: Backup, Copy, Restore, RestoreTest, Verification, Prune, Recovery, Notification, Review);
    let validations = every!(Validation: Successful, Failed, TimedOut, Validating);
    let cycled = |values: &[Value], n: usize| values[n % values.len()].clone();
    let point_kinds =
        every!(PointKind: EbsSnapshot, Image, BackupPoint, DbSnapshot, DbClusterSnapshot, TableBackup, Dump, Mirror);
    Inventory {
        schema: inventory::SCHEMA.into(),
        captured_at: now(),
        source: "aws".into(),
        caller: Some("arn:aws:sts::111122223333:assumed-role/lastgood-scan/x".into()),
        accounts: texts(&[ACCOUNT]),
        regions: texts(&[REGION]),
        resources,
        points: point_statuses()
            .into_iter()
            .enumerate()
            .map(|(n, status)| point(serde_json::from_value(cycled(&point_kinds, n)).unwrap(), status))
            .collect(),
        plans: vec![backup_plan()],
        dlm_policies: vec![DlmPolicy {
            arn: "arn:aws:dlm:eu-west-2:111122223333:policy/p".into(),
            account: ACCOUNT.into(),
            region: REGION.into(),
            enabled: true,
            target: "volume".into(),
            target_tags: vec![TagTest { key: "backup".into(), value: "daily".into() }],
            schedules: vec![DlmSchedule {
                name: "twice a day".into(),
                every_hours: Some(12),
                cron: Some("cron(0 5 * * ? *)".into()),
                keep_count: Some(70),
                keep_days: Some(35),
            }],
        }],
        restore_testing: vec![RestoreTestingPlan {
            arn: "arn:aws:backup:eu-west-2:111122223333:restore-testing-plan:quarterly".into(),
            name: "quarterly".into(),
            account: ACCOUNT.into(),
            region: REGION.into(),
            schedule: Some("cron(0 5 1 1/3 ? *)".into()),
            timezone: Some("UTC".into()),
            selections: Fact::Known(vec![RestoreTestingSelection {
                name: "volumes".into(),
                resource_type: "EBS".into(),
                resources: texts(&["*"]),
                validation_hours: Some(4),
            }]),
        }],
        protected: texts(&["arn:aws:s3:::archive"]),
        legal_holds: vec![LegalHold {
            id: "hold-1".into(),
            account: ACCOUNT.into(),
            region: REGION.into(),
            status: "ACTIVE".into(),
            title: Some("case 7".into()),
            description: Some("owner: legal".into()),
            created_at: Some(now()),
            points: Fact::Known(texts(&["arn:aws:ec2:eu-west-2::snapshot/snap-0a"])),
            tags: Fact::Known(tags()),
        }],
        event_rules: vec![EventRule {
            arn: "arn:aws:events:eu-west-2:111122223333:rule/r".into(),
            account: ACCOUNT.into(),
            region: REGION.into(),
            bus: "default".into(),
            enabled: true,
            pattern: Some("{}".into()),
            targets: Fact::Known(texts(&["arn:aws:sns:eu-west-2:111122223333:t"])),
        }],
        topics: vec![Topic {
            arn: "arn:aws:sns:eu-west-2:111122223333:t".into(),
            account: ACCOUNT.into(),
            region: REGION.into(),
            confirmed: Fact::Known(1),
        }],
        keys: vec![KmsKey {
            arn: "arn:aws:kms:eu-west-2:111122223333:key/1".into(),
            account: ACCOUNT.into(),
            region: REGION.into(),
            state: "PendingDeletion".into(),
            deletes_at: Some(now()),
        }],
        activities: activity_outcomes()
            .into_iter()
            .enumerate()
            .map(|(n, outcome)| activity(cycled(&kinds, n), outcome, cycled(&validations, n)))
            .collect(),
        applications: vec![application()],
        attestations: every!(AttestationKind: Review, Procedure, Statement).into_iter().map(attestation).collect(),
        logs: vec![log_stream()],
        reads: vec![Read {
            account: ACCOUNT.into(),
            region: REGION.into(),
            call: "backup:ListBackupJobs".into(),
            items: 30,
            requests: 1,
            since: Some(now()),
        }],
        gaps: gap_statuses().into_iter().map(gap).collect(),
        declared: Some(Box::new(declared::declared(
            every!(Action: Create, Update, Replace, Delete, NoOp, Import, Forget, Read, Stated),
        ))),
    }
}

/// A verdict with each of the three faces of an outcome: found, and by a waiver or not what counts.
fn verdict(raw_outcome: Outcome, waived: bool, application: Option<&str>) -> Verdict {
    let expected: BTreeMap<Text, Value> = [
        ("every", json!("1d")),
        ("points", json!(u64::MAX)),
        ("strict", json!(true)),
        ("vaults", json!(["primary", "second"])),
    ]
    .map(|(name, value)| (Text::from(name), value))
    .into();
    let observed = [
        ("gap", Observed::Span(Span::hours(76))),
        ("last_good", Observed::Time(now())),
        ("points", Observed::Count(u64::MAX)),
        ("locked", Observed::Flag(true)),
        ("note", Observed::Text("none".into())),
    ];
    Verdict {
        rule: Arc::new(RuleInfo {
            id: "daily-backup".into(),
            title: "critical components are backed up every day".into(),
            check: "cadence".into(),
            clauses: texts(&["1.1"]),
            severity: Severity::High,
            expected,
            remedy: "back it up".into(),
            policy_at: PolicyAt { file: "policies/policy.toml".into(), line: 31 },
        }),
        subject: Arc::new(Subject {
            resource: VOLUME.into(),
            name: "orders".into(),
            kind: Kind::EbsVolume,
            account: ACCOUNT.into(),
            region: REGION.into(),
            application: application.map(Text::from),
            code: application.map(|_| lastgood::model::declared::CodeAt { file: "main.tf".into(), line: 3 }),
        }),
        outcome: if waived { Outcome::Waived } else { raw_outcome },
        raw_outcome,
        sentence: Sentence::Template("no usable recovery point for {gap}"),
        observed: observed.map(|(name, value)| (name.into(), value)).into(),
        evidence: vec![Evidence {
            id: "arn:aws:ec2:eu-west-2::snapshot/snap-0a".into(),
            what: "recovery-point".into(),
            at: Some(now()),
            note: Some("completed".into()),
        }],
        waiver: waived.then(|| {
            Arc::new(WaiverRef {
                id: "w-1".into(),
                reason: "scratch data".into(),
                requested_by: "a@example.com".into(),
                approved_by: "b@example.com".into(),
                approved_on: "2026-01-15".into(),
                expires: at("2027-01-15T00:00:00Z"),
            })
        }),
    }
}

fn full_assessment() -> Assessment {
    Assessment {
        schema: assessment::SCHEMA.into(),
        run: Run {
            id: "0123456789abcdef".into(),
            version: "0.1.0".into(),
            as_of: now(),
            period: Period { from: at("2026-10-18T00:00:00Z"), to: now() },
            source: "aws".into(),
            caller: Some("arn:aws:sts::111122223333:assumed-role/lastgood-scan/x".into()),
        },
        policy: PolicyRef {
            id: "infrastructure-backups".into(),
            title: "Infrastructure backups and restoration".into(),
            version: "2026.1".into(),
            owner: Some("platform@example.com".into()),
            approved_by: Some("cto@example.com".into()),
            approved_on: Some("2026-01-15".into()),
            sha256: "0".repeat(64).into(),
        },
        inventory: InventoryRef {
            sha256: "f".repeat(64).into(),
            captured_at: now(),
            accounts: texts(&[ACCOUNT]),
            regions: texts(&[REGION]),
            counts: Kind::ALL.iter().map(|kind| (*kind, 1)).collect(),
            recovery_points: 36,
            complete: false,
            gaps: gap_statuses().into_iter().map(gap).collect(),
        },
        summary: Summary { pass: 1, fail: 1, unknown: 1, not_applicable: 1, waived: 2 },
        clauses: Outcome::ALL
            .map(|status| ClauseStatus {
                id: "1.1".into(),
                demand: "daily backups".into(),
                status,
                in_force: status != Outcome::Unknown,
                evidence: Some("checked".into()),
                not_assessed: Some("a definition".into()),
                rules: texts(&["daily-backup"]),
            })
            .into(),
        frameworks: vec![FrameworkStatus {
            id: "iso-27001".into(),
            title: "ISO/IEC 27001:2022".into(),
            note: "only some".into(),
            mapping_sha256: "a".repeat(64).into(),
            controls: ControlState::ALL
                .map(|state| ControlStatus {
                    id: "A.8.13".into(),
                    title: "copies".into(),
                    strength: Strength::Partial,
                    state,
                    clauses: texts(&["1.1"]),
                    rules: texts(&["daily-backup"]),
                    rationale: "shows copies".into(),
                    missing: texts(&["rule x: not in the policy"]),
                    shortfalls: texts(&["too short"]),
                    verdicts: Summary { pass: 1, ..Summary::default() },
                })
                .into(),
        }],
        policy_findings: Severity::ALL
            .map(|severity| PolicyFinding {
                code: "waiver-expired".into(),
                outcome: Outcome::Fail,
                severity,
                message: "waiver `w-0` has expired".into(),
                policy_at: PolicyAt { file: "policies/waivers.toml".into(), line: 1 },
            })
            .into(),
        ledger: Some(Box::new(ledger::ledger())),
        verdicts: vec![
            verdict(Outcome::Pass, false, Some("shop")),
            verdict(Outcome::Fail, false, Some("shop")),
            verdict(Outcome::Unknown, false, None),
            verdict(Outcome::NotApplicable, false, None),
            verdict(Outcome::Fail, true, Some("shop")),
            verdict(Outcome::Unknown, true, None),
        ],
    }
}
