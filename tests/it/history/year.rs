//! The simulated year is judged exactly: everything that was planted is found at its day, and nothing else.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;
use lastgood::history::prune;
use lastgood::history::store::Store;
use lastgood::model::Instant;
use lastgood::model::period::{CalendarState, PeriodAssessment, PeriodResult};
use lastgood::model::span::Span;
use lastgood::policy::Policy;
use lastgood::report::RenderOptions;
use lastgood::report::period::{FORMATS, write};

use crate::docs::fresh;

use super::estate::{arn, at, day, is_blind, scanned};
use super::{policy, scan};

const POLICY: &str = r#"
[policy]
id = "year"
title = "a year"
version = "VERSION"
timezone = "Europe/London"
owner = "o@example.com"

[[clause]]
id = "1.1"
demand = "everything is backed up every day"
[[clause]]
id = "2.1"
demand = "backups are kept for 35 days"
[[clause]]
id = "3.1"
demand = "a restore is tested every quarter"
[[clause]]
id = "10.3"
demand = "everything has an owner"

[[rule]]
id = "daily"
title = "every day"
clauses = ["1.1"]
check = "cadence"
severity = "high"
scope = { kinds = ["ebs-volume"] }
with = { every = "1d", grace = "GRACE", lookback = "35d" }
[[rule]]
id = "kept"
title = "35 days"
clauses = ["2.1"]
check = "retention-minimum"
scope = { kinds = ["ebs-volume"], not = { resources = ["*vol-11"] } }
with = { keep = "35d", slack = "7d" }
[[rule]]
id = "tested"
title = "every quarter"
clauses = ["3.1"]
check = "restore-test"
with = { within = "92d", per = "estate" }
[[rule]]
id = "owned"
title = "an owner"
clauses = ["10.3"]
check = "condition"
scope = { kinds = ["ebs-volume"] }
with = { pass_when = "'owner' in resource.tags", reason = "no owner" }

[[waiver]]
id = "w-5"
rules = ["daily"]
resources = ["*vol-05"]
reason = "the plan is being moved"
requested_by = "b@example.com"
approved_by = "a@example.com"
approved_on = 2026-11-01
expires = 2026-11-15
"#;

fn version(date: NaiveDate) -> Policy {
    let (version, grace) = if date < day("2026-09-01") { ("2026.1", "8h") } else { ("2026.2", "6h") };
    policy(&POLICY.replace("VERSION", version).replace("GRACE", grace))
}

fn filled(store: &mut Store, from: &str, to: &str, left_out: impl Fn(NaiveDate) -> bool) {
    let (mut before, mut after) = (version(day("2026-01-01")), version(day("2026-12-01")));
    for date in day(from).iter_days().take_while(|date| *date <= day(to)).filter(|date| !left_out(*date)) {
        let policy = if date < day("2026-09-01") { &mut before } else { &mut after };
        scan(store, policy, &mut scanned(date)).unwrap_or_else(|error| panic!("{date}: {error}"));
    }
}

fn judged(store: &mut Store, days: &str, as_of: Instant) -> PeriodAssessment {
    super::judged(store, &version(day("2026-12-01")), days, as_of)
}

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().join("lastgood.db").to_str().unwrap()).unwrap();
    (folder, store)
}

/// What each day of a volume should come to.
fn expected(number: u32) -> String {
    let letter = |date: NaiveDate| {
        let is = |days: &[&str]| days.iter().any(|known| day(known) == date);
        let unseen = date >= day("2026-08-09") && date <= day("2026-08-15");
        match number {
            11 if date <= day("2026-04-20") => '.',
            12 if date >= day("2026-09-15") => '.',
            _ if unseen => '?',
            9.. if is(&["2026-10-04"]) => '?',
            1 if is(&["2026-03-10"]) => 'x',
            2 if is(&["2026-05-05"]) => 'x',
            3 if is(&["2026-04-15"]) => 'r',
            5 if is(&["2026-11-14", "2026-11-15"]) => 'e',
            5 if is(&["2026-11-16", "2026-11-17"]) => 'x',
            10 if is(&["2026-12-05"]) => 'i',
            _ => '+',
        }
    };
    day("2026-01-01").iter_days().take(365).map(letter).collect()
}

