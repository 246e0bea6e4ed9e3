//! A year of daily scans of 10,000 resources appended, then periods judged from it.
//!
//! `cargo bench --no-default-features --bench history [-- RESOURCES DAYS [FILE]]`. Prints figures; asserts nothing. With a
//! file that is there already it is only judged.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark prints its figures, and stops where it cannot measure"
)]

mod memory;

use std::time::Instant as Clock;

use chrono::{Days, NaiveDate, TimeDelta};
use lastgood::evaluate::evaluate;
use lastgood::evaluate::history::copies;
use lastgood::evaluate::period::{period, reach};
use lastgood::history::store::{Asked, Store};
use lastgood::history::{Reach, Scan};
use lastgood::model::fact::Fact;
use lastgood::model::gap::Read;
use lastgood::model::inventory::Inventory;
use lastgood::model::kind::Kind;
use lastgood::model::period::PeriodDays;
use lastgood::model::recovery_point::{PointKind, PointStatus, RecoveryPoint};
use lastgood::model::resource::{Detail, Existence, Resource, Volume};
use lastgood::policy::{Policy, SourceFile, load};
use memory::peak_mib;

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-west-2";

const POLICY: &str = r#"
[policy]
id = "bench"
title = "bench"
version = "1"
timezone = "Europe/London"
[[rule]]
id = "daily"
check = "cadence"
scope = { kinds = ["ebs-volume"] }
with = { every = "1d", grace = "8h" }
[[rule]]
id = "kept"
check = "retention-minimum"
scope = { kinds = ["ebs-volume"] }
with = { keep = "35d", slack = "7d" }
[[rule]]
id = "encrypted"
check = "encryption"
scope = { kinds = ["ebs-volume"] }
"#;

fn policy() -> Policy {
    let files = [SourceFile { name: "bench.toml".into(), text: POLICY.into() }];
    let Ok(policy) = load(&files) else { panic!("the policy is valid") };
    policy
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let number = |at: usize, usual: usize| args.get(at).and_then(|arg| arg.parse().ok()).unwrap_or(usual);
    let (resources, days) = (number(0, 10_000), number(1, 365));
    let file = args.get(2).cloned().unwrap_or_else(|| {
        std::env::temp_dir().join(format!("lastgood-bench-{}.db", std::process::id())).display().to_string()
    });
    let there = std::path::Path::new(&file).exists();
    let policy = policy();
    let first = NaiveDate::from_ymd_opt(2026, 1, 1).expect("a date");
    if !there {
        fill(&file, &policy, resources, first, days);
    }
    let size = std::fs::metadata(&file).map(|meta| meta.len()).unwrap_or_default();
    println!("database: {} MiB after {days} scans of {resources} resources", size >> 20);
    println!("peak memory so far: {} MiB", peak_mib());
    // A process of its own, so that its memory is that of the judgement alone.
    if !there {
        let me = std::env::current_exe().expect("this program");
        let again = [resources.to_string(), days.to_string(), file.clone()];
        let ended = std::process::Command::new(me).args(again).status().expect("it runs again");
        println!("judged by a process of its own: {ended}");
        if args.get(2).is_none() {
            for suffix in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{file}{suffix}"));
            }
        }
        return;
    }
    let last = first.checked_add_days(Days::new(days as u64 - 1)).expect("a date");
    for (name, from) in
        [("the last quarter", last.checked_sub_days(Days::new(91)).unwrap_or(first)), ("all of it", first)]
    {
        let start = Clock::now();
        let mut store = Store::open_existing(&file).expect("the history opens");
        let asked: PeriodDays = format!("{}..{last}", from.max(first)).parse().expect("a period");
        let span = (policy.start_of_day(asked.first), policy.end_of_day(asked.last));
        let margin = reach(&policy);
        let evidence = store.evidence("bench", span, Asked { margin, until: span.1 }).expect("evidence");
        let read = start.elapsed().as_secs_f64();
        let judged = period(&policy, &evidence, &asked, span.1 + TimeDelta::days(1));
        println!(
            "{name} ({} days): {:.2} s, of which reading {read:.2} s; {} resource-days, {} met; peak memory {} MiB",
            judged.period.days,
            start.elapsed().as_secs_f64(),
            judged.totals.required,
            judged.totals.ok,
            peak_mib()
        );
    }
}

