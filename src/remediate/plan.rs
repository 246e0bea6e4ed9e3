//! Assessment + Inventory → Plan. Pure: equal arguments give equal bytes.
//!
//! One file per kind of remedy; each looks at the findings that it can close, and says of everything else
//! what keeps it.

mod configure;
mod demands;
mod prune;
mod restore_test;
mod snapshot;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sha2::{Digest, Sha256};

use super::price;
use crate::model::Instant;
use crate::model::assessment::{Assessment, Verdict};
use crate::model::estate::Estate;
use crate::model::inventory::{Inventory, hex};
use crate::model::outcome::Outcome;
use crate::model::plan::{
    Action, Basis, BucketPrefix, Disposition, Estimate, Finding, Item, Kept, Left, Level, Plan, SCHEMA, Sample,
    Settings, Target,
};
use crate::model::resource::Resource;
use crate::model::span::Span;
use crate::model::text::Text;
use demands::Demands;

/// What a plan is asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The verbs to plan ([`Action::VERBS`]); empty for all but restore tests, which have a level.
    pub only: Vec<Text>,
    /// The level of restore tests; without one it follows from the kind of the resource.
    pub level: Option<Level>,
    /// How many blocks or versions restore tests read, 0 for all; without it all blocks, and a thousand versions.
    pub sample: Option<Sample>,
    /// Id of the instance on which restored volumes are looked at.
    pub test_instance: Option<Text>,
    /// ARN of the role with which AWS Backup restores for a test.
    pub restore_role: Option<Text>,
    /// Where previous versions are restored to and compared.
    pub restore_to: Option<BucketPrefix>,
    /// Whether restore tests are planned of what was tested in time too: a test may come before it is due.
    pub again: bool,
    /// How careful to be.
    pub settings: Settings,
    /// For how long the plan may be applied.
    pub lifetime: Span,
    /// The vault for backups on demand, where no plan or point of the resource names one.
    pub vault: Option<Text>,
    /// The role for backups on demand, where no plan of the resource names one.
    pub role: Option<Text>,
    /// Only these resources (patterns of ARNs or names); empty for all.
    pub resources: Vec<Text>,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            only: Vec::new(),
            level: None,
            sample: None,
            test_instance: None,
            restore_role: None,
            restore_to: None,
            again: false,
            settings: Settings::default(),
            lifetime: Span::days(1),
            vault: None,
            role: None,
            resources: Vec::new(),
        }
    }
}

impl Wanted {
    fn wants(&self, verb: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|wanted| *wanted == *verb)
    }

    fn takes(&self, resource: &Resource) -> bool {
        let matches = |pattern: &Text, text: &str| crate::model::glob::matches(pattern, text);
        self.resources.is_empty()
            || self
                .resources
                .iter()
                .any(|pattern| matches(pattern, &resource.arn) || matches(pattern, resource.display_name()))
    }
}

/// What the planners see and fill.
struct Draft<'a> {
    estate: Estate<'a>,
    demands: Demands<'a>,
    wanted: &'a Wanted,
    now: Instant,
    items: Vec<Item>,
    /// Where each item stands, by its id.
    index: HashMap<Text, usize>,
    kept: BTreeSet<Kept>,
    left: BTreeMap<(Text, Text), BTreeSet<Text>>,
    closed: BTreeSet<Text>,
}

/// Plan what would put the findings of `assessment` right, as seen at `now`. The assessment must be of this
/// inventory: who reads both from files compares the digests first.
pub fn plan(assessment: &Assessment, inventory: &Inventory, wanted: &Wanted, now: Instant) -> Plan {
    let mut draft = Draft {
        estate: Estate::new(inventory),
        demands: Demands::of(assessment),
        wanted,
        now,
        items: Vec::new(),
        index: HashMap::new(),
        kept: BTreeSet::new(),
        left: BTreeMap::new(),
        closed: BTreeSet::new(),
    };
    let findings: Vec<&Verdict> =
        assessment.verdicts.iter().filter(|verdict| verdict.outcome == Outcome::Fail).collect();
    if wanted.wants("snapshot") {
        snapshot::plan(&mut draft, &findings);
    }
    if wanted.wants("configure") {
        configure::plan(&mut draft, &findings);
    }
    if wanted.wants("restore-test") {
        let tested: Vec<&Verdict> =
            assessment.verdicts.iter().filter(|verdict| restore_test::is_due(verdict, wanted.again)).collect();
        restore_test::plan(&mut draft, &tested);
    }
    if wanted.wants("prune") {
        prune::plan(&mut draft, &findings);
    }
    draft.leave_the_rest(&findings);
    draft.finish(assessment)
}