#[test]
fn a_year_is_judged_exactly() {
    let (_folder, mut store) = store();
    filled(&mut store, "2026-01-01", "2027-01-01", is_blind);
    let year = judged(&mut store, "2026", at("2027-01-01T12:00:00Z"));

    // Every resource-day.
    assert_eq!(year.matrix.len(), 12);
    for (number, row) in (1..).zip(&year.matrix) {
        assert_eq!((&row.resource, row.days.as_str()), (&arn(number), expected(number).as_str()));
    }
    let count = |letter: char| (1..=12).map(|n| expected(n).matches(letter).count() as u64).sum::<u64>();
    let totals = &year.totals;
    assert_eq!((totals.missed, totals.retried, totals.excepted, totals.issues), (4, 1, 2, 1));
    assert_eq!(totals.no_evidence, 12 * 7 + 3);
    assert_eq!(totals.ok, count('+') + count('r'));
    assert_eq!(totals.required, 12 * 365 - 110 - 108);
    assert_eq!(totals.required, totals.ok + totals.missed + totals.excepted + totals.no_evidence + 1);

    // Every deviation, and nothing else.
    let mut found: Vec<String> = year
        .deviations
        .iter()
        .map(|one| {
            let name = one.resource.rsplit('/').next().unwrap_or_default();
            let exception = one.exception.as_deref().unwrap_or("-");
            format!(
                "{} {name} {} {}..{} {exception} {} {}",
                one.rule,
                one.class.id(),
                one.first_day,
                one.last_day,
                one.remediated,
                one.policy_version
            )
        })
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            "daily vol-01 operating 2026-03-10..2026-03-10 - true 2026.1",
            "daily vol-02 operating 2026-05-05..2026-05-05 - true 2026.1",
            "daily vol-05 operating 2026-11-14..2026-11-15 w-5 true 2026.2",
            "daily vol-05 operating 2026-11-16..2026-11-17 - true 2026.2",
            "daily vol-10 operating 2026-12-05..2026-12-05 - true 2026.2",
            "kept vol-04 operating 2026-06-10..2026-06-10 - false 2026.1",
            "owned vol-08 design 2026-02-03..2026-02-05 - true 2026.1",
            "tested estate timing 2026-06-30..2026-07-08 - true 2026.1",
        ]
    );
    let ids: std::collections::HashSet<_> = year.deviations.iter().map(|one| &one.id).collect();
    assert_eq!(ids.len(), year.deviations.len(), "each has an id of its own");

    // Tests by calendar.
    let tests: Vec<_> = year.calendar.iter().map(|cell| (cell.unit.as_str(), cell.state)).collect();
    assert_eq!(
        tests,
        [
            ("2026-Q1", CalendarState::Passed),
            ("2026-Q2", CalendarState::Late),
            ("2026-Q3", CalendarState::Passed),
            ("2026-Q4", CalendarState::Passed),
        ]
    );

    // What is observed: the week without scans, and the refused list.
    let rule = |id: &str| year.rules.iter().find(|rule| rule.id == id).unwrap();
    let owned = &rule("owned").totals;
    assert_eq!((owned.missed, owned.no_evidence), (3, 12 * 7));
    assert_eq!(
        owned.required,
        12 * 365 - 110 - 107,
        "vol-11 was seen from the day after its creation on, vol-12 on its last"
    );
    let kept = &rule("kept").totals;
    assert_eq!((kept.missed, kept.no_evidence), (0, 11 * 7 + 2), "{kept:?}");
    assert!(year.clauses.iter().all(|clause| clause.result == PeriodResult::NotSatisfied), "{:?}", year.clauses);

    // Policy versions, and the days of each.
    let versions: Vec<_> = year
        .policies
        .iter()
        .map(|used| (used.version.as_str(), used.first_day.as_str(), used.last_day.as_str(), used.runs))
        .collect();
    assert_eq!(versions, [("2026.1", "2026-01-01", "2026-08-31", 236), ("2026.2", "2026-09-01", "2026-12-31", 122)]);
    let split: u64 = year.policies.iter().map(|used| used.totals.required).sum();
    assert_eq!(split, totals.required);

    // The collector, the refused list, the words on single days.
    let blind: Vec<_> = year.collector.iter().filter(|day| day.runs == 0).map(|day| day.day.as_str()).collect();
    assert_eq!((blind.len(), blind[0], blind[6]), (7, "2026-08-10", "2026-08-16"));
    let without: BTreeMap<_, _> = year
        .collector
        .iter()
        .filter(|day| day.no_evidence > 0)
        .map(|day| (day.day.as_str(), day.no_evidence))
        .collect();
    assert_eq!(without.len(), 8);
    assert_eq!((without["2026-08-09"], without["2026-08-15"], without["2026-10-04"]), (12, 12, 3));
    let gaps: Vec<_> = year.gaps.iter().map(|gap| (gap.gap.call(), gap.first_day.as_str(), gap.runs)).collect();
    assert_eq!(gaps, [("ec2:DescribeSnapshots".to_owned(), "2026-10-05", 1)]);
    let remark = |number: u32, date: &str| {
        let row = &year.matrix[number as usize - 1];
        row.remarks.iter().find(|remark| remark.day == *date).map(|remark| remark.text.to_string())
    };
    assert!(remark(11, "2026-04-20").is_some_and(|text| text.contains("due by 2026-04-21 18:00 UTC")));
    assert!(remark(1, "2026-08-12").is_some_and(|text| text.contains("does not count")));
    assert!(remark(10, "2026-12-05").is_none_or(|text| !text.contains("missed")));
    assert!(remark(5, "2026-11-15").is_some_and(|text| text.contains("missed (raw)")));
    assert!(
        year.matrix[5].remarks.iter().all(|remark| remark.day.starts_with("2026-08")),
        "{:?}",
        year.matrix[5].remarks
    );

    // The same again from the same history: the same bytes.
    let again = judged(&mut store, "2026", at("2027-01-01T12:00:00Z"));
    assert_eq!(serde_json::to_string(&again).unwrap(), serde_json::to_string(&year).unwrap());

    quarters(&mut store);
    samples(&mut store);
    prune_log(&mut store);
    // Jobs that AWS forgot long ago are still on record, each once.
    let tests = store.forgotten(&|_| Instant::UNIX_EPOCH, &|_| false).unwrap().activities;
    let mut ids: Vec<_> = tests.iter().map(|activity| activity.id.to_string()).collect();
    ids.sort();
    assert_eq!(ids, ["job-empty", "job-failed", "test-2026-02-10", "test-2026-07-08", "test-2026-11-20"]);
}

