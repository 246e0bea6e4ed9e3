//! The AWS CLI's `aws s3 cp`, `mv` and `sync`, and what `aws s3api head-object` and `list-objects-v2` show of their work.

use serde_json::Value;

use super::common::{
    End, arguments, begin, complain, end, field, foreign, id, lacks, lines, number, point, started, time, utf8, verb,
};
use super::native::{Found, Known, Native, NotUnderstood, Reader};
use crate::model::activity::{ActivityKind, ActivityOutcome, Artefact, Bytes, Items};
use crate::model::recovery_point::{PointStatus, RecoveryPoint};
use crate::model::text::Text;

/// The reader's description.
pub(super) const READER: Reader = Reader {
    id: "aws-s3",
    title: "aws s3 cp, mv and sync; head-object and list-objects-v2 of s3api",
    docs: "\
The lines that `aws s3 cp`, `mv` and `sync` print, with standard error and the exit status, of AWS CLI 2; behind them, what \
`aws s3api head-object` says of the object, or `list-objects-v2` of all. A `list-objects-v2` alone is a catalogue of what is stored.

* An object of 0 bytes is *failed*: the CLI uploads what a failed command left on standard input, and ends with 0.
* An upload from standard input proves nothing without `head-object`.
* Exit status 2 (files were skipped) is *partial*, others but 0 *failed*.
* A `sync --delete` that only deleted is *failed*: that is what a source that is empty does to its copy. A `sync` that \
prints nothing proves nothing. `list-objects-v2` of the target behind it shows what is there.
* The CLI never says how much the source holds: only those two give a size.
",
    read,
};

/// The MD5 of nothing, which is the ETag of an empty object.
const NOTHING: &str = "d41d8cd98f00b204e9800998ecf8427e";

/// What the lines add up to.
#[derive(Default)]
struct Tally {
    uploads: Vec<Text>,
    downloads: u64,
    copies: u64,
    deletions: u64,
    skipped: u64,
    failed: u64,
    errors: Vec<Text>,
    warnings: Vec<Text>,
    /// The JSON documents behind them.
    documents: Vec<Value>,
}

impl Tally {
    fn of(native: &Native<'_>) -> Result<Self, NotUnderstood> {
        let stdout = utf8(native.stdout)?;
        let mut tally = Self::default();
        let json = if stdout.starts_with('{') { Some(0) } else { stdout.find("\n{").map(|at| at + 1) };
        let (text, json) = stdout.split_at_checked(json.unwrap_or(stdout.len())).unwrap_or((stdout, ""));
        for value in serde_json::Deserializer::from_str(json).into_iter::<Value>() {
            let line = 1 + text.matches('\n').count() as u64;
            tally.documents.push(value.map_err(|_| foreign(line, "the JSON was cut"))?);
        }
        // Progress is written over itself with carriage returns.
        for line in text.split(['\n', '\r']).map(str::trim) {
            let Some((what, rest)) = line.split_once(": ") else { continue };
            match what {
                "upload" => tally.uploads.push(Text::from(rest.rsplit(" to ").next().unwrap_or(rest))),
                "download" => tally.downloads += 1,
                "copy" => tally.copies += 1,
                "move" if rest.contains(" to s3://") => {
                    tally.uploads.push(Text::from(rest.rsplit(" to ").next().unwrap_or(rest)));
                }
                "move" => tally.downloads += 1,
                "delete" => tally.deletions += 1,
                _ => {}
            }
        }
        for line in lines(native.stderr) {
            let line = line.trim();
            if let Some(warning) = line.strip_prefix("warning: ") {
                tally.skipped += u64::from(warning.starts_with("Skipping"));
                tally.warnings.push(Text::from(warning));
            } else {
                let one = ["upload failed: ", "download failed: ", "copy failed: ", "move failed: ", "delete failed: "];
                tally.failed += u64::from(one.iter().any(|prefix| line.starts_with(prefix)));
                tally.errors.push(Text::from(line));
            }
        }
        Ok(tally)
    }

    /// What `head-object` says.
    fn head(&self) -> Option<&Value> {
        self.documents.iter().find(|document| document.get("ContentLength").is_some())
    }

    /// The objects of a list, where there is one.
    fn listed(&self) -> Option<Vec<&Value>> {
        // The list of an empty prefix has no `Contents`.
        let list = self.documents.iter().find(|document| {
            document.get("Contents").is_some() || document.get("KeyCount").is_some() || document.get("Prefix").is_some()
        })?;
        Some(field(list, "Contents").as_array().into_iter().flatten().collect())
    }

    /// Bytes of what is stored.
    fn size(&self) -> Option<u64> {
        match self.head() {
            Some(head) => number(field(head, "ContentLength")),
            None => self.listed()?.iter().map(|object| number(field(object, "Size"))).sum(),
        }
    }

    fn nothing_moved(&self) -> bool {
        self.uploads.is_empty() && self.downloads == 0 && self.copies == 0
    }
}

fn is_empty(object: &Value) -> bool {
    let size = number(field(object, "ContentLength")).or_else(|| number(field(object, "Size")));
    size == Some(0) || field(object, "ETag").as_str().is_some_and(|tag| tag.trim_matches('"') == NOTHING)
}

