//! Every reader over the real outputs in `fixtures/logs`: `runs.tsv` says how each was made, `expected.txt`
//! what is read from it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use lastgood::model::activity::{Activity, ActivityOutcome};
use lastgood::model::log::{ACCOUNT, REGION};
use lastgood::model::text::Text;
use lastgood::sources::logs::native::{Found, Known, Native, NotUnderstood, find};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::at;

/// A run of a real tool, and what it wrote.
pub(crate) struct Run {
    pub(crate) tool: String,
    pub(crate) name: String,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    pub(crate) known: Known,
}

impl Run {
    pub(crate) fn read(&self) -> Result<Found, NotUnderstood> {
        self.read_as(&self.stdout, &self.stderr, &self.known)
    }

    fn read_as(&self, stdout: &[u8], stderr: &[u8], known: &Known) -> Result<Found, NotUnderstood> {
        find(&self.tool).unwrap().read(&Native { stdout, stderr, known })
    }

    /// The only activity.
    pub(crate) fn one(&self) -> Activity {
        let found = self.read().unwrap_or_else(|error| panic!("{}: {error}", self.name));
        assert_eq!(found.activities.len(), 1, "{}: {found:?}", self.name);
        found.activities.into_iter().next().unwrap()
    }

    pub(crate) fn outcome(&self) -> ActivityOutcome {
        self.one().outcome
    }

    /// Its standard output changed; what is replaced must be there.
    pub(crate) fn edited(mut self, from: &str, to: &str) -> Self {
        let stdout = String::from_utf8(std::mem::take(&mut self.stdout)).unwrap();
        assert!(stdout.contains(from), "{}: {from}", self.name);
        self.stdout = stdout.replace(from, to).into_bytes();
        self
    }

    /// With other messages on standard error.
    pub(crate) fn saying(mut self, stderr: &str) -> Self {
        self.stderr = stderr.as_bytes().to_vec();
        self
    }

    /// With another exit status, or none that is known.
    pub(crate) fn ended(mut self, exit_status: Option<i32>) -> Self {
        self.known.exit_status = exit_status;
        self
    }

    /// By another command.
    pub(crate) fn by(mut self, command: &str) -> Self {
        self.known.command = command.split(' ').filter(|word| !word.is_empty()).map(Text::from).collect();
        self
    }
}

/// The folders below `fixtures/logs` that hold runs.
pub(crate) fn folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    let mut open = vec![PathBuf::from("fixtures/logs")];
    while let Some(folder) = open.pop() {
        if folder.join("runs.tsv").is_file() {
            folders.push(folder.clone());
        }
        let below = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        open.extend(below.filter(|path| path.is_dir()));
    }
    folders.sort();
    folders
}

/// The runs of a folder below `fixtures/logs`, such as `borg/1.4.0`.
pub(crate) fn runs(folder: &Path) -> Vec<Run> {
    let table = std::fs::read_to_string(folder.join("runs.tsv")).unwrap();
    let tool = folder.strip_prefix("fixtures/logs").unwrap().iter().next().unwrap().to_string_lossy().into_owned();
    let of = |line: &str| {
        let mut columns = line.split('\t');
        let [name, exit, began, command] = [(); 4].map(|()| columns.next().unwrap_or_else(|| panic!("{line}")));
        let stream = |stream: &str| std::fs::read(folder.join(format!("{name}.{stream}"))).unwrap_or_default();
        Run {
            tool: tool.clone(),
            name: name.to_owned(),
            stdout: stream("stdout"),
            stderr: stream("stderr"),
            known: Known {
                exit_status: (!exit.is_empty()).then(|| exit.parse().unwrap()),
                started_at: Some(at(began)),
                command: command.split(' ').filter(|word| !word.is_empty()).map(Text::from).collect(),
                timezone: Some(chrono_tz::UTC),
                host: Some("backup-1".into()),
                resource: Some("component:crm/files".into()),
                job: columns.next().map(Text::from),
                ..Known::default()
            },
        }
    };
    table.lines().skip(1).map(of).collect()
}

/// One run by its name, or the beginning of it.
pub(crate) fn run(folder: &str, name: &str) -> Run {
    let mut runs = runs(&Path::new("fixtures/logs").join(folder));
    let exact = runs.iter().any(|run| run.name == name);
    runs.retain(|run| if exact { run.name == name } else { run.name.starts_with(name) });
    assert_eq!(runs.len(), 1, "{folder} {name}");
    runs.remove(0)
}

