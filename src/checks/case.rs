//! What a check sees: one resource or group, the estate around it, and the instant.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

use chrono_tz::Tz;

use crate::model::Instant;
use crate::model::activity::Activity;
use crate::model::application::{self, Application, Component};
use crate::model::coverage::Coverage;
use crate::model::declared::Declared;
use crate::model::dlm::{self, Kept};
use crate::model::estate::Estate;
use crate::model::fact::Fact;
use crate::model::gap::{Gap, Read};
use crate::model::judgement::{Evidence, Judgement};
use crate::model::log;
use crate::model::protection::{BackupPlan, CopyAction, DlmPolicy, PlanRule};
use crate::model::recovery_point::RecoveryPoint;
use crate::model::resource::{Existence, Resource};
use crate::model::schedule::{CadenceBounds, RuleSchedule, Schedule, cadence_bounds};
use crate::model::text::Text;

/// A judgement, or the fact that was needed and not read.
pub type Answer = Result<Judgement, Unread>;

/// A set of plans, of which the rules count that keep for at least so many days.
type PlanSet = (u32, Vec<*const BackupPlan>);

/// A set of plans, of which the rules count that copy to another region, another account, or either.
type CopySet = (bool, bool, Vec<*const BackupPlan>);

/// What all cases of one evaluation share.
#[derive(Debug)]
pub struct Context<'a> {
    /// The indexed inventory.
    pub estate: Estate<'a>,
    /// The instant for which everything is judged.
    pub as_of: Instant,
    /// The zone of the policy's local days.
    pub zone: Tz,
    /// Schedule bounds by set of plans: thousands of resources share a few sets.
    bounds: RefCell<HashMap<PlanSet, Option<CadenceBounds>>>,
    /// The same for the rules that copy off-site, by what counts as off-site.
    copies: RefCell<HashMap<CopySet, Option<CadenceBounds>>>,
    /// What DLM policies keep, each worked out once.
    kept: RefCell<HashMap<*const DlmPolicy, Option<Kept>>>,
}

impl<'a> Context<'a> {
    /// A context over an indexed inventory.
    pub fn new(estate: Estate<'a>, as_of: Instant, zone: Tz) -> Self {
        Self { estate, as_of, zone, bounds: RefCell::default(), copies: RefCell::default(), kept: RefCell::default() }
    }

