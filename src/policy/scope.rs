//! `scope`: from a table to a selector, and from a selector to words.

use super::diagnostic::{Diagnostic, listed, quoted};
use super::row::{Row, Word};
use super::selector::Selector;
use crate::checks::CheckInfo;
use crate::model::kind::Kind;
use crate::model::text::Text;

/// A scope for rules of this check.
pub(super) fn selector(row: &Row<'_>, check: &CheckInfo, problems: &mut Vec<Diagnostic>) -> Selector {
    let kinds = kinds(row, check, problems);
    let not = row.row("not").map(|not| Box::new(exclusion(not, check, problems)));
    Selector { kinds, not, ..plain(row, problems) }
}

fn exclusion(not: &Row<'_>, check: &CheckInfo, problems: &mut Vec<Diagnostic>) -> Selector {
    let everything = not.words("kinds").iter().find(|word| word.text == "*").map(|word| &word.at);
    if (not.entries.is_empty() && not.spoiled.is_empty()) || everything.is_some() {
        let problem = Diagnostic::error("empty-scope", "this `not` leaves nothing over");
        let problem = problem.at(everything.unwrap_or(&not.at), "everything");
        problems.push(problem.help("name what is to be left out, or delete `not`"));
    }
    Selector { kinds: kinds(not, check, problems), ..plain(not, problems) }
}

/// The kinds, `*` resolved.
fn kinds(row: &Row<'_>, check: &CheckInfo, problems: &mut Vec<Diagnostic>) -> Vec<Kind> {
    let mut kinds = Vec::new();
    for Word { at, text } in row.words("kinds") {
        match text.parse() {
            Ok(kind) if check.kinds.contains(&kind) => kinds.push(kind),
            Ok(kind) => {
                let message = format!("the check `{}` cannot judge `{kind}`", check.id);
                let help = format!("it judges {}", listed(check.kinds.iter().map(|kind| kind.id())));
                problems.push(Diagnostic::error("wrong-kind", message).at(at, "not judged by it").help(help));
            }
            // Unknown kinds are reported by the reader: only `*` is left.
            Err(()) => kinds.extend_from_slice(check.kinds),
        }
    }
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// All but kinds and exclusion.
fn plain(row: &Row<'_>, problems: &mut Vec<Diagnostic>) -> Selector {
    for Word { at, text } in row.words("accounts") {
        let digits = text.chars().all(|char| char.is_ascii_digit() || char == '*');
        if !digits || (!text.contains('*') && text.len() != 12) {
            let message = format!("{} is not the number of an account", quoted(text));
            let help = "an account number has 12 digits; `*` stands for any";
            problems.push(Diagnostic::error("bad-value", message).at(at, "").help(help));
        }
    }
    Selector {
        kinds: Vec::new(),
        tags: row.tags("tags").to_vec(),
        accounts: row.texts("accounts"),
        regions: row.texts("regions"),
        applications: row.texts("applications"),
        criticality: row.texts("criticality"),
        resources: row.texts("resources"),
        not: None,
    }
}

/// A scope in words, such as `ebs-volume, in the applications shop, without those tagged env = dev`.
pub(super) fn words(scope: &Selector) -> String {
    let mut parts = Vec::new();
    if !scope.kinds.is_empty() {
        parts.push(or(scope.kinds.iter().map(|kind| kind.id())));
    }
    for (what, values) in [
        ("of the application", &scope.applications),
        ("of the criticality", &scope.criticality),
        ("in the account", &scope.accounts),
        ("in the region", &scope.regions),
        ("with the ARN", &scope.resources),
    ] {
        if !values.is_empty() {
            parts.push(format!("{what} {}", or(values.iter().map(Text::as_str))));
        }
    }
    for (key, values) in &scope.tags {
        parts.push(format!("tagged {key} = {}", or(values.iter().map(Text::as_str))));
    }
    if parts.is_empty() {
        parts.push("everything".to_owned());
    }
    if let Some(not) = &scope.not {
        parts.push(format!("except {}", words(not)));
    }
    parts.join(", ")
}

fn or<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.map(|word| if word.is_empty() { "(empty)" } else { word }).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => words.concat(),
    }
}
