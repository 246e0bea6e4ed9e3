//! Time and memory of a log of a million records: verifying its chain, and reading and judging it.
//!
//! `cargo bench --no-default-features --bench logs`; `LOG_RECORDS` sets another number.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints its figures, and stops where it cannot measure"
)]

mod memory;

use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use chrono::{TimeDelta, Utc};
use lastgood::evaluate::judge;
use lastgood::model::activity::{Activity, ActivityKind, ActivityOutcome, Tool};
use lastgood::model::inventory::{Inventory, hex};
use lastgood::model::log::{Record, RecordType, SCHEMA};
use lastgood::policy::{SourceFile, applications, load};
use lastgood::sources::logs::attribute::attribute;
use lastgood::sources::logs::chain::{GENESIS, header, streams, walk};
use lastgood::sources::logs::collect::read;
use memory::peak_mib;
use sha2::{Digest as _, Sha256};

const COMPONENTS: u64 = 1000;

fn main() {
    let records: u64 = std::env::var("LOG_RECORDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup.jsonl");
    write(&path, records);
    let size = std::fs::metadata(&path).unwrap().len();
    println!("{records} records, {} MiB", size >> 20);

    let begun = Instant::now();
    let file = walk(&path, "backup.jsonl", &[], || header, &mut |_, (), _, _| {}).unwrap();
    let stream = streams(vec![file], &[]).pop().unwrap();
    assert!(stream.records == records && stream.problems.is_empty(), "{:?}", stream.problems.first());
    println!("verify the chain: {:.2} s", begun.elapsed().as_secs_f64());

    let begun = Instant::now();
    let mut inventory = Inventory::empty(Utc::now(), "bench");
    let components: String =
        (0..COMPONENTS).map(|n| format!("[[application.component]]\nname = \"c{n}\"\nkind = \"mysql\"\n")).collect();
    let text = format!("[[application]]\nid = \"app\"\ncriticality = \"critical\"\n{components}");
    let register = applications::load(&[SourceFile { name: "a.toml".into(), text }]).unwrap();
    register.assign(&mut inventory, "application").unwrap();
    read(std::slice::from_ref(&path), &[]).put_into(&mut inventory);
    attribute(&mut inventory);
    inventory.sort();
    println!("read: {:.2} s", begun.elapsed().as_secs_f64());
    let policy = load(&[SourceFile { name: "p.toml".into(), text: POLICY.into() }]).unwrap();
    let verdicts = judge(&policy, &inventory, inventory.captured_at);
    println!("read and judged: {:.2} s, {} verdicts", begun.elapsed().as_secs_f64(), verdicts.len());
    println!("peak memory: {} MiB", peak_mib());
}

const POLICY: &str = r#"
[policy]
id = "bench"
title = "bench"
version = "1"
[[rule]]
id = "daily"
check = "cadence"
with = { every = "1d", grace = "8h", lookback = "35d" }
[[rule]]
id = "health"
check = "backup-health"
[[rule]]
id = "complete"
check = "log-complete"
with = { lookback = "3650d" }
"#;

fn write(path: &Path, records: u64) {
    let now = Utc::now();
    let mut out = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    let mut prev = GENESIS.to_owned();
    for seq in 0..records {
        let age = TimeDelta::hours(i64::try_from((records - seq) * 24 / COMPONENTS).unwrap());
        let mut activity =
            Activity::new(format!("run-{seq}"), ActivityKind::Backup, "log", ActivityOutcome::Succeeded, now - age);
        activity.completed_at = Some(now - age + TimeDelta::minutes(5));
        activity.resource = Some(format!("component:app/c{}", seq % COMPONENTS).into());
        activity.size = Some(1 << 30);
        let detail = activity.detail_mut();
        detail.tool = Some(Tool { name: "mysqldump".into(), version: Some("10.11".into()) });
        detail.host = Some("db1".into());
        detail.exit_status = Some(0);
        let record = Record {
            schema: SCHEMA.into(),
            stream: "7cf85df6-fe5e-4326-80b1-2dc467436b34".into(),
            seq,
            prev: prev.as_str().into(),
            time: now - age,
            record_type: RecordType::Finished,
            writer: "lastgood/bench@db1".into(),
            activity: Some(Box::new(activity)),
            attestation: None,
            corrects: None,
            note: None,
        };
        let line = serde_json::to_vec(&record).unwrap();
        prev = hex(&Sha256::digest(&line));
        out.write_all(&line).unwrap();
        out.write_all(b"\n").unwrap();
    }
    out.flush().unwrap();
}
