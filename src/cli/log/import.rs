//! `lastgood log import`: the records of another tool, appended to the canonical log.

use crate::cli::args::ImportArgs;
use crate::cli::{Exit, Failure, Outcome, remark};
use crate::model::log::RecordType;
use crate::model::text::Text;
use crate::policy::suggest::closest;
use crate::sources::logs::append::Entry;
use crate::sources::logs::native::{self, Known, Native};

pub(super) fn run(args: &ImportArgs) -> Outcome {
    let reader = native::find(&args.tool).ok_or_else(|| unknown_tool(&args.tool))?;
    let read = |path: &std::path::Path| {
        std::fs::read(path).map_err(|error| {
            Failure::new(anyhow::anyhow!("cannot read `{}`: {error}", path.display()))
                .help("check the path and its permissions")
        })
    };
    let stdout = read(&args.file)?;
    let stderr = args.stderr.as_deref().map(read).transpose()?.unwrap_or_default();
    let text = |value: &Option<String>| value.as_deref().map(Text::from);
    let known = Known {
        file: Text::from(args.file.display().to_string()),
        tool_version: text(&args.tool_version),
        command: args.command.iter().map(|word| Text::from(word.as_str())).collect(),
        exit_status: args.exit_status,
        started_at: args.started,
        ended_at: args.ended,
        timezone: args.timezone,
        host: text(&args.host),
        operator: text(&args.activity.operator),
        trigger: args.activity.trigger.map(Into::into),
        resource: text(&args.activity.resource),
        application: text(&args.activity.application),
        job: text(&args.job),
        ..Known::default()
    };
    let found = reader.read(&Native { stdout: &stdout, stderr: &stderr, known: &known }).map_err(|error| {
        Failure::usage(format!(
            "{}:{}: this is no record of `{}`: {}",
            args.file.display(),
            error.line,
            reader.id,
            error.why
        ))
        .help("`lastgood log import --help` lists the tools; nothing was imported")
    })?;
    for problem in &found.problems {
        remark(format!("{}:{}: {}: {}", args.file.display(), problem.line, problem.code, problem.message));
    }
    let evidence = super::evidence_files(std::slice::from_ref(&args.file), false)?;
    let all = found.activities.len();
    let entries: Vec<Entry> = found
        .activities
        .into_iter()
        .map(|mut activity| {
            activity.detail_mut().evidence = evidence.clone();
            Entry::activity(RecordType::Imported, activity)
        })
        .collect();
    // What the log already holds is not imported again: importing the same catalogue every day is usual.
    let written = if entries.is_empty() { Vec::new() } else { super::write_fresh(&args.activity.log, entries)? };
    let imported = written.iter().filter(|record| record.record_type == RecordType::Imported).count();
    remark(format!("{imported} of {all} records of {} imported into {}", reader.id, args.activity.log.display()));
    Ok(if found.problems.is_empty() { Exit::Fine } else { Exit::Incomplete })
}

pub(super) fn unknown_tool(name: &str) -> Failure {
    let names: Vec<&str> = native::READERS.iter().map(|reader| reader.id).collect();
    let failure = Failure::usage(format!("there is no reader for `{name}`"));
    match closest(name, names.iter().copied()) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None => failure.help(format!("the readers are {}", names.join(", "))),
    }
}
