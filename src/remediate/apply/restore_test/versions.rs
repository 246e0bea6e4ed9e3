//! `s3-version`: previous versions of a bucket's objects are read back and held against their checksums.

use super::super::{Ending, Stop, Work, failed};
use super::Test;
use crate::model::activity::{Depth, Items, Validation};
use crate::model::arn::short;
use crate::model::plan::Sample;

pub(super) fn run(work: &mut Work<'_, '_>, sample: Option<Sample>) -> Result<Ending, Stop> {
    work.for_real()?;
    work.says("previous versions are being read");
    let bucket = short(&work.item.resource).to_owned();
    let read = work.run.executor.read_versions(&work.at, &bucket, sample)?;
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
        ..Test::default()
    };
    let drawn = sample.map(|sample| format!(", drawn by the seed {}", sample.seed)).unwrap_or_default();
    let sentence = format!(
        "{} of {} previous versions{drawn} read, {} verified by a checksum",
        read.read, read.listed, read.verified
    );
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
    } else if read.verified < read.read || read.archived > 0 {
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
