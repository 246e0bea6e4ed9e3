//! `cadence`: no interval without a new good copy is longer than the policy allows.

mod configured;
mod days;
mod gaps;
mod over_time;
mod record;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use super::{Answer, Args, Case, Check, CheckInfo, InCode, Param, ParamError, ParamType};
use crate::model::Instant;
use crate::model::judgement::Judgement;
use crate::model::kind::Kind;
use crate::model::span::Span;
use crate::model::text::Text;
use gaps::{Gap, Stretch, Swept, sweep};
pub use over_time::{exceeds, reaches, windows};
use record::Record;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "cadence",
    title: "no interval between good copies is longer than allowed",
    docs: "\
## What it judges
The largest interval between two consecutive good copies of the resource that touches the window
`[instant - lookback, instant]`, the one at its beginning and the one since the last copy included.
The limit is `every + grace`; an interval of exactly the limit passes. How a day of 24 hours differs
from a policy's local day is what `grace` is for: around a change of the clocks a local day has 23 or
25 hours, and with AWS Backup's default start window of 8 hours a daily plan may lawfully leave 32.

Three numbers are reported: `configured` (the largest distance of scheduled starts of the AWS Backup
plans that cover it, overlapping rules optimised as AWS does), `worst_legal` (with the start window)
and `largest_gap` (observed: the only one that is judged). `schedule_risk` says when the schedule
allows more than the limit although nothing has happened yet.

`days` has one letter for every UTC day from `days_from` on, at most 400 (an instant at midnight ends
the day before): `+` a good copy,
`x` only failed or unusable attempts, `-` nothing, `.` before the resource existed, `?` not known.

## Exact semantics
A **good copy** is one of:
- a recovery point that is completed, at the instant of its data (the start of the snapshot, never its
  end). A copy counts at the instant of its source, and not at all where that is not known. Composite
  containers never count; nor do points that are being made or deleted, partial, expired (stuck in
  deletion) or in error.
- a continuous point, for its restore window. `AVAILABLE` reaches from its earliest restorable instant
  (or else its creation) to the latest; where AWS tells no latest one, the status itself says that the
  point is advancing, and S3's documented lag of 15 minutes is taken off the instant of reading. Its
  creation date, however old, says nothing. `STOPPED` counts for its window where both ends are known,
  and never as fresh.
- the restore window of RDS automated backups and of DynamoDB point-in-time recovery.
- a backup job or log record that succeeded without issues, even if its point is gone since: that a
  point was deleted on schedule does not make a hole in the past. A job whose point is still there
  adds nothing to it. For the interval **since the last copy** a job of AWS Backup is not enough: the
  copy must still exist.

**The beginning.** If a good copy from before the window is known, the interval counts from there, in
full. Otherwise it counts from the beginning of the window; so where points are kept for a shorter
time than `lookback`, the beginning fails, as it should: nobody can show that the promise was kept.
Nothing is demanded from before the resource was created. S3 moves a bucket's creation date when its
policy is edited, so a creation date after the first backup of a bucket is not believed.

Copies found are enough to pass: whatever was not read could only add more. A failure needs every
list of recovery points to have been read to its end.

Source: AWS Backup developer guide (`RecoveryPointByBackupVault`, point-in-time recovery), EC2 API
`Snapshot`.

## What yields `unknown`
- an interval is too long, and a list of recovery points was not read to its end, or it is not known
  whether the resource still exists;
- only the beginning is too long, and it is not known when the resource was created (EC2 tells no
  creation time of instances);
- the interval would be short enough if a point or job counted whose state this version does not know,
  or a restore window that was not read.