/// Parts of the year, judged from the same history.
fn quarters(store: &mut Store) {
    let end = at("2027-01-01T12:00:00Z");
    let days =
        |period: &PeriodAssessment| period.deviations.iter().map(|one| one.first_day.to_string()).collect::<Vec<_>>();
    let first = judged(store, "2026-Q1", end);
    assert_eq!(days(&first), ["2026-03-10", "2026-02-03"]);
    assert_eq!(first.period.days, 90);
    assert_eq!(first.totals.required, 11 * 90);
    let second = judged(store, "2026-Q2", at("2026-07-01T12:00:00Z"));
    let of = |period: &PeriodAssessment| {
        period.deviations.iter().find(|one| one.rule == "tested").map(|one| one.sentence.to_string())
    };
    assert_eq!(of(&second).as_deref(), Some("no passed test in 2026-Q2"), "the late one is not made yet");
    let later = judged(store, "2026-Q2", end);
    assert_eq!(of(&later).as_deref(), Some("no passed test in 2026-Q2; the next one was on 2026-07-08, 8 days late"));
    // In the middle of a quarter: what is not over is open, and counts for nothing.
    let open = judged(store, "2026-Q4", at("2026-10-10T12:00:00Z"));
    assert_eq!(open.calendar[0].state, CalendarState::Open);
    assert_eq!((open.totals.required, open.totals.open), (11 * 9, 11 * 83));
    // The days on which the clocks change have 23 and 25 hours.
    for (date, hours) in [("2026-03-29", 23), ("2026-10-25", 25)] {
        let one = judged(store, &format!("{date}..{date}"), end);
        assert_eq!(Span::between(one.period.from, one.period.to), Span::hours(hours), "{date}");
        assert_eq!((one.totals.required, one.totals.missed), (one.totals.ok, 0), "{date}");
    }
    // A time before the history began: nothing is known, and nothing is compliant.
    let before = judged(store, "2025-Q2", end);
    assert_eq!(before.result, PeriodResult::NotEvaluable);
}

