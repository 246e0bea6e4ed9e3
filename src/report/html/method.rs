//! How the result comes about, so that it can be judged by somebody else.

use std::io;

/// The section.
pub(super) fn write(out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "<section aria-labelledby=\"method\">\n<h2 id=\"method\">Method</h2>\n<dl>")?;
    for (word, what) in [
        (
            "whole population",
            "every rule is applied to every thing in its scope; nothing is sampled. Passes are kept as verdicts too: they \
             are the population from which an auditor draws a sample of their own \
             (<code>lastgood evidence sample --seed NUMBER --n 25</code>)",
        ),
        (
            "absence of evidence",
            "what could not be read, or is not on record, is unknown; it never counts as compliance. A list counts as read \
             only if it was walked to its end",
        ),
        (
            "point in time",
            "what is configured (encryption, versioning, locks, plans) is as of the instant of the scan and says nothing of \
             the days before; recovery points, jobs and tests are judged over the look-back of each rule. A statement over a \
             period is the report of that period (<code>lastgood report --period</code>)",
        ),
        (
            "success of a backup",
            "a recovery point that can be used. A job that <em>completed with issues</em> is told apart and is no success",
        ),
        (
            "exceptions",
            "an approved exception changes what counts, never what was found: the raw outcome stands beside it, and it stops \
             at its instant",
        ),
        (
            "classes of deviations",
            "<em>design</em>: what is configured could not meet the demand; <em>operating</em>: it was not done; \
             <em>timing</em>: it was done too late; <em>evidence</em>: what should show it is not there",
        ),
    ] {
        writeln!(out, "<dt>{word}</dt><dd>{what}.</dd>")?;
    }
    writeln!(out, "</dl>\n</section>")
}
