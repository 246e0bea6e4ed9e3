//! From files to a policy, or to everything that is wrong with them.

use std::sync::Arc;

use chrono_tz::Tz;
use sha2::{Digest, Sha256};

use super::diagnostic::{Diagnostic, Level, quoted};
use super::layers::Merged;
use super::place::{File, SourceFile};
use super::row::Row;
use super::rules::Rules;
use super::suggest::did_you_mean;
use super::waivers::Waivers;
use super::{Clause, Policy, builtin, dialect, frameworks, read, tables};
use crate::checks::{CHECKS, CheckInfo};
use crate::model::assessment::PolicyRef;
use crate::model::inventory::hex;
use crate::model::span::Span;
use crate::model::text::Text;

/// Load a policy.
///
/// # Errors
/// Everything that is wrong in any of the files, ordered by file and line.
pub fn load(files: &[SourceFile]) -> Result<Policy, Vec<Diagnostic>> {
    load_with(files, CHECKS)
}

/// Load a policy whose rules may use these checks.
///
/// # Errors
/// As for [`load`].
pub fn load_with(files: &[SourceFile], checks: &[&'static CheckInfo]) -> Result<Policy, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let own: Vec<Arc<File>> = files.iter().map(|file| File::new(&file.name, &file.text)).collect();
    let read: Vec<Option<Row<'_>>> = own.iter().map(|file| read_file(file, &mut problems)).collect();
    let unread = read.iter().any(Option::is_none);
    let own_rows: Vec<Row<'_>> = read.into_iter().flatten().collect();
    let partial = unread || own_rows.iter().any(|row| !row.spoiled.is_empty());

    let header = header(&own, &own_rows, partial, &mut problems);
    let layers: Vec<Vec<Arc<File>>> = header.map(|header| extended(header, &mut problems)).unwrap_or_default();
    let base_rows: Vec<Vec<Row<'_>>> =
        layers.iter().map(|files| files.iter().filter_map(|file| read_file(file, &mut problems)).collect()).collect();

    let mut merged = Merged::default();
    for rows in base_rows.iter().map(Vec::as_slice).chain([own_rows.as_slice()]) {
        merged.lay(rows, &mut problems);
    }
    let all_files = || own.iter().chain(layers.iter().flatten());
    // With the header in a file that could not be read, what it extends is not known, and most of
    // what could be said about the rules would be wrong.
    if header.is_some() || !partial {
        let head = header.map(|header| complete(header, &base_rows));
        let policy = resolve(head.as_ref(), &merged, checks, partial, &mut problems);
        if problems.iter().all(|problem| problem.level == Level::Warning)
            && let Some(policy) = policy
        {
            let sha256 = Text::from(digest(all_files().map(|file| file.as_ref())));
            sort(&mut problems, all_files());
            let mut policy = Policy { identity: PolicyRef { sha256, ..policy.identity }, warnings: problems, ..policy };
            if builtin::find(&policy.identity.id).is_some() || !layers.is_empty() {
                policy.frameworks = frameworks::shipped(&policy);
            }
            return Ok(policy);
        }
    }
    sort(&mut problems, all_files());
    Err(problems)
}

fn read_file<'a>(file: &'a Arc<File>, problems: &mut Vec<Diagnostic>) -> Option<Row<'a>> {
    let row = read::file(file, &tables::DOCUMENT, problems)?;
    dialect::warn(file, problems);
    Some(row)
}

/// The only `[policy]` table of all files.
fn header<'h, 'a>(
    files: &[Arc<File>],
    rows: &'h [Row<'a>],
    partial: bool,
    problems: &mut Vec<Diagnostic>,
) -> Option<&'h Row<'a>> {
    let mut headers = rows.iter().filter_map(|row| row.row("policy"));
    let first = headers.next();
    for again in headers {
        let problem = Diagnostic::error("two-policies", "`[policy]` stands twice").at(&again.at, "again");
        let problem = first.iter().fold(problem, |problem, first| problem.at(&first.at, "first"));
        problems.push(problem.help("all files together are one policy; keep one `[policy]`"));
    }
    // A `policy` of the wrong type was reported as such.
    let reported = rows.iter().any(|row| row.spoiled.contains("policy"));
    if first.is_none() && !partial && !reported {
        let problem = Diagnostic::error("no-policy", "no file has a `[policy]` table");
        let whole = files.first().map(|file| super::place::At::new(file, 0..0));
        let problem = whole.iter().fold(problem, |problem, at| problem.at(at, ""));
        problems.push(problem.help("`lastgood policy init` writes a policy to start from"));
    }
    first
}

/// The files of the shipped policies that the header names, one layer each.
fn extended(header: &Row<'_>, problems: &mut Vec<Diagnostic>) -> Vec<Vec<Arc<File>>> {
    let mut layers = Vec::new();
    for word in header.words("extends") {
        let names = || builtin::BUILTINS.iter().map(|builtin| builtin.name);
        let problem = match word.text.strip_prefix("builtin:") {
            None => {
                let message = format!("{} is not a shipped policy", quoted(&word.text));
                let help = match names().find(|name| *name == &*word.text) {
                    Some(name) => format!("write `builtin:{name}`"),
                    None => {
                        "to use rules of another file, give that file too: `--policies PATH` may be repeated".into()
                    }
                };
                Diagnostic::error("unknown-builtin", message).help(help)
            }
            Some(name) => match builtin::find(name) {
                Some(builtin) => {
                    layers.push(builtin.files.iter().map(|(name, text)| File::new(name, text)).collect());
                    continue;
                }
                None => {
                    let help = did_you_mean(name, "the shipped policies are", names());
                    Diagnostic::error("unknown-builtin", format!("there is no shipped policy {}", quoted(name)))
                        .help(help)
                }
            },
        };
        problems.push(problem.at(&word.at, "unknown policy"));
    }
    layers
}

