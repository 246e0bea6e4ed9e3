//! `lastgood log artefacts`: whether what the records say was made is still there, as recorded.

use std::fmt::Write as _;

use super::host;
use crate::cli::args::ArtefactsArgs;
use crate::cli::{Exit, Outcome, print, remark};
use crate::model::judgement::counted;
use crate::model::log::RecordType;
use crate::report::one_line;
use crate::sources::logs::append::Entry;
use crate::sources::logs::artefacts::{Expected, Found, expected, look, verifications, wrong};
use crate::sources::logs::collect::read;

pub(super) fn run(args: &ArtefactsArgs) -> Outcome {
    let logs = read(&args.paths, &[]);
    for gap in &logs.gaps {
        let place = gap.resource.as_deref().unwrap_or_default();
        remark(format!("error: {}: {}", one_line(place), gap.message.as_deref().unwrap_or(&gap.code)));
    }
    let mut looked: Vec<(Expected<'_>, Found)> =
        expected(&logs.activities).into_iter().map(|expected| (expected, look(&expected, &host()))).collect();
    objects(args, &mut looked);
    let mut text = String::new();
    let (mut same, mut bad, mut unseen) = (0_usize, 0_usize, 0_usize);
    for (expected, found) in &looked {
        if let Some(wrong) = wrong(expected, found) {
            bad += 1;
            let _ = writeln!(text, "WRONG       {} (backup of {})", one_line(&wrong), expected.backup.started_at);
        } else if let Found::NotLooked(why) = found {
            unseen += 1;
            let _ = writeln!(text, "not looked  {}: {}", one_line(&expected.artefact.uri), one_line(why));
        } else {
            same += 1;
        }
    }
    let _ = writeln!(text, "{same} as recorded, {bad} wrong, {unseen} not looked for");
    print(text.as_bytes())?;
    if let Some(log) = &args.record {
        let records = verifications(&looked, super::now());
        let entries: Vec<Entry> =
            records.into_iter().map(|record| Entry::activity(RecordType::Recorded, record)).collect();
        remark(format!("{} written to {}", counted(entries.len() as u64, "verification"), log.display()));
        super::write(log, entries)?;
    }
    Ok(match (bad, unseen + logs.gaps.len()) {
        (0, 0) => Exit::Fine,
        (0, _) => Exit::Incomplete,
        _ => Exit::Findings,
    })
}

/// Objects of S3 are asked for there.
#[cfg(feature = "aws")]
fn objects(args: &ArtefactsArgs, looked: &mut [(Expected<'_>, Found)]) {
    use crate::aws::{self, ObjectRef};
    use crate::sources::logs::artefacts::compare;

    let mut places: Vec<(&mut Found, Expected<'_>, ObjectRef<'_>)> = looked
        .iter_mut()
        .filter_map(|(expected, found)| {
            let (bucket, key) = expected.artefact.uri.strip_prefix("s3://")?.split_once('/')?;
            let version = expected.artefact.version_id.as_deref();
            Some((found, *expected, ObjectRef { bucket, key, version }))
        })
        .collect();
    if places.is_empty() {
        return;
    }
    let options = aws::Options {
        profile: args.profile.clone(),
        endpoint_url: args.endpoint_url.clone(),
        ..aws::Options::default()
    };
    let refs: Vec<ObjectRef<'_>> = places.iter().map(|(_, _, object)| *object).collect();
    for ((found, expected, _), seen) in places.iter_mut().zip(aws::look(&refs, &options)) {
        **found = match seen {
            Ok(Some(seen)) => compare(expected, &seen),
            Ok(None) => Found::Gone,
            Err(why) => Found::NotLooked(why),
        };
    }
}

#[cfg(not(feature = "aws"))]
fn objects(_: &ArtefactsArgs, looked: &mut [(Expected<'_>, Found)]) {
    for (expected, found) in looked {
        if expected.artefact.uri.starts_with("s3://") {
            *found = Found::NotLooked("this build of lastgood cannot talk to AWS".into());
        }
    }
}
