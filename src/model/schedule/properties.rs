//! Properties that hold for every expression, and a slow second opinion on what fires when.
//!
//! The second opinion shares no code with the module: it reads the text of an expression anew and
//! asks, minute by minute, whether each field admits that minute.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;
use MissingLocalTime::{Shifted, Skipped};

const ZONES: &[&str] = &[
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Pacific/Apia",
];

/// One list item of a plain numeric field.
fn item(low: u32, high: u32) -> BoxedStrategy<String> {
    let value = move || low..=high;
    prop_oneof![
        4 => value().prop_map(|a| a.to_string()),
        2 => (value(), value()).prop_map(|(a, b)| format!("{a}-{b}")),
        1 => (value(), 1u32..20).prop_map(|(a, n)| format!("{a}/{n}")),
        1 => (value(), value(), 1u32..9).prop_map(|(a, b, n)| format!("{a}-{b}/{n}")),
        1 => (1u32..20).prop_map(|n| format!("*/{n}")),
    ]
    .boxed()
}

fn field(low: u32, high: u32) -> BoxedStrategy<String> {
    let items = proptest::collection::vec(item(low, high), 1..4).prop_map(|items| items.join(","));
    prop_oneof![3 => items, 1 => Just("*".to_owned())].boxed()
}

/// The two day fields together.
fn day_fields() -> BoxedStrategy<(String, String)> {
    let of_month = prop_oneof![
        5 => field(1, 31),
        1 => Just("L".to_owned()),
        1 => Just("LW".to_owned()),
        1 => (1u32..=30).prop_map(|days| format!("L-{days}")),
        2 => (1u32..=31).prop_map(|day| format!("{day}W")),
    ];
    let weekday = || {
        prop_oneof![
            (1u32..=7).prop_map(|day| day.to_string()),
            (1u32..=7).prop_map(|day| WEEK[day as usize - 1].to_owned()),
        ]
    };
    let of_week = prop_oneof![
        2 => proptest::collection::vec(weekday(), 1..4).prop_map(|days| days.join(",")),
        2 => (weekday(), weekday()).prop_map(|(a, b)| format!("{a}-{b}")),
        1 => Just("L".to_owned()),
        1 => Just("*".to_owned()),
        2 => weekday().prop_map(|day| format!("{day}L")),
        2 => (weekday(), 1u32..=5).prop_map(|(day, nth)| format!("{day}#{nth}")),
    ];
    prop_oneof![of_month.prop_map(|days| (days, "?".to_owned())), of_week.prop_map(|days| ("?".to_owned(), days)),]
        .boxed()
}

fn valid_fields() -> BoxedStrategy<String> {
    let year = prop_oneof![
        6 => Just("*".to_owned()),
        1 => Just("2026".to_owned()),
        1 => Just("2025-2027/2,2026".to_owned()),
    ];
    let month = prop_oneof![2 => Just("*".to_owned()), 1 => field(1, 12), 1 => Just("OCT-mar".to_owned())];
    (field(0, 59), field(0, 23), day_fields(), month, year)
        .prop_map(|(minutes, hours, (of_month, of_week), month, year)| {
            format!("{minutes} {hours} {of_month} {month} {of_week} {year}")
        })
        .boxed()
}

fn zone() -> BoxedStrategy<&'static str> {
    proptest::sample::select(ZONES).boxed()
}

/// A minute of 2025 to 2027, more often than not close to a clock change.
fn minute() -> BoxedStrategy<DateTime<Utc>> {
    let changes = proptest::sample::select(vec![
        "2026-03-07T12:00:00Z",
        "2026-03-28T12:00:00Z",
        "2026-04-04T00:00:00Z",
        "2026-10-03T00:00:00Z",
        "2026-10-24T12:00:00Z",
        "2026-10-31T12:00:00Z",
        "2026-02-13T12:00:00Z",
        "2026-03-20T12:00:00Z",
        "2026-12-28T12:00:00Z",
    ]);
    let any = (0i64..3 * 365 * 1440)
        .prop_map(|minutes| Utc.with_ymd_and_hms(2025, 1, 1, 0, 0, 0).unwrap() + TimeDelta::minutes(minutes));
    prop_oneof![
        any,
        (changes, 0i64..1440)
            .prop_map(|(day, minutes)| { day.parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes) })
    ]
    .boxed()
}

