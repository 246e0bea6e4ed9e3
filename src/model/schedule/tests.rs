//! Named cases: the vectors of the research notes, the grammar, clock changes and plans.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

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
    RuleSchedule {
        schedule,
        start_window: TimeDelta::minutes(window_minutes),
        retention_days: Some(retention_days),
    }
}

/// Bounds of a single rule from 1 January 2026.
fn bounds(schedule: Schedule, window_minutes: i64) -> CadenceBounds {
    cadence_bounds(
        &[vec![rule(schedule, window_minutes, 35)]],
        at("2026-01-01T00:00"),
    )
    .unwrap()
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
    let days = list(
        &cron(fields),
        &format!("{from}T00:00"),
        &format!("{to}T00:00"),
        Skipped,
    );
    days.iter().map(|day| day[..10].to_owned()).collect()
}

fn message(fields: &str) -> String {
    let expression = format!("cron({fields})");
    Schedule::parse(Some(&expression), None)
        .unwrap_err()
        .to_string()
}

#[test]
fn vector_01_daily_default_window_is_32_hours() {
    let daily = bounds(cron("0 5 ? * * *"), 480);
    assert_eq!(daily.configured, TimeDelta::hours(24));
    assert_eq!(daily.worst_legal, TimeDelta::hours(32));
    assert!(!daily.dst_dependent);
    assert_eq!(daily.first, at("2026-01-01T05:00"));
    assert_eq!(daily.ends, None);
    assert_eq!(
        bounds(cron("0 5 ? * * *"), 60).worst_legal,
        TimeDelta::hours(25)
    );
}

#[test]
fn vector_02_absent_expression_is_daily_at_five() {
    let default = Schedule::parse(None, None).unwrap();
    assert_eq!(default, cron("0 5 ? * * *"));
    assert_eq!(
        list(&default, "2026-01-01T05:00", "2026-01-03T05:00", Skipped),
        ["2026-01-01T05:00", "2026-01-02T05:00"]
    );
    assert_eq!(
        (default.expression(), default.timezone()),
        (DEFAULT_EXPRESSION, "UTC")
    );
}

#[test]
fn vector_03_twelve_hours_from_one_pm_is_once_a_day() {
    assert_eq!(
        bounds(cron("0 13/12 * * ? *"), 60).configured,
        TimeDelta::hours(24)
    );
    assert_eq!(
        bounds(cron("0 1/12 * * ? *"), 60).configured,
        TimeDelta::hours(12)
    );
}

#[test]
fn vector_04_berlin_half_past_two_has_a_hole_in_spring() {
    let nightly = cron_in("30 2 ? * * *", "Europe/Berlin");
    let spring = bounds(nightly.clone(), 60);
    assert_eq!(spring.configured, TimeDelta::hours(47));
    assert_eq!(
        spring.configured_between,
        (at("2026-03-28T01:30"), at("2026-03-30T00:30"))
    );
    assert_eq!(spring.worst_legal, TimeDelta::hours(48));
    assert!(spring.dst_dependent);

    let march = ("2026-03-28T00:00", "2026-03-31T00:00");
    assert_eq!(
        list(&nightly, march.0, march.1, Skipped),
        ["2026-03-28T01:30", "2026-03-30T00:30"]
    );
    assert_eq!(
        list(&nightly, march.0, march.1, Shifted),
        ["2026-03-28T01:30", "2026-03-29T01:30", "2026-03-30T00:30"]
    );
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
    assert_eq!(
        dates("0 0 ? * 1 *", "2026-01-01", "2026-01-15"),
        ["2026-01-04", "2026-01-11"]
    );
    assert_eq!(
        dates("0 0 ? * 1 *", "2026-01-01", "2027-01-01"),
        dates("0 0 ? * sun *", "2026-01-01", "2027-01-01")
    );
}

#[test]
fn vector_06_monthly_is_31_days_and_last_and_nth_days_parse() {
    assert_eq!(
        bounds(cron("0 0 1 * ? *"), 60).configured,
        TimeDelta::days(31)
    );
    assert_eq!(
        dates("0 0 L * ? *", "2028-01-01", "2028-05-01"),
        ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]
    );
    assert_eq!(
        dates("0 0 ? * 6#3 *", "2026-01-01", "2026-04-01"),
        ["2026-01-16", "2026-02-20", "2026-03-20"]
    );
}

/// The example of the AWS Backup developer guide.
fn aws_example() -> Vec<RuleSchedule> {
    vec![
        rule(cron("0 * ? * * *"), 60, 1),
        rule(cron("0 0/12 ? * * *"), 480, 7),
    ]
}

