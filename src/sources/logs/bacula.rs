//! Bacula: jobs as its console shows them, as JSON or text, and as its log reports them.

mod record;

use super::common::{NoInstant, begin, chosen, complain, is_meant, lacks, strange, utf8};
use super::native::{Found, Known, Native, NotUnderstood, Reader};
use crate::model::activity::{ActivityKind, ActivityOutcome, Bytes, Depth, Items};
use crate::model::text::Text;
use record::Job;

/// The reader's description.
pub(super) const READER: Reader = Reader {
    id: "bacula",
    title: "Bacula: .status dir terminated api=2, llist jobs, the catalogue's table Job, the job log",
    docs: "\
The JSON of `.status dir terminated api=2`, the text of `llist jobs`, rows of the table `Job` as a JSON array, and the \
reports in the log of jobs; Bacula 15.0. `job` says which jobs are meant: `crm-*`.

* Status `T` with errors, `W` and `e` are *partial*: Bacula calls them OK.
* A verification of no file, a full backup of no file and a restore of no file are *failed*.
* `D` (the verification found differences), `f` and `E` are *failed*, `A` *aborted*.
* Only the bytes of a full backup may be compared with another; an incremental one has no size.
* Verification at level `Data` reads everything; the others compare attributes only.
* All but the JSON have local times without a zone: declare `timezone`.
",
    read,
};

fn read(native: &Native<'_>) -> Result<Found, NotUnderstood> {
    let known = native.known;
    let jobs = record::jobs(utf8(native.stdout)?, known)?;
    chosen(known, jobs.iter().map(|job| job.name.as_str()))?;
    let mut found = Found::default();
    for job in jobs.into_iter().filter(|job| is_meant(known, &job.name)) {
        conclude(job, known, &mut found);
    }
    Ok(found)
}

/// What the letter of a type stands for; nothing of interest for those that move no data.
fn kind(job: &Job, known: &Known) -> Result<Option<ActivityKind>, NoKind> {
    Ok(Some(match job.kind.as_str() {
        "B" => ActivityKind::Backup,
        "V" => ActivityKind::Verification,
        "R" => known.kind.filter(|kind| *kind == ActivityKind::RestoreTest).unwrap_or(ActivityKind::Restore),
        "C" | "c" | "g" => ActivityKind::Copy,
        "D" | "I" | "M" | "S" | "U" => return Ok(None),
        _ => return Err(NoKind),
    }))
}

struct NoKind;

fn conclude(job: Job, known: &Known, found: &mut Found) {
    let kind = match kind(&job, known) {
        Ok(Some(kind)) => kind,
        Ok(None) => return,
        Err(NoKind) => return found.problems.push(strange(job.line, format!("`{}` is no type of a job", job.kind))),
    };
    let Some(errors) = job.errors else {
        return found.problems.push(strange(job.line, "the job does not say how many errors it had, or was cut"));
    };
    let at = match job.began {
        Ok(at) => at,
        Err(why) => return found.problems.push(why.problem(job.line)),
    };
    let (outcome, message) = judge(&job, kind, errors);
    let mut activity = begin("bacula", format!("bacula:{}", job.id), kind, outcome, at, known);
    let ended = activity.outcome != ActivityOutcome::Running;
    activity.completed_at = job.ended.as_ref().ok().copied().filter(|_| ended);
    if job.ended == Err(NoInstant::NotATime) && ended {
        lacks(&mut activity, "end");
    }
    activity.message = message;
    let full = job.level == "F" && kind == ActivityKind::Backup;
    activity.size = job.bytes.filter(|_| full);
    let detail = activity.detail_mut();
    // The status that the caller knows is that of the console.
    detail.exit_status = None;
    detail.host = detail.host.take().or(job.client);
    detail.of = job.of;
    detail.level = match (kind, job.level.as_str()) {
        (ActivityKind::Backup, "F") => Some("full".into()),
        (ActivityKind::Backup, "I") => Some("incremental".into()),
        (ActivityKind::Backup, "D") => Some("differential".into()),
        _ => None,
    };
    detail.bytes = Some(Bytes { source: job.bytes.filter(|_| full), stored: None, moved: job.bytes });
    detail.items = Some(Items {
        total: job.expected.or(job.files),
        done: job.files.filter(|_| errors == 0),
        failed: Some(errors),
        ..Items::default()
    });
    detail.depth = match (kind, job.level.as_str()) {
        (ActivityKind::Verification, "A") => Some(Depth::FullRead),
        (ActivityKind::Verification, _) => Some(Depth::Metadata),
        (ActivityKind::Restore | ActivityKind::RestoreTest, _) => Some(Depth::Restored),
        _ => None,
    };
    let (warnings, errors) = job.complaints.into_iter().partition(|said| said.starts_with("Warning: "));
    complain(&mut activity, errors, warnings);
    found.activities.push(activity);
}

fn judge(job: &Job, kind: ActivityKind, errors: u64) -> (ActivityOutcome, Option<Text>) {
    let nothing = job.files.is_none_or(|files| files == 0);
    let outcome = match job.status.as_str() {
        "T" if errors > 0 => ActivityOutcome::Partial,
        "T" => ActivityOutcome::Succeeded,
        "W" | "e" | "I" => ActivityOutcome::Partial,
        "f" | "E" | "D" => ActivityOutcome::Failed,
        "A" => ActivityOutcome::Aborted,
        "R" | "C" | "F" | "S" | "B" | "L" | "M" | "a" | "c" | "d" | "i" | "j" | "l" | "m" | "p" | "q" | "s" | "t" => {
            ActivityOutcome::Running
        }
        other => ActivityOutcome::Other(Text::from(other)),
    };
    let whole = matches!(outcome, ActivityOutcome::Succeeded | ActivityOutcome::Partial);
    let empty = match kind {
        ActivityKind::Verification if nothing => Some("it verified no file"),
        ActivityKind::Restore | ActivityKind::RestoreTest if nothing => Some("it restored no file"),
        ActivityKind::Backup if nothing && job.level == "F" => Some("the full backup holds no file"),
        _ => None,
    };
    if let Some(empty) = empty.filter(|_| whole) {
        return (ActivityOutcome::Failed, Some(empty.into()));
    }
    match (job.expected, job.files) {
        (Some(expected), Some(files)) if files < expected && outcome == ActivityOutcome::Succeeded => {
            (ActivityOutcome::Partial, Some(Text::from(format!("{files} of {expected} files came"))))
        }
        _ if job.status == "D" && job.complaints.is_empty() => (outcome, Some("it found differences".into())),
        _ => (outcome, None),
    }
}
