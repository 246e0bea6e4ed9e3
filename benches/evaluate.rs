//! Time and memory of judging 100,000 resources with 1,000,000 recovery points by the shipped policy.
//!
//! `cargo bench --no-default-features --bench evaluate [-- RESOURCES]`. Prints figures; asserts nothing.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark prints its figures, and stops where it cannot measure"
)]

mod memory;
mod shipped;

use std::hint::black_box;
use std::time::Instant as Clock;

use chrono::TimeDelta;
use lastgood::demo;
use lastgood::evaluate::{evaluate, judge};
use lastgood::model::inventory::Inventory;
use lastgood::model::kind::Kind;
use memory::peak_mib;

fn main() {
    let resources = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(100_000_usize);
    let policy = shipped::policy();
    let inventory = estate(resources);
    let (things, points) = (inventory.resources.len(), inventory.points.len());
    println!("{things} resources, {points} recovery points; peak memory {} MiB after building them", peak_mib());
    let mut best = f64::MAX;
    for _ in 0..3 {
        let start = Clock::now();
        let verdicts = black_box(judge(&policy, &inventory, inventory.captured_at));
        best = best.min(start.elapsed().as_secs_f64());
        println!(
            "judge: {:.3} s, {} verdicts; peak memory {} MiB",
            start.elapsed().as_secs_f64(),
            verdicts.len(),
            peak_mib()
        );
    }
    let start = Clock::now();
    black_box(inventory.digest());
    println!("digest of the inventory: {:.3} s", start.elapsed().as_secs_f64());
    let start = Clock::now();
    let assessment = black_box(evaluate(&policy, &inventory, inventory.captured_at));
    println!(
        "evaluate, digest included: {:.3} s; {:?}; peak memory {} MiB",
        start.elapsed().as_secs_f64(),
        assessment.summary,
        peak_mib()
    );
    println!("best judge: {best:.3} s");
    conditions(&inventory);
}

/// Rules of an organisation's own, each an expression over every resource.
const CONDITIONS: [&str; 5] = [
    "resource.name != '' && resource.account != ''",
    "'owner' in resource.tags || resource.kind == 'ebs-volume'",
    "resource.kind in ['ebs-volume', 'ec2-instance', 's3-bucket']",
    "size(resource.tags) < 50 && !resource.arn.startsWith('arn:aws-cn')",
    "points.all(p, p.status == 'completed')",
];

fn conditions(inventory: &Inventory) {
    let mut text = String::from("[policy]\nid = \"c\"\ntitle = \"c\"\nversion = \"1\"\n");
    for (n, condition) in CONDITIONS.iter().enumerate() {
        text.push_str(&format!(
            "[[rule]]\nid = \"c{n}\"\ntitle = \"c\"\ncheck = \"condition\"\nseverity = \"low\"\nscope = {{ kinds = [\"ebs-volume\", \"ec2-instance\", \"s3-bucket\"] }}\nwith = {{ pass_when = \"{condition}\", reason = \"r\" }}\n"
        ));
    }
    let files = [lastgood::policy::SourceFile { name: "c.toml".into(), text }];
    let policy = lastgood::policy::load(&files).unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(|problem| problem.line()).collect::<Vec<_>>().join("\n"))
    });
    let start = Clock::now();
    let verdicts = black_box(judge(&policy, inventory, inventory.captured_at));
    println!("{} conditions: {:.3} s, {} verdicts", CONDITIONS.len(), start.elapsed().as_secs_f64(), verdicts.len());
}

/// The demo's places and plans with as many healthy and unhealthy copies of its volumes as asked for:
/// eight volumes in ten, each with its points of the last eleven days; the rest instances and buckets.
fn estate(resources: usize) -> Inventory {
    let mut inventory = demo::inventory();
    let of_kind = |kind: Kind| inventory.resources.iter().find(|r| r.kind == kind && r.region == "eu-west-2").cloned();
    let volume = of_kind(Kind::EbsVolume).expect("the demo has volumes");
    let instance = of_kind(Kind::Ec2Instance).expect("the demo has instances");
    let bucket = of_kind(Kind::S3Bucket).expect("the demo has buckets");
    let point =
        inventory.points.iter().find(|p| p.resource.as_ref() == Some(&volume.arn)).cloned().expect("it has points");
    let settings: Vec<_> = inventory
        .resources
        .iter()
        .filter(|r| matches!(r.kind, Kind::BackupVault | Kind::AccountRegion))
        .cloned()
        .collect();
    inventory.resources = settings;
    inventory.points = Vec::with_capacity(resources * 11);
    inventory.activities.clear();
    let per_volume = 1_000_000 * resources / 100_000 / (resources * 8 / 10).max(1);
    for n in 0..resources {
        let mut resource = match n % 10 {
            8 => instance.clone(),
            9 => bucket.clone(),
            _ => volume.clone(),
        };
        resource.arn = format!("{}-{n}", resource.arn).into();
        if resource.kind == Kind::EbsVolume {
            for day in 0..=per_volume as i64 {
                let mut point = point.clone();
                point.arn = format!("arn:aws:ec2:eu-west-2::snapshot/snap-{n}-{day}").into();
                point.resource = Some(resource.arn.clone());
                point.started_at = inventory.captured_at - TimeDelta::days(day) - TimeDelta::hours(23);
                inventory.points.push(point);
            }
        }
        inventory.resources.push(resource);
    }
    inventory.points.truncate(resources * 10);
    inventory.sort();
    inventory
}