#[test]
fn vector_07_hourly_runs_only_outside_the_twelve_hourly_window() {
    let (from, to) = (at("2026-01-01T00:00"), at("2026-01-02T00:00"));
    let starts = effective_starts(&aws_example(), from, to, Skipped);
    let hours: Vec<_> = starts
        .iter()
        .map(|start| (text(&start.at)[11..13].parse::<u32>().unwrap(), start.rule))
        .collect();
    assert_eq!(
        hours,
        [
            (0, 1),
            (8, 0),
            (9, 0),
            (10, 0),
            (11, 0),
            (12, 1),
            (20, 0),
            (21, 0),
            (22, 0),
            (23, 0)
        ]
    );
    let bounds = cadence_bounds(&[aws_example()], from).unwrap();
    assert_eq!(bounds.configured, TimeDelta::hours(8));
    assert_eq!(bounds.worst_legal, TimeDelta::hours(16));
    // The order of the rules does not matter when retentions differ.
    let mut reversed = aws_example();
    reversed.reverse();
    assert_eq!(cadence_bounds(&[reversed], from), Some(bounds));
}

#[test]
fn a_window_that_reaches_the_start_of_a_longer_kept_backup_is_dropped() {
    let plan = |daily_window| {
        vec![
            rule(cron("0 5 ? * * *"), daily_window, 35),
            rule(cron("0 8 ? * SUN *"), 60, 365),
        ]
    };
    let sunday = |plan: &[RuleSchedule]| {
        effective_starts(
            plan,
            at("2026-01-04T00:00"),
            at("2026-01-05T00:00"),
            Skipped,
        )
        .len()
    };
    // 05:00 with 8 hours reaches 08:00; with exactly 3 hours it ends as the other begins.
    assert_eq!(sunday(&plan(480)), 1);
    assert_eq!(sunday(&plan(181)), 1);
    assert_eq!(sunday(&plan(180)), 2);
}

#[test]
fn equal_retention_keeps_the_first_rule_and_for_ever_is_longest() {
    let (from, to) = (at("2026-01-01T00:00"), at("2026-01-02T00:00"));
    let same = [
        rule(cron("0 5 ? * * *"), 60, 35),
        rule(cron("0 5 ? * * *"), 60, 35),
    ];
    let expected = |rule| {
        vec![Start {
            at: at("2026-01-01T05:00"),
            rule,
        }]
    };
    assert_eq!(effective_starts(&same, from, to, Skipped), expected(0));
    let mut for_ever = same;
    for_ever[1].retention_days = None;
    assert_eq!(effective_starts(&for_ever, from, to, Skipped), expected(1));
}

#[test]
fn a_start_before_the_range_still_suppresses() {
    let starts = effective_starts(
        &aws_example(),
        at("2026-01-01T06:00"),
        at("2026-01-01T09:00"),
        Skipped,
    );
    assert_eq!(
        starts,
        [Start {
            at: at("2026-01-01T08:00"),
            rule: 0
        }]
    );
}

#[test]
fn plans_do_not_suppress_each_other() {
    let [hourly, half_daily] = aws_example().try_into().unwrap();
    let plans = [vec![hourly], vec![half_daily]];
    let bounds = cadence_bounds(&plans, at("2026-01-01T00:00")).unwrap();
    assert_eq!(bounds.configured, TimeDelta::hours(1));
    assert_eq!(bounds.worst_legal, TimeDelta::hours(9));
}

#[test]
fn berlin_hourly_has_one_start_for_the_repeated_hour() {
    let hourly = cron_in("0 * ? * * *", "Europe/Berlin");
    let bounds = bounds(hourly.clone(), 60);
    assert_eq!(bounds.configured, TimeDelta::hours(2));
    assert_eq!(
        bounds.configured_between,
        (at("2026-10-25T00:00"), at("2026-10-25T02:00"))
    );
    // Shifted, 02:00 falls on 03:00, which fires anyway.
    let night = ("2026-03-29T00:00", "2026-03-29T03:00");
    let expected = ["2026-03-29T00:00", "2026-03-29T01:00", "2026-03-29T02:00"];
    assert_eq!(list(&hourly, night.0, night.1, Skipped), expected);
    assert_eq!(list(&hourly, night.0, night.1, Shifted), expected);
}

#[test]
fn shifted_starts_stay_in_order() {
    let schedule = cron_in("30 2,3 ? * * *", "Europe/Berlin");
    let two = cron_in("0,45 2-3 ? * * *", "Europe/Berlin");
    let night = ("2026-03-29T00:00", "2026-03-29T12:00");
    assert_eq!(
        list(&schedule, night.0, night.1, Shifted),
        ["2026-03-29T01:30"]
    );
    assert_eq!(
        list(&two, night.0, night.1, Shifted),
        ["2026-03-29T01:00", "2026-03-29T01:45"]
    );
}

