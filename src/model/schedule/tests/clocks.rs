//! Clock changes and unusual offsets.

use super::*;

#[test]
fn berlin_hourly_has_one_start_for_the_repeated_hour() {
    let hourly = cron_in("0 * ? * * *", "Europe/Berlin");
    let bounds = bounds(hourly.clone(), 60);
    assert_eq!(bounds.configured, TimeDelta::hours(2));
    assert_eq!(bounds.configured_between, (at("2026-10-25T00:00"), at("2026-10-25T02:00")));
    // Shifted, 02:00 falls on 03:00, which fires anyway.
    let night = ("2026-03-29T00:00", "2026-03-29T03:00");
    let expected = ["2026-03-29T00:00", "2026-03-29T01:00", "2026-03-29T02:00"];
    assert_eq!(list(&hourly, night.0, night.1, Skipped), expected);
    assert_eq!(list(&hourly, night.0, night.1, Shifted), expected);
}

#[test]
fn berlin_daily_has_a_day_of_25_hours() {
    let daily = bounds(cron_in("0 5 ? * * *", "Europe/Berlin"), 60);
    assert_eq!(daily.configured, TimeDelta::hours(25));
    assert!(!daily.dst_dependent);
}

#[test]
fn shifted_starts_stay_in_order() {
    let schedule = cron_in("30 2,3 ? * * *", "Europe/Berlin");
    let two = cron_in("0,45 2-3 ? * * *", "Europe/Berlin");
    let night = ("2026-03-29T00:00", "2026-03-29T12:00");
    assert_eq!(list(&schedule, night.0, night.1, Shifted), ["2026-03-29T01:30"]);
    assert_eq!(list(&two, night.0, night.1, Shifted), ["2026-03-29T01:00", "2026-03-29T01:45"]);
}

#[test]
fn new_york_follows_its_own_dates() {
    let nightly = cron_in("30 2 ? * * *", "America/New_York");
    let spring = ("2026-03-07T00:00", "2026-03-10T00:00");
    assert_eq!(list(&nightly, spring.0, spring.1, Skipped), ["2026-03-07T07:30", "2026-03-09T06:30"]);
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
    assert_eq!(list(&missing, spring.0, spring.1, Skipped), ["2026-10-02T15:45", "2026-10-04T15:15"]);
    assert_eq!(
        list(&missing, spring.0, spring.1, Shifted),
        ["2026-10-02T15:45", "2026-10-03T15:45", "2026-10-04T15:15"]
    );
    // 02:00 becomes 01:30 on 5 April 2026: 01:45 comes twice.
    let twice = cron_in("45 1 ? * * *", "Australia/Lord_Howe");
    assert_eq!(list(&twice, "2026-04-04T12:00", "2026-04-05T12:00", Skipped), ["2026-04-04T14:45"]);
}

#[test]
fn kathmandu_is_five_hours_forty_five_ahead() {
    let nightly = cron_in("0 2 ? * * *", "Asia/Kathmandu");
    assert_eq!(list(&nightly, "2026-01-01T00:00", "2026-01-02T00:00", Skipped), ["2026-01-01T20:15"]);
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