const WEEK: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const YEAR: &[&str] = &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

fn named(text: &str, names: &[&str]) -> u32 {
    let upper = text.to_uppercase();
    match names.iter().position(|name| *name == upper) {
        Some(index) => index as u32 + 1,
        None => text.parse().unwrap(),
    }
}

/// Whether a plain field admits `value`.
fn admits(field: &str, value: u32, low: u32, high: u32, names: &[&str]) -> bool {
    field.split(',').any(|item| {
        let (base, step) = match item.split_once('/') {
            Some((base, step)) => (base, step.parse::<u32>().unwrap()),
            None => (item, 1),
        };
        let (first, last) = match base.split_once('-') {
            _ if base == "*" => (low, high),
            Some((first, last)) => (named(first, names), named(last, names)),
            None if item.contains('/') => (named(base, names), high),
            None => (named(base, names), named(base, names)),
        };
        if first <= last {
            (first..=last).contains(&value) && (value - first).is_multiple_of(step)
        } else if value >= first {
            (value - first).is_multiple_of(step)
        } else {
            value <= last && (high - first + 1 + value - low).is_multiple_of(step)
        }
    })
}

/// Whether the day fields admit `date`.
fn admits_day(of_month: &str, of_week: &str, date: NaiveDate) -> bool {
    let later = |days| date + Days::new(days);
    let leaves_month = |days| later(days).month() != date.month();
    let weekday = |date: NaiveDate| date.weekday().num_days_from_monday() < 5;
    let sunday_first = date.weekday().num_days_from_sunday() + 1;
    if of_month == "?" {
        if of_week == "L" {
            return sunday_first == 7;
        }
        if let Some(day) = of_week.strip_suffix('L') {
            return sunday_first == named(day, WEEK) && leaves_month(7);
        }
        if let Some((day, nth)) = of_week.split_once('#') {
            let so_far =
                (1..=date.day()).filter(|day| date.with_day(*day).unwrap().weekday() == date.weekday()).count();
            return sunday_first == named(day, WEEK) && so_far == nth.parse::<usize>().unwrap();
        }
        return admits(of_week, sunday_first, 1, 7, WEEK);
    }
    if of_month == "L" {
        return leaves_month(1);
    }
    if of_month == "LW" {
        return weekday(date) && (1..7).all(|days| leaves_month(days) || !weekday(later(days)));
    }
    if let Some(before) = of_month.strip_prefix("L-") {
        let before = before.parse().unwrap();
        return !leaves_month(before) && leaves_month(before + 1);
    }
    if let Some(wanted) = of_month.strip_suffix('W') {
        let wanted: u32 = wanted.parse().unwrap();
        let exists = date.with_day(wanted).is_some();
        let nearest = (1..=31)
            .filter_map(|day| date.with_day(day))
            .filter(|date| weekday(*date))
            .min_by_key(|date| date.day().abs_diff(wanted));
        return exists && nearest == Some(date);
    }
    admits(of_month, date.day(), 1, 31, &[])
}

fn admits_minute(fields: &str, local: NaiveDateTime) -> bool {
    let fields: Vec<&str> = fields.split(' ').collect();
    admits(fields[0], local.minute(), 0, 59, &[])
        && admits(fields[1], local.hour(), 0, 23, &[])
        && admits_day(fields[2], fields[4], local.date())
        && admits(fields[3], local.month(), 1, 12, YEAR)
        && admits(fields[5], local.year() as u32, 1970, 2199, &[])
}

