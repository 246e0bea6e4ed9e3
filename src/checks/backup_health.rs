//! `backup-health`: backups succeed, do not shrink, and do not stop unnoticed.

mod jobs;
mod signs;
mod slowing;
mod trend;

use super::traps;
use super::{Answer, Args, Case, Check, CheckInfo, Param, ParamError, ParamType, Unread};
use crate::model::Instant;
use crate::model::activity::ActivityOutcome;
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;
use crate::model::recovery_point::PointStatus;
use crate::model::span::Span;
use crate::model::text::Text;
use jobs::{Count, Jobs, jobs};
use signs::Signs;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "backup-health",
    title: "backups succeed, do not shrink and do not stop unnoticed",
    docs: "\
## What it judges
The backup jobs and log records of the resource in the window `[instant - lookback, instant]`.

## Exact semantics
- **Failures.** A job that failed, expired, was aborted, ended partial or `completed with issues`
  (`COMPLETED` with a message category other than success, which AWS reports even for jobs that backed
  up nothing) is a failure. With `tolerate_recovered` one that is followed by a success, or by a usable
  recovery point, begun within `recover_within` of it is counted as recovered and not judged. More than
  `allow_failures` fail.
- **Failures that are called successes.** A job that has not ended within `longest` hangs. Of declared components: what was made
  is empty (no byte, the SHA-256 of nothing, a gzip of nothing), a dump has no end, the record of a success holds errors (with
  `warnings = false` warnings too), more than `deleted` percent of a copy was deleted in one run. Each counts as a failure.
- **What must be in it.** Where the register of applications names `sources` of a component, each backup must hold them: its record
  names them, or a folder above them, among what it took, or else its command does.
- **Accepted problems.** With `accepted`, a backup that is partial or has issues is good if every problem on its record matches one
  of these patterns: a folder that may be left out, files that vanished meanwhile. One without a word about its problem is not.
- **Duration.** With `slow` or `fast`, the newest backup took more, or less, than that percent of the median of the earlier ones, of
  which there must be five. With `ahead`, the last eleven backups (six at least) take longer from run to run, and if they go on so one
  takes longer than `longest` within that time: the line through the medians of Theil and Sen tells, so that one odd run does not.
- **Silent stop.** Automated backups came at an average interval, and none has begun for more than three
  times that. Attempts count even if they failed: those are not silent. Jobs made by a plan are looked
  at; where there are fewer than four, points made by a plan or a policy. Fewer than four of both: not
  judged, so monthly backups need a longer `lookback` (and records that reach so far).
- **Shrinkage.** The newest size is less than `shrink` percent of the median of the last 10 before it, of
  which there must be five, of the same level (full with full). Only where a size measures data: file systems, tables, declared components.
  AWS Backup's size of an EBS snapshot is that of the volume, of RDS it is 0, of Aurora absent, and of a
  bucket what has changed. For tools that log increments set `shrink = 0`. With `growth`, one above that percent fails likewise.
  A change that somebody approved is a record of the kind `review` that is about (`--about`) the first backup of the new size:
  only backups from then on are compared.
- **Frozen.** With `frozen`, that many of the newest backups in a row hold the same content, or nothing new or changed.
- **Tools that report wrongly.** Some versions call a success what lacks sources or files. The wrapped run of such a tool whose
  own output was not read proves no completeness, nor does one whose version is not on record: restic before 0.19, borgmatic before 2,
  rustic up to 0.11.4, mydumper before 1.
- A resource without any job is judged by its points: other tools leave no jobs. Points in error or
  partial then count as failures. Where both records are complete and hold nothing of it, there is no
  backup whose health could be judged: `cadence` and `automated` say whether there should be one.

Source: AWS Backup developer guide (`BackupJob`, `MessageCategory`, job records live 30 days).