#[test]
fn new_york_follows_its_own_dates() {
    let nightly = cron_in("30 2 ? * * *", "America/New_York");
    let spring = ("2026-03-07T00:00", "2026-03-10T00:00");
    assert_eq!(
        list(&nightly, spring.0, spring.1, Skipped),
        ["2026-03-07T07:30", "2026-03-09T06:30"]
    );
    assert_eq!(
        list(&nightly, spring.0, spring.1, Shifted),
        ["2026-03-07T07:30", "2026-03-08T07:30", "2026-03-09T06:30"]
    );
    let one_thirty = cron_in("30 1 ? * * *", "America/New_York");
    assert_eq!(
        list(&one_thirty, "2026-11-01T00:00", "2026-11-03T00:00", Skipped),
        ["2026-11-01T05:30", "2026-11-02T06:30"]
    );
}

#[test]
fn lord_howe_moves_by_half_an_hour() {
    // 02:00 becomes 02:30 on 4 October 2026 (UTC+10:30 to UTC+11).
    let missing = cron_in("15 2 ? * * *", "Australia/Lord_Howe");
    let spring = ("2026-10-02T12:00", "2026-10-05T12:00");
    assert_eq!(
        list(&missing, spring.0, spring.1, Skipped),
        ["2026-10-02T15:45", "2026-10-04T15:15"]
    );
    assert_eq!(
        list(&missing, spring.0, spring.1, Shifted),
        ["2026-10-02T15:45", "2026-10-03T15:45", "2026-10-04T15:15"]
    );
    // 02:00 becomes 01:30 on 5 April 2026: 01:45 comes twice.
    let twice = cron_in("45 1 ? * * *", "Australia/Lord_Howe");
    assert_eq!(
        list(&twice, "2026-04-04T12:00", "2026-04-05T12:00", Skipped),
        ["2026-04-04T14:45"]
    );
}

#[test]
fn kathmandu_is_five_hours_forty_five_ahead() {
    let nightly = cron_in("0 2 ? * * *", "Asia/Kathmandu");
    assert_eq!(
        list(&nightly, "2026-01-01T00:00", "2026-01-02T00:00", Skipped),
        ["2026-01-01T20:15"]
    );
    assert!(!bounds(nightly, 60).dst_dependent);
}

#[test]
fn apia_once_left_out_a_whole_day() {
    // 30 December 2011 did not exist; UTC-10 became UTC+14.
    let noon = cron_in("0 12 ? * * *", "Pacific/Apia");
    let week = ("2011-12-29T00:00", "2012-01-01T00:00");
    let real = ["2011-12-29T22:00", "2011-12-30T22:00", "2011-12-31T22:00"];
    assert_eq!(list(&noon, week.0, week.1, Skipped), real);
    assert_eq!(list(&noon, week.0, week.1, Shifted), real);
}

#[test]
fn ranges_wrap_around_and_steps_count_from_their_start() {
    let hours = |hours: &str| -> Vec<String> {
        let fields = format!("0 {hours} ? * * *");
        let starts = list(
            &cron(&fields),
            "2026-01-01T00:00",
            "2026-01-02T00:00",
            Skipped,
        );
        starts
            .iter()
            .map(|start| start[11..13].to_owned())
            .collect()
    };
    assert_eq!(hours("20-2"), ["00", "01", "02", "20", "21", "22", "23"]);
    assert_eq!(hours("20-2/3"), ["02", "20", "23"]);
    assert_eq!(hours("*/10,5,5"), ["00", "05", "10", "20"]);
    assert_eq!(hours("8-17/4"), ["08", "12", "16"]);
    assert_eq!(hours("0/90"), ["00"]);
    assert_eq!(
        dates("0 0 ? * FRI-MON *", "2026-01-05", "2026-01-12"),
        ["2026-01-05", "2026-01-09", "2026-01-10", "2026-01-11"]
    );
    assert_eq!(
        dates("0 0 1 nov-Feb ? *", "2026-01-01", "2027-01-01"),
        ["2026-01-01", "2026-02-01", "2026-11-01", "2026-12-01"]
    );
}