/// Every minute in the range whose local time is admitted and has not come before.
fn naive(fields: &str, zone: Tz, from: DateTime<Utc>, minutes: i64) -> Vec<DateTime<Utc>> {
    (0..minutes)
        .map(|minute| from + TimeDelta::minutes(minute))
        .filter(|at| {
            let local = at.with_timezone(&zone).naive_local();
            // No clock in the tests is put back by more than an hour.
            let repeated = || {
                (1..=60).any(|back| {
                    let earlier = *at - TimeDelta::minutes(back);
                    earlier.with_timezone(&zone).naive_local() == local
                })
            };
            admits_minute(fields, local) && !repeated()
        })
        .collect()
}

fn schedule(fields: &str, zone: &str) -> Schedule {
    Schedule::parse(Some(&format!("cron({fields})")), Some(zone)).unwrap_or_else(|error| panic!("{fields}: {error}"))
}

fn rules() -> BoxedStrategy<Vec<RuleSchedule>> {
    // One minute of the hour, as AWS Backup runs hourly at most.
    let hourly = (0u32..60, valid_fields()).prop_map(|(minute, fields)| {
        let (_, rest) = fields.split_once(' ').unwrap();
        format!("{minute} {rest}")
    });
    let rule = (hourly, zone(), 0i64..1_500, proptest::option::of(1u32..4)).prop_map(
        |(fields, zone, window, retention_days)| RuleSchedule {
            schedule: schedule(&fields, zone),
            start_window: TimeDelta::minutes(window),
            retention_days,
        },
    );
    proptest::collection::vec(rule, 0..4).boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,40}", zone in proptest::option::of(".{0,12}")) {
        let _ = Schedule::parse(Some(&text), zone.as_deref());
    }

    #[test]
    fn anything_like_a_cron_is_read_or_refused_and_ends(
        fields in proptest::collection::vec("[0-9LWAN#?*/,-]{1,6}|\\*|\\?", 5..8),
        at in minute(),
    ) {
        if let Ok(schedule) = Schedule::parse(Some(&format!("cron({})", fields.join(" "))), None) {
            schedule.occurrences(at, at + TimeDelta::days(40), Shifted);
            schedule.next(at, Skipped);
        }
    }

    #[test]
    fn every_value_in_range_is_accepted_and_none_outside(
        place in 0usize..6, value in 0u32..2300,
    ) {
        let limits = [(0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2199)];
        let mut fields = ["0", "0", "?", "*", "*", "*"].map(str::to_owned);
        if place == 2 {
            fields[4] = "?".to_owned();
        }
        fields[place] = value.to_string();
        let (low, high) = limits[place];
        let read = Schedule::parse(Some(&format!("cron({})", fields.join(" "))), None);
        prop_assert_eq!(read.is_ok(), (low..=high).contains(&value));
    }

    #[test]
    fn occurrences_are_those_of_a_naive_matcher(
        fields in valid_fields(), zone in zone(), from in minute(), minutes in 1i64..7 * 1440,
    ) {
        let to = from + TimeDelta::minutes(minutes);
        let found = schedule(&fields, zone).occurrences(from, to, Skipped);
        prop_assert_eq!(found, naive(&fields, zone.parse().unwrap(), from, minutes));
    }

    #[test]
    fn days_of_a_year_are_those_of_a_naive_matcher(
        (of_month, of_week) in day_fields(), year in 1970i32..2199,
    ) {
        let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
        let days = first.iter_days().take_while(|day| day.year() == year);
        let expected: Vec<_> = days.filter(|day| admits_day(&of_month, &of_week, *day)).collect();
        let midnight = |date: NaiveDate| date.and_time(chrono::NaiveTime::MIN).and_utc();
        let schedule = schedule(&format!("0 0 {of_month} * {of_week} *"), "UTC");
        let end = midnight(first) + TimeDelta::days(if first.leap_year() { 366 } else { 365 });
        let found = schedule.occurrences(midnight(first), end, Skipped);
        prop_assert_eq!(found, expected.into_iter().map(midnight).collect::<Vec<_>>());
    }

    #[test]
    fn occurrences_ascend_within_the_range_and_splitting_it_changes_nothing(
        fields in valid_fields(), zone in zone(), from in minute(),
        seconds in proptest::collection::vec(0i64..90 * 86_400, 2),
    ) {
        let schedule = schedule(&fields, zone);
        let middle = from + TimeDelta::seconds(seconds[0].min(seconds[1]));
        let to = from + TimeDelta::seconds(seconds[0].max(seconds[1]));
        for missing in [Skipped, Shifted] {
            let whole = schedule.occurrences(from, to, missing);
            prop_assert!(whole.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(whole.iter().all(|at| from <= *at && *at < to));
            let mut parts = schedule.occurrences(from, middle, missing);
            parts.extend(schedule.occurrences(middle, to, missing));
            prop_assert_eq!(&whole, &parts);
            if let Some(first) = whole.first() {
                prop_assert_eq!(schedule.next(from, missing), Some(*first));
            }
        }
    }

    #[test]
    fn shifting_only_adds_starts(fields in valid_fields(), zone in zone(), from in minute()) {
        let schedule = schedule(&fields, zone);
        let to = from + TimeDelta::days(30);
        let shifted = schedule.occurrences(from, to, Shifted);
        for at in schedule.occurrences(from, to, Skipped) {
            prop_assert!(shifted.binary_search(&at).is_ok());
        }
    }

    #[test]
    fn suppression_is_as_defined_and_does_not_depend_on_the_range(
        rules in rules(), from in minute(), minutes in 1i64..4 * 1440, cut in 0i64..4 * 1440,
    ) {
        let to = from + TimeDelta::minutes(minutes);
        let middle = from + TimeDelta::minutes(cut.min(minutes));
        let margin = TimeDelta::days(2);
        let all: Vec<Start> = rules.iter().enumerate().flat_map(|(rule, one)| {
            let starts = one.schedule.occurrences(from - margin, to + margin, Skipped);
            starts.into_iter().map(move |at| Start { at, rule })
        }).collect();
        let rank = |rule: usize| {
            (rules[rule].retention_days.unwrap_or(u32::MAX), usize::MAX - rule)
        };
        let mut expected: Vec<Start> = all.iter().copied().filter(|start| {
            let end = start.at + rules[start.rule].start_window;
            from <= start.at && start.at < to && !all.iter().any(|other| {
                let other_end = other.at + rules[other.rule].start_window;
                let meet = start.at == other.at || (start.at < other_end && other.at < end);
                meet && rank(other.rule) > rank(start.rule)
            })
        }).collect();
        expected.sort_by_key(|start| start.at);
        let found = effective_starts(&rules, from, to, Skipped);
        prop_assert_eq!(&found, &expected);
        let mut parts = effective_starts(&rules, from, middle, Skipped);
        parts.extend(effective_starts(&rules, middle, to, Skipped));
        prop_assert_eq!(found, parts);
    }

    #[test]
    fn no_gap_is_longer_than_the_bound(rules in rules(), from in minute()) {
        let plans = [rules.clone(), rules.into_iter().rev().take(1).collect()];
        let Some(bounds) = cadence_bounds(&plans, from) else { return Ok(()) };
        prop_assert!(bounds.worst_legal >= bounds.configured);
        let (earlier, later) = bounds.configured_between;
        prop_assert_eq!(later - earlier, bounds.configured);
        for missing in [Skipped, Shifted] {
            let to = from + TimeDelta::days(370);
            let mut starts: Vec<_> = plans.iter()
                .flat_map(|plan| effective_starts(plan, from, to, missing))
                .map(|start| start.at)
                .collect();
            starts.sort();
            prop_assert!(starts.windows(2).all(|pair| pair[1] - pair[0] <= bounds.configured));
        }
    }
}