/// The last quarter in every format is what `reports/sample/period` shows.
fn samples(store: &mut Store) {
    let quarter = judged(store, "2026-Q4", at("2027-01-01T12:00:00Z"));
    for (format, file_name) in FORMATS.iter().filter(|(format, _)| *format != "pdf") {
        let mut bytes = Vec::new();
        write(&quarter, format, &RenderOptions { width: 100, colour: false, input: None }, &mut bytes).unwrap();
        fresh(&Path::new("reports/sample/period").join(file_name), &bytes);
    }
}

fn prune_log(store: &mut Store) {
    let departed = store.departed(at("2026-01-01T00:00:00Z"), at("2027-02-01T00:00:00Z")).unwrap();
    let log = prune::log(&departed, &|_| Some(Span::days(35)), &[]);
    let early: Vec<_> = log.iter().filter(|line| line.early).collect();
    assert_eq!(early.len(), 1, "{early:?}");
    assert_eq!(early[0].point.as_str(), "arn:aws:ec2:eu-west-2::snapshot/snap-04-2026-06-01");
    assert_eq!((early[0].last_seen, early[0].gone), (at("2026-06-09T06:00:00Z"), at("2026-06-10T06:00:00Z")));
    assert!(log.len() > 3500, "{} points went", log.len());
    // Those of Virginia that ended while the list was refused were seen gone a day later.
    assert!(log.iter().all(|line| line.gone != at("2026-10-05T06:00:00Z") || line.resource.contains("eu-west-2")));
}

/// Take one day of evidence away, whichever: the result is not evaluable, and never a pass.
#[test]
fn without_one_day_of_evidence_nothing_is_proven() {
    let end = at("2026-02-02T12:00:00Z");
    let result = |missing: &str| {
        let (_folder, mut store) = store();
        filled(&mut store, "2025-12-31", "2026-02-02", |date| missing.parse() == Ok(date));
        let month = judged(&mut store, "2026-01", end);
        let daily = month.rules.iter().find(|rule| rule.id == "daily").unwrap();
        let clause = month.clauses.iter().find(|clause| clause.id == "1.1").unwrap();
        assert_eq!(clause.result, daily.result);
        (daily.result, daily.totals.no_evidence)
    };
    assert_eq!(result("none"), (PeriodResult::Satisfied, 0));
    for missing in ["2026-01-02", "2026-01-15", "2026-02-01"] {
        assert_eq!(result(missing), (PeriodResult::NotEvaluable, 11), "{missing}");
    }
    // The run of the first day shows the day before it, which is not of the period.
    assert_eq!(result("2026-01-01"), (PeriodResult::Satisfied, 0));
}
