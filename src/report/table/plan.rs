//! A remediation plan on a terminal: what would be done, what keeps the rest, what it takes.

use std::collections::BTreeMap;
use std::io;

use super::page::{Page, Tone};
use crate::model::arn::short;
use crate::model::plan::{Action, Disposition, Estimate, Guard, Item, Kept, Left, Plan};
use crate::model::span::Span;
use crate::model::text::Text;
use crate::report::RenderOptions;
use crate::report::words::{counted, moment};

/// So many things of one sort are listed; the rest is counted.
const LISTED: usize = 20;

/// Write the whole plan. `file` is where it was saved, if it was.
///
/// # Errors
/// What `out` says.
pub(in crate::report) fn write(
    plan: &Plan,
    file: Option<&str>,
    options: &RenderOptions,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut page = Page::new(out, options);
    head(plan, &mut page)?;
    for verb in Action::VERBS {
        let items: Vec<&Item> = plan.items.iter().filter(|item| item.action.verb() == verb).collect();
        if !items.is_empty() {
            page.heading(&format!("{verb}: {}", counted(items.len() as u64, "item")))?;
            items.iter().try_for_each(|item| self::item(item, &mut page))?;
        }
    }
    kept(&plan.kept, &mut page)?;
    left(&plan.left, &mut page)?;
    closing(plan, file, &mut page)
}

fn head(plan: &Plan, page: &mut Page<'_>) -> io::Result<()> {
    let basis = &plan.basis;
    page.item(0, Tone::Strong, &format!("PLAN {}:", plan.id), &summary(plan))?;
    page.blank()?;
    page.field("made", &format!("{}; can be applied until {}", moment(plan.created_at), moment(plan.expires_at)))?;
    page.field("from", &format!("policy {}, run {}, read at {}", basis.policy, basis.run, moment(basis.captured_at)))?;
    page.field("takes", &format!("{} (list prices of {}, storage for a month)", takes(&plan.totals), basis.prices))
}

/// What it holds, in a line.
fn summary(plan: &Plan) -> String {
    if plan.items.is_empty() {
        return format!("nothing to do; {} kept by a guard", counted(plan.kept.len() as u64, "object"));
    }
    let approval = plan.items.iter().filter(|item| item.disposition == Disposition::NeedsApproval).count();
    let safe = plan.items.len() - approval;
    format!(
        "{}: {safe} safe, {approval} need approval; {} kept by a guard",
        counted(plan.items.len() as u64, "item"),
        counted(plan.kept.len() as u64, "object")
    )
}

/// An estimate in words.
fn takes(estimate: &Estimate) -> String {
    let mut parts = vec![counted(estimate.calls, "call")];
    if estimate.bytes > 0 {
        parts.push(bytes(estimate.bytes));
    }
    let seconds = i64::try_from(estimate.seconds).unwrap_or(i64::MAX);
    parts.push(format!("about {}", Span::seconds(seconds).spoken()));
    parts.push(match estimate.millidollars {
        0 => "no charge".to_owned(),
        milli => format!("about ${}.{:02}", milli.div_ceil(10) / 100, milli.div_ceil(10) % 100),
    });
    parts.join(", ")
}

fn bytes(bytes: u64) -> String {
    const UNITS: [(&str, u64); 4] = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match UNITS.iter().find(|(_, size)| bytes >= *size) {
        Some((unit, size)) => format!("{}.{} {unit}", bytes / size, bytes % size * 10 / size),
        None => counted(bytes, "byte"),
    }
}

fn item(item: &Item, page: &mut Page<'_>) -> io::Result<()> {
    let tone = match item.disposition {
        Disposition::Safe => Tone::Good,
        Disposition::NeedsApproval => Tone::Unsure,
    };
    page.blank()?;
    let application = item.application.as_deref().map(|name| format!(" of {name}")).unwrap_or_default();
    let what = format!("{}{application} in {}/{}", item.name, item.account, item.region);
    page.item(2, tone, &format!("{} {}", item.id, item.disposition.id()), &what)?;
    page.text(4, &format!("{}: {}", does(&item.action), item.reason))?;
    page.text(4, &format!("takes {}", takes(&item.estimate)))?;
    let mut rules: Vec<&str> = item.closes.iter().map(|finding| finding.rule.as_str()).collect();
    rules.dedup();
    page.text(4, &format!("for {}", rules.join(", ")))?;
    for warning in &item.warnings {
        page.item(4, Tone::Unsure, "note:", warning)?;
    }
    Ok(())
}

