//! `lastgood log run -- CMD…`: run a backup command, and record what became of it.
//!
//! The command's own exit status is what this exits with; only where the command says 0 and the result is
//! not what was asked for, or the log could not be written, it is 1. The backup runs in any case but one: where the file of `--out`
//! cannot be opened the backup would go nowhere, so it is not run; that is recorded as failed, and this
//! exits with 127, as where the command cannot be started.

mod child;
mod sink;
mod version;

use super::import::unknown_tool;
use crate::cli::args::{ExpectArg, RunArgs};
use crate::cli::{Exit, Failure, Outcome, remark};
use crate::model::activity::{Activity, ActivityOutcome, Artefact, Bytes, Tool, Trigger};
use crate::model::log::{self, RecordType};
use crate::model::text::Text;
use crate::sources::logs::append::Entry;
use crate::sources::logs::native::{self, Known, Native};
use crate::sources::logs::redact;
use crate::sources::logs::uuid::uuid;
use child::{Ended, Finished};
use sink::Written;

/// Lines of the command's complaints that are kept.
const MOST_ERRORS: usize = 20;

pub(super) fn run(args: &RunArgs) -> Outcome {
    let reader = match &args.native {
        Some(name) => Some(native::find(name).ok_or_else(|| unknown_tool(name))?),
        None => None,
    };
    if args.compress.is_some() && args.out.is_none() {
        return Err(
            Failure::usage("`--compress` needs `--out`").help("what is written to standard output stays as it is")
        );
    }
    let started_at = super::now();
    // No backup waits for randomness: one run at a time has this process, at this instant.
    let id =
        uuid().unwrap_or_else(|_| Text::from(format!("run-{}-{}", std::process::id(), started_at.timestamp_millis())));
    let mut activity = Activity::new(id, args.kind.into(), log::SOURCE, ActivityOutcome::Running, started_at);
    super::describe(&mut activity, &args.activity);
    let by_hand = activity.detail_mut().trigger == Some(Trigger::Manual);
    if by_hand && activity.operator.is_none() {
        activity.operator = super::user().map(Text::from);
    }
    let program = args.command.first().map(|word| word.rsplit('/').next().unwrap_or(word).to_owned());
    let detail = activity.detail_mut();
    detail.host = Some(Text::from(super::host()));
    detail.tool = program.map(|name| Tool { name: Text::from(name), version: None });
    if !args.hide_command {
        detail.command = redact::command(&args.command).into_iter().map(Text::from).collect();
    }
    let log = &args.activity.log;
    let begun = super::write(log, vec![Entry::activity(RecordType::Started, activity.clone())]);
    if let Err(failure) = &begun {
        // A backup without a record is worth more than a record without a backup.
        remark(format!("error: {:#}; the command runs all the same", failure.error));
    }
    let ran = child::run(args, reader.is_some());
    let status = match ran {
        Ok(finished) => {
            conclude(args, &mut activity, &finished, reader);
            if let Some(tool) = activity.detail_mut().tool.as_mut().filter(|tool| tool.version.is_none()) {
                tool.version = args.command.first().and_then(|program| version::of(program));
            }
            status(&finished.ended, &activity.outcome)
        }
        Err(why) => {
            activity.outcome = ActivityOutcome::Failed;
            let command = args.command.first().map_or("", String::as_str);
            remark(format!("error: `{command}`: {why}"));
            activity.message = Some(Text::from(why));
            127
        }
    };
    activity.completed_at = Some(super::now());
    let problem = activity.message.clone().filter(|_| activity.outcome != ActivityOutcome::Succeeded);
    if let Some(problem) = problem {
        remark(format!("lastgood: recorded as {}: {problem}", activity.outcome.id()));
    }
    let ended = super::write(log, vec![Entry::activity(RecordType::Finished, activity)]);
    if let Err(failure) = &ended {
        remark(format!("error: {:#}; this run is NOT in the log", failure.error));
    }
    let logged = begun.is_ok() && ended.is_ok();
    Ok(match status {
        0 if !logged => Exit::Failed,
        status => Exit::OfCommand(status),
    })
}

