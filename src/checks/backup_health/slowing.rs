//! Backups that take longer from run to run, until one day they no longer fit.

use super::trend::took;
use crate::checks::Case;
use crate::model::Instant;
use crate::model::judgement::Judgement;
use crate::model::span::Span;

/// So many of the newest backups show the trend, and fewer than the least show none.
const MOST: usize = 11;
const LEAST: usize = 6;

/// Whether backups that go on growing as they do take longer than `longest` before `ahead` is over.
pub(super) fn outgrows(case: &Case<'_>, start: Instant, longest: Span, ahead: Span) -> Option<Judgement> {
    let runs: Vec<(i64, i64)> = took(case, start).collect();
    let newest = runs.get(runs.len().saturating_sub(MOST)..)?;
    let (at, seconds) = *newest.last()?;
    let then = projected(newest, at.checked_add(ahead.as_seconds())?)?;
    let template = "backups take longer from run to run: the newest took {took}, and within {ahead} one will take longer than {longest}";
    (ahead > Span::ZERO && then > longest.as_seconds()).then(|| {
        let judgement = Judgement::fail(template).with("took", Span::seconds(seconds)).with("ahead", ahead);
        judgement.with("longest", longest)
    })
}

/// How many seconds a backup at `at` takes, by the line through the medians of Theil and Sen: one odd run does not
/// bend it. `None` where they do not grow, or are too few.
fn projected(runs: &[(i64, i64)], at: i64) -> Option<i64> {
    if runs.len() < LEAST {
        return None;
    }
    let pairs = runs.iter().enumerate().flat_map(|(n, a)| runs.iter().skip(n + 1).map(move |b| (a, b)));
    let slopes = pairs.filter(|(a, b)| b.0 > a.0).map(|(a, b)| (b.1 - a.1) as f64 / (b.0 - a.0) as f64);
    let slope = median(slopes.collect()).filter(|slope| *slope > 0.0)?;
    let level = median(runs.iter().map(|(at, took)| *took as f64 - slope * *at as f64).collect())?;
    Some((level + slope * at as f64) as i64)
}

fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_unstable_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    fn runs(took: &[i64]) -> Vec<(i64, i64)> {
        took.iter().enumerate().map(|(n, took)| (n as i64 * DAY, *took)).collect()
    }

    #[test]
    fn a_line_goes_on_and_one_odd_run_does_not_bend_it() {
        assert_eq!(projected(&runs(&[100, 110, 120, 130, 140, 150]), 15 * DAY), Some(250));
        assert_eq!(projected(&runs(&[100, 110, 9000, 130, 140, 150, 160]), 16 * DAY), Some(260));
        assert_eq!(projected(&runs(&[100, 110, 120, 130, 140]), 15 * DAY), None, "five show no trend");
        assert_eq!(projected(&runs(&[100; 9]), 99 * DAY), None, "they do not grow");
        assert_eq!(projected(&runs(&[150, 140, 130, 120, 110, 100]), 15 * DAY), None, "they shrink");
        let together: Vec<_> = runs(&[100; 6]).into_iter().map(|(_, took)| (0, took)).collect();
        assert_eq!(projected(&together, DAY), None, "all at once");
    }
}
