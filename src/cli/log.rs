//! `lastgood log …`: write, wrap, read in, verify.

mod artefacts;
mod import;
mod record;
mod run;
mod verify;

use std::path::Path;

use super::args::{ActivityArgs, LogCommand};
use super::{Exit, Failure, Outcome, remark};
use crate::model::Instant;
use crate::model::activity::{Activity, EvidenceFile};
use crate::model::log::{Record, RecordType};
use crate::model::text::Text;
use crate::sources::evidence;
use crate::sources::logs::append::{AppendError, Entry, append, append_fresh, rotate};

pub(super) use verify::read_anchors;

pub(super) fn run(command: &LogCommand) -> Outcome {
    match command {
        LogCommand::Run(args) => run::run(args),
        LogCommand::Record(args) => record::run(args),
        LogCommand::Import(args) => import::run(args),
        LogCommand::Verify { paths, anchors } => verify::run(paths, anchors.as_deref()),
        LogCommand::Artefacts(args) => artefacts::run(args),
        LogCommand::Anchor { log } => verify::anchor(log),
        LogCommand::Heartbeat { log, note } => {
            let entry = Entry { note: note.as_deref().map(Text::from), ..Entry::bare(RecordType::Heartbeat) };
            write(log, vec![entry])?;
            Ok(Exit::Fine)
        }
        LogCommand::Rotate { log } => {
            let old = rotate(log, &writer(), now())?;
            remark(format!("the records so far are in {}; {} goes on", old.display(), log.display()));
            Ok(Exit::Fine)
        }
    }
}

impl From<AppendError> for Failure {
    fn from(error: AppendError) -> Self {
        let help = error.help();
        Self { exit: Exit::Failed, error: error.into(), help: Some(help.to_owned()) }
    }
}

/// Append to a log, and say where.
pub(super) fn write(log: &Path, entries: Vec<Entry>) -> Result<Vec<Record>, Failure> {
    Ok(append(log, entries, &writer(), now())?)
}

/// Append what the log does not hold yet.
fn write_fresh(log: &Path, entries: Vec<Entry>) -> Result<Vec<Record>, Failure> {
    Ok(append_fresh(log, entries, &writer(), now())?)
}

/// The present instant, to the millisecond: more says nothing of backups.
pub(super) fn now() -> Instant {
    chrono::SubsecRound::trunc_subsecs(chrono::Utc::now(), 3)
}

pub(super) fn writer() -> String {
    format!("lastgood/{}@{}", env!("CARGO_PKG_VERSION"), host())
}

/// The name of this machine.
pub(super) fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Who runs this: behind `sudo`, the person and not root.
pub(super) fn user() -> Option<String> {
    ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()))
}

/// Files kept as evidence, hashed.
pub(super) fn evidence_files(paths: &[std::path::PathBuf], outline: bool) -> Result<Vec<EvidenceFile>, Failure> {
    let hash = |path: &std::path::PathBuf| {
        evidence::hash(path, outline).map_err(|error| {
            Failure::usage(format!("cannot read the evidence `{}`: {error}", path.display()))
                .help("evidence is hashed when it is recorded, so the file must be there")
        })
    };
    paths.iter().map(hash).collect()
}

/// Put what the flags say into an activity.
fn describe(activity: &mut Activity, args: &ActivityArgs) {
    let text = |value: &Option<String>| value.as_deref().map(Text::from);
    activity.resource = text(&args.resource);
    activity.operator = text(&args.operator);
    let detail = activity.detail_mut();
    detail.application = text(&args.application);
    detail.data_type = text(&args.data_type);
    detail.method = text(&args.method);
    detail.level = text(&args.level);
    detail.trigger = args.trigger.map(Into::into);
    detail.of = text(&args.of);
    detail.depth = args.depth.map(Into::into);
    detail.compared_by = text(&args.compared_by);
    detail.target = text(&args.target);
    detail.environment = text(&args.environment);
    detail.team = text(&args.team);
    detail.reason = text(&args.reason);
}
