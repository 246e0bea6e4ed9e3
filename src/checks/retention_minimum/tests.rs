//! The exact ends of the achieved test, and its properties.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::checks::{Arg, Context};
use crate::model::estate::Estate;
use crate::model::inventory::Inventory;

const NOW: &str = "2026-11-22T00:00:00Z";
const VOLUME: &str = "arn:aws:ec2:eu-west-2:111122223333:volume/vol-1";

fn ago(hours: i64) -> String {
    (NOW.parse::<Instant>().unwrap() - chrono::TimeDelta::hours(hours)).to_rfc3339()
}

fn point(id: usize, hours: i64, days: Option<u32>) -> Value {
    json!({"arn": format!("snap-{id:03}"), "kind": "ebs-snapshot", "resource": VOLUME, "account": "1", "region": "r",
           "status": "completed", "started_at": ago(hours), "delete_after_days": days})
}

/// Judge a volume `created` hours ago under a daily plan of 35 days, everything read.
fn judge(keep: &str, created: i64, points: &[Value]) -> Judgement {
    let read = |call: &str| json!({"account": "1", "region": "r", "call": call});
    let inventory: Inventory = serde_json::from_value(json!({
        "schema": "lastgood.inventory/1", "source": "test", "captured_at": NOW, "accounts": ["1"], "regions": ["r"],
        "points": points, "reads": [read("ec2:*"), read("backup:*"), read("dlm:*")],
        "plans": [{"arn": "plan", "name": "daily", "account": "1", "region": "r",
                   "rules": [{"id": "r", "name": "r", "vault": "v", "start_window_minutes": 60, "delete_after_days": 35}],
                   "selections": [{"resources": ["arn:aws:ec2:*:*:volume/*"]}]}],
        "resources": [{"arn": VOLUME, "kind": "ebs-volume", "account": "1", "region": "r", "created_at": ago(created)}],
    }))
    .unwrap();
    let mut args = Args::default();
    args.set("keep", Arg::Span(keep.parse().unwrap()));
    args.set("slack", Arg::Span("25h".parse().unwrap()));
    let context = Context::new(Estate::new(&inventory), NOW.parse().unwrap(), chrono_tz::UTC);
    let case = Case::new(&inventory.resources[0], &context);
    prepare(&args).unwrap().judge(&case).unwrap_or_else(|unread| unread.judgement())
}

#[test]
fn one_interval_is_taken_off_and_not_an_hour_more() {
    let oldest = |hours| judge("35d", 9_000, &[point(1, hours, Some(35)), point(2, 1, Some(35))]).outcome.id();
    assert_eq!(oldest(34 * 24 - 1), "pass");
    assert_eq!(oldest(34 * 24 - 2), "fail");
}

#[test]
fn vector_20_the_creation_takes_off_what_cannot_be() {
    let oldest = |created, hours| judge("35d", created, &[point(1, hours, Some(35))]).outcome.id();
    assert_eq!(oldest(72, 47), "pass");
    assert_eq!(oldest(72, 46), "fail");
    assert_eq!(judge("35d", 25, &[]).outcome.id(), "pass");
    assert_eq!(judge("35d", 26, &[]).outcome.id(), "fail");
}

#[test]
fn a_life_that_is_a_day_short_does_not_count() {
    let kept = |days| judge("35d", 9_000, &[point(1, 34 * 24, Some(days)), point(2, 1, Some(35))]).outcome.id();
    assert_eq!((kept(35), kept(34)), ("pass", "fail"));
    assert_eq!(judge("35d", 9_000, &[point(1, 34 * 24, None)]).outcome.id(), "pass");
}

#[test]
fn what_is_configured_must_be_enough_to_the_second() {
    let points = [point(1, 34 * 24, Some(35)), point(2, 30, Some(35))];
    assert_eq!(judge("35d", 9_000, &points).outcome.id(), "pass");
    assert_eq!(judge("840h1s", 9_000, &points).outcome.id(), "fail");
}

#[test]
fn a_demand_that_one_interval_would_cancel_is_refused() {
    let mut args = Args::default();
    args.set("keep", Arg::Span("24h".parse().unwrap()));
    assert!(prepare(&args).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn another_point_never_turns_a_pass_into_a_fail(
        points in prop::collection::vec((0_i64..1_000, prop::sample::select(vec![None, Some(7), Some(35)])), 0..8),
        extra in (0_i64..1_000, prop::sample::select(vec![None, Some(7), Some(35)])),
        created in 1_i64..2_000,
    ) {
        let build = |points: &[(i64, Option<u32>)]| {
            let mut built: Vec<Value> = points.iter().enumerate().map(|(n, (hours, days))| point(n, *hours, *days)).collect();
            built.sort_by_key(|point| point["started_at"].as_str().unwrap().to_owned());
            built
        };
        let more: Vec<_> = points.iter().copied().chain([extra]).collect();
        let before = judge("35d", created, &build(&points)).outcome;
        let after = judge("35d", created, &build(&more)).outcome;
        prop_assert!(before != Outcome::Pass || after == Outcome::Pass);
    }
}
