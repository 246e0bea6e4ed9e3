//! Rule × outcome, as bars.

use std::io;

use crate::model::outcome::Outcome;

use super::super::view::View;
use super::super::words::tally;
use super::escape::Esc;

const BAR: u64 = 320;
/// What occurs at all is at least this wide.
const SLIVER: u64 = 5;

/// The chart: a list whose text holds the exact numbers, with a drawn bar beside each.
pub(super) fn write(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "<section aria-labelledby=\"outcomes\">\n<h2 id=\"outcomes\">Outcomes by rule</h2>")?;
    if view.rules.is_empty() {
        return writeln!(out, "<p>No rule judged anything.</p></section>");
    }
    writeln!(
        out,
        "<figure>\n<figcaption>Each bar is one rule's verdicts. Fail is solid, unknown is hatched, waived is striped \
         across, pass is plain blue, n/a is empty. Whatever occurs is drawn at least a sliver wide, so that small \
         numbers stay visible; the numbers are exact.</figcaption>\n\
         <svg width=\"0\" height=\"0\" aria-hidden=\"true\" focusable=\"false\"><defs>\
         <pattern id=\"h-unknown\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">\
         <rect class=\"b-unknown\" width=\"6\" height=\"6\"/><path class=\"stripe\" d=\"M-1 7L7 -1\"/></pattern>\
         <pattern id=\"h-waived\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">\
         <rect class=\"b-waived\" width=\"6\" height=\"6\"/><path class=\"stripe\" d=\"M0 3H6\"/></pattern>\
         </defs></svg>\n<ul class=\"bars\">"
    )?;
    for (at, rule) in view.rules.iter().enumerate() {
        writeln!(
            out,
            "<li><a href=\"#rule-{at}\"><bdi>{}</bdi></a>\n<svg viewBox=\"0 0 {BAR} 16\" preserveAspectRatio=\"none\" \
             aria-hidden=\"true\" focusable=\"false\">",
            Esc(&rule.info.id)
        )?;
        let mut x = 0;
        for (outcome, width) in widths(|outcome| rule.summary.of(outcome)) {
            let fill = match outcome {
                Outcome::Unknown => "fill=\"url(#h-unknown)\"".to_owned(),
                Outcome::Waived => "fill=\"url(#h-waived)\"".to_owned(),
                other => format!("class=\"b-{}\"", other.id()),
            };
            writeln!(out, "<rect {fill} x=\"{x}\" y=\"0.5\" width=\"{}\" height=\"15\"/>", width.max(2) - 1)?;
            x += width;
        }
        writeln!(out, "</svg>\n<span>{}</span></li>", tally(&rule.summary))?;
    }
    writeln!(out, "</ul>\n</figure>\n</section>")
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
