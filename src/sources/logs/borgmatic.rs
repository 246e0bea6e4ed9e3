//! borgmatic: what `create`, `info` and `repo-list` write with `--json`, and what its other actions say.

use serde_json::Value;

use super::borg::{self, Said};
use super::common::{End, begin, complain, end, foreign, id, lines, started, utf8, verb};
use super::native::{Found, Known, Native, NotUnderstood, Reader};
use crate::model::activity::{ActivityKind, ActivityOutcome, Depth};
use crate::model::text::Text;

/// The reader's description.
pub(super) const READER: Reader = Reader {
    id: "borgmatic",
    title: "borgmatic create, info and repo-list with --json; check, extract and prune",
    docs: "\
The array that `create`, `info` and `repo-list` print with `--json`, one entry for each repository, of borgmatic 1.9 and \
2.1, and the text of the other actions. Give standard error too, since files that were left out stand only there.

* borgmatic ends with 0 although borg left files out, unless `borg_exit_codes` says otherwise: an `[Errno …]` on \
standard error, or `Treating exit code 1 as a warning`, is *partial*.
* An archive that holds only the manifest of borgmatic is *failed*: in 1.9 that is all that is left of sources that do not \
exist.
* A hook that failed is a *notification* that failed: nobody was told.
* How deeply `check` looked stands in the configuration: a spot check is *sampled*, anything else *metadata*.
",
    read,
};

fn read(native: &Native<'_>) -> Result<Found, NotUnderstood> {
    let stdout = utf8(native.stdout)?.trim();
    let errors = lines(native.stderr);
    let mut found = Found::default();
    hook(native.known, &errors, &mut found);
    match serde_json::from_str::<Value>(stdout) {
        Ok(Value::Array(repositories)) if !repositories.is_empty() => {
            let mut said = Said::of(native.stderr);
            said.left_out |=
                errors.iter().any(|line| line.starts_with("Treating exit code") && line.contains("warning"));
            said.errors.extend(complaint(&errors));
            for repository in &repositories {
                if repository.get("archive").is_some() {
                    borg::create(repository, native.known, &said, "borgmatic", &mut found);
                } else if repository.get("archives").is_some() {
                    borg::list(repository, native.known, &mut found)?;
                } else if repository.get("repository").is_none() {
                    return Err(foreign(1, "an entry of the array is of no repository"));
                }
            }
        }
        Ok(_) => return Err(foreign(1, "it is no array of repositories")),
        Err(_) if stdout.starts_with('[') => return Err(foreign(1, "the JSON was cut")),
        Err(_) => action(native.known, stdout, &errors, &mut found)?,
    }
    Ok(found)
}

/// Why borgmatic gave up, in its own words: what follows the sentence that says where.
fn complaint(errors: &[Text]) -> Option<Text> {
    let mut after = errors.iter().skip_while(|line| !line.contains("Error running actions"));
    after.next()?;
    let message = after.next()?;
    Some(message.split_once(": ").map_or_else(|| message.clone(), |(_, rest)| Text::from(rest)))
}

/// A hook that was to tell somebody, and failed itself.
fn hook(known: &Known, errors: &[Text], found: &mut Found) {
    let failed = errors.iter().find(|line| line.contains("Error running") && line.contains("hook"));
    let (Some(line), Some(at)) = (failed, known.ended_at.or(known.started_at)) else { return };
    let mut notification = begin(
        "borgmatic",
        id("borgmatic", "hook", at, known),
        ActivityKind::Notification,
        ActivityOutcome::Failed,
        at,
        known,
    );
    notification.message = Some(line.clone());
    found.activities.push(notification);
}

/// An action that prints text.
fn action(known: &Known, stdout: &str, errors: &[Text], found: &mut Found) -> Result<(), NotUnderstood> {
    let complaint = complaint(errors).or_else(|| {
        let summary = errors.iter().skip_while(|line| *line != "summary:");
        summary.skip(1).find(|line| *line != "An error occurred").cloned()
    });
    let bad = complaint.is_some() || matches!(end(known), End::Status(_) | End::Stopped);
    let action = verb(known, &["create", "check", "extract", "prune", "compact", "restore"]);
    let kind = match action {
        Some("check") => ActivityKind::Verification,
        Some("extract" | "restore") => known.kind.unwrap_or(ActivityKind::Restore),
        Some("prune" | "compact") => ActivityKind::Prune,
        _ if bad => known.kind.unwrap_or(ActivityKind::Backup),
        _ => return Err(foreign(0, "no archive stands in it; was `--json` given?")),
    };
    let outcome = match end(known) {
        _ if complaint.is_some() => ActivityOutcome::Failed,
        End::Good => ActivityOutcome::Succeeded,
        End::Stopped => ActivityOutcome::Aborted,
        End::Status(_) => ActivityOutcome::Failed,
        End::Unknown => return Err(foreign(0, "only its exit status tells how this action ended, and nobody said it")),
    };
    let Some(at) = started(known, found) else { return Ok(()) };
    let what = action.unwrap_or("create");
    let mut activity = begin("borgmatic", id("borgmatic", what, at, known), kind, outcome, at, known);
    let left_out = errors.iter().filter(|line| line.contains("[Errno ")).cloned().collect();
    complain(&mut activity, complaint.into_iter().collect(), left_out);
    activity.detail_mut().depth = match kind {
        ActivityKind::Verification if stdout.contains("Running spot check") => Some(Depth::Sampled),
        ActivityKind::Verification => Some(Depth::Metadata),
        ActivityKind::Restore | ActivityKind::RestoreTest => Some(Depth::Restored),
        _ => None,
    };
    let label = stdout.lines().next().and_then(|line| line.split_once(": ")).map(|(label, _)| label);
    activity.detail_mut().target = label.map(Text::from).filter(|_| kind == ActivityKind::Verification);
    found.activities.push(activity);
    Ok(())
}
