//! `failure-notification`: when a backup fails, somebody is told.

mod pattern;
mod records;

use super::{Answer, Args, Case, Check, CheckInfo, InCode, Param, ParamError, ParamType};
use crate::model::arn::{self, Arn};
use crate::model::fact::Fact;
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;
use crate::model::resource::Resource;
use crate::model::span::Span;
use crate::model::text::Text;
use pattern::Takes;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "failure-notification",
    title: "when a backup fails, somebody is told",
    docs: "\
## What it judges
Each region of an account with backup vaults: is there a way from a failed job of AWS Backup to a person? And each declared
component: does the log say of each failed backup that somebody was told?

## Exact semantics
* **Regions.** Each state of `states` must reach somebody: by an enabled EventBridge rule on the default bus whose pattern takes
  every `Backup Job State Change` of that state, or by the notifications of **every** vault of the region for
  `BACKUP_JOB_COMPLETED`, which is sent for each end of a job, failures too. `BACKUP_JOB_FAILED` and `BACKUP_JOB_EXPIRED` are
  deprecated: AWS takes them and sends nothing.
* A topic of SNS reaches somebody if one of its subscriptions is confirmed. A target of another service counts if
  `targets` names the service: what a function does with an event cannot be seen. A queue or a log tells nobody.
* A pattern that asks for more, such as one resource type, takes only some jobs and does not count.
* **Components.** A failed backup of the last `lookback` counts as told if its record names who was notified, or if a record of
  kind `notification` names it in `about` or follows within `within` for the same component or application. A notice that failed
  itself tells nobody. A failure that is younger than `within` is not judged yet.
* A region without vaults owes nothing, nor does a component without failed backups.

Source: EventBridge user guide (event patterns), AWS Backup developer guide (notifications).

## What yields `unknown`
Rules, their targets, topics or the notifications of a vault were not read, and nothing that was read reaches somebody; a pattern
uses words that this version does not know; a topic lies in an account that was not read. For components: no log was read, or it
does not reach back far enough.
",
    remedy: "let an EventBridge rule on `Backup Job State Change` send failed, expired and partial jobs to a topic that people \
             subscribe to; record notices with `lastgood log record --kind notification --about RUN`",
    kinds: &[
        Kind::AccountRegion,
        Kind::Mysql,
        Kind::Postgresql,
        Kind::Repository,
        Kind::Configuration,
        Kind::Files,
    ],
    judges_deleted: false,
    remedy_in_code: Some(InCode { terraform: "declare an event rule on `Backup Job State Change` with a topic that people subscribe to, or `aws_backup_vault_notifications` for `BACKUP_JOB_COMPLETED`", template: "declare an event rule on `Backup Job State Change` with a topic that people subscribe to, or `Notifications` of the vault for `BACKUP_JOB_COMPLETED`" }),
    params: &[
        Param {
            name: "states",
            ty: ParamType::Choices(&["FAILED", "EXPIRED", "PARTIAL", "ABORTED"]),
            default: Some(r#"["FAILED", "EXPIRED", "PARTIAL"]"#),
            required: false,
            docs: "the ends of a job of which somebody must be told",
        },
        Param {
            name: "targets",
            ty: ParamType::Texts,
            default: Some(r#"["lambda"]"#),
            required: false,
            docs: "services, besides `sns`, whose targets are taken to tell somebody",
        },
        Param {
            name: "lookback",
            ty: ParamType::Span,
            default: Some("\"30d\""),
            required: false,
            docs: "how far back failed backups of the log are looked at",
        },
        Param {
            name: "within",
            ty: ParamType::Span,
            default: Some("\"24h\""),
            required: false,
            docs: "how soon after a failure somebody must have been told",
        },
    ],
    reads: &[
        "backup:ListBackupVaults",
        "backup:GetBackupVaultNotifications",
        "events:ListRules",
        "events:ListTargetsByRule",
        "sns:GetTopicAttributes",
        "log:ReadRecords",
    ],
    prepare,
};

struct FailureNotification {
    states: Vec<Text>,
    targets: Vec<Text>,
    lookback: Span,
    within: Span,
}

fn prepare(args: &Args) -> Result<Box<dyn Check>, ParamError> {
    let states = args.texts("states").to_vec();
    if states.is_empty() {
        return Err(ParamError::new("states", "nobody would have to be told of anything", "name at least `FAILED`"));
    }
    Ok(Box::new(FailureNotification {
        states,
        targets: args.texts("targets").to_vec(),
        lookback: args.span("lookback").unwrap_or(Span::days(30)),
        within: args.span("within").unwrap_or(Span::hours(24)),
    }))
}

/// Whether somebody is reached.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    Nobody,
    Unknown,
    Somebody,
}

/// The best way that was found for a state, and what could not be seen on the way.
struct Way {
    reach: Reach,
    /// The rule or topic by which somebody is reached.
    by: Option<Text>,
    /// What could not be seen.
    missing: Option<Missing>,
}

/// What nobody can say.
enum Missing {
    /// The answer to this call.
    Call(&'static str),
    /// What the pattern of this rule takes.
    Pattern(Text),
    /// Whether anybody subscribes to this topic.
    Topic(Text),
}

impl Way {
    const NONE: Self = Self { reach: Reach::Nobody, by: None, missing: None };

    const fn unknown(missing: Missing) -> Self {
        Self { reach: Reach::Unknown, by: None, missing: Some(missing) }
    }

