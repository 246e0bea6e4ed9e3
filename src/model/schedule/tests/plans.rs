//! Several rules, several plans, and how far ahead is looked.

use super::*;

#[test]
fn a_window_that_reaches_the_start_of_a_longer_kept_backup_is_dropped() {
    let plan = |daily_window| vec![rule(cron("0 5 ? * * *"), daily_window, 35), rule(cron("0 8 ? * SUN *"), 60, 365)];
    let sunday =
        |plan: &[RuleSchedule]| effective_starts(plan, at("2026-01-04T00:00"), at("2026-01-05T00:00"), Skipped).len();
    // 05:00 with 8 hours reaches 08:00; with exactly 3 hours it ends as the other begins.
    assert_eq!(sunday(&plan(480)), 1);
    assert_eq!(sunday(&plan(181)), 1);
    assert_eq!(sunday(&plan(180)), 2);
}

#[test]
fn equal_retention_keeps_the_first_rule_and_for_ever_is_longest() {
    let (from, to) = (at("2026-01-01T00:00"), at("2026-01-02T00:00"));
    let same = [rule(cron("0 5 ? * * *"), 60, 35), rule(cron("0 5 ? * * *"), 60, 35)];
    let expected = |rule| vec![Start { at: at("2026-01-01T05:00"), rule }];
    assert_eq!(effective_starts(&same, from, to, Skipped), expected(0));
    let mut for_ever = same;
    for_ever[1].retention_days = None;
    assert_eq!(effective_starts(&for_ever, from, to, Skipped), expected(1));
}

#[test]
fn starts_at_one_instant_meet_even_without_a_window() {
    let plan = [rule(cron("0 5 ? * * *"), 0, 1), rule(cron("0 5 ? * * *"), -5, 35)];
    let starts = effective_starts(&plan, at("2026-01-01T00:00"), at("2026-01-02T00:00"), Skipped);
    let [only] = starts.as_slice() else { panic!("{starts:?}") };
    assert_eq!(only.rule, 1);
}

#[test]
fn a_start_before_the_range_still_suppresses() {
    let starts = effective_starts(&aws_example(), at("2026-01-01T06:00"), at("2026-01-01T09:00"), Skipped);
    assert_eq!(starts, [Start { at: at("2026-01-01T08:00"), rule: 0 }]);
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
fn rare_schedules_are_followed_far_enough() {
    let leap = bounds(cron("0 0 29 2 ? *"), 60);
    assert_eq!(leap.configured, TimeDelta::days(1461));
    assert_eq!(bounds(cron("0 0 1 1 ? *"), 60).configured, TimeDelta::days(366));
    // Daily in the first half of the year only: the hole is seen whole, wherever one starts.
    for from in ["2026-01-01T00:00", "2026-06-30T12:00", "2026-07-01T00:00"] {
        let seasonal = [vec![rule(cron("0 5 ? 1-6 * *"), 60, 35)]];
        let bounds = cadence_bounds(&seasonal, at(from)).unwrap();
        assert_eq!(bounds.configured, TimeDelta::days(185), "from {from}");
    }
    assert_eq!(cadence_bounds(&[vec![rule(cron("0 0 1 1 ? 2027"), 60, 35)]], at("2026-01-01T00:00")), None);
    assert_eq!(cadence_bounds(&[] as &[Vec<RuleSchedule>], at("2026-01-01T00:00")), None);
}

#[test]
fn the_ends_of_time_do_no_harm() {
    let schedule = cron_in("0 0 1 1 ? 1970,2199", "Pacific/Kiritimati");
    let all = schedule.occurrences(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC, Shifted);
    assert_eq!(all.len(), 2);
    let plan =
        [vec![RuleSchedule { schedule: cron("0 5 ? * * *"), start_window: TimeDelta::MAX, retention_days: None }]];
    assert_eq!(cadence_bounds(&plan, DateTime::<Utc>::MAX_UTC), None);
    assert_eq!(cadence_bounds(&plan, DateTime::<Utc>::MIN_UTC), None);
    let bounds = cadence_bounds(&plan, at("2026-01-01T00:00")).unwrap();
    assert_eq!(bounds.worst_legal, TimeDelta::MAX);
}
