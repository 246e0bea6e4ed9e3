//! Lists of a history on a terminal. Names are made harmless.

use std::fmt::Write as _;

use crate::history::RunRow;
use crate::history::diff::{Change, Difference};
use crate::history::gaps::Holes;
use crate::history::prune::Pruned;
use crate::history::trend::TrendRow;
use crate::model::Instant;
use crate::model::arn::short;
use crate::report::one_line;

fn at(instant: Instant) -> String {
    instant.format("%Y-%m-%d %H:%M").to_string()
}

pub(super) fn runs(runs: &[RunRow]) -> String {
    let mut text = format!(
        "{:<17} {:<17} {:>6} {:>6} {:>6} {:>6} {:>5}  {}\n",
        "run", "read at (UTC)", "fail", "unk.", "waiv.", "pass", "gaps", "policy"
    );
    for run in runs {
        let _ = writeln!(
            text,
            "{:<17} {:<17} {:>6} {:>6} {:>6} {:>6} {:>5}  {} {}",
            run.id.to_string(),
            at(run.captured_at),
            run.summary.fail,
            run.summary.unknown,
            run.summary.waived,
            run.summary.pass,
            run.gaps.len(),
            one_line(&run.policy.id),
            one_line(&run.policy.version)
        );
    }
    let _ = writeln!(text, "{} run{}", runs.len(), if runs.len() == 1 { "" } else { "s" });
    text
}

pub(super) fn difference(difference: &Difference) -> String {
    let mut text = format!("from run {} to run {}\n", difference.from, difference.to);
    let mut list = |heading: &str, changes: &[Change]| {
        let _ = writeln!(text, "\n{heading}: {}", changes.len());
        for change in changes {
            let name = |outcome: Option<crate::model::outcome::Outcome>| outcome.map_or("-", |outcome| outcome.id());
            let _ = writeln!(
                text,
                "  {} on {}: {} -> {}\n    {}",
                one_line(&change.rule),
                one_line(short(&change.resource)),
                name(change.was),
                name(change.is),
                one_line(&change.reason)
            );
        }
    };
    list("new findings", &difference.new);
    list("fixed", &difference.fixed);
    list("changed", &difference.changed);
    for (heading, arns) in [("resources that came", &difference.come), ("resources that went", &difference.gone)] {
        let _ = writeln!(text, "\n{heading}: {}", arns.len());
        for arn in arns {
            let _ = writeln!(text, "  {}", one_line(arn));
        }
    }
    text
}

pub(super) fn trend(rows: &[TrendRow]) -> String {
    let mut text = format!(
        "{:<11} {:>5} {:>6} {:>6} {:>6} {:>6} {:>5} {:>5}  {}\n",
        "time", "runs", "fail", "unk.", "waiv.", "pass", "n/a", "gaps", "policy"
    );
    for row in rows {
        let _ = writeln!(
            text,
            "{:<11} {:>5} {:>6} {:>6} {:>6} {:>6} {:>5} {:>5}  {}",
            row.step.to_string(),
            row.runs,
            row.summary.fail,
            row.summary.unknown,
            row.summary.waived,
            row.summary.pass,
            row.summary.not_applicable,
            row.gaps,
            one_line(&row.policy)
        );
    }
    text
}

pub(super) fn holes(holes: &Holes) -> String {
    let mut text = String::from("days without a run (UTC)\n");
    for hole in &holes.days {
        let days = if hole.days == 1 { "1 day".to_owned() } else { format!("{} days", hole.days) };
        let _ = writeln!(
            text,
            "  {} to {}  {days:<9} {} {}",
            hole.first,
            hole.last,
            one_line(&hole.account),
            one_line(&hole.region)
        );
    }
    if holes.days.is_empty() {
        text.push_str("  none\n");
    }
    text.push_str("\nwhat runs could not read\n");
    for unread in &holes.unread {
        let _ = writeln!(
            text,
            "  {} to {}  {} run{}: {} in {} {} ({}); it needs {}",
            unread.first,
            unread.last,
            unread.runs,
            if unread.runs == 1 { "" } else { "s" },
            one_line(&unread.call),
            one_line(&unread.account),
            one_line(&unread.region),
            unread.status,
            one_line(&unread.iam_action)
        );
    }
    if holes.unread.is_empty() {
        text.push_str("  nothing\n");
    }
    text
}

pub(super) fn pruned(log: &[Pruned]) -> String {
    let mut text = format!("{:<17} {:<17} {:>9} {:>9}  {}\n", "last seen", "seen gone", "age <=", "promised", "point");
    for line in log {
        let _ = writeln!(
            text,
            "{:<17} {:<17} {:>9} {:>9}  {} of {}{}{}",
            at(line.last_seen),
            at(line.gone),
            line.age_at_most.spoken(),
            line.promised.map_or("-".to_owned(), |promised| promised.spoken()),
            one_line(short(&line.point)),
            one_line(short(&line.resource)),
            if line.early { "  EARLY" } else { "" },
            line.by.as_ref().map(|by| format!("  by {}", one_line(by))).unwrap_or_default()
        );
    }
    let early = log.iter().filter(|line| line.early).count();
    let _ = writeln!(text, "{} went, {early} of them earlier than promised", log.len());
    text
}