/// The header with the settings of what it extends, then the defaults. Title, version and approval
/// are never inherited: they speak of one text.
fn complete<'a>(header: &Row<'a>, layers: &[Vec<Row<'a>>]) -> Row<'a> {
    const SETTINGS: [&str; 4] = ["timezone", "application_tag", "criticality_tag", "max_waiver"];
    let mut header = header.clone();
    for base in layers.iter().rev().flatten().filter_map(|row| row.row("policy")) {
        for key in SETTINGS {
            if let Some((key, entry)) = base.entries.get_key_value(key) {
                header.entries.entry(key).or_insert_with(|| entry.clone());
            }
        }
    }
    read::fill(&mut header);
    header
}

fn resolve(
    header: Option<&Row<'_>>,
    merged: &Merged<'_>,
    checks: &[&'static CheckInfo],
    partial: bool,
    problems: &mut Vec<Diagnostic>,
) -> Option<Policy> {
    let clauses = filled(&merged.clauses).iter().filter_map(|row| clause(row, problems)).collect::<Vec<_>>();
    let rows = filled(&merged.rules);
    let resolved = Rules { checks, clauses: &clauses, partial, problems }.resolve(&rows, &filled(&merged.overrides));

    let setting = |key| header.and_then(|header| header.text(key)).cloned().unwrap_or_default();
    let timezone = setting("timezone").parse().unwrap_or(Tz::UTC);
    let ids: Vec<Text> = rows.iter().filter_map(|row| row.text("id").cloned()).collect();
    let longest = header.and_then(|header| header.span("max_waiver")).unwrap_or(Span::days(36_500));
    let mut waivers = Waivers { zone: timezone, longest, rules: &ids, partial, problems };
    let waivers = filled(&merged.waivers).iter().filter_map(|row| waivers.resolve(row)).collect();

    let header = header.filter(|header| read::require(header, problems))?;
    if resolved.rules.is_empty() && problems.iter().all(|problem| problem.level == Level::Warning) {
        let message =
            if resolved.disabled.is_empty() { "the policy has no rule" } else { "every rule is switched off" };
        let problem = Diagnostic::error("no-rules", message).at(header.place("id"), "");
        problems.push(problem.help("an audit without rules would prove nothing; add a `[[rule]]`, or `extends`"));
        return None;
    }
    let text = |key| header.text(key).cloned();
    Some(Policy {
        identity: PolicyRef {
            id: text("id")?,
            title: text("title")?,
            version: text("version")?,
            owner: text("owner"),
            approved_by: text("approved_by"),
            approved_on: header.date("approved_on").map(|date| Text::from(date.to_string())),
            sha256: Text::default(),
        },
        timezone,
        application_tag: setting("application_tag"),
        criticality_tag: setting("criticality_tag"),
        rules: resolved.rules,
        disabled: resolved.disabled,
        waivers,
        max_waiver: longest,
        clauses,
        frameworks: Vec::new(),
        warnings: Vec::new(),
    })
}

/// Rows with their defaults.
fn filled<'a>(rows: &[Row<'a>]) -> Vec<Row<'a>> {
    let mut rows = rows.to_vec();
    rows.iter_mut().for_each(read::fill);
    rows
}

fn clause(row: &Row<'_>, problems: &mut Vec<Diagnostic>) -> Option<Clause> {
    let complete = read::require(row, problems);
    let id = row.text("id")?.clone();
    // One without its demand stays in the register, so that rules naming it are not blamed.
    let demand = row.text("demand").cloned().filter(|_| complete).unwrap_or_default();
    Some(Clause {
        id,
        demand,
        in_force: row.flag("in_force"),
        evidence: row.text("evidence").cloned(),
        not_assessed: row.text("not_assessed").cloned(),
        at: row.place("id").policy_at(),
    })
}

/// SHA-256 over all files. Of a path only the last part counts, so that the same policy has the
/// same digest wherever it lies; lengths stand before names and texts, so that none can pose as
/// part of another.
fn digest<'f>(files: impl Iterator<Item = &'f File>) -> String {
    let mut digest = Sha256::new();
    for file in files {
        let name = file.name.rsplit(['/', '\\']).next().unwrap_or_default();
        for part in [name, &file.text] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
    }
    hex(&digest.finalize())
}

/// Order by file, then by place.
pub(super) fn sort<'f>(problems: &mut [Diagnostic], files: impl Iterator<Item = &'f Arc<File>>) {
    let files: Vec<&Arc<File>> = files.collect();
    problems.sort_by_cached_key(|problem| {
        let first = problem.labels.first().map(|label| &label.at);
        let file = first.and_then(|at| files.iter().position(|file| Arc::ptr_eq(file, &at.file)));
        (file, first.map(|at| (at.span.start, at.span.end)), problem.message.clone())
    });
}
