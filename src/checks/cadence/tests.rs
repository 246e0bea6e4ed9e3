//! Vectors of aws-facts, appendix B, and properties of the sweep.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::checks::Context;
use crate::model::estate::Estate;
use crate::model::inventory::Inventory;

const NOW: &str = "2026-11-22T00:00:00Z";
const VOLUME: &str = "arn:aws:ec2:eu-west-2:111122223333:volume/vol-1";

fn now() -> Instant {
    NOW.parse().unwrap()
}

/// An instant this many hours before the judgement.
fn ago(hours: i64) -> String {
    (now() - chrono::TimeDelta::hours(hours)).to_rfc3339()
}

fn point(id: &str, hours: i64, more: &Value) -> Value {
    let mut point = json!({
        "arn": format!("arn:aws:ec2:eu-west-2::snapshot/{id}"), "kind": "ebs-snapshot", "resource": VOLUME,
        "account": "111122223333", "region": "eu-west-2", "status": "completed", "started_at": ago(hours),
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        point[key] = value.clone();
    }
    point
}

fn job(id: &str, hours: i64, more: &Value) -> Value {
    let mut job = json!({
        "id": id, "kind": "backup", "source": "backup:ListBackupJobs", "account": "111122223333",
        "region": "eu-west-2", "resource": VOLUME, "outcome": "succeeded", "started_at": ago(hours),
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        job[key] = value.clone();
    }
    job
}

/// Judge a volume with these points and jobs, every list read; `created` in hours ago.
fn judge_with(params: &Args, created: Option<i64>, points: Vec<Value>, jobs: Vec<Value>) -> Judgement {
    let read = |call: &str| json!({"account": "111122223333", "region": "eu-west-2", "call": call});
    let mut inventory: Inventory = serde_json::from_value(json!({
        "schema": "lastgood.inventory/1", "source": "test", "captured_at": NOW,
        "accounts": ["111122223333"], "regions": ["eu-west-2"], "points": points, "activities": jobs,
        "reads": [read("ec2:*"), read("backup:*")],
        "resources": [{"arn": VOLUME, "kind": "ebs-volume", "account": "111122223333", "region": "eu-west-2"}],
    }))
    .unwrap();
    inventory.sort();
    inventory.resources[0].created_at = created.map(|hours| ago(hours).parse().unwrap()).into();
    let context = Context::new(Estate::new(&inventory), now(), chrono_tz::UTC);
    let case = Case::new(&inventory.resources[0], &context);
    Cadence::new(params).unwrap().judge(&case).unwrap_or_else(|unread| unread.judgement())
}

fn judge(created: Option<i64>, points: Vec<Value>, jobs: Vec<Value>) -> Judgement {
    judge_with(&args("24h", "8h", "10d"), created, points, jobs)
}

fn fact(judgement: &Judgement, name: &str) -> String {
    let found = judgement.observed.iter().find(|(known, _)| known == name);
    found.unwrap_or_else(|| panic!("no {name} in {:?}", judgement.observed)).1.to_string()
}

/// Daily points over the whole window and some days before it.
fn daily() -> Vec<Value> {
    (0..15).map(|day| point(&format!("snap-{day:02}"), day * 24 + 5, &json!({}))).collect()
}

#[test]
fn an_interval_of_exactly_the_limit_passes_and_a_second_more_fails() {
    let mut points = daily();
    points.remove(3);
    let twice = |grace| judge_with(&args("24h", grace, "10d"), None, points.clone(), vec![]);
    assert_eq!(twice("24h").outcome.id(), "pass");
    assert_eq!(twice("86399s").outcome.id(), "fail");
    assert_eq!(fact(&twice("1h"), "largest_gap"), "2d");
}

#[test]
fn a_hole_of_47_hours_fails_though_every_utc_day_has_a_point() {
    // Custodian's `consecutive-aws-backups` passes this: one point in each UTC day.
    let points: Vec<Value> = (0..11)
        .map(|day| point(&format!("s{day}"), if day <= 4 { day * 24 + 1 } else { day * 24 + 23 }, &json!({})))
        .collect();
    let judgement = judge(None, points, vec![]);
    assert_eq!(judgement.outcome.id(), "fail");
    assert_eq!(fact(&judgement, "largest_gap"), "46h");
    assert!(fact(&judgement, "days").starts_with("+++"), "{}", fact(&judgement, "days"));
}

#[test]
fn vector_09_a_continuous_point_of_400_days_ago_is_fresh_while_available() {
    let available = json!({"status": "available", "extra": {"continuous": {}}});
    let judgement = judge(None, vec![point("pitr", 400 * 24, &available)], vec![]);
    assert_eq!(judgement.outcome.id(), "pass");
    assert_eq!(fact(&judgement, "largest_gap"), "15m");
    assert_eq!(fact(&judgement, "days"), "++++++++++");
}

#[test]
fn vector_09_a_stopped_continuous_point_is_not_fresh_and_covers_its_window() {
    let stopped = json!({"status": "stopped", "extra": {"continuous": {}}});
    assert_eq!(judge(None, vec![point("pitr", 400 * 24, &stopped)], vec![]).outcome.id(), "fail");
    let window = json!({"status": "stopped", "extra": {"continuous": {"earliest": ago(500), "latest": ago(60)}}});
    let judgement = judge(None, vec![point("pitr", 400 * 24, &window)], vec![]);
    assert_eq!((judgement.outcome.id(), &*fact(&judgement, "largest_gap")), ("fail", "60h"));
    let then = vec![point("pitr", 400 * 24, &window), point("b", 40, &json!({})), point("a", 10, &json!({}))];
    assert_eq!(judge(None, then, vec![]).outcome.id(), "pass");
}

#[test]
fn vector_10_points_that_cannot_be_restored_or_are_stuck_do_not_count() {
    for status in ["expired", "partial", "creating", "deleting", "error", "recoverable", "stopped"] {
        let mut points = daily();
        points[4] = point("bad", 4 * 24 + 5, &json!({"status": status}));
        assert_eq!(judge(None, points, vec![]).outcome.id(), "fail", "{status}");
    }
}

#[test]
fn vector_12_a_composite_and_its_three_children_are_three_points() {
    let parent = point("parent", 5, &json!({"extra": {"is_parent": true}}));
    let child = |id: &str| point(id, 5, &json!({"extra": {"parent": "parent"}}));
    let judgement = judge(Some(20), vec![parent.clone(), child("a"), child("b"), child("c")], vec![]);
    assert_eq!((judgement.outcome.id(), &*fact(&judgement, "points")), ("pass", "3"));
    let alone = judge(Some(20), vec![parent], vec![]);
    assert_eq!(&*alone.reason(), "created 20h ago; the first backup is due by 2026-11-22 12:00 UTC");
}

#[test]
fn vector_13_a_copy_counts_at_the_time_of_its_source_or_not_at_all() {
    let mut points = daily();
    points[4] = point("copy", 4 * 24 + 5, &json!({"extra": {"is_copy": true}}));
    assert_eq!(judge(None, points.clone(), vec![]).outcome.id(), "fail");
    // Copied three days late: what counts is the data.
    points[4] = point("copy", 24, &json!({"extra": {"is_copy": true, "data_at": ago(4 * 24 + 5)}}));
    assert_eq!(judge(None, points, vec![]).outcome.id(), "pass");
}

#[test]
fn vector_20_nothing_is_demanded_from_before_the_creation() {
    let three_days: Vec<Value> = daily().into_iter().take(3).collect();
    assert_eq!(judge(Some(72), three_days.clone(), vec![]).outcome.id(), "pass");
    assert_eq!(judge(Some(90), three_days.clone(), vec![]).outcome.id(), "fail", "37 hours without a first backup");
    let unknown = judge(None, three_days, vec![]);
    assert_eq!(unknown.outcome.id(), "unknown");
    assert!(unknown.reason().contains("not known when the resource was created"), "{}", unknown.reason());
}

#[test]
fn an_attempt_shows_that_the_resource_existed() {
    let three_days: Vec<Value> = daily().into_iter().take(3).collect();
    let failed = job("j", 9 * 24, &json!({"outcome": "failed"}));
    assert_eq!(judge(None, three_days, vec![failed]).outcome.id(), "fail");
}

#[test]
fn vector_21_a_status_that_nobody_knows_is_neither_pass_nor_fail() {
    let mut points = daily();
    points[4] = point("odd", 4 * 24 + 5, &json!({"status": "QUANTUM"}));
    assert_eq!(judge(None, points.clone(), vec![]).outcome.id(), "unknown");
    points.drain(..3);
    assert_eq!(judge(None, points, vec![]).outcome.id(), "fail", "it would not help");
}

#[test]
fn a_job_whose_point_is_gone_closes_a_hole_in_the_past_and_never_the_last_one() {
    let mut points = daily();
    let gone = points.remove(4);
    let past = job("j", 4 * 24 + 5, &json!({"point": gone["arn"]}));
    assert_eq!(judge(None, points, vec![past]).outcome.id(), "pass");
    let mut points = daily();
    let newest: Vec<Value> = points.drain(..2).collect();
    let present = job("j", 5, &json!({"point": newest[0]["arn"]}));
    assert_eq!(judge(None, points.clone(), vec![present]).outcome.id(), "fail", "no copy is left of it");
    let logged = job("j", 5, &json!({"source": "restic"}));
    let hole = job("k", 24 + 5, &json!({"source": "restic"}));
    assert_eq!(judge(None, points, vec![logged, hole]).outcome.id(), "pass");
}

#[test]
fn a_job_adds_nothing_to_its_own_point() {
    let mut points = daily();
    points[4]["status"] = json!("partial");
    let its_job = job("j", 4 * 24 + 5, &json!({"point": points[4]["arn"]}));
    assert_eq!(judge(None, points, vec![its_job]).outcome.id(), "fail");
}

#[test]
fn every_job_finds_its_own_point_in_any_order() {
    // All points are partial: a job that missed its point would count.
    let points: Vec<Value> =
        (0..10).map(|day| point(&format!("s{day}"), day * 24 + 5, &json!({"status": "partial"}))).collect();
    let jobs = |shift: usize| {
        let of = |day: usize| points[(day * 7 + shift) % 10]["arn"].clone();
        (0..10)
            .map(|day| job(&format!("j{day}"), day as i64 * 24 + 6, &json!({"point": of(day), "source": "x"})))
            .collect()
    };
    for shift in 0..10 {
        let judgement = judge(None, points.clone(), jobs(shift));
        assert_eq!((judgement.outcome.id(), &*fact(&judgement, "points")), ("fail", "0"), "{shift}");
    }
}

#[test]
fn an_interval_that_began_before_the_window_counts_in_full() {
    let mut points = daily();
    points.truncate(9);
    assert_eq!(judge(None, points.clone(), vec![]).outcome.id(), "unknown");
    assert_eq!(judge(Some(900), points.clone(), vec![]).outcome.id(), "fail");
    points.push(point("before", 245, &json!({})));
    let judgement = judge(Some(900), points, vec![]);
    assert_eq!((judgement.outcome.id(), &*fact(&judgement, "largest_gap")), ("fail", "2d"));
}

#[test]
fn parameters_under_which_nothing_could_fail_are_refused() {
    for (every, grace, lookback) in [("0h", "0h", "35d"), ("35d", "0h", "35d"), ("30d", "5d", "35d")] {
        assert!(Cadence::new(&args(every, grace, lookback)).is_err(), "{every} {grace} {lookback}");
    }
    assert!(Cadence::new(&args("30d", "4d", "35d")).is_ok());
}

fn gap_of(hours: &[i64]) -> i64 {
    let points = hours.iter().enumerate().map(|(n, hours)| point(&format!("s{n}"), *hours, &json!({}))).collect();
    let judgement = judge(Some(9_000), points, vec![]);
    let (_, value) = judgement.observed.iter().find(|(name, _)| name == "largest_gap").unwrap();
    let crate::model::judgement::Value::Span(span) = value else { panic!("{value:?}") };
    span.as_seconds() / 3_600
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_largest_gap_is_that_of_a_plain_reading(hours in prop::collection::vec(0_i64..400, 1..30)) {
        let mut marks: Vec<i64> = hours.iter().copied().filter(|hours| *hours <= 240).collect();
        marks.push(0);
        marks.push(hours.iter().copied().filter(|hours| *hours > 240).min().unwrap_or(240));
        marks.sort_unstable();
        let plain = marks.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
        prop_assert_eq!(gap_of(&hours), plain);
    }

    #[test]
    fn order_changes_nothing(days in prop::collection::vec(0_i64..12, 1..14), seed in 0_usize..1_000) {
        let build = |order: &[usize]| order.iter().map(|n| point(&format!("s{n}"), days[*n] * 24, &json!({}))).collect::<Vec<_>>();
        let order: Vec<usize> = (0..days.len()).collect();
        let mut shuffled = order.clone();
        shuffled.rotate_left(seed % days.len());
        shuffled.reverse();
        // Without the canonical order of an inventory, too.
        prop_assert_eq!(judge(None, build(&order), vec![]), judge(None, build(&shuffled), vec![]));
    }

    /// Inside the window: a first point from before it can show that an interval began earlier.
    #[test]
    fn another_point_never_lengthens_and_a_lost_one_never_shortens(
        hours in prop::collection::vec(0_i64..300, 0..20), extra in 0_i64..240,
    ) {
        let before = gap_of(&hours);
        let more: Vec<i64> = hours.iter().copied().chain([extra]).collect();
        prop_assert!(gap_of(&more) <= before, "{} > {before}", gap_of(&more));
    }
}
