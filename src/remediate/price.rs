//! What things cost, for estimates: list prices of us-east-1, in millionths of a US dollar. They change; the
//! day stands in every plan.

use crate::model::plan::Estimate;

/// The day of this list.
pub const AS_OF: &str = "2026-11-01";

/// EBS snapshots, standard tier, per GiB and month.
const SNAPSHOT_GIB_MONTH: u64 = 50_000;

/// AWS Backup, warm storage, per GiB and month (EBS, RDS and EFS all lie near it).
const BACKUP_GIB_MONTH: u64 = 50_000;

/// EBS direct APIs, per thousand `GetSnapshotBlock`.
const THOUSAND_BLOCKS: u64 = 3_000;

/// EBS direct APIs, per thousand `ListSnapshotBlocks`.
const THOUSAND_LISTS: u64 = 600;

/// gp3 volumes per GiB and month.
const VOLUME_GIB_MONTH: u64 = 80_000;

/// S3, per thousand reads.
const THOUSAND_READS: u64 = 400;

/// S3, per thousand copies.
const THOUSAND_WRITES: u64 = 5_000;

const GIB: u64 = 1 << 30;

/// Bytes of one block of the EBS direct APIs.
pub const BLOCK: u64 = 512 * 1024;

/// Blocks of one page of `ListSnapshotBlocks`.
const BLOCKS_A_PAGE: u64 = 10_000;

/// Blocks a second that the service lets one account read.
const BLOCKS_A_SECOND: u64 = 1_000;

fn millidollars(micros: u64) -> u64 {
    micros.div_ceil(1000)
}

/// Snapshots of volumes with so many bytes: at most all of them are stored.
pub fn snapshot(bytes: u64, calls: u64) -> Estimate {
    let month = bytes.div_ceil(GIB).saturating_mul(SNAPSHOT_GIB_MONTH);
    // A first snapshot runs at some 100 MB/s; later ones take less.
    Estimate { calls, bytes, millidollars: millidollars(month), seconds: 60 + bytes / 100_000_000 }
}

/// A backup on demand by AWS Backup.
pub fn backup(bytes: u64) -> Estimate {
    let month = bytes.div_ceil(GIB).saturating_mul(BACKUP_GIB_MONTH);
    Estimate { calls: 12, bytes, millidollars: millidollars(month), seconds: 3600 }
}

/// Reading all blocks of a snapshot of a volume of this size, as if every one were written.
pub fn read(bytes: u64) -> Estimate {
    let blocks = bytes.div_ceil(BLOCK);
    let pages = blocks.div_ceil(BLOCKS_A_PAGE);
    let cost = (blocks * THOUSAND_BLOCKS + pages * THOUSAND_LISTS) / 1000;
    Estimate { calls: blocks + pages, bytes, millidollars: millidollars(cost), seconds: blocks / BLOCKS_A_SECOND + 1 }
}

/// A volume for an hour at most, with the calls to make, attach, look at and remove it.
pub fn volume(bytes: u64) -> Estimate {
    let hour = bytes.div_ceil(GIB).saturating_mul(VOLUME_GIB_MONTH) / 730;
    Estimate { calls: 30, bytes, millidollars: millidollars(hour.max(1)), seconds: 900 }
}

/// Reading previous versions of a bucket's objects: a sample.
pub fn versions(objects: u64) -> Estimate {
    Estimate { calls: objects + 1, bytes: 0, millidollars: millidollars(objects * THOUSAND_READS / 1000), seconds: 60 }
}

/// The same, each copied to another place, read there and removed.
pub fn restored_versions(objects: u64) -> Estimate {
    let micros = objects * (2 * THOUSAND_READS + THOUSAND_WRITES) / 1000;
    Estimate { calls: 4 * objects + 3, bytes: 0, millidollars: millidollars(micros), seconds: 240 }
}

/// So many calls that cost nothing.
pub const fn calls(calls: u64, seconds: u64) -> Estimate {
    Estimate { calls, bytes: 0, millidollars: 0, seconds }
}
