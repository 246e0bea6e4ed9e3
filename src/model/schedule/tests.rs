//! Named cases: here the vectors of the research notes, below the grammar, clock changes and plans.

mod clocks;
mod grammar;
mod plans;

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use MissingLocalTime::{Shifted, Skipped};

fn at(text: &str) -> DateTime<Utc> {
    format!("{text}:00Z").parse().unwrap()
}

fn cron(fields: &str) -> Schedule {
    Schedule::parse(Some(&format!("cron({fields})")), None).unwrap()
}

fn cron_in(fields: &str, zone: &str) -> Schedule {
    Schedule::parse(Some(&format!("cron({fields})")), Some(zone)).unwrap()
}

fn rule(schedule: Schedule, window_minutes: i64, retention_days: u32) -> RuleSchedule {
    RuleSchedule { schedule, start_window: TimeDelta::minutes(window_minutes), retention_days: Some(retention_days) }
}

/// Bounds of a single rule from 1 January 2026.
fn bounds(schedule: Schedule, window_minutes: i64) -> CadenceBounds {
    cadence_bounds(&[vec![rule(schedule, window_minutes, 35)]], at("2026-01-01T00:00")).unwrap()
}

/// The starts as `2026-03-29T05:00` in UTC.
fn list(schedule: &Schedule, from: &str, to: &str, missing: MissingLocalTime) -> Vec<String> {
    let starts = schedule.occurrences(at(from), at(to), missing);
    starts.iter().map(text).collect()
}

fn text(at: &DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M").to_string()
}

/// The days of 2026 (or another period) on which an expression for midnight fires.
fn dates(fields: &str, from: &str, to: &str) -> Vec<String> {
    let days = list(&cron(fields), &format!("{from}T00:00"), &format!("{to}T00:00"), Skipped);
    days.iter().map(|day| day[..10].to_owned()).collect()
}

fn message(fields: &str) -> String {
    let expression = format!("cron({fields})");
    Schedule::parse(Some(&expression), None).unwrap_err().to_string()
}

#[test]
fn vector_01_daily_default_window_is_32_hours() {
    let daily = bounds(cron("0 5 ? * * *"), 480);
    assert_eq!(daily.configured, TimeDelta::hours(24));
    assert_eq!(daily.worst_legal, TimeDelta::hours(32));
    assert!(!daily.dst_dependent);
    assert_eq!(daily.first, at("2026-01-01T05:00"));
    assert_eq!(daily.ends, None);
    assert_eq!(bounds(cron("0 5 ? * * *"), 60).worst_legal, TimeDelta::hours(25));
}

#[test]
fn vector_02_absent_expression_is_daily_at_five() {
    let default = Schedule::parse(None, None).unwrap();
    assert_eq!(default, cron("0 5 ? * * *"));
    assert_eq!(
        list(&default, "2026-01-01T05:00", "2026-01-03T05:00", Skipped),
        ["2026-01-01T05:00", "2026-01-02T05:00"]
    );
    assert_eq!((default.expression(), default.timezone()), (DEFAULT_EXPRESSION, "UTC"));
}

#[test]
fn vector_03_twelve_hours_from_one_pm_is_once_a_day() {
    assert_eq!(bounds(cron("0 13/12 * * ? *"), 60).configured, TimeDelta::hours(24));
    assert_eq!(bounds(cron("0 1/12 * * ? *"), 60).configured, TimeDelta::hours(12));
}

#[test]
fn vector_04_berlin_half_past_two_has_a_hole_in_spring() {
    let nightly = cron_in("30 2 ? * * *", "Europe/Berlin");
    let spring = bounds(nightly.clone(), 60);
    assert_eq!(spring.configured, TimeDelta::hours(47));
    assert_eq!(spring.configured_between, (at("2026-03-28T01:30"), at("2026-03-30T00:30")));
    assert_eq!(spring.worst_legal, TimeDelta::hours(48));
    assert!(spring.dst_dependent);

    let march = ("2026-03-28T00:00", "2026-03-31T00:00");
    assert_eq!(list(&nightly, march.0, march.1, Skipped), ["2026-03-28T01:30", "2026-03-30T00:30"]);
    assert_eq!(list(&nightly, march.0, march.1, Shifted), ["2026-03-28T01:30", "2026-03-29T01:30", "2026-03-30T00:30"]);
    // In autumn 02:30 comes twice; only the first runs, and the next is 25 hours later.
    assert_eq!(
        list(&nightly, "2026-10-24T00:00", "2026-10-27T00:00", Skipped),
        ["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"]
    );
}

#[test]
fn vector_05_weekdays_leave_72_hours_and_one_is_sunday() {
    let working_days = bounds(cron("0 5 ? * MON-FRI *"), 60);
    assert_eq!(working_days.configured, TimeDelta::hours(72));
    // 4 January 2026 is a Sunday.
    assert_eq!(dates("0 0 ? * 1 *", "2026-01-01", "2026-01-15"), ["2026-01-04", "2026-01-11"]);
    assert_eq!(dates("0 0 ? * 1 *", "2026-01-01", "2027-01-01"), dates("0 0 ? * sun *", "2026-01-01", "2027-01-01"));
}

#[test]
fn vector_06_monthly_is_31_days_and_last_and_nth_days_parse() {
    assert_eq!(bounds(cron("0 0 1 * ? *"), 60).configured, TimeDelta::days(31));
    assert_eq!(
        dates("0 0 L * ? *", "2028-01-01", "2028-05-01"),
        ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]
    );
    assert_eq!(dates("0 0 ? * 6#3 *", "2026-01-01", "2026-04-01"), ["2026-01-16", "2026-02-20", "2026-03-20"]);
}

/// The example of the AWS Backup developer guide.
fn aws_example() -> Vec<RuleSchedule> {
    vec![rule(cron("0 * ? * * *"), 60, 1), rule(cron("0 0/12 ? * * *"), 480, 7)]
}

#[test]
fn vector_07_hourly_runs_only_outside_the_twelve_hourly_window() {
    let (from, to) = (at("2026-01-01T00:00"), at("2026-01-02T00:00"));
    let starts = effective_starts(&aws_example(), from, to, Skipped);
    let hours: Vec<_> =
        starts.iter().map(|start| (text(&start.at)[11..13].parse::<u32>().unwrap(), start.rule)).collect();
    assert_eq!(hours, [(0, 1), (8, 0), (9, 0), (10, 0), (11, 0), (12, 1), (20, 0), (21, 0), (22, 0), (23, 0)]);
    let bounds = cadence_bounds(&[aws_example()], from).unwrap();
    assert_eq!(bounds.configured, TimeDelta::hours(8));
    assert_eq!(bounds.worst_legal, TimeDelta::hours(16));
    // The order of the rules does not matter when retentions differ.
    let mut reversed = aws_example();
    reversed.reverse();
    assert_eq!(cadence_bounds(&[reversed], from), Some(bounds));
}