    fn better(self, other: Self) -> Self {
        if other.reach > self.reach { other } else { self }
    }
}

impl Check for FailureNotification {
    fn judge(&self, case: &Case<'_>) -> Answer {
        if case.resource.kind != Kind::AccountRegion {
            return records::judge(case, self.lookback, self.within);
        }
        let estate = &case.context.estate;
        let here = |account: &Text, region: &Text| *account == case.resource.account && *region == case.resource.region;
        let vaults: Vec<&Resource> = estate
            .inventory
            .resources
            .iter()
            .filter(|resource| resource.kind == Kind::BackupVault && here(&resource.account, &resource.region))
            .collect();
        if vaults.is_empty() {
            case.need_read("backup:ListBackupVaults")?;
            return Ok(Judgement::not_applicable("there is no backup vault here"));
        }
        let (mut untold, mut unseen, mut by) = (Vec::new(), None, Vec::new());
        for state in &self.states {
            let way = self.by_rule(case, state).better(self.by_vaults(case, &vaults));
            match way.reach {
                Reach::Somebody => by.extend(way.by),
                Reach::Nobody => untold.push(state.as_str()),
                Reach::Unknown => unseen = unseen.or(way.missing),
            }
        }
        by.sort();
        by.dedup();
        if !untold.is_empty() {
            return Ok(Judgement::fail("nobody is told when a backup job ends as {states}: no event rule reaches anybody, and not each of {vaults:vault} does")
                .with("states", untold.join(", "))
                .with("vaults", vaults.len())
                .shown_by_all(vaults.iter().map(|vault| Evidence::new("vault", vault.arn.clone(), None)), 20));
        }
        match unseen {
            None => {}
            Some(Missing::Call(call)) => return Err(case.unread(call)),
            Some(Missing::Pattern(rule)) => {
                return Ok(Judgement::unknown("the pattern of {rule} uses words that this version does not know")
                    .with("rule", &rule));
            }
            Some(Missing::Topic(topic)) => {
                return Ok(
                    Judgement::unknown("whether anybody subscribes to {topic} was not read").with("topic", &topic)
                );
            }
        }
        let reached: Vec<&str> = by.iter().map(|arn| arn::short(arn)).collect();
        Ok(Judgement::pass("somebody is told of {states} by {by}")
            .with("states", self.states.iter().map(Text::as_str).collect::<Vec<_>>().join(", "))
            .with("by", reached.join(", "))
            .shown_by_all(by.iter().map(|arn| Evidence::new("rule", arn.clone(), None)), 20))
    }

    fn lookback(&self) -> Span {
        self.lookback
    }
}

impl FailureNotification {
    fn by_rule(&self, case: &Case<'_>, state: &str) -> Way {
        let (account, region) = (&case.resource.account, &case.resource.region);
        let inventory = case.context.estate.inventory;
        let mut way = if case.need_read("events:ListRules").is_err() {
            Way::unknown(Missing::Call("events:ListRules"))
        } else {
            Way::NONE
        };
        let rules = inventory.event_rules.iter().filter(|rule| rule.account == *account && rule.region == *region);
        for rule in rules.filter(|rule| rule.enabled && rule.bus == *"default") {
            let Some(pattern) = &rule.pattern else { continue };
            let takes = pattern::takes(pattern, account, region, state);
            if !matches!(takes, Takes::All | Takes::Unknown) {
                continue;
            }
            let found = match &rule.targets {
                Fact::Unread => Way::unknown(Missing::Call("events:ListTargetsByRule")),
                Fact::Known(targets) => {
                    let best = targets.iter().map(|target| self.reach(case, target)).fold(Way::NONE, Way::better);
                    Way { by: best.by.map(|_| rule.arn.clone()), ..best }
                }
            };
            // A pattern that is not understood may take nothing.
            let found = match (takes, found.reach) {
                (Takes::Unknown, Reach::Somebody) => Way::unknown(Missing::Pattern(rule.arn.clone())),
                _ => found,
            };
            way = way.better(found);
        }
        way
    }

    /// Every vault must tell: a job in a vault that does not tell is one of which nobody hears.
    fn by_vaults(&self, case: &Case<'_>, vaults: &[&Resource]) -> Way {
        const CALL: &str = "backup:GetBackupVaultNotifications";
        let mut all = Way { reach: Reach::Somebody, by: None, missing: None };
        for vault in vaults {
            let way = match vault.vault().map(|vault| &vault.notifications) {
                Some(Fact::Known(notifications)) => {
                    let sends = notifications.events.iter().any(|event| *event == *"BACKUP_JOB_COMPLETED");
                    match &notifications.topic {
                        Some(topic) if sends => self.reach(case, topic),
                        _ => Way::NONE,
                    }
                }
                _ => Way::unknown(Missing::Call(CALL)),
            };
            if way.reach < all.reach {
                all = way;
            } else if all.reach == Reach::Somebody {
                all.by = all.by.or(way.by);
            }
        }
        all
    }

    /// Whether a target tells somebody.
    fn reach(&self, case: &Case<'_>, target: &Text) -> Way {
        let somebody = || Way { reach: Reach::Somebody, by: Some(target.clone()), missing: None };
        let service = Arn::parse(target).map(|arn| arn.service).unwrap_or_default();
        if service != "sns" {
            return if self.targets.iter().any(|named| *named == *service) { somebody() } else { Way::NONE };
        }
        let topics = &case.context.estate.inventory.topics;
        match topics.iter().find(|topic| topic.arn == *target).map(|topic| &topic.confirmed) {
            Some(Fact::Known(0)) => Way::NONE,
            Some(Fact::Known(_)) => somebody(),
            // It is in another account, or nobody asked.
            _ => Way::unknown(Missing::Topic(target.clone())),
        }
    }
}