## What yields `unknown`
`backup:ListBackupJobs` (for declared components: any log) was not read, or its records do not reach back
for the whole window; a job has an outcome that this
version does not know; the register names what a backup must hold, and its record does not say what is in it; a success rests on the word of a tool that reports wrongly. A failure that was seen is a failure all the same.
",
    remedy: "read the message of the newest failure, repeat the backup, and see that somebody is told of the next one",
    kinds: Kind::RECOVERABLE,
    judges_deleted: false,
    remedy_in_code: None,
    params: &[
        Param {
            name: "lookback",
            ty: ParamType::Span,
            default: Some("\"30d\""),
            required: false,
            docs: "how far back to look; AWS keeps job records for 30 days",
        },
        Param {
            name: "allow_failures",
            ty: ParamType::Count,
            default: Some("0"),
            required: false,
            docs: "how many failures may stand",
        },
        Param {
            name: "tolerate_recovered",
            ty: ParamType::Flag,
            default: Some("true"),
            required: false,
            docs: "whether a failure that was soon followed by a success does not count",
        },
        Param {
            name: "recover_within",
            ty: ParamType::Span,
            default: Some("\"24h\""),
            required: false,
            docs: "how soon the success must have begun",
        },
        Param {
            name: "shrink",
            ty: ParamType::Count,
            default: Some("60"),
            required: false,
            docs: "percent of the earlier median below which a size is suspicious; 0 turns it off",
        },
        Param {
            name: "longest",
            ty: ParamType::Span,
            default: Some("\"24h\""),
            required: false,
            docs: "how long a job may run before it counts as hanging",
        },
        Param {
            name: "warnings",
            ty: ParamType::Flag,
            default: Some("true"),
            required: false,
            docs: "whether a success with warnings on record is one",
        },
        Param {
            name: "deleted",
            ty: ParamType::Count,
            default: Some("20"),
            required: false,
            docs: "percent of a copy that one run may delete from it; 0 for any",
        },
        Param {
            name: "frozen",
            ty: ParamType::Count,
            default: Some("0"),
            required: false,
            docs: "how many backups in a row may hold the same content, for data that is known to change; 0 for any number",
        },
        Param {
            name: "slow",
            ty: ParamType::Count,
            default: Some("0"),
            required: false,
            docs: "percent of the median duration above which a backup is suspicious, such as 200; 0 turns it off",
        },
        Param {
            name: "fast",
            ty: ParamType::Count,
            default: Some("0"),
            required: false,
            docs: "percent of the median duration below which a backup is suspicious, such as 20; 0 turns it off",
        },
        Param {
            name: "ahead",
            ty: ParamType::Span,
            default: Some("\"0s\""),
            required: false,
            docs: "how far ahead the growth of durations may not reach `longest`, such as 30d; 0s turns it off",
        },
        Param {
            name: "growth",
            ty: ParamType::Count,
            default: Some("0"),
            required: false,
            docs: "percent of the earlier median above which a size is suspicious, such as 200; 0 turns it off",
        },
        Param {
            name: "accepted",
            ty: ParamType::Texts,
            default: Some("[]"),
            required: false,
            docs: "problems that were accepted beforehand, with `*`: a backup all of whose problems are among them is good",
        },
    ],
    reads: &[
        "backup:ListBackupJobs",
        "ec2:DescribeSnapshots",
        "ec2:DescribeImages",
        "rds:DescribeDBSnapshots",
        "rds:DescribeDBClusterSnapshots",
        "dynamodb:ListBackups",
        "backup:ListBackupVaults",
        "backup:ListRecoveryPointsByBackupVault",
    ],
    prepare,
};

struct BackupHealth {
    lookback: Span,
    allow_failures: usize,
    tolerate_recovered: bool,
    recover_within: Span,
    trend: trend::Limits,
    ahead: Span,
    signs: Signs,
}

