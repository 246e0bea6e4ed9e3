//! `lastgood policy …`: check, test, list, explain, schema, init.

mod test;

use std::fmt::Write as _;
use std::path::Path;

use super::args::{DocumentFormat, PolicyArgs, PolicyCommand};
use super::{Exit, Failure, Outcome, load, output, print, remark};
use crate::checks::{self, CHECKS, CheckInfo};
use crate::model::judgement::counted;
use crate::model::outcome::Outcome as Verdict;
use crate::policy::explain::explain;
use crate::policy::suggest::closest;
use crate::policy::{coverage, rot, schema, starter};
use crate::report::{RenderOptions, frameworks as report};
use crate::sources::inventory::{FileError, write_whole};

pub(super) fn run(command: &PolicyCommand) -> Outcome {
    match command {
        PolicyCommand::Check(args) => check(args),
        PolicyCommand::Test(args) => test::run(args),
        PolicyCommand::List { policies, checks: false } => list(policies),
        PolicyCommand::List { checks: true, .. } => list_checks(),
        PolicyCommand::Clauses { policies, format } => clauses(policies, *format),
        PolicyCommand::Frameworks { policies, framework, format, width } => {
            frameworks(policies, framework, *format, *width)
        }
        PolicyCommand::Explain { rule, policies } => explain_rule(rule, policies),
        PolicyCommand::Schema { tests } => {
            let schema = if *tests { schema::tests_schema() } else { schema::schema() };
            let text = serde_json::to_string_pretty(&schema).map_err(Failure::new)?;
            print(format!("{text}\n").as_bytes())?;
            Ok(Exit::Fine)
        }
        PolicyCommand::Init { path } => init(path),
    }
}

/// Say what a valid policy holds, and what is rotting in it.
fn check(args: &PolicyArgs) -> Outcome {
    let policy = load::policy(args, false)?;
    let (rules, waivers, clauses) = (policy.rules.len(), policy.waivers.len(), policy.clauses.len());
    let (id, version) = (&policy.identity.id, &policy.identity.version);
    let mut text = format!(
        "{id} {version}: valid; {}, {}, {}\n",
        counted(rules as u64, "rule"),
        counted(waivers as u64, "waiver"),
        counted(clauses as u64, "clause")
    );
    for finding in rot::static_findings(&policy, chrono::Utc::now()) {
        let weight = if finding.outcome == Verdict::NotApplicable { "note" } else { finding.outcome.id() };
        let _ = writeln!(
            text,
            "{}:{}: {weight}[{}]: {}",
            finding.policy_at.file, finding.policy_at.line, finding.code, finding.message
        );
    }
    print(text.as_bytes())?;
    Ok(Exit::Fine)
}

fn list(args: &PolicyArgs) -> Outcome {
    let policy = load::policy(args, false)?;
    let rows = policy.rules.iter().map(|rule| {
        let clauses: Vec<&str> = rule.info.clauses.iter().map(|clause| clause.as_str()).collect();
        [
            rule.info.id.to_string(),
            rule.info.check.to_string(),
            rule.info.severity.to_string(),
            clauses.join(" "),
            rule.info.title.to_string(),
        ]
    });
    print(columns(["RULE", "CHECK", "SEVERITY", "CLAUSES", "TITLE"], rows.collect()).as_bytes())?;
    Ok(Exit::Fine)
}

/// The coverage matrix: clause × rule × evidence.
fn clauses(args: &PolicyArgs, format: DocumentFormat) -> Outcome {
    let policy = load::policy(args, false)?;
    let coverage = coverage::of(&policy);
    let text = match format {
        DocumentFormat::Text => {
            let rows = coverage.rows.iter().map(|row| {
                [
                    row.clause.clone(),
                    row.state.to_owned(),
                    row.evidence.clone(),
                    row.rules.join(" "),
                    row.demand.clone(),
                ]
            });
            let head = ["CLAUSE", "STATE", "EVIDENCE", "RULES", "DEMAND"];
            format!("{}\n{}\n", columns(head, rows.collect()), coverage.totals())
        }
        DocumentFormat::Markdown => {
            let mut text =
                String::from("| clause | state | evidence | rules | demand |\n| --- | --- | --- | --- | --- |\n");
            for row in &coverage.rows {
                let cells = [&row.clause, &row.state.to_owned(), &row.evidence, &row.rules.join(", "), &row.demand];
                let _ = writeln!(text, "| {} |", cells.map(|cell| cell.replace('|', "\\|")).join(" | "));
            }
            format!("{text}\n{}\n", coverage.totals())
        }
        DocumentFormat::Json => {
            format!("{}\n", serde_json::to_string_pretty(&coverage).map_err(Failure::new)?)
        }
    };
    print(text.as_bytes())?;
    Ok(Exit::Fine)
}