fn fill(file: &str, policy: &Policy, resources: usize, first: NaiveDate, days: usize) {
    let start = Clock::now();
    let mut store = Store::open(file).expect("the history opens");
    let mut inventory = estate(resources);
    for back in (1..=35_u64).rev() {
        make(&mut inventory, resources, first - Days::new(back));
    }
    for (n, date) in first.iter_days().skip(1).take(days).enumerate() {
        make(&mut inventory, resources, date - Days::new(1));
        inventory.captured_at = date.and_hms_opt(6, 0, 0).expect("a time").and_utc();
        let now = inventory.captured_at;
        inventory.points.retain(|point| now - point.started_at < TimeDelta::days(35));
        inventory.sort();
        let assessment = evaluate(policy, &inventory, now);
        let found = copies(policy, &inventory, now);
        let reach = |(from, to)| Reach { from, to };
        let reaches = found.reaches.into_iter().map(|found| found.map(reach)).collect();
        let scan = Scan { inventory: &inventory, assessment: &assessment, reaches, windows: Vec::new() };
        let append = Clock::now();
        store.append(&scan).expect("there is room");
        if n % 30 == 0 {
            let size = std::fs::metadata(file).map(|meta| meta.len()).unwrap_or_default();
            println!(
                "scan {n}: appended in {:.2} s; {:.0} s since the start; {} MiB; peak memory {} MiB",
                append.elapsed().as_secs_f64(),
                start.elapsed().as_secs_f64(),
                size >> 20,
                peak_mib()
            );
        }
    }
    println!("{days} scans in {:.0} s", start.elapsed().as_secs_f64());
}

fn arn(n: usize) -> String {
    format!("arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-{n:017x}")
}

fn estate(resources: usize) -> Inventory {
    let born = "2025-01-01T00:00:00Z".parse().expect("an instant");
    let mut inventory = Inventory::empty(born, "aws");
    inventory.accounts = vec![ACCOUNT.into()];
    inventory.regions = vec![REGION.into()];
    for call in ["ec2:DescribeVolumes", "ec2:DescribeSnapshots", "backup:ListRecoveryPointsByBackupVault"] {
        let (account, region, call) = (ACCOUNT.into(), REGION.into(), call.into());
        inventory.reads.push(Read { account, region, call, items: 1, requests: 1, since: None });
    }
    for n in 0..resources {
        inventory.resources.push(Resource {
            arn: arn(n).into(),
            kind: Kind::EbsVolume,
            account: ACCOUNT.into(),
            region: REGION.into(),
            name: None,
            tags: Fact::Known([].into()),
            created_at: Fact::Known(born),
            application: None,
            criticality: None,
            existence: Existence::Present,
            detail: Detail::Volume(Volume { encrypted: Fact::Known(true), ..Volume::default() }),
        });
    }
    inventory
}

/// The backups of one day. Every thousandth is missed.
fn make(inventory: &mut Inventory, resources: usize, date: NaiveDate) {
    let night = date.and_hms_opt(21, 0, 0).expect("a time").and_utc();
    let seed = date.signed_duration_since(NaiveDate::MIN).num_days().unsigned_abs();
    for n in 0..resources {
        // Scattered, as the ids of snapshots are.
        let id = (n as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed.wrapping_mul(0xd1b5_4a32_d192_ed03);
        if id.is_multiple_of(1000) {
            continue;
        }
        let resource = inventory.resources.get(n).map(|resource| resource.arn.clone());
        inventory.points.push(RecoveryPoint {
            arn: format!("arn:aws:ec2:{REGION}::snapshot/snap-{:017x}", u128::from(id)).into(),
            kind: PointKind::EbsSnapshot,
            resource,
            account: ACCOUNT.into(),
            region: REGION.into(),
            vault: None,
            status: PointStatus::Completed,
            started_at: night + TimeDelta::seconds((id % 3600) as i64),
            completed_at: None,
            delete_after_days: Some(35),
            delete_at: None,
            encrypted: Fact::Known(true),
            kms_key: None,
            size: Some(8 << 30),
            extra: None,
        });
    }
}