fn prepare(args: &Args) -> Result<Box<dyn Check>, ParamError> {
    let shrink = args.count("shrink").unwrap_or(60);
    if shrink > 100 {
        return Err(ParamError::new("shrink", "`shrink` is a percentage", "write a number from 0 to 100"));
    }
    Ok(Box::new(BackupHealth {
        lookback: args.span("lookback").unwrap_or(Span::days(30)),
        allow_failures: args.count("allow_failures").and_then(|n| usize::try_from(n).ok()).unwrap_or_default(),
        tolerate_recovered: args.flag("tolerate_recovered"),
        recover_within: args.span("recover_within").unwrap_or(Span::hours(24)),
        trend: trend::Limits {
            shrink,
            slow: args.count("slow").unwrap_or(0),
            fast: args.count("fast").unwrap_or(0),
            growth: args.count("growth").unwrap_or(0),
            frozen: args.count("frozen").unwrap_or(0),
        },
        ahead: args.span("ahead").unwrap_or(Span::ZERO),
        signs: Signs {
            longest: args.span("longest").unwrap_or(Span::hours(24)),
            warnings: !args.has("warnings") || args.flag("warnings"),
            deleted: args.count("deleted").unwrap_or(20),
            accepted: args.texts("accepted").to_vec(),
        },
    }))
}

impl Check for BackupHealth {
    fn judge(&self, case: &Case<'_>) -> Answer {
        let start = self.lookback.before(case.as_of());
        let sources = case.component().map(|component| component.sources.as_slice()).unwrap_or_default();
        let jobs_of = Jobs { rule: self, case, start, sources };
        let count = jobs_of.count();
        if count.failed > self.allow_failures {
            return Ok(self.facts(self.fails(&jobs_of, &count), &count));
        }
        if count.jobs == 0 {
            return self.without_jobs(case, start);
        }
        if let Some(judgement) = trend::suspicious(case, start, &self.trend) {
            return Ok(self.facts(judgement, &count));
        }
        if let Some(judgement) = slowing::outgrows(case, start, self.signs.longest, self.ahead) {
            return Ok(self.facts(judgement, &count));
        }
        if let Some(stopped) = self.stopped(case, start)? {
            return Ok(self.facts(stopped, &count));
        }
        if let Some(strange) = count.strange {
            let judgement =
                Judgement::unknown("a backup job has the outcome {outcome}, which this version does not know")
                    .with("outcome", strange.outcome.id())
                    .shown_by(Evidence::activity(strange));
            return Ok(self.facts(judgement, &count));
        }
        if let Some(unlisted) = count.unlisted {
            let judgement =
                Judgement::unknown("a backup must hold {sources}, and its record does not say what is in it")
                    .with("sources", listed(sources))
                    .shown_by(Evidence::activity(unlisted));
            return Ok(self.facts(judgement, &count));
        }
        let mut good = jobs(case, start).filter(|job| job.outcome == ActivityOutcome::Succeeded);
        if let Some(judgement) = good.find_map(traps::doubt) {
            return Ok(self.facts(judgement, &count));
        }
        self.need_jobs(case, start)?;
        let sentence = match (count.failed, count.recovered) {
            (0, 0) => "{succeeded} of {jobs:backup job} succeeded and none failed",
            (0, _) => "{succeeded} of {jobs:backup job} succeeded; a later one made up for each of {recovered:failure}",
            _ => "{succeeded} of {jobs:backup job} succeeded, and no more failed than allowed: {failed}",
        };
        Ok(self.facts(Judgement::pass(sentence), &count))
    }

    fn lookback(&self) -> Span {
        self.lookback
    }
}