/// What is not spelled out below: everything else that was read, as JSON. What the caller knows is left out where
/// it was taken over, and null where it was lost.
fn rest(read: &impl Serialize, spelled: &[&str], known: &[(&str, Value)]) -> String {
    let mut all = serde_json::to_value(read).unwrap();
    for path in spelled {
        take(&mut all, path);
    }
    let mut lost = Map::new();
    for (path, value) in known {
        let read = take(&mut all, path).unwrap_or_default();
        let nothing = read.is_null() && value.as_array().is_some_and(Vec::is_empty);
        if read != *value && !nothing {
            lost.insert((*path).to_owned(), read);
        }
    }
    prune(&mut all);
    all.as_object_mut().unwrap().extend(lost);
    if all.as_object().unwrap().is_empty() { String::new() } else { all.to_string() }
}

/// Take a field such as `detail.items.total` out.
fn take(value: &mut Value, path: &str) -> Option<Value> {
    match path.split_once('.') {
        Some((outer, inner)) => take(value.get_mut(outer)?, inner),
        None => value.as_object_mut()?.remove(path),
    }
}

/// Leave out objects and lists that hold nothing.
fn prune(value: &mut Value) {
    match value {
        Value::Object(fields) => fields.retain(|_, inner| {
            prune(inner);
            !(inner.is_null()
                || inner.as_object().is_some_and(Map::is_empty)
                || inner.as_array().is_some_and(Vec::is_empty))
        }),
        Value::Array(list) => list.iter_mut().for_each(prune),
        _ => {}
    }
}

const SPELLED: &[&str] = &[
    "kind",
    "outcome",
    "started_at",
    "completed_at",
    "size",
    "message",
    "detail.level",
    "detail.depth",
    "detail.items.total",
    "detail.items.done",
    "detail.items.changed",
    "detail.items.deleted",
    "detail.sources",
    "detail.missing",
    "detail.errors",
    "detail.warnings",
];

fn show(run: &Run, result: &Result<Found, NotUnderstood>) -> String {
    let mut text = String::new();
    let found = match result {
        Ok(found) => found,
        Err(error) => return format!("  not understood, line {}: {error}\n", error.line),
    };
    let mut line = |parts: Vec<String>| {
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        if parts.is_empty() {
            return;
        }
        let _ = writeln!(text, "  {}", parts.join(" "));
    };
    let known = [
        ("source", json!(run.tool)),
        ("account", json!(ACCOUNT)),
        ("region", json!(REGION)),
        ("resource", json!(run.known.resource)),
        ("detail.tool.name", json!(run.tool)),
        ("detail.host", json!(run.known.host)),
        ("detail.command", json!(run.known.command)),
        ("detail.exit_status", json!(run.known.exit_status)),
    ]
    .to_vec();
    let maybe = |name: &str, value: Option<String>| value.map(|value| format!("{name}={value}")).unwrap_or_default();
    for activity in &found.activities {
        let detail = activity.detail.clone().unwrap_or_default();
        let items = detail.items.unwrap_or_default();
        line(vec![
            activity.kind.id().into(),
            activity.outcome.id().to_uppercase(),
            activity.started_at.format("%dT%H:%M:%SZ").to_string(),
            maybe("to", activity.completed_at.map(|at| at.format("%H:%M:%S").to_string())),
            maybe("size", activity.size.map(|size| size.to_string())),
            maybe("level", detail.level.as_ref().map(|level| level.to_string())),
            maybe("depth", detail.depth.map(|depth| depth.id().into())),
            maybe("files", items.total.map(|n| n.to_string())),
            maybe("done", items.done.map(|n| n.to_string())),
            maybe("changed", items.changed.map(|n| n.to_string())),
            maybe("deleted", items.deleted.map(|n| n.to_string())),
            maybe("trailer", detail.artefacts.first().and_then(|a| a.trailer).map(|t| t.to_string())),
            maybe("sources", (!detail.sources.is_empty()).then(|| detail.sources.join(","))),
            maybe("missing", (!detail.missing.is_empty()).then(|| detail.missing.join(","))),
        ]);
        let aws = run.tool.starts_with("aws-") && run.tool != "aws-s3";
        let known = if aws { Vec::new() } else { known.clone() };
        let rest = rest(activity, SPELLED, &known);
        line(vec![if rest.is_empty() { rest } else { format!("  also {rest}") }]);
        for (what, lines) in [
            ("message", activity.message.iter().cloned().collect::<Vec<_>>()),
            ("error", detail.errors.clone()),
            ("warning", detail.warnings.clone()),
        ] {
            for said in lines {
                let said: String = said.chars().take(130).collect();
                line(vec![format!("  {what}: {said}")]);
            }
        }
    }
    for point in &found.points {
        line(vec![
            "point".into(),
            point.arn.chars().take(24).collect(),
            point.status.id().into(),
            point.started_at.format("%dT%H:%M:%SZ").to_string(),
            maybe("to", point.completed_at.map(|at| at.format("%H:%M:%S").to_string())),
            maybe("size", point.size.map(|size| size.to_string())),
            maybe("encrypted", point.encrypted.known().map(|known| known.to_string())),
            rest(
                point,
                &["arn", "status", "started_at", "completed_at", "size", "encrypted"],
                &[
                    ("account", json!(ACCOUNT)),
                    ("region", json!(REGION)),
                    ("resource", json!(run.known.resource)),
                    ("kind", json!("dump")),
                ],
            ),
        ]);
    }
    for problem in &found.problems {
        line(vec![format!("problem {}, line {}: {}", problem.code, problem.line, problem.message)]);
    }
    if text.is_empty() { "  nothing\n".into() } else { text }
}