    /// What infrastructure code says beside the inventory, if it is judged rather than an account.
    pub fn declared(&self) -> Option<&'a Declared> {
        self.estate.inventory.declared.as_deref()
    }

    /// Whether what is judged is a template, rather than Terraform or an account.
    pub fn is_template(&self) -> bool {
        self.estate.inventory.is_template()
    }

    /// What the schedules of these plans promise together: `None` when they promise nothing that
    /// repeats, or when a schedule cannot be read (AWS would not have accepted it either).
    pub fn schedule_bounds(&self, plans: &[&'a BackupPlan]) -> Option<CadenceBounds> {
        self.schedule_bounds_keeping(plans, 0)
    }

    /// The same of those rules alone that keep what they make for at least so many days.
    pub fn schedule_bounds_keeping(&self, plans: &[&'a BackupPlan], days: u32) -> Option<CadenceBounds> {
        let mut key: Vec<*const BackupPlan> = plans.iter().map(|plan| std::ptr::from_ref(*plan)).collect();
        key.sort_unstable();
        key.dedup();
        let key = (days, key);
        if let Some(known) = self.bounds.borrow().get(&key) {
            return known.clone();
        }
        let keeps = |rule: &RuleSchedule| rule.retention_days.is_none_or(|kept| kept >= days);
        let schedules: Vec<Vec<RuleSchedule>> =
            plans.iter().map(|plan| plan_schedules(plan).into_iter().filter(keeps).collect()).collect();
        let bounds = cadence_bounds(&schedules, self.as_of);
        self.bounds.borrow_mut().insert(key, bounds.clone());
        bounds
    }

    /// What the schedules of those rules promise that copy off-site: to another `region`, another `account`, or either.
    pub fn copy_bounds(&self, plans: &[&'a BackupPlan], region: bool, account: bool) -> Option<CadenceBounds> {
        let mut key: Vec<*const BackupPlan> = plans.iter().map(|plan| std::ptr::from_ref(*plan)).collect();
        key.sort_unstable();
        key.dedup();
        let key = (region, account, key);
        if let Some(known) = self.copies.borrow().get(&key) {
            return known.clone();
        }
        let off_site = |plan: &BackupPlan, rule: &PlanRule| {
            rule.copies.iter().any(|copy| plan.copies_off_site(copy, region, account) == Some(true))
        };
        let schedules: Vec<Vec<RuleSchedule>> =
            plans.iter().map(|plan| schedules_of(plan, |rule| off_site(plan, rule))).collect();
        let bounds = cadence_bounds(&schedules, self.as_of);
        self.copies.borrow_mut().insert(key, bounds.clone());
        bounds
    }

    /// Insist that a register or the logs were read, and be told from when on.
    ///
    /// # Errors
    /// [`Unread`] with the gap that explains it, or with what to give: `missing`.
    pub fn need_declared(&self, call: &'static str, missing: &'static str) -> Result<&'a Read, Unread> {
        let found = self.estate.read(log::ACCOUNT, log::REGION, call);
        found.ok_or_else(|| {
            let gap = self.estate.gap(log::ACCOUNT, log::REGION, call, "").cloned().map(Box::new);
            let why = gap.is_none().then(|| Text::from(missing));
            Unread { call: Text::from(call), gap, why }
        })
    }

    /// Insist that the backup logs were read; the answer's `since` is where they begin.
    ///
    /// # Errors
    /// As for [`Context::need_declared`].
    pub fn need_log(&self) -> Result<&'a Read, Unread> {
        self.need_declared(log::RECORDS, "no backup log was read; give it with `--logs PATH`")
    }

    /// Insist that the application register was read.
    ///
    /// # Errors
    /// As for [`Context::need_declared`].
    pub fn need_applications(&self) -> Result<&'a [Application], Unread> {
        self.need_declared(
            application::REGISTER,
            "no application register was read; give it with `--applications FILE`",
        )?;
        Ok(&self.estate.inventory.applications)
    }

    /// What a DLM policy promises to keep; `None` when that cannot be told.
    pub fn dlm_kept(&self, policy: &'a DlmPolicy) -> Option<Kept> {
        let key = std::ptr::from_ref(policy);
        *self.kept.borrow_mut().entry(key).or_insert_with(|| dlm::kept(policy, self.as_of))
    }
}

/// The schedules of a plan's rules; unreadable ones are left out, which can only widen the gap.
fn plan_schedules(plan: &BackupPlan) -> Vec<RuleSchedule> {
    schedules_of(plan, |_| true)
}

/// The first copy of these plans of which it cannot be told whether it is off-site.
pub(super) fn open_copy<'p>(
    plans: &[&'p BackupPlan],
    region: bool,
    account: bool,
) -> Option<(&'p BackupPlan, &'p CopyAction)> {
    let copies = |plan: &&'p BackupPlan| {
        let plan = *plan;
        plan.rules.iter().flat_map(|rule| &rule.copies).map(move |copy| (plan, copy))
    };
    plans.iter().flat_map(copies).find(|(plan, copy)| plan.copies_off_site(copy, region, account).is_none())
}

/// The schedules of some of a plan's rules.
fn schedules_of(plan: &BackupPlan, meant: impl Fn(&PlanRule) -> bool) -> Vec<RuleSchedule> {
    plan.rules
        .iter()
        .filter(|rule| meant(rule))
        .filter_map(|rule| {
            let schedule = Schedule::parse(rule.schedule.as_deref(), rule.timezone.as_deref()).ok()?;
            let start_window = chrono::TimeDelta::minutes(i64::from(rule.start_window_minutes.unwrap_or(480)));
            Some(RuleSchedule { schedule, start_window, retention_days: rule.delete_after_days })
        })
        .collect()
}