impl BackupHealth {
    fn fails(&self, jobs: &Jobs<'_, '_>, count: &Count<'_>) -> Judgement {
        let message = count.newest_failure.and_then(|job| job.message.clone());
        let message = count.hidden.map(Text::from).or(message);
        let outcome = count.newest_failure.map(|job| job.outcome.id());
        let sentence = match (message.is_some(), self.tolerate_recovered) {
            (true, true) => {
                "{failed} of {jobs:backup job} did not succeed, and nothing made up for it; the newest {outcome}: {message}"
            }
            (true, false) => "{failed} of {jobs:backup job} did not succeed; the newest {outcome}: {message}",
            (false, true) => {
                "{failed} of {jobs:backup job} did not succeed, and nothing made up for it; the newest {outcome}"
            }
            (false, false) => "{failed} of {jobs:backup job} did not succeed; the newest {outcome}",
        };
        Judgement::fail(sentence)
            .with_some("message", message)
            .with_some("outcome", outcome)
            .shown_by_all(jobs.failures().map(Evidence::activity), 20)
    }

    /// Nobody left a job: other tools do not. Their points speak.
    fn without_jobs(&self, case: &Case<'_>, start: Instant) -> Answer {
        let points = || {
            let inside = |at: Instant| at >= start && at <= case.as_of();
            case.points().iter().filter(move |point| !point.is_parent() && inside(point.started_at))
        };
        let bad = || points().filter(|point| matches!(point.status, PointStatus::Error | PointStatus::Partial));
        let usable = points().filter(|point| point.is_usable()).count();
        let failed = bad().count();
        if failed > self.allow_failures {
            return Ok(Judgement::fail(
                "no backup job is on record, and {failed:recovery point} ended in error or partial",
            )
            .with("jobs", 0_usize)
            .with("failed", failed)
            .with("points", usable)
            .shown_by_all(bad().map(|point| Evidence::point(point)), 20));
        }
        if let Some(stopped) = self.stopped(case, start)? {
            return Ok(stopped.with("points", usable));
        }
        self.need_jobs(case, start)?;
        case.need_all_points()?;
        let judgement = if usable == 0 {
            Judgement::not_applicable("neither a backup job nor a recovery point of the last {lookback} is on record, so there is no backup whose health could be judged")
                .with("lookback", self.lookback)
        } else {
            Judgement::pass("no backup job is on record; {points:recovery point} made by other means, and none failed")
        };
        Ok(judgement.with("jobs", 0_usize).with("points", usable))
    }

    /// Automated backups that came and then stopped. Silence is absence: it needs complete lists.
    fn stopped(&self, case: &Case<'_>, start: Instant) -> Result<Option<Judgement>, Unread> {
        let Some(stop) = trend::silence(case, start) else { return Ok(None) };
        self.need_jobs(case, start)?;
        case.need_all_points()?;
        case.need_existence()?;
        let template = "automated backups began every {usual} on average, and none has for {silence}";
        let judgement = Judgement::fail(template).with("usual", stop.usual).with("silence", stop.silence);
        Ok(Some(judgement.with("last_automated", stop.last)))
    }

    /// Insist on complete records for the whole window.
    fn need_jobs(&self, case: &Case<'_>, start: Instant) -> Result<(), Unread> {
        /// Records begin at the instant of reading less 30 days; a day of difference decides nothing.
        const MARGIN: chrono::TimeDelta = chrono::TimeDelta::days(1);
        let resource = case.resource;
        let call = if resource.kind.list_operation().is_some() { "backup:ListBackupJobs" } else { "log:ReadRecords" };
        let read =
            case.context.estate.read(&resource.account, &resource.region, call).ok_or_else(|| case.unread(call))?;
        match read.since.filter(|since| since.signed_duration_since(start) > MARGIN) {
            None => Ok(()),
            Some(since) => {
                let since = since.format("%Y-%m-%d");
                Err(Unread::not_asked(call, &format!("the records of {call} reach back to {since} only")))
            }
        }
    }

    fn facts(&self, judgement: Judgement, count: &Count<'_>) -> Judgement {
        judgement
            .with("jobs", count.jobs)
            .with("succeeded", count.succeeded)
            .with("failed", count.failed)
            .with("recovered", count.recovered)
            .with_some("last_success", count.last_success)
    }
}

/// Names for a sentence.
fn listed(names: &[Text]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