#[test]
fn real_outputs_are_read_as_reviewed() {
    let folders = folders();
    assert!(folders.len() >= 9, "{folders:?}");
    let mut wrong = Vec::new();
    for folder in folders {
        let mut text = String::new();
        for run in runs(&folder) {
            let exit = run.known.exit_status.map(|status| format!(", status {status}")).unwrap_or_default();
            let _ = writeln!(text, "{}{exit}", run.name);
            text += &show(&run, &run.read());
        }
        let path = folder.join("expected.txt");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &text).unwrap();
        } else if std::fs::read_to_string(&path).unwrap_or_default() != text {
            wrong.push(format!("{}:\n{text}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "run with UPDATE=1 and review:\n{}", wrong.join("\n"));
}

/// Whether anything in it is taken for a success. Where the caller has no exit status, a success that says
/// so is none: it goes as far as the record does.
fn succeeded(result: &Result<Found, NotUnderstood>) -> bool {
    let proven = |activity: &Activity| {
        let doubt = activity.detail.as_ref().is_some_and(|detail| detail.missing.iter().any(|m| m == "exit-status"));
        activity.outcome == ActivityOutcome::Succeeded && !doubt
    };
    result.as_ref().is_ok_and(|found| found.activities.iter().any(proven))
}

/// Positions to cut at: each of a short text, some two hundred of a long one.
fn cuts(length: usize) -> impl Iterator<Item = usize> {
    (0..length).step_by(1 + length / 200)
}

#[test]
fn a_cut_record_never_turns_failure_into_success() {
    let mut tried = 0;
    for run in folders().iter().flat_map(|folder| runs(folder)) {
        if succeeded(&run.read()) {
            continue;
        }
        for cut in cuts(run.stdout.len()) {
            tried += 1;
            let result = run.read_as(&run.stdout[..cut], &run.stderr, &run.known);
            assert!(
                !succeeded(&result),
                "{} {}: standard output cut to {cut}\n{}",
                run.tool,
                run.name,
                show(&run, &result)
            );
        }
        // Where the status is 0 and only standard error tells, nothing can be known without it.
        if run.known.exit_status != Some(0) {
            for cut in cuts(run.stderr.len()) {
                tried += 1;
                let result = run.read_as(&run.stdout, &run.stderr[..cut], &run.known);
                assert!(
                    !succeeded(&result),
                    "{} {}: standard error cut to {cut}\n{}",
                    run.tool,
                    run.name,
                    show(&run, &result)
                );
            }
        }
    }
    assert!(tried > 5000, "{tried}");
}

#[test]
fn a_withheld_exit_status_never_turns_failure_into_success() {
    for run in folders().iter().flat_map(|folder| runs(folder)) {
        let known = Known { exit_status: None, ..run.known.clone() };
        let result = run.read_as(&run.stdout, &run.stderr, &known);
        let any = |result: &Result<Found, NotUnderstood>| {
            result.as_ref().is_ok_and(|found| found.activities.iter().any(|a| a.outcome == ActivityOutcome::Succeeded))
        };
        assert!(any(&run.read()) || !any(&result), "{} {}\n{}", run.tool, run.name, show(&run, &result));
    }
}

#[test]
fn damaged_records_never_panic() {
    for run in folders().iter().flat_map(|folder| runs(folder)) {
        for (n, at) in cuts(run.stdout.len()).enumerate() {
            let mut flipped = run.stdout.clone();
            flipped[at] ^= [0x01, 0x20, 0x80, 0xff][n % 4];
            let _ = run.read_as(&flipped, &run.stderr, &run.known);
            let _ = run.read_as(&run.stdout[at..], &run.stderr, &Known::default());
        }
        for (n, at) in cuts(run.stderr.len()).enumerate() {
            let mut flipped = run.stderr.clone();
            flipped[at] ^= [0x01, 0x20, 0x80, 0xff][n % 4];
            let _ = run.read_as(&run.stdout, &flipped, &run.known);
        }
        let nothing = run.read_as(b"", b"", &Known::default());
        assert!(!succeeded(&nothing), "{}: nothing at all proves nothing", run.tool);
    }
}