/// One resource to be judged.
#[derive(Debug)]
pub struct Case<'a> {
    /// The resource.
    pub resource: &'a Resource,
    /// What all cases share.
    pub context: &'a Context<'a>,
    application: Option<Text>,
    criticality: Option<Text>,
    coverage: OnceCell<Coverage<'a>>,
    points: OnceCell<&'a [&'a RecoveryPoint]>,
    activities: OnceCell<&'a [&'a Activity]>,
    /// Whether every list of points was read to its end; a dozen checks ask.
    all_points: OnceCell<bool>,
}

/// Several resources to be judged as one.
#[derive(Debug)]
pub struct Group<'a> {
    /// The application's name, or `estate`.
    pub name: Text,
    /// The resources in it.
    pub members: Vec<&'a Resource>,
    /// What all cases share.
    pub context: &'a Context<'a>,
}

impl Group<'_> {
    /// The judgement of resources that belong to no application, where a check judges applications.
    pub fn unassigned(&self) -> Option<Judgement> {
        let template = "without an application: {members:resource}";
        self.name.is_empty().then(|| Judgement::unknown(template).with("members", self.members.len()))
    }
}

impl<'a> Case<'a> {
    /// The case of one resource.
    pub fn new(resource: &'a Resource, context: &'a Context<'a>) -> Self {
        Self {
            resource,
            context,
            application: resource.application.clone(),
            criticality: resource.criticality.clone(),
            coverage: OnceCell::new(),
            points: OnceCell::new(),
            activities: OnceCell::new(),
            all_points: OnceCell::new(),
        }
    }

    /// With the application and the criticality that scopes go by: those of the register or, without one, of the
    /// tags that the policy names.
    #[must_use]
    pub fn assigned(mut self, application: Option<Text>, criticality: Option<Text>) -> Self {
        (self.application, self.criticality) = (application, criticality);
        self
    }

    /// The application that it belongs to.
    pub fn application(&self) -> Option<&Text> {
        self.application.as_ref()
    }

    /// How much it matters.
    pub fn criticality(&self) -> Option<&Text> {
        self.criticality.as_ref()
    }

    /// The instant for which it is judged.
    pub fn as_of(&self) -> Instant {
        self.context.as_of
    }