#[test]
fn last_nearest_and_nth_days() {
    // August 2026 begins on a Saturday, 31 May 2026 is a Sunday, 15 August a Saturday.
    assert_eq!(
        dates("0 0 1W 8 ? *", "2026-01-01", "2027-01-01"),
        ["2026-08-03"]
    );
    assert_eq!(
        dates("0 0 31W 5 ? *", "2026-01-01", "2027-01-01"),
        ["2026-05-29"]
    );
    assert_eq!(
        dates("0 0 15W 8 ? *", "2026-01-01", "2027-01-01"),
        ["2026-08-14"]
    );
    assert_eq!(
        dates("0 0 16W 8 ? *", "2026-01-01", "2027-01-01"),
        ["2026-08-17"]
    );
    assert_eq!(dates("0 0 31W 6 ? *", "2026-01-01", "2027-01-01"), [""; 0]);
    assert_eq!(
        dates("0 0 LW 5,6 ? *", "2026-01-01", "2027-01-01"),
        ["2026-05-29", "2026-06-30"]
    );
    assert_eq!(
        dates("0 0 L-3 2 ? *", "2026-01-01", "2027-01-01"),
        ["2026-02-25"]
    );
    assert_eq!(
        dates("0 0 ? 1 6L *", "2026-01-01", "2027-01-01"),
        ["2026-01-30"]
    );
    assert_eq!(
        dates("0 0 ? 1 friL *", "2026-01-01", "2027-01-01"),
        ["2026-01-30"]
    );
    assert_eq!(
        dates("0 0 ? * L *", "2026-01-01", "2026-01-15"),
        ["2026-01-03", "2026-01-10"]
    );
    assert_eq!(
        dates("0 0 ? * 6#5 *", "2026-01-01", "2026-06-01"),
        ["2026-01-30", "2026-05-29"]
    );
}

#[test]
fn impossible_dates_never_fire() {
    assert_eq!(dates("0 0 30 2 ? *", "1970-01-01", "2199-12-31"), [""; 0]);
    let never = cron("0 0 30 2 ? *");
    assert_eq!(never.next(at("2026-01-01T00:00"), Skipped), None);
    assert_eq!(
        cadence_bounds(&[vec![rule(never, 60, 35)]], at("2026-01-01T00:00")),
        None
    );
}

#[test]
fn years_begin_and_end_a_schedule() {
    let alternate = cron("0 0 1 1 ? 2026-2030/2,2199");
    assert_eq!(
        list(&alternate, "1970-01-01T00:00", "2300-01-01T00:00", Skipped),
        [
            "2026-01-01T00:00",
            "2028-01-01T00:00",
            "2030-01-01T00:00",
            "2199-01-01T00:00"
        ]
    );
    let ending = bounds(cron("0 5 ? * * 2026-2027"), 60);
    assert_eq!(ending.configured, TimeDelta::days(1));
    assert_eq!(ending.ends, Some(at("2027-12-31T05:00")));
    let late = bounds(cron("0 5 ? * * 2029-2199"), 60);
    assert_eq!((late.first, late.ends), (at("2029-01-01T05:00"), None));
    let pause = bounds(cron("0 5 ? * * 2026,2028"), 60);
    assert_eq!(pause.configured, TimeDelta::days(366));
}

#[test]
fn rare_schedules_are_followed_far_enough() {
    let leap = bounds(cron("0 0 29 2 ? *"), 60);
    assert_eq!(leap.configured, TimeDelta::days(1461));
    assert_eq!(
        bounds(cron("0 0 1 1 ? *"), 60).configured,
        TimeDelta::days(366)
    );
    // Daily in the first half of the year only: the hole is seen whole, wherever one starts.
    for from in ["2026-01-01T00:00", "2026-06-30T12:00", "2026-07-01T00:00"] {
        let seasonal = [vec![rule(cron("0 5 ? 1-6 * *"), 60, 35)]];
        let bounds = cadence_bounds(&seasonal, at(from)).unwrap();
        assert_eq!(bounds.configured, TimeDelta::days(185), "from {from}");
    }
    assert_eq!(
        cadence_bounds(
            &[vec![rule(cron("0 0 1 1 ? 2027"), 60, 35)]],
            at("2026-01-01T00:00")
        ),
        None
    );
    assert_eq!(
        cadence_bounds(&[] as &[Vec<RuleSchedule>], at("2026-01-01T00:00")),
        None
    );
}