impl<'a> Draft<'a> {
    /// The resource of a finding, if it was found and is asked for.
    fn resource(&self, verdict: &Verdict) -> Option<&'a Resource> {
        self.estate.resource(&verdict.subject.resource).filter(|resource| self.wanted.takes(resource))
    }

    /// Add an item. What it is done to makes its id.
    fn add(&mut self, resource: &Resource, what: New<'_>) {
        let New { action, at, object, disposition, reason, closes, estimate, warnings } = what;
        let at = at.unwrap_or_else(|| Target::new(&resource.account, &resource.region));
        let hash = Sha256::new().chain_update(action.verb()).chain_update([0]).chain_update(object);
        let hash = hex(&hash.finalize());
        let id = Text::from(format!("{}-{}", action.verb(), hash.get(..12).unwrap_or_default()));
        let closes: BTreeSet<Finding> = closes.into_iter().map(finding).collect();
        self.closed.extend(closes.iter().map(|finding| finding.fingerprint.clone()));
        // Two rules may ask for the same of one thing: it is done once, and for the more demanding of them.
        if let Some(known) = self.index.get(&id).and_then(|at| self.items.get_mut(*at)) {
            let all: BTreeSet<Finding> = known.closes.drain(..).chain(closes).collect();
            known.closes = all.into_iter().collect();
            if !widen(&mut known.action, &action) {
                known.warnings.push(Text::from("another rule asks for something else of it; this is the first"));
            }
            return;
        }
        self.index.insert(id.clone(), self.items.len());
        self.items.push(Item {
            id,
            action,
            disposition,
            account: at.account,
            region: at.region,
            resource: resource.arn.clone(),
            name: Text::from(resource.display_name()),
            application: resource.application.clone(),
            reason: Text::from(reason),
            closes: closes.into_iter().collect(),
            estimate,
            warnings: warnings.into_iter().map(Text::from).collect(),
        });
    }

    fn stored_points(&self) -> u64 {
        let points = self.estate.inventory.points.iter();
        points.filter(|point| point.is_stored() && !point.is_parent()).count() as u64
    }

    /// Nothing is planned for a finding, and this is why.
    fn leave(&mut self, verdict: &Verdict, why: impl Into<Text>) {
        let resources = self.left.entry((verdict.rule.id.clone(), why.into())).or_default();
        resources.insert(verdict.subject.resource.clone());
    }

    /// Findings that no planner spoke of.
    fn leave_the_rest(&mut self, findings: &[&Verdict]) {
        let spoken: BTreeSet<(Text, Text)> = self
            .left
            .iter()
            .flat_map(|((rule, _), resources)| resources.iter().map(move |at| (rule.clone(), at.clone())))
            .collect();
        for verdict in findings {
            let key = (verdict.rule.id.clone(), verdict.subject.resource.clone());
            if spoken.contains(&key) || self.closed.contains(&Text::from(verdict.fingerprint())) {
                continue;
            }
            let asked = self.wanted.only.is_empty()
                && self.estate.resource(&verdict.subject.resource).is_none_or(|resource| self.wanted.takes(resource));
            self.leave(
                verdict,
                match asked {
                    true => "people must put it right: the rule's remedy says how",
                    false => "nothing that was asked for puts it right",
                },
            );
        }
    }

    fn finish(mut self, assessment: &Assessment) -> Plan {
        let order = |item: &Item| Action::VERBS.iter().position(|verb| *verb == item.action.verb());
        self.items.sort_by(|a, b| {
            (order(a), &a.account, &a.region, &a.resource, &a.id).cmp(&(
                order(b),
                &b.account,
                &b.region,
                &b.resource,
                &b.id,
            ))
        });
        let totals = self.items.iter().fold(Estimate::default(), |sum, item| sum.plus(item.estimate));
        let stored_points = self.stored_points();
        let left = self.left.into_iter();
        let left = left.map(|((rule, why), at)| Left { rule, why, resources: at.into_iter().collect() });
        Plan {
            schema: SCHEMA.into(),
            id: Text::default(),
            created_at: self.now,
            expires_at: self.now.checked_add_signed(self.wanted.lifetime.delta()).unwrap_or(self.now),
            basis: Basis {
                run: assessment.run.id.clone(),
                policy: assessment.policy.id.clone(),
                policy_sha256: assessment.policy.sha256.clone(),
                inventory_sha256: assessment.inventory.sha256.clone(),
                captured_at: assessment.inventory.captured_at,
                accounts: assessment.inventory.accounts.clone(),
                stored_points,
                prices: price::AS_OF.into(),
            },
            settings: self.wanted.settings.clone(),
            items: self.items,
            kept: self.kept.into_iter().collect(),
            left: left.collect(),
            totals,
            sha256: Text::default(),
        }
        .seal()
    }
}

/// An item before it has its place.
struct New<'v> {
    action: Action,
    /// Where it is done, if not where the resource is.
    at: Option<Target>,
    /// What it is done to.
    object: &'v str,
    disposition: Disposition,
    reason: String,
    closes: Vec<&'v Verdict>,
    estimate: Estimate,
    warnings: Vec<String>,
}

/// Let an action do what another of the same id asks for as well; whether it does.
fn widen(known: &mut Action, other: &Action) -> bool {
    match (known, other) {
        (Action::KeepVersions { days, .. }, Action::KeepVersions { days: more, .. })
        | (Action::KeepPoint { delete_after_days: days, .. }, Action::KeepPoint { delete_after_days: more, .. }) => {
            *days = (*days).max(*more);
            true
        }
        (known, other) => known == other,
    }
}

fn finding(verdict: &Verdict) -> Finding {
    Finding {
        fingerprint: Text::from(verdict.fingerprint()),
        rule: verdict.rule.id.clone(),
        resource: verdict.subject.resource.clone(),
    }
}
