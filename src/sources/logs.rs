//! The backup logs: the canonical log, and readers for the records that backup tools write of themselves.
//!
//! ```text
//! canonical log (JSON Lines, chained) ─────────────────────────────────┐
//! native records ─ READERS: one file per tool ─► Found ─ attribute ────┴─► activities, points, streams, gaps
//! ```
//!
//! A reader is pure: bytes and what the caller knows in, activities and problems out. Nothing that it
//! does not understand is dropped: it is a [`LogProblem`](crate::model::log::LogProblem) with its line.

pub mod append;
pub mod artefacts;
pub mod attribute;
mod aws;
mod aws_s3;
mod bacula;
mod barman;
mod borg;
mod borgmatic;
pub mod chain;
pub mod collect;
mod common;
mod cron;
mod declared;
mod dump;
mod duplicity;
mod git;
mod mariabackup;
mod mydumper;
mod mysqldump;
pub mod native;
mod pg_dump;
mod pgbackrest;
mod rclone;
pub mod redact;
mod restic;
mod rsnapshot;
mod rsync;
mod rustic;
mod systemd;
mod tar;
pub mod uuid;
