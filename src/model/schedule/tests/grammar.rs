//! What the grammar accepts and what it means; what it refuses and how.

use super::*;

#[test]
fn ranges_wrap_around_and_steps_count_from_their_start() {
    let hours = |hours: &str| -> Vec<String> {
        let fields = format!("0 {hours} ? * * *");
        let starts = list(&cron(&fields), "2026-01-01T00:00", "2026-01-02T00:00", Skipped);
        starts.iter().map(|start| start[11..13].to_owned()).collect()
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
    assert_eq!(dates("0 0 1W 8 ? *", "2026-01-01", "2027-01-01"), ["2026-08-03"]);
    assert_eq!(dates("0 0 31W 5 ? *", "2026-01-01", "2027-01-01"), ["2026-05-29"]);
    assert_eq!(dates("0 0 15W 8 ? *", "2026-01-01", "2027-01-01"), ["2026-08-14"]);
    assert_eq!(dates("0 0 16W 8 ? *", "2026-01-01", "2027-01-01"), ["2026-08-17"]);
    assert_eq!(dates("0 0 31W 6 ? *", "2026-01-01", "2027-01-01"), [""; 0]);
    assert_eq!(dates("0 0 LW 5,6 ? *", "2026-01-01", "2027-01-01"), ["2026-05-29", "2026-06-30"]);
    assert_eq!(dates("0 0 L-3 2 ? *", "2026-01-01", "2027-01-01"), ["2026-02-25"]);
    assert_eq!(dates("0 0 ? 1 6L *", "2026-01-01", "2027-01-01"), ["2026-01-30"]);
    assert_eq!(dates("0 0 ? 1 friL *", "2026-01-01", "2027-01-01"), ["2026-01-30"]);
    assert_eq!(dates("0 0 ? * L *", "2026-01-01", "2026-01-15"), ["2026-01-03", "2026-01-10"]);
    assert_eq!(dates("0 0 ? * 6#5 *", "2026-01-01", "2026-06-01"), ["2026-01-30", "2026-05-29"]);
}

#[test]
fn days_at_the_edge_of_a_week_count_are_right() {
    // 7 February and 31 January 2026 are Saturdays.
    assert_eq!(dates("0 0 ? 2 7#1 *", "2026-01-01", "2027-01-01"), ["2026-02-07"]);
    assert_eq!(dates("0 0 ? 1 7L *", "2026-01-01", "2027-01-01"), ["2026-01-31"]);
}

#[test]
fn impossible_dates_never_fire() {
    assert_eq!(dates("0 0 30 2 ? *", "1970-01-01", "2199-12-31"), [""; 0]);
    let never = cron("0 0 30 2 ? *");
    assert_eq!(never.next(at("2026-01-01T00:00"), Skipped), None);
    assert_eq!(cadence_bounds(&[vec![rule(never, 60, 35)]], at("2026-01-01T00:00")), None);
}

#[test]
fn years_begin_and_end_a_schedule() {
    let alternate = cron("0 0 1 1 ? 2026-2030/2,2199");
    assert_eq!(
        list(&alternate, "1970-01-01T00:00", "2300-01-01T00:00", Skipped),
        ["2026-01-01T00:00", "2028-01-01T00:00", "2030-01-01T00:00", "2199-01-01T00:00"]
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
        assert!(message.contains(bad) && message.contains("allowed"), "{message}");
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
        ("0 5 ? * 0 *", "day-of-week `0`: allowed are 1-7 (1 is Sunday)"),
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
    for form in ["", "0 5 * * ? *", "cron 0 5 * * ? *", "cron(0 5 * * ? *", "@daily", "cron("] {
        assert!(refuse(Some(form), None).contains("is not of the form"), "{form}");
    }
    for zone in ["", "CEST", "europe/berlin", "UTC+1"] {
        assert!(refuse(None, Some(zone)).contains(&format!("unknown time zone `{zone}`")), "{zone}");
    }
}