/// The mappings to outside frameworks, or some of them.
fn frameworks(args: &PolicyArgs, named: &[String], format: DocumentFormat, width: Option<u16>) -> Outcome {
    let mut frameworks = load::policy(args, false)?.frameworks;
    for id in named {
        if !frameworks.iter().any(|framework| framework.id.as_str() == id) {
            let known: Vec<&str> = frameworks.iter().map(|framework| framework.id.as_str()).collect();
            let help = match (closest(id, known.iter().copied()), known.as_slice()) {
                (Some(near), _) => format!("did you mean `{near}`?"),
                (None, []) => {
                    "the policy is not based on a shipped one; give its mappings with `--mappings`".to_owned()
                }
                (None, known) => format!("the frameworks are {}", known.join(", ")),
            };
            return Err(Failure::usage(format!("there is no mapping of a framework `{id}`")).help(help));
        }
    }
    if !named.is_empty() {
        frameworks.retain(|framework| named.iter().any(|id| framework.id.as_str() == id));
    }
    let mut out = Vec::new();
    let written = match format {
        DocumentFormat::Text => {
            let options = RenderOptions { width: output::width(width), colour: false, input: None };
            report::text(&frameworks, &options, &mut out)
        }
        DocumentFormat::Markdown => report::markdown(&frameworks, &mut out),
        DocumentFormat::Json => report::json(&frameworks, &mut out),
    };
    written.map_err(Failure::new)?;
    print(&out)?;
    Ok(Exit::Fine)
}

fn list_checks() -> Outcome {
    let rows = CHECKS.iter().map(|check| {
        let params: Vec<&str> = check.params.iter().map(|param| param.name).collect();
        [check.id.to_owned(), params.join(" "), check.title.to_owned()]
    });
    print(columns(["CHECK", "PARAMETERS", "TITLE"], rows.collect()).as_bytes())?;
    Ok(Exit::Fine)
}

/// Plain columns: as wide as their widest cell, the last one free.
fn columns<const N: usize>(head: [&str; N], rows: Vec<[String; N]>) -> String {
    let mut widths = head.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in std::iter::once(head.map(str::to_owned)).chain(rows) {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
    text
}

fn explain_rule(id: &str, args: &PolicyArgs) -> Outcome {
    let policy = load::policy(args, false)?;
    if let Some(explanation) = explain(&policy, id) {
        print(explanation.to_string().as_bytes())?;
        return Ok(Exit::Fine);
    }
    if let Some(check) = checks::find(id) {
        print(about(check).as_bytes())?;
        return Ok(Exit::Fine);
    }
    let known = policy.rules.iter().map(|rule| rule.info.id.as_str()).chain(CHECKS.iter().map(|check| check.id));
    let failure = Failure::usage(format!("there is no rule and no check `{id}`"));
    Err(match closest(id, known) {
        Some(near) => failure.help(format!("did you mean `{near}`? `lastgood policy list` shows the rules")),
        None => failure.help("`lastgood policy list` shows the rules"),
    })
}

fn about(check: &CheckInfo) -> String {
    let mut text = format!("{}: {}\n\n{}\n## Parameters\n", check.id, check.title, checks::docs(check));
    for param in check.params {
        let default = match (param.required, param.default) {
            (true, _) => "required".to_owned(),
            (false, Some(default)) => format!("default {default}"),
            (false, None) => "optional".to_owned(),
        };
        let _ = writeln!(text, "{} ({default}): {}", param.name, param.docs);
    }
    let _ = writeln!(text, "\n## How to fix\n{}", check.remedy);
    text
}

/// Write the starter policy; an existing file is never touched.
fn init(path: &Path) -> Outcome {
    if path.exists() {
        return Err(Failure::usage(format!("`{}` exists already", path.display())).help("name another file"));
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|source| FileError::Io {
            verb: "write",
            path: folder.to_owned(),
            source,
        })?;
    }
    write_whole(path, |out| out.write_all(starter::TEXT.as_bytes()))?;
    remark(format!("wrote {}; check it with `lastgood policy check --policies {}`", path.display(), path.display()));
    Ok(Exit::Fine)
}
