//! Rule × outcome, as bars.

use std::io;

use crate::model::outcome::Outcome;

use super::super::view::View;
use super::super::words::tally;
use super::escape::{Esc, label};

const LABEL: u64 = 230;
const BAR: u64 = 320;
const ROW: u64 = 24;
/// What occurs at all is at least this wide.
const SLIVER: u64 = 5;

/// The chart; its text alternative is the list of the same numbers beside the bars.
pub(super) fn write(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "<section aria-labelledby=\"outcomes\">\n<h2 id=\"outcomes\">Outcomes by rule</h2>")?;
    if view.rules.is_empty() {
        return writeln!(out, "<p>No rule judged anything.</p></section>");
    }
    writeln!(
        out,
        "<figure>\n<figcaption>Each bar is one rule's verdicts. Fail is solid, unknown is hatched, waived is striped \
         across, pass is plain blue, n/a is empty. Whatever occurs is drawn at least {SLIVER} units wide, so small \
         numbers stay visible; the numbers at the right are exact.</figcaption>"
    )?;
    for (part, rules) in view.rules.chunks(30).enumerate() {
        let height = rules.len() as u64 * ROW;
        writeln!(
            out,
            "<div class=\"scroll\" role=\"region\" aria-label=\"Chart of outcomes by rule, part {}\" tabindex=\"0\">\n\
             <svg role=\"img\" width=\"900\" height=\"{height}\" viewBox=\"0 0 900 {height}\" \
             aria-labelledby=\"bars-{part}-t bars-{part}-d\">\n<title id=\"bars-{part}-t\">Verdicts by rule and \
             outcome</title>\n<desc id=\"bars-{part}-d\">",
            part + 1
        )?;
        for rule in rules {
            write!(out, "{}: {}. ", Esc(&rule.info.id), tally(&rule.summary))?;
        }
        writeln!(out, "</desc>")?;
        if part == 0 {
            writeln!(
                out,
                "<defs><pattern id=\"h-unknown\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">\
                 <rect class=\"b-unknown\" width=\"6\" height=\"6\"/><path class=\"stripe\" d=\"M-1 7L7 -1\"/></pattern>\
                 <pattern id=\"h-waived\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">\
                 <rect class=\"b-waived\" width=\"6\" height=\"6\"/><path class=\"stripe\" d=\"M0 3H6\"/></pattern></defs>"
            )?;
        }
        for (row, rule) in rules.iter().enumerate() {
            let top = row as u64 * ROW;
            writeln!(out, "<text x=\"0\" y=\"{}\">{}</text>", top + 16, label(&rule.info.id, 32))?;
            let mut x = LABEL;
            for (outcome, width) in widths(|outcome| rule.summary.of(outcome)) {
                let fill = match outcome {
                    Outcome::Unknown => "fill=\"url(#h-unknown)\"".to_owned(),
                    Outcome::Waived => "fill=\"url(#h-waived)\"".to_owned(),
                    other => format!("class=\"b-{}\"", other.id()),
                };
                writeln!(out, "<rect {fill} x=\"{x}\" y=\"{}\" width=\"{}\" height=\"16\"/>", top + 3, width.max(2) - 1)?;
                x += width;
            }
            writeln!(out, "<text x=\"{}\" y=\"{}\">{}</text>", LABEL + BAR + 12, top + 16, tally(&rule.summary))?;
        }
        writeln!(out, "</svg></div>")?;
    }
    writeln!(out, "</figure>\n</section>")
}

/// The outcomes that occur with their widths, which add up to the bar.
fn widths(of: impl Fn(Outcome) -> u64) -> Vec<(Outcome, u64)> {
    let present: Vec<(Outcome, u64)> =
        Outcome::ALL.into_iter().map(|outcome| (outcome, of(outcome))).filter(|(_, number)| *number > 0).collect();
    let total: u128 = present.iter().map(|(_, number)| u128::from(*number)).sum();
    let free = BAR - SLIVER * present.len() as u64;
    let share = |number: u64| {
        let part = (u128::from(number) * u128::from(free)).checked_div(total).unwrap_or(0);
        SLIVER + u64::try_from(part).unwrap_or(0)
    };
    present.into_iter().map(|(outcome, number)| (outcome, share(number))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_in_a_million_is_seen_and_the_bar_holds() {
        let widths = widths(|outcome| if outcome == Outcome::Fail { 1 } else { u64::MAX });
        assert!(widths.iter().all(|(_, width)| *width >= SLIVER));
        assert!(widths.iter().map(|(_, width)| width).sum::<u64>() <= BAR);
    }
}
