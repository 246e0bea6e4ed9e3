//! Time and memory of planning over 20,000 volumes with 1,000,000 recovery points, a quarter of which is stored for
//! too long, by the shipped policy.
//!
//! `cargo bench --no-default-features --bench plan [-- VOLUMES]`. Prints figures; asserts nothing.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark prints its figures, and stops where it cannot measure"
)]

mod memory;
mod shipped;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant as Clock;

use chrono::TimeDelta;
use lastgood::demo;
use lastgood::evaluate::evaluate;
use lastgood::model::fact::Fact;
use lastgood::model::gap::Read;
use lastgood::model::inventory::Inventory;
use lastgood::model::kind::Kind;
use lastgood::model::plan::{Breakers, Settings};
use lastgood::model::recovery_point::{PointExtra, PointKind};
use lastgood::remediate::{Wanted, plan};
use memory::peak_mib;

/// The points of one volume, one a day.
const DAYS: i64 = 50;

fn main() {
    let volumes = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(20_000_usize);
    let policy = shipped::policy();
    let inventory = estate(volumes);
    let now = inventory.captured_at;
    let points = inventory.points.len();
    println!("{volumes} volumes, {points} recovery points; peak memory {} MiB after building them", peak_mib());
    let assessment = evaluate(&policy, &inventory, now);
    println!("judged: {:?}; peak memory {} MiB", assessment.summary, peak_mib());
    let off = Breakers { per_resource: u64::MAX, per_resource_percent: 100, per_run: u64::MAX, per_run_percent: 100 };
    for (name, breakers) in [("with its breakers", Breakers::default()), ("without breakers", off)] {
        let wanted = Wanted { settings: Settings { breakers, ..Settings::default() }, ..Wanted::default() };
        let mut best = f64::MAX;
        for _ in 0..3 {
            let start = Clock::now();
            let plan = black_box(plan(&assessment, &inventory, &wanted, now));
            let seconds = start.elapsed().as_secs_f64();
            best = best.min(seconds);
            println!(
                "plan {name}: {seconds:.3} s, {} items, {} kept; peak memory {} MiB",
                plan.items.len(),
                plan.kept.len(),
                peak_mib()
            );
        }
        println!("best plan {name}: {best:.3} s");
    }
}

/// As many volumes of the demo as asked for, with a snapshot of each of the last days, in an account of which every
/// list was read.
fn estate(volumes: usize) -> Inventory {
    let demo = demo::inventory();
    let mut volume = demo
        .resources
        .iter()
        .find(|resource| resource.kind == Kind::EbsVolume && !resource.tags.is_unread())
        .cloned()
        .expect("the demo has volumes");
    volume.tags = Fact::Known([].into());
    let snapshot = demo.points.iter().find(|point| point.kind == PointKind::EbsSnapshot && point.vault.is_none());
    let snapshot = snapshot.cloned().expect("the demo has snapshots");
    let mut inventory = Inventory::empty(demo.captured_at, "bench");
    inventory.accounts = vec![volume.account.clone()];
    inventory.regions = vec![volume.region.clone()];
    inventory.reads = ["ec2:*", "backup:*"]
        .map(|call| Read {
            account: volume.account.clone(),
            region: volume.region.clone(),
            call: call.into(),
            items: 0,
            requests: 1,
            since: None,
        })
        .to_vec();
    let tags = Fact::Known([("backup".into(), "daily".into())].into());
    let extra = Arc::new(PointExtra { tags, ..PointExtra::default() });
    for n in 0..volumes {
        let mut resource = volume.clone();
        resource.arn = format!("{}-{n}", resource.arn).into();
        for day in 0..DAYS {
            let mut point = snapshot.clone();
            point.arn = format!("arn:aws:ec2:{}::snapshot/snap-{n}-{day}", resource.region).into();
            point.resource = Some(resource.arn.clone());
            point.account = resource.account.clone();
            point.region = resource.region.clone();
            point.started_at = inventory.captured_at - TimeDelta::days(day) - TimeDelta::hours(1);
            point.delete_after_days = None;
            point.extra = Some(Arc::clone(&extra));
            inventory.points.push(point);
        }
        inventory.resources.push(resource);
    }
    inventory.sort();
    inventory
}