/// What an action does, in a few words.
fn does(action: &Action) -> String {
    match action {
        Action::Snapshot { instance: Some(_), volumes, .. } => {
            format!("snapshots of {} at one instant", counted(volumes.len() as u64, "volume"))
        }
        Action::Snapshot { .. } => "a snapshot".into(),
        Action::BackupJob { vault, delete_after_days, .. } => {
            format!("a backup into `{vault}`, kept for {delete_after_days} days")
        }
        Action::Prune { point, .. } => format!("deletes {}", short(&point.arn)),
        Action::MarkForPrune { point, after, .. } => {
            format!("marks {} for deletion after {}", short(&point.arn), moment(*after))
        }
        Action::RestoreTest { level, point: Some(point), .. } => {
            format!("tests {} at the level `{}`", short(&point.arn), level.id())
        }
        Action::RestoreTest { level, point: None, .. } => format!("tests it at the level `{}`", level.id()),
        Action::EnableVersioning { .. } => "switches versioning on".into(),
        Action::EncryptBucket { kms_key: Some(key), .. } => format!("encrypts new objects under {}", short(key)),
        Action::EncryptBucket { .. } => "encrypts new objects under a KMS key of the account".into(),
        Action::EncryptVolumesByDefault => "encrypts new volumes by default".into(),
        Action::KeepVersions { days, .. } => format!("keeps previous versions for at least {days} days"),
        Action::KeepPoint { point, delete_after_days, .. } => {
            format!("keeps {} for {delete_after_days} days", short(&point.arn))
        }
    }
}

fn kept(kept: &[Kept], page: &mut Page<'_>) -> io::Result<()> {
    if kept.is_empty() {
        return Ok(());
    }
    page.heading("Kept")?;
    let mut groups: BTreeMap<(Guard, &Text), Vec<&Kept>> = BTreeMap::new();
    for one in kept {
        groups.entry((one.guard, &one.why)).or_default().push(one);
    }
    for ((guard, why), group) in groups {
        page.blank()?;
        page.item(2, Tone::Strong, &format!("{}:", guard.id()), &format!("{why} ({})", group.len()))?;
        let mut of: BTreeMap<&Text, Vec<&str>> = BTreeMap::new();
        for one in group {
            of.entry(&one.resource).or_default().push(short(&one.object));
        }
        for (resource, objects) in of.iter().take(LISTED) {
            let more = objects.len().saturating_sub(LISTED);
            let more = if more > 0 { format!(", … and {more} more") } else { String::new() };
            let named: Vec<&str> = objects.iter().copied().take(LISTED).collect();
            page.text(4, &format!("{}: {}{more}", short(resource), named.join(", ")))?;
        }
        others(of.len(), page)?;
    }
    Ok(())
}

fn left(left: &[Left], page: &mut Page<'_>) -> io::Result<()> {
    if left.is_empty() {
        return Ok(());
    }
    page.heading("Findings for which nothing is planned")?;
    let mut by_reason: BTreeMap<&Text, Vec<String>> = BTreeMap::new();
    for one in left {
        let of = format!("{} ({})", one.rule, one.resources.len());
        by_reason.entry(&one.why).or_default().push(of);
    }
    for (why, rules) in by_reason {
        page.blank()?;
        page.item(2, Tone::Plain, "", why)?;
        page.text(4, &rules.join(", "))?;
    }
    Ok(())
}

fn others(all: usize, page: &mut Page<'_>) -> io::Result<()> {
    match all.saturating_sub(LISTED) {
        0 => Ok(()),
        more => page.text(4, &format!("… and {more} more: the plan's JSON lists all")),
    }
}

fn closing(plan: &Plan, file: Option<&str>, page: &mut Page<'_>) -> io::Result<()> {
    page.blank()?;
    let Some(file) = file.filter(|_| !plan.items.is_empty()) else {
        if !plan.items.is_empty() {
            page.item(0, Tone::Plain, "next:", "save it with `--out plan.json`, and review it")?;
        }
        return Ok(());
    };
    page.item(0, Tone::Plain, "next:", &format!("`lastgood apply {file} --dry-run` looks at everything again"))?;
    if plan.items.iter().any(|item| item.disposition == Disposition::Safe) {
        page.item(0, Tone::Plain, "next:", &format!("`lastgood apply {file} --approve all-safe` does what is safe"))?;
    }
    page.item(0, Tone::Plain, "next:", &format!("`lastgood apply {file} --approve ID` does one item after a review"))
}