",
    remedy: "take a backup now, then find out why the schedule missed: look at failed, expired and missing jobs of the \
             resource on the days marked `x` and `-`",
    kinds: Kind::RECOVERABLE,
    judges_deleted: false,
    remedy_in_code: Some(InCode::alike(
        "cover the resource by a selection of a plan whose schedule is frequent enough, or switch on the automatic backups of its service",
    )),
    params: &[
        Param {
            name: "every",
            ty: ParamType::Span,
            default: None,
            required: true,
            docs: "the longest time between two good copies",
        },
        Param {
            name: "grace",
            ty: ParamType::Span,
            default: Some("\"0h\""),
            required: false,
            docs: "what is allowed on top: start windows, run times, days of 25 hours",
        },
        Param {
            name: "lookback",
            ty: ParamType::Span,
            default: Some("\"35d\""),
            required: false,
            docs: "how far back to look; longer than `every` and `grace` together",
        },
    ],
    reads: &[
        "ec2:DescribeSnapshots",
        "ec2:DescribeImages",
        "rds:DescribeDBSnapshots",
        "rds:DescribeDBClusterSnapshots",
        "dynamodb:ListBackups",
        "dynamodb:DescribeContinuousBackups",
        "backup:ListBackupVaults",
        "backup:ListRecoveryPointsByBackupVault",
        "backup:ListBackupJobs",
        "backup:ListBackupPlans",
        "backup:GetBackupPlan",
        "backup:ListBackupSelections",
        "backup:GetBackupSelection",
    ],
    prepare,
};

/// The prepared check.
struct Cadence {
    limit: Span,
    lookback: Span,
    /// The first day of the matrix and its name: the same for all resources of a run.
    first_day: OnceLock<(i64, Text)>,
}

fn prepare(args: &Args) -> Result<Box<dyn Check>, ParamError> {
    Ok(Box::new(Cadence::new(args)?))
}

impl Cadence {
    fn new(args: &Args) -> Result<Self, ParamError> {
        let every = args.span("every").unwrap_or_default();
        if every <= Span::ZERO {
            return Err(ParamError::new("every", "`every` must be longer than nothing", "write for example `24h`"));
        }
        let limit = every.plus(args.span("grace").unwrap_or_default());
        let lookback = args.span("lookback").unwrap_or(Span::days(35));
        if lookback <= limit {
            return Err(ParamError::new(
                if args.has("lookback") { "lookback" } else { "every" },
                format!("`lookback` ({lookback}) is not longer than `every` and `grace` together ({limit})"),
                format!("within {lookback} no interval can be too long; set `lookback` to at least twice `every`"),
            ));
        }
        Ok(Self { limit, lookback, first_day: OnceLock::new() })
    }
}

impl Check for Cadence {
    fn judge(&self, case: &Case<'_>) -> Answer {
        if case.is_declared() {
            return configured::judge(case, self.limit);
        }
        let as_of = case.as_of();
        let record = Record::of(case);
        let window = self.lookback.before(as_of);
        let created = record.created(case);
        if let Some(created) = created.filter(|created| *created > as_of) {
            return Ok(Judgement::not_applicable("it was created later, at {created_at}").with("created_at", created));
        }
        // Where the creation is not known, what is certain begins with the first trace of the resource.
        let start = created.or(record.seen_since).map_or(as_of, |since| since.max(window));
        let stretch = Stretch { start, as_of, earlier: created.is_none_or(|created| created < window) };
        let swept = sweep(record.sure(), &stretch);
        if swept.largest.exceeds(self.limit) {
            return self.too_long(case, &record, &stretch, &swept);
        }
        let beginning = swept.beginning(window, as_of);
        if created.is_none() && !swept.has_earlier && beginning.exceeds(self.limit) {
            case.need_all_points()?;
            let sentence = if swept.last.is_some() {
                "the first usable recovery point is of {gap_to}, and it is not known when the resource was created: \
                 it may have been without one for {largest_gap}; the limit is {limit}"
            } else {
                "no usable recovery point was found, and it is not known when the resource was created; \
                 the limit is {limit}"
            };
            return Ok(self.facts(case, &record, Judgement::unknown(sentence), &swept, &beginning));
        }
        let Some(since) = created.filter(|_| swept.last.is_none()) else {
            return Ok(self.passes(case, &record, &swept));
        };
        let due = since.checked_add_signed(self.limit.delta()).unwrap_or(Instant::MAX_UTC);
        let pass = Judgement::pass("created {largest_gap} ago; the first backup is due by {due}").with("due", due);
        Ok(self.facts(case, &record, pass, &swept, &swept.largest))
    }

    fn lookback(&self) -> Span {
        self.lookback
    }
}

impl Cadence {
    fn passes(&self, case: &Case<'_>, record: &Record<'_>, swept: &Swept<'_, '_>) -> Judgement {
        let pass = Judgement::pass("the largest gap between good copies was {largest_gap}; the limit is {limit}");
        self.facts(case, record, pass, swept, &swept.largest)
    }

