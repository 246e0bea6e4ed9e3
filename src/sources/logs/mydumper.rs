//! mydumper: its `metadata` file, its messages and its log file; myloader.

use super::common::{End, NoInstant, begin, complain, end, foreign, id, lacks, lines, local, started};
use super::native::{Found, Native, NotUnderstood, Reader};
use crate::model::Instant;
use crate::model::activity::{ActivityKind, ActivityOutcome, Depth, Items};
use crate::model::text::Text;

/// The reader's description.
pub(super) const READER: Reader = Reader {
    id: "mydumper",
    title: "mydumper's metadata file, messages and log file; myloader",
    docs: "\
The file `metadata` of a dump, what mydumper says on standard error with `-v 3`, or its log file; of mydumper 0.10, with the \
spelling of 1.x where it differs. And what `myloader` says.

* `Finished dump at` is written last: without it the dump is *aborted*, or *failed* where an error is on record.
* mydumper before 1.0 ends with 0 although a table or view was left out: `Broken table detected` is *partial*. The metadata \
alone does not show it, so give the messages too.
* Times are local, without a zone: declare `timezone`.
",
    read,
};

/// The text of a message, whichever way it is written, and whether it complains: 2 of an error, 1 of less.
fn message(line: &str) -> (&str, u8) {
    for (mark, level) in [
        ("CRITICAL **: ", 2),
        ("ERROR **: ", 2),
        ("WARNING **: ", 1),
        ("[CRITICAL] - ", 2),
        ("[ERROR] - ", 2),
        ("[WARNING] - ", 1),
    ] {
        if let Some((_, text)) = line.split_once(mark) {
            // The time of day stands between.
            let text = if mark.ends_with("**: ") { text.split_once(": ").map_or(text, |(_, text)| text) } else { text };
            return (text, level);
        }
    }
    (line, 0)
}

fn read(native: &Native<'_>) -> Result<Found, NotUnderstood> {
    let known = native.known;
    let mut errors: Vec<Text> = Vec::new();
    let mut warnings: Vec<Text> = Vec::new();
    let (mut began, mut finished, mut left_out, mut messages, mut tables) = (None, None, false, false, 0);
    for line in lines(native.stdout).iter().chain(&lines(native.stderr)) {
        let (text, level) = message(line);
        tables += u64::from(line.contains(" dumping schema for "));
        messages |= level > 0 || line.starts_with("** Message: ") || line.contains("] - ");
        match level {
            2 => errors.push(text.into()),
            1 => {
                left_out |= text.starts_with("Broken table detected");
                warnings.push(text.into());
            }
            _ => {}
        }
        let after = |word: &str| line.split_once(word).map(|(_, time)| time.trim().to_owned());
        began = began.or_else(|| after("Started dump at: "));
        finished = finished.or_else(|| after("Finished dump at: "));
    }
    let loads = known.command.iter().flat_map(|word| word.split_whitespace()).any(|word| word.ends_with("myloader"));
    if began.is_none() && !messages && errors.is_empty() {
        return Err(foreign(0, "neither the metadata nor the messages of mydumper stand in it"));
    }
    let ended = end(known);
    // A time that was cut is none.
    let time = |text: Option<String>| -> Option<Result<Instant, NoInstant>> {
        text.map(|text| local(&text, "%Y-%m-%d %H:%M:%S", known))
    };
    let is_finished = finished.as_ref().is_some_and(|text| text.len() == 19);
    let outcome = match ended {
        End::Stopped => ActivityOutcome::Aborted,
        End::Status(_) => ActivityOutcome::Failed,
        _ if !errors.is_empty() && is_finished => ActivityOutcome::Partial,
        _ if !errors.is_empty() => ActivityOutcome::Failed,
        End::Good if loads => ActivityOutcome::Succeeded,
        End::Unknown if loads => return Err(foreign(0, "only its exit status tells how it ended, and nobody said it")),
        _ if !is_finished => ActivityOutcome::Aborted,
        _ if left_out => ActivityOutcome::Partial,
        _ => ActivityOutcome::Succeeded,
    };
    let mut found = Found::default();
    let at = match (time(began), known.started_at) {
        (Some(Ok(at)), _) => at,
        (_, Some(at)) => at,
        (Some(Err(why)), None) => {
            found.problems.push(why.problem(0));
            return Ok(found);
        }
        (None, None) => {
            let _ = started(known, &mut found);
            return Ok(found);
        }
    };
    let (kind, what) = if loads { (ActivityKind::Restore, "restore") } else { (ActivityKind::Backup, "dump") };
    let kind = known.kind.unwrap_or(kind);
    let mut activity = begin("mydumper", id("mydumper", what, at, known), kind, outcome, at, known);
    activity.completed_at = time(finished).and_then(Result::ok).or(activity.completed_at);
    if activity.outcome == ActivityOutcome::Aborted {
        activity.message = Some("`Finished dump at` is missing".into());
    }
    let detail = activity.detail_mut();
    detail.data_type = Some("mysql".into());
    if loads {
        detail.depth = Some(Depth::Restored);
    } else {
        detail.method = Some("database-dump".into());
        // Only the messages name them.
        detail.items = (tables > 0).then_some(Items { done: Some(tables), ..Items::default() });
        lacks(&mut activity, "size");
    }
    if !loads && !messages {
        lacks(&mut activity, "messages");
    }
    if ended == End::Unknown {
        lacks(&mut activity, "exit-status");
    }
    complain(&mut activity, errors, warnings);
    found.activities.push(activity);
    Ok(found)
}
