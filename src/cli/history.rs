//! `lastgood history`: what earlier runs saw.

mod tables;

use serde::Serialize;

use super::args::{HistoryCommand, ListFormat, StepArg, StoreArgs};
use super::{Exit, Failure, Outcome, load, output, print};
use crate::history::store::Store;
use crate::history::{diff, gaps, prune, trend};
use crate::model::Instant;
use crate::model::activity::ActivityKind;
use crate::policy::Policy;

/// The zone in which days are told where no policy says another.
const ZONE: chrono_tz::Tz = chrono_tz::Tz::UTC;

pub(super) fn run(command: &HistoryCommand) -> Outcome {
    match command {
        HistoryCommand::Runs(args) => {
            let runs = open(args)?.runs()?;
            show(args, &runs, || tables::runs(&runs))
        }
        HistoryCommand::Show { run, at, output: args } => {
            let planned = output::plan(args)?;
            let assessment = Store::open_existing(&at.history)?.assessment(run)?;
            output::write(&planned, args, &assessment)?;
            Ok(Exit::Fine)
        }
        HistoryCommand::Diff { from, to, store: args } => {
            let mut store = open(args)?;
            let difference = diff::between(&store.assessment(from)?, &store.assessment(to)?);
            show(args, &difference, || tables::difference(&difference))
        }
        HistoryCommand::Trend { by, store: args } => {
            let step = match by {
                StepArg::Day => trend::Step::Day,
                StepArg::Week => trend::Step::Week,
                StepArg::Month => trend::Step::Month,
            };
            let rows = trend::by(&open(args)?.runs()?, step, ZONE);
            show(args, &rows, || tables::trend(&rows))
        }
        HistoryCommand::Gaps { store: args, as_of } => {
            let until = as_of.unwrap_or_else(chrono::Utc::now).date_naive();
            let holes = gaps::of(&open(args)?.runs()?, ZONE, until);
            show(args, &holes, || tables::holes(&holes))
        }
        HistoryCommand::PruneLog { policies, store: args, period, early } => {
            let policy = load::policy(policies, false)?;
            let mut store = open(args)?;
            let (from, to) = period.as_ref().map_or((Instant::MIN_UTC, Instant::MAX_UTC), |days| {
                (policy.start_of_day(days.first), policy.end_of_day(days.last))
            });
            // Instants are kept in microseconds, which do not reach to the ends of chrono's range.
            let (from, to) = (from.max(Instant::UNIX_EPOCH), to.min(FAR));
            let mut log = pruned(&mut store, &policy, from, to)?;
            log.retain(|line| line.early || !early);
            show(args, &log, || tables::pruned(&log))
        }
    }
}

/// Later than any run.
const FAR: Instant = match Instant::from_timestamp(253_402_300_800, 0) {
    Some(far) => far,
    None => Instant::MAX_UTC,
};

fn open(args: &StoreArgs) -> Result<Store, Failure> {
    Ok(Store::open_existing(&args.at.history)?)
}

fn show(args: &StoreArgs, value: &impl Serialize, table: impl FnOnce() -> String) -> Outcome {
    let text = match args.format {
        ListFormat::Table => table(),
        ListFormat::Json => serde_json::to_string_pretty(value).map_err(Failure::new)? + "\n",
    };
    print(text.as_bytes())?;
    Ok(Exit::Fine)
}

/// What went, with what the policy demands of each resource as the newest run judged it.
fn pruned(store: &mut Store, policy: &Policy, from: Instant, to: Instant) -> Result<Vec<prune::Pruned>, Failure> {
    let departed = store.departed(from, to)?;
    let since = |kind| if kind == ActivityKind::Prune { Instant::UNIX_EPOCH } else { FAR };
    let activities = store.forgotten(&since, &|_| false)?.activities;
    let mut keeps = std::collections::HashMap::new();
    let newest = store.runs()?.into_iter().rev().find(|run| run.policy.id == policy.identity.id);
    if let Some(run) = newest {
        for verdict in store.assessment(&run.id)?.verdicts {
            let keep = verdict.rule.span("keep");
            if let Some(keep) = keep.filter(|_| *verdict.rule.check == *"retention-minimum") {
                let known = keeps.entry(verdict.subject.resource.to_string()).or_insert(keep);
                *known = keep.max(*known);
            }
        }
    }
    // A resource that is gone itself has no verdict any more: the policy still demands what it demands of all.
    let of_rules = policy.rules.iter().filter(|rule| *rule.info.check == *"retention-minimum");
    let least = of_rules.filter_map(|rule| rule.info.span("keep")).min();
    Ok(prune::log(&departed, &|resource| keeps.get(resource).copied().or(least), &activities))
}