    /// An interval is too long: is everything known that could have shortened it?
    fn too_long(&self, case: &Case<'_>, record: &Record<'_>, stretch: &Stretch, swept: &Swept<'_, '_>) -> Answer {
        case.need_existence()?;
        case.need_all_points()?;
        if let Some(doubt) = record.doubt() {
            let generous = sweep(record.all(), stretch);
            if !generous.largest.exceeds(self.limit) {
                return Ok(self.facts(case, record, Judgement::unknown(doubt.sentence()), swept, &swept.largest));
            }
        }
        let gap = &swept.largest;
        let sentence = match (swept.last, gap.before, gap.after) {
            (None, ..) if swept.newest.is_some() => {
                "no usable recovery point is left, although backups succeeded in the last {largest_gap}; \
                 the limit is {limit}"
            }
            (None, ..) => "no usable recovery point in the last {largest_gap}; the limit is {limit}",
            (Some(_), _, None) => "no usable recovery point for {largest_gap}; the limit is {limit}",
            (Some(last), ..) if Gap::since(last, stretch.as_of).exceeds(self.limit) => {
                "no usable recovery point for {largest_gap} until {gap_to}, and none for {age} now; the limit is {limit}"
            }
            (Some(_), None, Some(_)) => {
                "no usable recovery point is left from the {largest_gap} before {gap_to}; the limit is {limit}"
            }
            (Some(_), Some(_), Some(_)) => {
                "no usable recovery point for {largest_gap}, from {gap_from} to {gap_to}; the limit is {limit}"
            }
        };
        Ok(self.facts(case, record, Judgement::fail(sentence), swept, gap))
    }

    /// Add what was observed and the objects that show it.
    fn facts(
        &self,
        case: &Case<'_>,
        record: &Record<'_>,
        judgement: Judgement,
        swept: &Swept<'_, '_>,
        gap: &Gap<'_, '_>,
    ) -> Judgement {
        let mut judgement = judgement
            .with("largest_gap", gap.length())
            .with("gap_from", gap.from)
            .with("gap_to", gap.to)
            .with("limit", self.limit)
            .with("points", swept.points);
        if let Some(last) = swept.last {
            judgement = judgement.with("last_good", last.to).with("age", Gap::since(last, case.as_of()).length());
        }
        judgement = self.schedule(case, judgement, gap);
        let (from, days) = self.matrix(case, record);
        judgement = judgement.with("days_from", from).with("days", days);
        let around = [gap.before, gap.after, swept.last];
        for (index, good) in around.iter().enumerate() {
            let Some(good) = good else { continue };
            let shown = around.iter().take(index).flatten().any(|earlier| earlier.id() == good.id());
            if !shown {
                judgement = judgement.shown_by(good.evidence());
            }
        }
        judgement
    }

    /// What the plans promise, next to what was observed.
    fn schedule(&self, case: &Case<'_>, judgement: Judgement, gap: &Gap<'_, '_>) -> Judgement {
        let covering = &case.coverage().by;
        if covering.is_empty() {
            return judgement;
        }
        let plans: Vec<_> = covering.iter().map(|covering| covering.plan).collect();
        let Some(bounds) = case.context.schedule_bounds(&plans) else { return judgement };
        let worst = Span::from(bounds.worst_legal);
        let risk = if bounds.ends.is_some() {
            Some("the schedule ends")
        } else if bounds.dst_dependent {
            Some("a change of the clocks may leave a backup out")
        } else if worst > self.limit && !gap.exceeds(self.limit) {
            Some("the schedule allows more than the limit")
        } else {
            None
        };
        judgement
            .with("configured", Span::from(bounds.configured))
            .with("worst_legal", worst)
            .with_some("schedule_risk", risk)
    }

    fn matrix(&self, case: &Case<'_>, record: &Record<'_>) -> (Text, Text) {
        let (first, count) = days::range(case.as_of(), self.lookback);
        let (known, name) = self.first_day.get_or_init(|| (first, days::name(first)));
        let name = if *known == first { name.clone() } else { days::name(first) };
        (name, days::letters(case, record, first, count))
    }
}

/// The parameters of a test.
#[cfg(test)]
fn args(every: &str, grace: &str, lookback: &str) -> Args {
    let mut args = Args::default();
    for (name, value) in [("every", every), ("grace", grace), ("lookback", lookback)] {
        args.set(name, super::Arg::Span(value.parse().unwrap()));
    }
    args
}
