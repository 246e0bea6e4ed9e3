//! cron: what it tells syslog of the jobs that it starts.

mod line;

use std::collections::HashMap;

use super::common::{NoInstant, begin, chosen, complain, is_meant, lacks, utf8};
use super::native::{Found, Known, Native, NotUnderstood, Reader};
use crate::model::Instant;
use crate::model::activity::{ActivityKind, ActivityOutcome, Trigger};
use crate::model::text::Text;
use line::{Line, lines};

/// The reader's description.
pub(super) const READER: Reader = Reader {
    id: "cron",
    title: "cron's lines in syslog",
    docs: "\
The lines of cron in a file of syslog, with RFC 3339 times, RFC 5424 heads or traditional times; cron 3.0 of Debian. `job` says \
which commands are meant: `*mysqldump*crm*`.

* A default cron only says that it began a job: *started*, which proves nothing. `cron -L 15` also logs ends and failures.
* `error (grandchild … failed …)` is *failed*. An end without it is a success only if the log shows that failures are logged, \
and only of the last command of the line: behind a pipe or `;` it is *ended*, which proves nothing.
* `No MTA installed, discarding output` is a *notification* that failed: the job said something, and nobody was told.
* Passwords in commands are blotted out.
* Traditional lines have neither year nor zone: say when the first was written (`--started`) and declare `timezone`.
",
    read,
};

/// One run of a job.
struct Run {
    line: u64,
    host: Text,
    process: Text,
    user: Text,
    command: Text,
    began: Result<Instant, NoInstant>,
    ended: Option<Result<Instant, NoInstant>>,
    failure: Option<Failure>,
    /// When, and in which words, cron said that output went nowhere.
    unheard: Option<(Result<Instant, NoInstant>, Text)>,
}

struct Failure {
    said: Text,
    status: Option<i32>,
    signal: Option<i32>,
}

/// What the log shows of how much cron logs.
#[derive(Default)]
struct Habits {
    ends: bool,
    failures: bool,
}

fn read(native: &Native<'_>) -> Result<Found, NotUnderstood> {
    let known = native.known;
    let text = utf8(native.stdout)?;
    // A last line without an end is still being written, or was cut.
    let text = if text.ends_with('\n') { text } else { text.rsplit_once('\n').map_or("", |(whole, _)| whole) };
    let (runs, habits) = runs(lines(text, known)?);
    chosen(known, runs.iter().map(|run| run.command.as_str()))?;
    let mut found = Found::default();
    for run in runs.into_iter().filter(|run| is_meant(known, &run.command)) {
        conclude(run, &habits, known, &mut found);
    }
    Ok(found)
}

fn runs(lines: Vec<Line<'_>>) -> (Vec<Run>, Habits) {
    let mut runs: Vec<Run> = Vec::new();
    let mut habits = Habits::default();
    // The process that cron forked for a job says all of its lines.
    let mut open: HashMap<(Text, Text), usize> = HashMap::new();
    for line in lines {
        let key = (Text::from(line.host), Text::from(line.process));
        if line.what == "CMD" {
            open.insert(key.clone(), runs.len());
            runs.push(Run {
                line: line.number,
                host: key.0,
                process: key.1,
                user: Text::from(line.user),
                command: Text::from(without_process(line.said)),
                began: line.at,
                ended: None,
                failure: None,
                unheard: None,
            });
            continue;
        }
        let failure = (line.what == "error").then(|| failure(line.said));
        habits.ends |= matches!(line.what, "END" | "CMDEND");
        habits.failures |= failure.as_ref().is_some_and(|failure| failure.status.or(failure.signal).is_some());
        let Some(run) = open.get(&key).and_then(|index| runs.get_mut(*index)) else { continue };
        match line.what {
            "END" | "CMDEND" => run.ended = Some(line.at),
            "error" => run.failure = failure,
            "info" | "MAIL" if line.said.contains("discarding output") || line.said.contains("but got status") => {
                run.unheard = Some((line.at, Text::from(line.said)));
            }
            _ => {}
        }
    }
    (runs, habits)
}

