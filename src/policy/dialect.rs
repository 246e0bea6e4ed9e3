//! TOML 1.1 in a policy: read by us, refused by most other tools.

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::Diagnostic;
use super::place::{At, File};

/// Warn of inline tables over several lines, which editors and formatters of TOML 1.0 refuse.
pub(super) fn warn(file: &Arc<File>, problems: &mut Vec<Diagnostic>) {
    let (table, _) = DeTable::parse_recoverable(&file.text);
    table.get_ref().values().for_each(|value| look(file, value, problems));
}

fn look(file: &Arc<File>, value: &Spanned<DeValue<'_>>, problems: &mut Vec<Diagnostic>) {
    match value.get_ref() {
        DeValue::Array(items) => items.iter().for_each(|item| look(file, item, problems)),
        DeValue::Table(table) => {
            let at = At::new(file, value.span());
            if at.text().starts_with('{') && breaks_line(&at, table) {
                let opening = At::new(file, at.span.start..at.span.start + 1);
                let message = "this inline table goes over several lines, which TOML 1.0 does not allow";
                let problem = Diagnostic::warning("toml-1.1", message).at(&opening, "opened here");
                problems.push(
                    problem.help("write it in one line, or as a table with a header, so that every tool can read it"),
                );
            }
            table.values().for_each(|value| look(file, value, problems));
        }
        _ => {}
    }
}

/// Whether a line ends in the table itself; inside its values (lists, long texts) it may.
fn breaks_line(at: &At, table: &DeTable<'_>) -> bool {
    let mut values = Vec::new();
    spans(table, &mut values);
    let breaks = at.text().bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(byte, _)| at.span.start + byte);
    breaks.into_iter().any(|byte| !values.iter().any(|span| span.contains(&byte)))
}

/// The spans of all values; dotted keys make tables without braces, whose values count.
fn spans(table: &DeTable<'_>, found: &mut Vec<std::ops::Range<usize>>) {
    for value in table.values() {
        match value.get_ref() {
            DeValue::Table(inner) => {
                spans(inner, found);
                // The table of a dotted key has the span of its key, which holds no line end.
                found.push(value.span());
            }
            _ => found.push(value.span()),
        }
    }
}