/// The exit status of a shell: the command's own, 128 and the signal, 124 after a time-out.
fn status(ended: &Ended, outcome: &ActivityOutcome) -> u8 {
    match ended {
        Ended::Exited(0) if outcome.is_failure() => 1,
        Ended::Exited(status) => u8::try_from(*status).unwrap_or(u8::MAX),
        Ended::Signalled(signal) => u8::try_from(128 + signal).unwrap_or(u8::MAX),
        Ended::TimedOut => 124,
    }
}

/// Work out what became of it.
fn conclude(args: &RunArgs, activity: &mut Activity, finished: &Finished, reader: Option<&'static native::Reader>) {
    let (mut outcome, mut problem) = match finished.ended {
        Ended::Exited(0) => (ActivityOutcome::Succeeded, None),
        Ended::Exited(status) if args.partial_exit.contains(&status) => {
            (ActivityOutcome::Partial, Some(format!("it ended with the exit status {status}")))
        }
        Ended::Exited(status) => (ActivityOutcome::Failed, Some(format!("it ended with the exit status {status}"))),
        Ended::Signalled(signal) => (ActivityOutcome::Aborted, Some(format!("it was ended by the signal {signal}"))),
        Ended::TimedOut => (ActivityOutcome::Aborted, Some("it took too long and was killed".to_owned())),
    };
    if let Some(reader) = reader {
        read_native(activity, finished, reader, &mut outcome, &mut problem);
    }
    let complaints = finished.stderr_lines(MOST_ERRORS);
    let detail = activity.detail_mut();
    detail.exit_status = finished.ended.exit_status();
    detail.signal = finished.ended.signal();
    let complaints = complaints.iter().map(|line| Text::from(&*redact::argument(line)));
    match outcome == ActivityOutcome::Succeeded {
        true if detail.warnings.is_empty() => detail.warnings = complaints.collect(),
        false if detail.errors.is_empty() => detail.errors = complaints.collect(),
        _ => {}
    }
    if let Some(written) = &finished.written {
        judge_artefact(args, written, &mut outcome, &mut problem);
        keep(args, written, activity, &mut outcome, &mut problem);
    }
    activity.outcome = outcome;
    if activity.message.is_none() {
        activity.message = problem.map(Text::from);
    }
}

/// What the command wrote is held against what was asked for. It can only make the result worse.
fn judge_artefact(args: &RunArgs, written: &Written, outcome: &mut ActivityOutcome, problem: &mut Option<String>) {
    let mut worse = |to: ActivityOutcome, why: String| {
        if *outcome == ActivityOutcome::Succeeded
            || (*outcome == ActivityOutcome::Partial && to == ActivityOutcome::Failed)
        {
            *outcome = to;
            *problem = Some(why);
        }
    };
    if let Some(error) = &written.error {
        worse(ActivityOutcome::Failed, format!("what it wrote could not be stored: {error}"));
    } else if written.content_bytes == 0 {
        worse(ActivityOutcome::Failed, "it wrote nothing".to_owned());
    } else if let Some(least) = args.min_bytes.filter(|least| written.content_bytes < *least) {
        worse(
            ActivityOutcome::Failed,
            format!("it wrote {} bytes, and at least {least} were expected", written.content_bytes),
        );
    } else if written.trailer == Some(false) {
        worse(ActivityOutcome::Partial, "the end of the dump is missing".to_owned());
    }
}

