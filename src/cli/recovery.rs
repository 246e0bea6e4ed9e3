//! `lastgood recovery`: the ordered runbook.

use std::collections::HashSet;

use super::args::{DocumentFormat, RecoveryArgs};
use super::{Exit, Failure, Outcome, load, print, records};
use crate::demo;
use crate::model::application::Application;
use crate::model::estate::Estate;
use crate::model::recovery;
use crate::policy::suggest::closest;
use crate::report::recovery as report;
use crate::sources::inventory::read_inventory;

pub(super) fn run(args: &RecoveryArgs) -> Outcome {
    let policy = load::policy(&args.policies, args.demo)?;
    let records = records::read(&args.records, args.demo)?;
    let mut inventory = match &args.inventory {
        Some(path) => read_inventory(path)?,
        None => demo::inventory(),
    };
    records.put_into(&mut inventory, &policy.application_tag)?;
    if inventory.applications.is_empty() {
        return Err(Failure::usage("without an application register there is no order of recovery")
            .help("write `applications.toml` (see docs/applications.md), and give it with `--applications FILE`"));
    }
    let wanted = wanted(&inventory.applications, &args.application)?;
    let as_of = args.as_of.unwrap_or(inventory.captured_at);
    let mut runbook = recovery::runbook(&Estate::new(&inventory), as_of);
    if !args.application.is_empty() {
        runbook.steps.retain(|step| wanted.contains(step.application.as_str()));
        runbook.unassigned.clear();
    }
    let mut out = Vec::new();
    let written = match args.format {
        DocumentFormat::Text => report::text(&runbook, &mut out),
        DocumentFormat::Markdown => report::markdown(&runbook, &mut out),
        DocumentFormat::Json => report::json(&runbook, &mut out),
    };
    written.map_err(Failure::new)?;
    print(&out)?;
    Ok(Exit::Fine)
}

/// The named applications with everything that they depend on, however far.
fn wanted<'a>(applications: &'a [Application], named: &'a [String]) -> Result<HashSet<&'a str>, Failure> {
    let find = |id: &str| applications.iter().find(|application| application.id == *id);
    let mut wanted: HashSet<&str> = HashSet::new();
    let mut next: Vec<&str> = named.iter().map(String::as_str).collect();
    while let Some(id) = next.pop() {
        let Some(application) = find(id) else {
            let failure = Failure::usage(format!("there is no application `{id}`"));
            let near = closest(id, applications.iter().map(|application| application.id.as_str()));
            return Err(match near {
                Some(near) => failure.help(format!("did you mean `{near}`?")),
                None => failure,
            });
        };
        if wanted.insert(application.id.as_str()) {
            next.extend(application.depends_on.iter().flatten().map(|id| id.as_str()));
        }
    }
    Ok(wanted)
}
