//! `logs.toml`: the records of other tools in a folder of logs, and what is known of each besides.
//!
//! ```toml
//! [[source]]
//! files = ["restic-*.json"]
//! tool = "restic"
//! timezone = "Europe/London"
//! resource = "component:crm/files"
//! trigger = "scheduled"
//!
//! [[source]]
//! files = ["cron.log"]
//! tool = "cron"
//! job = "*mysqldump*crm*"
//! resource = "component:crm/db"
//! ```

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::collect::Logs;
use super::native::{self, Known, Native};
use crate::model::activity::{ActivityKind, Trigger};
use crate::model::gap::GapStatus;
use crate::model::glob;
use crate::model::log::{LogProblem, LogStream};
use crate::model::text::Text;
use crate::policy::suggest::closest;

/// The largest native record that is read.
const LARGEST: u64 = 256 << 20;

/// The declarations of a folder.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sources {
    #[serde(default)]
    source: Vec<Source>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    files: Vec<String>,
    tool: String,
    #[serde(default)]
    tool_version: Option<Text>,
    #[serde(default)]
    timezone: Option<String>,
    #[serde(default)]
    command: Vec<Text>,
    #[serde(default)]
    resource: Option<Text>,
    #[serde(default)]
    application: Option<Text>,
    #[serde(default)]
    trigger: Option<Trigger>,
    #[serde(default)]
    operator: Option<Text>,
    #[serde(default)]
    host: Option<Text>,
    #[serde(default)]
    exit_status: Option<i32>,
    #[serde(default)]
    job: Option<Text>,
    #[serde(default)]
    kind: Option<ActivityKind>,
}

impl Sources {
    /// Read the declarations; a folder without any declares nothing.
    pub(super) fn read(&mut self, path: &Path, logs: &mut Logs) {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
            Err(error) => return logs.unread(path, GapStatus::Failed, "unreadable", &error.to_string()),
        };
        match toml::from_str::<Self>(&text) {
            Ok(sources) => *self = sources,
            Err(error) => {
                let line = error
                    .span()
                    .map_or(0, |span| 1 + text.get(..span.start).map_or(0, |head| head.matches('\n').count()));
                let place = PathBuf::from(format!("{}:{line}", path.display()));
                let message = format!("{}{}", error.message(), meant(error.message()));
                logs.unread(&place, GapStatus::NotUnderstood, "not-understood", &message);
            }
        }
    }

    /// Read the files that are declared; the others are gaps. `NAME.stderr` beside `NAME.stdout` is its
    /// standard error. A file that holds the jobs of many is read once for each declaration that names a job.
    pub(super) fn read_native(&self, folder: &Path, files: Vec<PathBuf>, logs: &mut Logs) {
        for path in files {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let partner = name.strip_suffix(".stderr").map(|stem| folder.join(format!("{stem}.stdout")));
            if partner.is_some_and(|stdout| stdout.is_file()) {
                continue;
            }
            let declared = |source: &&Source| source.files.iter().any(|pattern| glob::matches(pattern, &name));
            let mut declared = self.source.iter().filter(declared);
            let Some(first) = declared.next() else {
                let message = "it is no log of lastgood, and `logs.toml` does not say which tool wrote it";
                logs.unread(&path, GapStatus::NotUnderstood, "undeclared", message);
                continue;
            };
            read_one(first, &path, logs);
            for other in declared.filter(|other| first.job.is_some() && other.job.is_some()) {
                read_one(other, &path, logs);
            }
        }
    }
}

/// The key or word that was probably meant, where one is not known: the parser lists those that are.
fn meant(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let word = quoted.next().filter(|_| message.starts_with("unknown "));
    let near = word.and_then(|word| closest(word, quoted));
    near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}

fn read_one(source: &Source, path: &Path, logs: &mut Logs) {
    let Some(reader) = native::find(&source.tool) else {
        let near = closest(&source.tool, native::READERS.iter().map(|reader| reader.id));
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let message = format!("there is no reader `{}`{near}", source.tool);
        return logs.unread(path, GapStatus::NotUnderstood, "unknown-tool", &message);
    };
    let timezone = source.timezone.as_deref().map(str::parse::<chrono_tz::Tz>).transpose();
    let Ok(timezone) = timezone else {
        let message = format!("`{}` is not a time zone", source.timezone.as_deref().unwrap_or_default());
        return logs.unread(path, GapStatus::NotUnderstood, "no-timezone", &message);
    };
    let stderr_path = path.with_extension("stderr");
    let has_stderr = path.extension().is_some_and(|extension| extension == "stdout") && stderr_path.is_file();
    let read = |path: &Path| -> std::io::Result<Vec<u8>> {
        if std::fs::metadata(path)?.len() > LARGEST {
            return Err(std::io::Error::other("it is larger than 256 MiB"));
        }
        std::fs::read(path)
    };
    let bytes = read(path).and_then(|stdout| Ok((stdout, if has_stderr { read(&stderr_path)? } else { Vec::new() })));
    let (stdout, stderr) = match bytes {
        Ok(bytes) => bytes,
        Err(error) => return logs.unread(path, GapStatus::Failed, "unreadable", &error.to_string()),
    };
    let known = Known {
        file: Text::from(path.display().to_string()),
        tool_version: source.tool_version.clone(),
        command: source.command.clone(),
        exit_status: source.exit_status,
        timezone,
        host: source.host.clone(),
        operator: source.operator.clone(),
        trigger: source.trigger,
        resource: source.resource.clone(),
        application: source.application.clone(),
        job: source.job.clone(),
        kind: source.kind,
        ..Known::default()
    };
    match reader.read(&Native { stdout: &stdout, stderr: &stderr, known: &known }) {
        Ok(found) => take(reader.id, &known, found, logs),
        Err(error) => {
            let place = PathBuf::from(format!("{}:{}", path.display(), error.line));
            logs.unread(&place, GapStatus::NotUnderstood, "not-understood", &error.why);
        }
    }
}

fn take(reader: &str, known: &Known, found: native::Found, logs: &mut Logs) {
    let times = || found.activities.iter().map(|activity| activity.started_at);
    let problems = found.problems.into_iter().map(|problem| LogProblem {
        code: problem.code.into(),
        file: known.file.clone(),
        line: problem.line,
        message: problem.message.into(),
    });
    let id = match &known.job {
        Some(job) => Text::from(format!("{}#{job}", known.file)),
        None => known.file.clone(),
    };
    let stream = LogStream {
        id,
        files: vec![known.file.clone()],
        format: reader.into(),
        records: found.activities.len() as u64,
        first_at: times().min(),
        last_at: times().max(),
        head: None,
        anchored_since: None,
        problems: problems.collect(),
    };
    logs.misunderstood(&stream);
    logs.streams.push(stream);
    logs.activities.extend(found.activities);
    logs.points.extend(found.points);
}
