//! The recovery runbook: as text for a terminal, as Markdown for a wiki or paper, and as JSON.

use std::io::{self, Write};

use super::markdown::escape::prose;
use super::safe::visible;
use crate::model::Instant;
use crate::model::recovery::{Item, Runbook, Step};
use crate::model::span::Span;
use crate::model::text::Text;

/// How the parts of the runbook are written.
struct Style {
    /// Opens a heading of the first or second level.
    heading: [&'static str; 2],
    /// Stands around what must not be overlooked.
    strong: &'static str,
    /// Opens an entry that is ticked off.
    entry: &'static str,
    /// Makes a name harmless.
    prose: fn(&str) -> String,
    /// Makes an id harmless and sets it off.
    code: fn(&str) -> String,
}

const TEXT: Style = Style {
    heading: ["", ""],
    strong: "",
    entry: "  [ ]",
    prose: |text| visible(text).into_owned(),
    code: |text| visible(text).into_owned(),
};

const MARKDOWN: Style = Style {
    heading: ["# ", "## "],
    strong: "**",
    entry: "* [ ]",
    prose,
    code: |text| format!("`{}`", visible(text).replace('`', "'")),
};

/// As text for a terminal.
///
/// # Errors
/// What `out` says.
pub fn text(runbook: &Runbook, out: &mut dyn Write) -> io::Result<()> {
    whole(runbook, &TEXT, out)
}

/// As Markdown.
///
/// # Errors
/// What `out` says.
pub fn markdown(runbook: &Runbook, out: &mut dyn Write) -> io::Result<()> {
    whole(runbook, &MARKDOWN, out)
}

fn whole(runbook: &Runbook, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let strong = style.strong;
    writeln!(out, "{}Recovery runbook\n", style.heading[0])?;
    writeln!(out, "As of {}, from an inventory read at {}.", minute(runbook.as_of), minute(runbook.captured_at))?;
    if runbook.gaps > 0 {
        let things = if runbook.gaps == 1 { "1 thing".to_owned() } else { format!("{} things", runbook.gaps) };
        writeln!(out, "\n{strong}{things} could not be read: better copies may exist than those named here.{strong}")?;
    }
    for step in &runbook.steps {
        self::step(step, style, out)?;
    }
    if !runbook.unassigned.is_empty() {
        writeln!(out, "\n{}Without an application\n", style.heading[1])?;
        writeln!(out, "Nobody said when these are restored, or who is told.\n")?;
        items(&runbook.unassigned, style, out)?;
    }
    Ok(())
}

fn step(step: &Step, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let prose = style.prose;
    let said = |text: &Option<Text>| text.as_deref().map_or_else(|| "not said".to_owned(), prose);
    let span = |span: Option<Span>| span.map_or_else(|| "not said".to_owned(), |span| span.to_string());
    writeln!(out, "\n{}{}. {}\n", style.heading[1], step.number, prose(&step.name))?;
    writeln!(out, "* owner: {}; criticality: {}", said(&step.owner), said(&step.criticality))?;
    writeln!(out, "* back within (RTO): {}; may lose at most (RPO): {}", span(step.rto), span(step.rpo))?;
    let before = match step.depends_on.as_deref() {
        None => "not said".to_owned(),
        Some([]) => "nothing".to_owned(),
        Some(ids) => ids.iter().map(|id| prose(id)).collect::<Vec<_>>().join(", "),
    };
    writeln!(out, "* must be up before: {before}")?;
    writeln!(out, "* procedure: {}", said(&step.runbook))?;
    if step.stakeholders.is_empty() {
        writeln!(out, "* tell: nobody is named")?;
    }
    for person in &step.stakeholders {
        writeln!(out, "* tell: {} ({})", prose(&person.name), prose(&person.contact))?;
    }
    writeln!(out)?;
    if step.items.is_empty() {
        return writeln!(out, "Nothing that belongs to it was found.");
    }
    items(&step.items, style, out)
}

fn items(items: &[Item], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let Style { strong, entry, prose, code, .. } = style;
    for item in items {
        write!(out, "{entry} {} {}", item.kind.noun(), prose(&item.name))?;
        let Some(copy) = &item.last_good else {
            writeln!(out, ": {strong}no good copy is on record{strong}")?;
            continue;
        };
        write!(out, " from the {} of {}, which loses {}", words(&copy.what), minute(copy.at), copy.lost.spoken())?;
        if item.within_rpo == Some(false) {
            write!(out, ": {strong}more than may be lost{strong}")?;
        }
        writeln!(out, "\n      {} in {}", code(&copy.id), code(&copy.place))?;
    }
    Ok(())
}

/// The sort of a copy in plain words.
fn words(what: &str) -> String {
    what.replace('-', " ")
}

fn minute(at: Instant) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// As JSON.
///
/// # Errors
/// What `out` says.
pub fn json(runbook: &Runbook, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, runbook)?;
    writeln!(out)
}
