//! `s3-version`: previous versions of a bucket's objects are read back and held against their checksums; with a place for
//! it they are restored there too, compared byte for byte, and removed again.

use super::super::{Ending, Stop, Work, failed, refused};
use super::Test;
use super::made::{id, tags, why_not};
use crate::model::activity::{Depth, Items, Validation};
use crate::model::arn::short;
use crate::model::plan::{BucketPrefix, Guard, TestHow};
use crate::remediate::port::{RestoreTo, VersionsRead};

pub(super) fn run(work: &mut Work<'_, '_>, how: &TestHow) -> Result<Ending, Stop> {
    let bucket = short(&work.item.resource).to_owned();
    let Some(place) = &how.restore_to else {
        work.for_real()?;
        work.says("previous versions are being read");
        let read = work.run.executor.read_versions(&work.at, &bucket, how.sample, None)?;
        return judge(work, how, &read, Test::default());
    };
    if *place.bucket == bucket {
        // Nobody here may delete versions in the bucket that is tested.
        return Err(refused(Guard::NotHandled, "versions are not restored into the bucket that they are of"));
    }
    work.for_real()?;
    work.says(&format!("previous versions are being read, and restored to {place}"));
    let (item, tags) = (id(&work.mark()), tags(work));
    let to = RestoreTo { place, item: &item, tags: &tags };
    let read = work.change(
        "restore-versions",
        &place.to_string(),
        |_| None,
        |executor, at| executor.read_versions(at, &bucket, how.sample, Some(&to)),
    );
    let left = match (&read, clear(work, place, &item)) {
        (Err(Stop::Journal(_)), _) | (_, Ok(())) => None,
        (_, Err(Stop::Journal(error))) => return Err(Stop::Journal(error)),
        (_, Err(stop)) => Some(why_not(stop)),
    };
    let test = Test { cleanup: Some(if left.is_none() { "successful" } else { "failed" }.into()), ..Test::default() };
    let ending = match read {
        Ok(read) => judge(work, how, &read, test),
        Err(stop) => {
            work.test = Some(test);
            Err(stop)
        }
    };
    match (ending, left) {
        (Ok(Ending::Done { what, .. }), Some(why)) => {
            Err(failed(format!("{what}; what was restored to {place} could not be removed: {why}")))
        }
        (ending, _) => ending,
    }
}

/// Remove everything that the item restored, in this run or an earlier one, and see that it is gone.
fn clear(work: &mut Work<'_, '_>, place: &BucketPrefix, item: &str) -> Result<(), Stop> {
    let made = work.run.executor.restored_versions(&work.at, place, Some(item))?;
    if made.is_empty() {
        return Ok(());
    }
    work.change(
        "remove-versions",
        &place.to_string(),
        |()| None,
        |executor, at| executor.remove_versions(at, place, &made),
    )?;
    match work.run.executor.restored_versions(&work.at, place, Some(item))?.len() {
        0 => Ok(()),
        some => Err(failed(format!("{some} object versions are still there"))),
    }
}

/// What that proves.
fn judge(work: &mut Work<'_, '_>, how: &TestHow, read: &VersionsRead, test: Test) -> Result<Ending, Stop> {
    let mut test = Test {
        depth: Some(Depth::Restored),
        bytes: Some(read.bytes),
        items: Items {
            total: Some(read.listed),
            done: Some(read.read),
            failed: Some(read.wrong.len() as u64),
            ..Items::default()
        },
        errors: read.wrong.clone(),
        compared_by: Some("checksums"),
        ..test
    };
    let drawn = how.sample.map(|sample| format!(", drawn by the seed {}", sample.seed)).unwrap_or_default();
    let mut sentence = format!(
        "{} of {} previous versions{drawn} read, {} verified by a checksum",
        read.read, read.listed, read.verified
    );
    if let Some(place) = &how.restore_to {
        sentence.push_str(&format!(", {} restored to {place} and the same there", read.restored));
    }
    // Who has restored them all has proved more than one who could only compare checksums.
    let proved = if how.restore_to.is_some() { read.restored.min(read.read) } else { read.verified };
    let ending = if let Some(first) = read.wrong.first() {
        test.validation = Some(Validation::Failed);
        Err(failed(format!("{first}; {sentence}")))
    } else if read.read == 0 {
        Err(failed(match (read.listed, read.archived) {
            (0, _) => "it has no previous version that could be read back".to_owned(),
            (_, archived) => {
                format!("none of its {} previous versions could be read: {archived} lie in an archive", read.listed)
            }
        }))
    } else if proved < read.read || read.archived > 0 {
        test.partial = true;
        Err(failed(format!("it proves only a part: {sentence}, {} in an archive", read.archived)))
    } else {
        test.depth = Some(Depth::Compared);
        test.validation = Some(Validation::Successful);
        Ok(Ending::Done { what: sentence.into(), made: Vec::new() })
    };
    work.test = Some(test);
    ending
}