/// A command without the number of its process, which `-L 8` puts before it.
fn without_process(said: &str) -> &str {
    let numbered = said.strip_prefix('[').and_then(|rest| rest.split_once("] "));
    let command = numbered.filter(|(id, _)| id.bytes().all(|byte| byte.is_ascii_digit()));
    command.map_or(said, |(_, command)| command).trim()
}

/// `grandchild #10184 failed with exit status 3`, `grandchild #7 terminated by signal 9`.
fn failure(said: &str) -> Failure {
    let after = |mark: &str| {
        let (_, rest) = said.split_once(mark)?;
        rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    };
    Failure { said: Text::from(said), status: after("exit status "), signal: after("signal ") }
}

/// Whether the status of the line says nothing of some of its commands.
fn hides(command: &str) -> bool {
    let piped = command.contains('|') && !command.contains("pipefail");
    piped || command.contains(';') || command.trim_end().ends_with('&')
}

fn conclude(run: Run, habits: &Habits, known: &Known, found: &mut Found) {
    let at = match run.began {
        Ok(at) => at,
        Err(why) => return found.problems.push(line::untimed(why, run.line)),
    };
    let (outcome, message) = match (&run.failure, &run.ended) {
        (Some(failure), _) if failure.signal.is_some() => (ActivityOutcome::Aborted, Some(failure.said.clone())),
        (Some(failure), _) => (ActivityOutcome::Failed, Some(failure.said.clone())),
        (None, Some(_)) if hides(&run.command) => {
            let why = "cron only says that it ended: its status is that of the last command of the line";
            (ActivityOutcome::Other("ended".into()), Some(why.into()))
        }
        (None, Some(_)) if habits.failures => (ActivityOutcome::Succeeded, None),
        (None, Some(_)) => {
            let why = "cron says that it ended, and nothing shows that it logs failures (`cron -L 15`)";
            (ActivityOutcome::Other("ended".into()), Some(why.into()))
        }
        (None, None) if habits.ends => (ActivityOutcome::Running, None),
        (None, None) => {
            let why = "cron only says that it began, and logs no ends (`cron -L 15`)";
            (ActivityOutcome::Other("started".into()), Some(why.into()))
        }
    };
    let id = format!("cron:{}:{}:{}", run.host, run.process, at.to_rfc3339());
    let kind = known.kind.unwrap_or(ActivityKind::Backup);
    let proven = matches!(outcome, ActivityOutcome::Succeeded | ActivityOutcome::Failed | ActivityOutcome::Aborted);
    let mut activity = begin("cron", id.clone(), kind, outcome, at, known);
    activity.completed_at = run.ended.as_ref().and_then(|at| at.as_ref().ok().copied());
    activity.message = message;
    activity.operator = activity.operator.take().or(Some(run.user));
    let detail = activity.detail_mut();
    detail.host = Some(known.host.clone().unwrap_or(run.host));
    detail.command = vec![run.command];
    detail.trigger = known.trigger.or(Some(Trigger::Scheduled));
    // What the caller knows is no status of this run.
    detail.exit_status = run.failure.as_ref().and_then(|failure| failure.status);
    detail.signal = run.failure.as_ref().and_then(|failure| failure.signal);
    lacks(&mut activity, "size");
    if !proven {
        lacks(&mut activity, "exit-status");
    }
    let warnings = run.unheard.iter().map(|(_, said)| said.clone()).collect();
    complain(&mut activity, run.failure.into_iter().map(|failure| failure.said).collect(), warnings);
    let host = activity.detail_mut().host.clone();
    found.activities.push(activity);
    if let Some((at, said)) = run.unheard
        && let Ok(at) = at
    {
        let what = ActivityKind::Notification;
        let mut notice = begin("cron", format!("{id}:output"), what, ActivityOutcome::Failed, at, known);
        notice.completed_at = Some(at);
        notice.message = Some(said);
        let detail = notice.detail_mut();
        detail.about = Some(Text::from(id));
        detail.host = host;
        detail.exit_status = None;
        found.activities.push(notice);
    }
}
