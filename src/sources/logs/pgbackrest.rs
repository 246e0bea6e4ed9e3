//! pgBackRest: `info --output=json`, and what its commands log on the console or in files.

mod console;

use serde_json::Value;

use super::common::{begin, epoch, field, foreign, number, point, text, utf8};
use super::native::{Found, Known, Native, NotUnderstood, Problem, Reader};
use crate::model::activity::{ActivityKind, ActivityOutcome, Artefact, Bytes, Trigger};
use crate::model::fact::Fact;
use crate::model::recovery_point::{PointStatus, RecoveryPoint};
use crate::model::text::Text;

/// The reader's description.
pub(super) const READER: Reader = Reader {
    id: "pgbackrest",
    title: "pgbackrest info --output=json; logs of backup, restore, verify and expire",
    docs: "\
The catalogue of `info --output=json`, or the lines that the commands write on the console with \
`--log-level-console=info` and into log files; of pgBackRest 2.45 and 2.55.

* A backup with `error: true` holds pages with invalid checksums: *partial*, although pgBackRest ends with 0 and calls the \
stanza `ok`.
* A stanza that `info` does not find has status 1 and exit status 0: the catalogue could not be read, which is a gap.
* `verify` ends with `completed successfully` though it found invalid files: only `status: ok` counts.
* A failed backup leaves no row in the catalogue: keep the log too.
* Who ran it and why: `--annotation=operator=…`, `--annotation=trigger=manual`.
* Log lines have local times without a zone: declare `timezone`. Sizes stand in the catalogue only.
",
    read,
};

fn read(native: &Native<'_>) -> Result<Found, NotUnderstood> {
    let input = utf8(native.stdout)?.trim();
    let mut found = Found::default();
    if input.starts_with('[') && !input.starts_with("[global") {
        let stanzas: Vec<Value> = serde_json::from_str(input)
            .map_err(|error| foreign(error.line() as u64, format!("the JSON is broken or was cut: {error}")))?;
        stanzas.iter().for_each(|stanza| catalogue(stanza, native.known, &mut found));
        return Ok(found);
    }
    console::read(input, native, &mut found)?;
    Ok(found)
}

/// The backups of a stanza.
fn catalogue(stanza: &Value, known: &Known, found: &mut Found) {
    let name = field(stanza, "name").as_str().unwrap_or_default();
    let status = field(stanza, "status");
    // 0 is fine, and 2 is that there is no backup; with any other the list says nothing.
    if !matches!(field(status, "code").as_u64(), Some(0 | 2)) {
        let why = field(status, "message").as_str().unwrap_or("its status is unknown");
        let message = format!("stanza `{name}`: {why}");
        found.problems.push(Problem { code: "incomplete", line: 1, message });
    }
    let encrypted = field(stanza, "cipher").as_str().map_or(Fact::Unread, |cipher| Fact::Known(cipher != "none"));
    for backup in field(stanza, "backup").as_array().into_iter().flatten() {
        let stamp = field(backup, "timestamp");
        let (Some(label), Some(at)) = (field(backup, "label").as_str(), epoch(field(stamp, "start"))) else {
            found
                .problems
                .push(super::common::strange(1, format!("a backup of stanza `{name}` has no label or no time")));
            continue;
        };
        let completed = epoch(field(stamp, "stop"));
        let info = field(backup, "info");
        let repository = field(info, "repository");
        let size = number(field(info, "size"));
        // Old versions have no such field: then nobody looked.
        let damaged = *field(backup, "error") == Value::Bool(true);
        let id = format!("pgbackrest:{label}");
        let outcome = if damaged { ActivityOutcome::Partial } else { ActivityOutcome::Succeeded };
        let mut activity = begin("pgbackrest", id.clone(), ActivityKind::Backup, outcome, at, known);
        activity.completed_at = completed;
        activity.size = size;
        activity.point = Some(Text::from(id.as_str()));
        activity.message = damaged.then(|| "pages with invalid checksums are in it".into());
        let annotation = field(backup, "annotation");
        activity.operator = text(field(annotation, "operator")).or(activity.operator);
        let trigger = match field(annotation, "trigger").as_str() {
            Some("scheduled") => Some(Trigger::Scheduled),
            Some("manual") => Some(Trigger::Manual),
            _ => known.trigger,
        };
        let detail = activity.detail_mut();
        detail.trigger = trigger;
        detail.level = field(backup, "type").as_str().map(level);
        detail.data_type = Some("postgresql".into());
        detail.bytes = Some(Bytes {
            source: size,
            stored: number(field(repository, "size")),
            moved: number(field(repository, "delta")),
        });
        detail.artefacts =
            vec![Artefact { uri: Text::from(label), encrypted: encrypted.known().copied(), ..Artefact::default() }];
        if let (Some(tool), Some(version)) = (&mut detail.tool, text(field(field(backup, "backrest"), "version"))) {
            tool.version = Some(version);
        }
        found.activities.push(activity);
        found.points.push(RecoveryPoint {
            completed_at: completed,
            encrypted: encrypted.clone(),
            size,
            ..point(id, if damaged { PointStatus::Partial } else { PointStatus::Completed }, at, known)
        });
    }
}

/// The field's words for pgBackRest's.
fn level(word: &str) -> Text {
    match word {
        "diff" => "differential".into(),
        "incr" => "incremental".into(),
        other => other.into(),
    }
}