#[test]
fn rates_are_fixed_intervals() {
    let rate = |text: &str| Schedule::parse(Some(text), Some("Europe/Berlin"));
    let six_hours = rate("rate(6 hours)").unwrap();
    assert!(six_hours.is_rate());
    assert_eq!(
        list(&six_hours, "2026-03-29T00:01", "2026-03-29T18:00", Skipped),
        ["2026-03-29T06:00", "2026-03-29T12:00"]
    );
    for good in ["rate(1 minute)", "rate(1 day)", "rate( 2  days )"] {
        assert!(rate(good).is_ok(), "{good}");
    }
    for bad in [
        "rate(0 hours)",
        "rate(1 hours)",
        "rate(2 hour)",
        "rate(-1 hours)",
        "rate(+2 hours)",
        "rate(5 weeks)",
        "rate(5)",
        "rate()",
        "rate(99999999999 days)",
    ] {
        let message = rate(bad).unwrap_err().to_string();
        assert!(
            message.contains(bad) && message.contains("allowed"),
            "{message}"
        );
    }
}

#[test]
fn errors_name_the_field_and_what_it_allows() {
    for (fields, named) in [
        ("60 5 ? * * *", "minutes `60`: allowed are 0-59"),
        ("0 24 ? * * *", "hours `24`: allowed are 0-23"),
        ("0 5,x ? * * *", "hours `5,x`"),
        ("0 1/0 ? * * *", "hours `1/0`"),
        ("0 /2 ? * * *", "hours `/2`"),
        ("0 +5 ? * * *", "hours `+5`"),
        ("? 5 ? * * *", "minutes `?`"),
        ("0, 5 ? * * *", "minutes `0,`"),
        ("0 5 32 * ? *", "day-of-month `32`: allowed are 1-31"),
        ("0 5 0W * ? *", "day-of-month `0W`"),
        ("0 5 L-31 * ? *", "day-of-month `L-31`"),
        ("0 5 ? 13 * *", "month `13`: allowed are 1-12 or JAN-DEC"),
        ("0 5 ? JANUARY * *", "month `JANUARY`"),
        (
            "0 5 ? * 0 *",
            "day-of-week `0`: allowed are 1-7 (1 is Sunday)",
        ),
        ("0 5 ? * 8 *", "day-of-week `8`"),
        ("0 5 ? * 2/2 *", "day-of-week `2/2`"),
        ("0 5 ? * 6#6 *", "day-of-week `6#6`"),
        ("0 5 ? * 3#1,6#3 *", "day-of-week `3#1,6#3`"),
        ("0 5 ? * * 1969", "year `1969`: allowed are 1970-2199"),
        ("0 5 ? * * 2030-2026", "year `2030-2026`"),
        ("0 5 * * * *", "exactly one of the two must be `?`"),
        ("0 5 ? * ? *", "exactly one of the two must be `?`"),
        ("0 5 1 * 1 *", "day-of-month `1` and day-of-week `1`"),
        ("0 5 * * *", "has 5 fields; it needs 6"),
        ("0 0 5 ? * * *", "has 7 fields"),
        ("", "has 0 fields"),
    ] {
        let message = message(fields);
        assert!(message.contains(named), "{fields}: {message}");
    }
}

#[test]
fn other_forms_and_unknown_zones_are_refused() {
    let refuse = |expression, zone| Schedule::parse(expression, zone).unwrap_err().to_string();
    assert_eq!(
        refuse(Some("at(2026-01-01T05:00:00)"), None),
        "schedule `at(2026-01-01T05:00:00)` runs only once; a backup rule needs `cron(...)` or `rate(...)`, which recur"
    );
    for form in [
        "",
        "0 5 * * ? *",
        "cron 0 5 * * ? *",
        "cron(0 5 * * ? *",
        "@daily",
        "cron(",
    ] {
        assert!(
            refuse(Some(form), None).contains("is not of the form"),
            "{form}"
        );
    }
    for zone in ["", "CEST", "europe/berlin", "UTC+1"] {
        assert!(
            refuse(None, Some(zone)).contains(&format!("unknown time zone `{zone}`")),
            "{zone}"
        );
    }
}

#[test]
fn the_ends_of_time_do_no_harm() {
    let schedule = cron_in("0 0 1 1 ? 1970,2199", "Pacific/Kiritimati");
    let all = schedule.occurrences(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC, Shifted);
    assert_eq!(all.len(), 2);
    let plan = [vec![RuleSchedule {
        schedule: cron("0 5 ? * * *"),
        start_window: TimeDelta::MAX,
        retention_days: None,
    }]];
    assert_eq!(cadence_bounds(&plan, DateTime::<Utc>::MAX_UTC), None);
    assert_eq!(cadence_bounds(&plan, DateTime::<Utc>::MIN_UTC), None);
    let bounds = cadence_bounds(&plan, at("2026-01-01T00:00")).unwrap();
    assert_eq!(bounds.worst_legal, TimeDelta::MAX);
}
