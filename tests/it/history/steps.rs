//! Time that is cut otherwise than by days: trends by week and month, and demands that are not daily.

use chrono::{Datelike as _, NaiveDate, Weekday};
use chrono_tz::Tz;
use lastgood::history::store::Store;
use lastgood::history::trend::{Step, by};

use super::estate::{at, day, scanned};
use super::{judged, policy, scan};

const POLICY: &str = r#"
[policy]
id = "steps"
title = "steps"
version = "1"
timezone = "Europe/London"
owner = "o@example.com"

[[clause]]
id = "1.1"
demand = "everything is backed up every week"

[[rule]]
id = "weekly"
title = "every week"
clauses = ["1.1"]
check = "cadence"
scope = { resources = ["*vol-01", "*vol-02"] }
with = { every = "7d", grace = "8h", lookback = "35d" }
"#;

fn days(from: &str, to: &str) -> impl Iterator<Item = NaiveDate> {
    let to = day(to);
    day(from).iter_days().take_while(move |date| *date <= to)
}

/// Weeks are those of ISO 8601: the first days of January may belong to the year before.
#[test]
fn a_trend_is_cut_by_days_weeks_and_months() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path().join("h.db").to_str().unwrap()).unwrap();
    let policy = policy(POLICY);
    let mut newest = Vec::new();
    for date in days("2026-12-27", "2027-01-04") {
        let mut inventory = scanned(date);
        // The early runs of a step saw something else than its newest.
        if ["2026-12-31", "2027-01-03", "2027-01-04"].iter().all(|last| day(last) != date) {
            inventory.points.clear();
        }
        let (assessment, _) = scan(&mut store, &policy, &mut inventory).unwrap();
        newest.push((date, assessment.summary));
    }
    let runs = store.runs().unwrap();
    let cut = |step| {
        let rows = by(&runs, step, Tz::Europe__London);
        rows.iter().map(|row| (row.step.to_string(), row.runs, row.summary)).collect::<Vec<_>>()
    };
    let on = |date: &str| newest.iter().find(|(known, _)| *known == day(date)).unwrap().1;
    let weeks = [("2026-W52", 1, "2026-12-27"), ("2026-W53", 7, "2027-01-03"), ("2027-W01", 1, "2027-01-04")];
    let months = [("2026-12", 5, "2026-12-31"), ("2027-01", 4, "2027-01-04")];
    let wanted = |rows: &[(&str, u64, &str)]| {
        rows.iter().map(|(name, runs, last)| ((*name).to_owned(), *runs, on(last))).collect::<Vec<_>>()
    };
    assert_eq!(cut(Step::Week), wanted(&weeks));
    assert_eq!(cut(Step::Month), wanted(&months));
    assert_eq!(cut(Step::Day).len(), 9);
    // The zone decides to which day, and so to which month, a run belongs.
    let far = by(&runs, Step::Month, Tz::Pacific__Kiritimati);
    assert_eq!(far.iter().map(|row| row.runs).collect::<Vec<_>>(), [5, 4]);
    let behind = by(&runs, Step::Month, Tz::Pacific__Pago_Pago);
    assert_eq!(behind.iter().map(|row| row.runs).collect::<Vec<_>>(), [6, 3]);
}

/// A demand for a week is met on each day on which the newest copy is not older than a week with its grace.
#[test]
fn a_weekly_demand_is_judged_by_its_interval() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path().join("h.db").to_str().unwrap()).unwrap();
    let policy = policy(POLICY);
    for date in days("2025-12-31", "2026-02-02") {
        let mut inventory = scanned(date);
        // Mondays only, and volume 2 not on the twelfth.
        inventory.points.retain(|point| {
            let made = point.started_at.date_naive();
            let skipped =
                made == day("2026-01-12") && point.resource.as_deref().is_some_and(|arn| arn.ends_with("vol-02"));
            made.weekday() == Weekday::Mon && !skipped
        });
        scan(&mut store, &policy, &mut inventory).unwrap();
    }
    let month = judged(&mut store, &policy, "2026-01", at("2026-02-02T12:00:00Z"));
    let rows: Vec<(&str, &str)> = month.matrix.iter().map(|row| (row.name.as_str(), row.days.as_str())).collect();
    // The copy of Monday the fifth, 22:00, is too old from the thirteenth, 06:00, until the nineteenth, 22:00.
    let missed = format!("{}{}{}", "+".repeat(12), "x".repeat(7), "+".repeat(12));
    assert_eq!(rows, [("vol-01", "+".repeat(31).as_str()), ("vol-02", missed.as_str())]);
    let found: Vec<_> = month.deviations.iter().map(|one| (one.first_day.as_str(), one.last_day.as_str())).collect();
    assert_eq!(found, [("2026-01-13", "2026-01-19")]);
}

/// A copy that nobody had seen when its day was to be closed does not make the day good afterwards.
#[test]
fn a_copy_that_shows_up_days_later_does_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path().join("h.db").to_str().unwrap()).unwrap();
    let policy = policy(&POLICY.replace("\"7d\"", "\"1d\""));
    for date in days("2025-12-31", "2026-01-10") {
        let mut inventory = scanned(date);
        inventory.points.retain(|point| {
            let is_late = point.resource.as_deref().is_some_and(|arn| arn.ends_with("vol-01"));
            !is_late || point.started_at.date_naive() != day("2026-01-04") || date >= day("2026-01-07")
        });
        scan(&mut store, &policy, &mut inventory).unwrap();
    }
    let week = judged(&mut store, &policy, "2026-01-01..2026-01-08", at("2026-01-10T12:00:00Z"));
    let rows: Vec<(&str, &str)> = week.matrix.iter().map(|row| (row.name.as_str(), row.days.as_str())).collect();
    assert_eq!(rows, [("vol-01", "+++x++++"), ("vol-02", "++++++++")]);
}