    /// What the register says of it, where it is a declared component.
    pub fn component(&self) -> Option<&'a Component> {
        let applications = &self.context.estate.inventory.applications;
        let mut parts = applications.iter().flat_map(|app| app.components.iter().map(move |part| (app, part)));
        parts.find(|(app, part)| part.arn(&app.id) == self.resource.arn).map(|(_, part)| part)
    }

    /// The recovery points of the resource, oldest first, wherever they lie.
    pub fn points(&self) -> &'a [&'a RecoveryPoint] {
        self.points.get_or_init(|| self.context.estate.points(&self.resource.arn))
    }

    /// Its activities, oldest first.
    pub fn activities(&self) -> &'a [&'a Activity] {
        self.activities.get_or_init(|| self.context.estate.activities(&self.resource.arn))
    }

    /// How backup plans cover it; worked out once per resource.
    pub fn coverage(&self) -> &Coverage<'a> {
        self.coverage.get_or_init(|| self.context.estate.coverage(self.resource))
    }

    /// Whether it is declared by infrastructure code, so that it is judged by what is configured and nothing has been
    /// observed of it.
    pub fn is_declared(&self) -> bool {
        self.context.declared().is_some()
    }

    /// Insist on a fact.
    ///
    /// # Errors
    /// [`Unread`] with the gap that explains it. `call` is the API call that reads the fact.
    pub fn need<'f, T>(&self, fact: Option<&'f Fact<T>>, call: &'static str) -> Result<&'f T, Unread> {
        fact.and_then(Fact::known).ok_or_else(|| self.unread(call))
    }

    /// Insist on one fact of several that a call reads: `name` is that of the model's field.
    ///
    /// # Errors
    /// As for [`Case::need`].
    pub fn need_named<'f, T>(
        &self,
        fact: Option<&'f Fact<T>>,
        call: &'static str,
        name: &'static str,
    ) -> Result<&'f T, Unread> {
        fact.and_then(Fact::known).ok_or_else(|| self.unread_named(call, name))
    }

    /// The account of one fact of several that a call reads.
    pub fn unread_named(&self, call: &'static str, name: &'static str) -> Unread {
        match self.context.declared() {
            Some(declared) => super::declared::unread(self, declared, call, Some(name)),
            None => self.unread(call),
        }
    }

    /// Insist that a list was read to its end in the resource's account and region.
    ///
    /// # Errors
    /// [`Unread`] with the gap that explains it.
    pub fn need_read(&self, call: &'static str) -> Result<(), Unread> {
        let resource = self.resource;
        match self.context.estate.read(&resource.account, &resource.region, call) {
            Some(_) => Ok(()),
            None => Err(self.unread(call)),
        }
    }

    /// Insist that every recovery point of the resource is known. Of declared infrastructure none is asked for: it is
    /// judged by what is configured.
    ///
    /// # Errors
    /// [`Unread`] with the gap that explains it.
    pub fn need_all_points(&self) -> Result<(), Unread> {
        if self.is_declared() {
            return Ok(());
        }
        let check = || self.resource.kind.point_operations().iter().try_for_each(|call| self.need_read(call));
        if *self.all_points.get_or_init(|| check().is_ok()) { Ok(()) } else { check() }
    }

    /// Insist that the resource is known to exist still: one that may be gone owes no new backups.
    ///
    /// # Errors
    /// [`Unread`] with the gap that explains why its kind could not be listed.
    pub fn need_existence(&self) -> Result<(), Unread> {
        match (self.resource.existence, self.resource.kind.list_operation()) {
            (Existence::Unconfirmed, Some(call)) => Err(self.unread(call)),
            _ => Ok(()),
        }
    }

    /// The account of something that was not read.
    pub fn unread(&self, call: &'static str) -> Unread {
        let resource = self.resource;
        if let Some(declared) = self.context.declared() {
            return super::declared::unread(self, declared, call, None);
        }
        let gap = self.context.estate.gap(&resource.account, &resource.region, call, &resource.arn);
        Unread { call: Text::from(call), gap: gap.cloned().map(Box::new), why: None }
    }
}

/// Something a check needed and nobody read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The API call that would have read it, as `service:Operation`.
    pub call: Text,
    /// The gap that explains it, if one was recorded.
    pub gap: Option<Box<Gap>>,
    /// A reason of another kind.
    pub why: Option<Text>,
}

impl Unread {
    /// Something that was never asked for.
    pub fn not_asked(call: &str, why: &str) -> Self {
        Self { call: Text::from(call), gap: None, why: Some(Text::from(why)) }
    }

    /// The `unknown` judgement that it means.
    pub fn judgement(&self) -> Judgement {
        match (&self.gap, &self.why) {
            (Some(gap), _) if gap.account == log::ACCOUNT => {
                Judgement::unknown("{file} could not be read ({status}: {code}): {problem}")
                    .with("file", gap.resource.clone().unwrap_or_default())
                    .with("status", gap.status.id())
                    .with("code", &gap.code)
                    .with("problem", gap.message.clone().unwrap_or_default())
                    .shown_by(Evidence::new("gap", gap.call(), None).note(gap.code.clone()))
            }
            (Some(gap), _) => {
                Judgement::unknown("{call} was not read ({status}: {code}); it needs the IAM action {iam_action}")
                    .with("call", gap.call())
                    .with("status", gap.status.id())
                    .with("code", &gap.code)
                    .with("iam_action", &gap.iam_action)
                    .shown_by(Evidence::new("gap", gap.call(), None).note(gap.code.clone()))
            }
            (None, Some(why)) => Judgement::unknown("{why}").with("why", why).with("call", &self.call),
            (None, None) => Judgement::unknown("{call} is not part of this inventory").with("call", &self.call),
        }
    }
}