fn read(native: &Native<'_>) -> Result<Found, NotUnderstood> {
    let known = native.known;
    let tally = Tally::of(native)?;
    let mut found = Found::default();
    let moved = verb(known, &["cp", "mv", "sync"]).is_some() || !tally.nothing_moved() || tally.deletions > 0;
    if !moved {
        let Some(objects) = tally.listed() else {
            return Err(foreign(0, "neither the command nor the output is of `aws s3 cp`, `mv` or `sync`"));
        };
        return list(&objects, known, found);
    }
    let (outcome, message) = judge(&tally, known)?;
    let head = tally.head();
    let modified = head.and_then(|head| time(field(head, "LastModified")));
    let Some(at) = known.started_at.or(modified).or_else(|| started(known, &mut found)) else { return Ok(found) };
    let kind = match known.kind {
        Some(kind) => kind,
        None if tally.downloads > 0 || reads_from_s3(known) => ActivityKind::Restore,
        None if tally.copies > 0 => ActivityKind::Copy,
        None => ActivityKind::Backup,
    };
    let what = verb(known, &["cp", "mv", "sync"]).unwrap_or("cp");
    let mut activity = begin("aws-s3", id("aws-s3", what, at, known), kind, outcome, at, known);
    activity.completed_at = activity.completed_at.or(modified);
    activity.message = message;
    activity.size = tally.size();
    let done = tally.uploads.len() as u64 + tally.downloads + tally.copies;
    let detail = activity.detail_mut();
    detail.items = Some(Items {
        total: None,
        done: Some(done),
        failed: Some(tally.skipped + tally.failed),
        changed: None,
        deleted: (tally.deletions > 0).then_some(tally.deletions),
    });
    detail.target = arguments(known, "aws").filter(|word| word.starts_with("s3://")).last().map(Text::from);
    detail.bytes = tally.size().map(|size| Bytes { source: Some(size), stored: Some(size), moved: None });
    if let Some(head) = head {
        let size = number(field(head, "ContentLength"));
        let uri = tally.uploads.first().cloned().or_else(|| detail.target.clone()).unwrap_or_default();
        let version_id = field(head, "VersionId").as_str().map(Text::from);
        detail.artefacts = vec![Artefact { uri, version_id, bytes: size, ..Artefact::default() }];
    }
    if activity.size.is_none() {
        lacks(&mut activity, "size");
    }
    if end(known) == End::Unknown {
        lacks(&mut activity, "exit-status");
    }
    complain(&mut activity, tally.errors, tally.warnings);
    found.activities.push(activity);
    Ok(found)
}

/// The operands of `cp`, `mv` or `sync`: where from and where to.
fn operands(known: &Known) -> impl Iterator<Item = &str> {
    let words = arguments(known, "aws").skip_while(|word| !matches!(*word, "cp" | "mv" | "sync")).skip(1);
    words.take_while(|word| *word != "|").filter(|word| *word == "-" || !word.starts_with('-'))
}

fn reads_from_s3(known: &Known) -> bool {
    let mut operands = operands(known);
    let from = operands.next().is_some_and(|from| from.starts_with("s3://"));
    from && operands.next().is_some_and(|to| !to.starts_with("s3://"))
}

fn judge(tally: &Tally, known: &Known) -> Result<(ActivityOutcome, Option<Text>), NotUnderstood> {
    let failed = |message: String| Ok((ActivityOutcome::Failed, Some(Text::from(message))));
    let syncs = verb(known, &["cp", "mv", "sync"]) == Some("sync");
    let streamed = operands(known).next() == Some("-");
    match end(known) {
        End::Stopped => Ok((ActivityOutcome::Aborted, None)),
        _ if tally.head().is_some_and(is_empty) => failed("the object holds no byte".to_owned()),
        End::Status(2) => Ok((ActivityOutcome::Partial, None)),
        End::Status(_) => Ok((ActivityOutcome::Failed, None)),
        _ if !tally.errors.is_empty() => Ok((ActivityOutcome::Failed, None)),
        _ if tally.skipped > 0 => Ok((ActivityOutcome::Partial, None)),
        _ if tally.head().is_none() && tally.size() == Some(0) => failed("the target holds no byte".to_owned()),
        _ if tally.deletions > 0 && tally.nothing_moved() && tally.listed().is_none() => {
            failed(format!("nothing came and {} objects went, as from a source that is empty", tally.deletions))
        }
        _ if tally.head().is_some() => Ok((ActivityOutcome::Succeeded, None)),
        _ if streamed => Err(foreign(
            0,
            "nobody said how much was uploaded from standard input; append the output of `aws s3api head-object`",
        )),
        End::Good if syncs && tally.nothing_moved() && tally.listed().is_none() => Err(foreign(
            0,
            "it moved nothing, as one of a source that is empty; append the output of `aws s3api list-objects-v2`",
        )),
        End::Good => Ok((ActivityOutcome::Succeeded, None)),
        End::Unknown => Err(foreign(0, "only its exit status tells how it ended, and nobody said it")),
    }
}

/// A list of objects: what is point, of which the empty ones are of no use.
fn list(objects: &[&Value], known: &Known, mut found: Found) -> Result<Found, NotUnderstood> {
    for object in objects {
        let (Some(key), Some(at)) = (field(object, "Key").as_str(), time(field(object, "LastModified"))) else {
            return Err(foreign(1, "an entry of `Contents` has no key or no time"));
        };
        let bucket = arguments(known, "aws").skip_while(|word| *word != "--bucket").nth(1).unwrap_or("");
        let empty = is_empty(object);
        let mut point = RecoveryPoint {
            // An upload ends when the object appears; when it began is not on record.
            completed_at: Some(at),
            size: number(field(object, "Size")),
            ..point(
                Text::from(format!("arn:aws:s3:::{bucket}/{key}")),
                if empty { PointStatus::Error } else { PointStatus::Completed },
                at,
                known,
            )
        };
        if empty {
            point.extra_mut().message = Some("the object holds no byte".into());
        }
        found.points.push(point);
    }
    Ok(found)
}
