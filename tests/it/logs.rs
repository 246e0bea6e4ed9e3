//! The backup logs: the chain, its writers, and what is read from it.

mod artefacts;
mod aws;
mod chain;
mod commands;
mod files;
mod killed;
mod mysql;
mod native;
mod postgresql;
mod reading;
mod repositories;
mod restic;
mod schedulers;
mod signs;
mod signs_more;
mod told;
mod tools;
mod transfers;
mod traps;
mod traps_databases;
mod traps_more;

use lastgood::model::Instant;
use lastgood::model::activity::{Activity, ActivityKind, ActivityOutcome};
use lastgood::model::log::RecordType;
use lastgood::sources::logs::append::Entry;

pub(crate) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

pub(crate) fn now() -> Instant {
    at("2026-11-22T01:00:00Z")
}

pub(crate) fn backup(id: &str) -> Activity {
    let mut activity =
        Activity::new(id, ActivityKind::Backup, "log", ActivityOutcome::Succeeded, at("2026-11-21T01:00:00Z"));
    activity.resource = Some("component:shop/db".into());
    activity
}

pub(crate) fn finished(id: &str) -> Entry {
    Entry::activity(RecordType::Finished, backup(id))
}