/// A good artefact gets its name; any other keeps a name of its own, and the good one of yesterday stays.
fn keep(
    args: &RunArgs,
    written: &Written,
    activity: &mut Activity,
    outcome: &mut ActivityOutcome,
    problem: &mut Option<String>,
) {
    let Some(out) = &args.out else { return };
    let partial_as_declared =
        matches!(activity.detail_mut().exit_status, Some(status) if args.partial_exit.contains(&status));
    let good = *outcome == ActivityOutcome::Succeeded || (*outcome == ActivityOutcome::Partial && partial_as_declared);
    let place = if good { out.clone() } else { sink::with_ending(out, "failed") };
    if let Err(error) = std::fs::rename(&written.part, &place) {
        *outcome = ActivityOutcome::Failed;
        *problem = Some(format!("the artefact could not be given its name: {error}"));
    }
    if activity.size.is_none() {
        activity.size = Some(written.content_bytes);
    }
    let detail = activity.detail_mut();
    let bytes = detail.bytes.get_or_insert(Bytes::default());
    bytes.source = bytes.source.or(Some(written.content_bytes));
    bytes.stored = bytes.stored.or(Some(written.bytes));
    // Whoever looks for it later stands in another folder.
    let place = std::path::absolute(&place).unwrap_or(place);
    detail.artefacts.push(Artefact {
        uri: Text::from(place.display().to_string()),
        bytes: Some(written.bytes),
        sha256: Some(Text::from(written.sha256.as_str())),
        content_bytes: Some(written.content_bytes),
        content_sha256: Some(Text::from(written.content_sha256.as_str())),
        trailer: written.trailer,
        ..Artefact::default()
    });
}

/// What the tool's own output says of the run counts; where it cannot be read, that is said.
fn read_native(
    activity: &mut Activity,
    finished: &Finished,
    reader: &'static native::Reader,
    outcome: &mut ActivityOutcome,
    problem: &mut Option<String>,
) {
    let known = Known {
        file: Text::from("log run"),
        command: activity.detail_mut().command.clone(),
        exit_status: finished.ended.exit_status(),
        signal: finished.ended.signal(),
        started_at: Some(activity.started_at),
        ended_at: Some(super::now()),
        timezone: None,
        host: activity.detail_mut().host.clone(),
        resource: activity.resource.clone(),
        kind: Some(activity.kind),
        ..Known::default()
    };
    let found = match reader.read(&Native { stdout: &finished.stdout, stderr: &finished.stderr, known: &known }) {
        Ok(found) => found,
        Err(error) => {
            let warning = format!("the output was not understood as that of {}: {error}", reader.id);
            activity.detail_mut().warnings.push(Text::from(warning));
            // The record that was to prove it is not there.
            if *outcome == ActivityOutcome::Succeeded {
                *outcome = ActivityOutcome::CompletedWithIssues;
                *problem = Some(format!("its output is no record of {}", reader.id));
            }
            return;
        }
    };
    for problem in &found.problems {
        let warning = format!("line {} of the output was not understood: {}", problem.line, problem.message);
        activity.detail_mut().warnings.push(Text::from(warning));
    }
    let kind = activity.kind;
    let Some(mut read) = found.activities.into_iter().rev().find(|found| found.kind == kind) else { return };
    // The reader knows what each exit status of its tool means; nothing lifts a command that was stopped.
    let lifts = *outcome == ActivityOutcome::Failed && read.outcome == ActivityOutcome::Partial;
    if lifts || (*outcome == ActivityOutcome::Succeeded && read.outcome != ActivityOutcome::Succeeded) {
        *outcome = read.outcome.clone();
        *problem = Some("the tool's own output says so".to_owned());
    }
    activity.size = read.size.or(activity.size);
    activity.message = read.message.take().or(activity.message.take());
    activity.point = read.point.take().or(activity.point.take());
    let Some(theirs) = read.detail.take().map(std::sync::Arc::unwrap_or_clone) else { return };
    let ours = activity.detail_mut();
    ours.native = Some(Text::from(reader.id));
    ours.bytes = theirs.bytes.or(ours.bytes);
    ours.items = theirs.items.or(ours.items);
    ours.level = theirs.level.or(ours.level.take());
    ours.depth = ours.depth.or(theirs.depth);
    ours.tool = theirs.tool.or(ours.tool.take());
    ours.sources = theirs.sources;
    ours.artefacts = theirs.artefacts;
    ours.errors = theirs.errors;
    ours.warnings = theirs.warnings;
}

impl ExpectArg {
    /// What the tool writes near its end.
    pub(super) const fn trailer(self) -> &'static [&'static str] {
        match self {
            Self::Mysqldump => &["-- Dump completed"],
            Self::PgDump => &["-- PostgreSQL database dump complete", "-- PostgreSQL database cluster dump complete"],
        }
    }
}
