//! The inventory of one side of a change, while it is put together.

mod parts;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashMapExt as _, HashSet, HashSetExt as _};

use super::Given;
use super::ask::Ask;
use super::family::{self, Role};
use super::place::Places;
use super::plan::Plan;
use super::resolve::Targets;
use super::view::{Got, Side, View};
use crate::model::Instant;
use crate::model::arn;
use crate::model::gap::Read;
use crate::model::inventory::Inventory;
use crate::model::kind::Kind;
use crate::model::protection::Selection;
use crate::model::resource::{Detail, Resource};
use crate::model::text::Text;
use crate::sources::iac::{self, Action, Undecided, alike, spelt};

/// One side, with what is known of it so far.
pub(super) struct Draft<'p, 'a> {
    pub(super) plan: &'p Plan<'a>,
    pub(super) places: &'p Places,
    pub(super) side: Side,
    pub(super) as_of: Instant,
    live: Option<&'p Inventory>,
    pub(super) inventory: Inventory,
    /// What is open, as it is found.
    pub(super) undecided: RefCell<Open>,
    /// The identity of each instance that is there on this side: a judged thing, a plan, a rule, a topic.
    identities: Vec<Option<Text>>,
    /// Of a part: the judged thing that it belongs to.
    pub(super) wholes: Vec<Option<Text>>,
    /// Instances by type and by what names them.
    named: HashMap<(&'p str, &'p str), usize>,
    by_arn: HashMap<Text, usize>,
    /// The account and region of each instance that is there.
    at: Vec<Option<(Text, Text)>>,
    open_plans: RefCell<BTreeSet<Text>>,
    /// Places, and the prefix of calls there of which something cannot be told.
    open_services: BTreeSet<(Text, Text, &'static str)>,
    /// The instances that say whether volumes are encrypted by default.
    defaults: Vec<usize>,
    /// Parts by whole and type, so that it shows which wholes have one.
    has_part: HashSet<(Text, &'static str)>,
}

/// What is open, by the judged thing.
pub(super) type Open = HashMap<Option<Text>, Vec<Undecided>>;

/// The attributes that name an instance.
const NAMES: &[&str] = &["id", "arn", "bucket", "identifier", "cluster_identifier", "name"];

impl<'p, 'a> Draft<'p, 'a> {
    /// Put one side together.
    pub(super) fn build(plan: &'p Plan<'a>, places: &'p Places, side: Side, given: &Given<'p>) -> Self {
        let count = plan.instances.len();
        let mut draft = Self {
            plan,
            places,
            side,
            as_of: given.as_of,
            live: given.live,
            inventory: Inventory::empty(given.as_of, iac::TERRAFORM),
            undecided: RefCell::default(),
            identities: vec![None; count],
            wholes: vec![None; count],
            named: HashMap::with_capacity(count),
            by_arn: HashMap::with_capacity(count),
            at: vec![None; count],
            open_plans: RefCell::default(),
            open_services: BTreeSet::new(),
            defaults: Vec::new(),
            has_part: HashSet::new(),
        };
        draft.identify();
        draft.inventory.resources.reserve(draft.at.iter().flatten().count());
        let mut by_type: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, instance) in plan.instances.iter().enumerate().filter(|(_, instance)| instance.info.is_some()) {
            by_type.entry(instance.ty).or_default().push(index);
        }
        draft.defaults = by_type.get("aws_ebs_encryption_by_default").cloned().unwrap_or_default();
        // Wholes, then parts, then what protects: each needs those before it.
        for pass in 0..3 {
            for info in family::all() {
                for index in by_type.get(info.name).into_iter().flatten() {
                    draft.add(*index, info.name, &info.role, pass);
                }
            }
        }
        draft.finish();
        draft
    }

    fn view(&self, index: usize) -> Option<View<'p, 'a>> {
        Some(View { plan: self.plan, instance: self.plan.instances.get(index)?, side: self.side })
    }

    /// Ask for facts of an instance.
    pub(super) fn ask<'d>(&'d self, view: View<'p, 'a>, identity: Option<&'d Text>) -> Ask<'d, 'p, 'a> {
        Ask { view, identity, undecided: &self.undecided }
    }

    /// Give each instance its identity, and remember what names it.
    fn identify(&mut self) {
        let mut taken: HashSet<Text> = HashSet::new();
        for index in 0..self.plan.instances.len() {
            let Some(view) = self.view(index).filter(|view| view.exists()) else { continue };
            let Some(info) = view.instance.info else { continue };
            for attribute in NAMES {
                if let Some(text) = view.text(attribute) {
                    self.named.insert((view.instance.ty, text), index);
                }
            }
            let identity = match &info.role {
                Role::Whole { kind, name, .. } => {
                    let place = self.places.place(view);
                    let name = name.and_then(|name| view.text(name));
                    let arn = view.text("arn").map(Text::from);
                    let arn =
                        arn.unwrap_or_else(|| iac::identity(*kind, &place.0, &place.1, name, view.instance.address));
                    if let Some(slot) = self.at.get_mut(index) {
                        *slot = Some(place);
                    }
                    arn
                }
                Role::Protection(_) => match view.instance.ty {
                    "aws_backup_plan" => self.own(view, "backup", "backup-plan:"),
                    "aws_cloudwatch_event_rule" => self.own(view, "events", "rule/"),
                    "aws_sns_topic" => self.own(view, "sns", ""),
                    "aws_dlm_lifecycle_policy" => self.own(view, "dlm", "policy/"),
                    _ => continue,
                },
                _ => continue,
            };
            // Two of a name lie in two accounts that are not known: each is judged.
            let identity = match &info.role {
                Role::Whole { kind, .. } if !taken.insert(identity.clone()) => {
                    let (account, region) = self.places.place(view);
                    iac::identity(*kind, &account, &region, None, view.instance.address)
                }
                _ => identity,
            };
            if let Some(slot) = self.identities.get_mut(index) {
                *slot = Some(identity);
            }
        }
    }

    /// The identity of something that protects: its ARN, or what stands for one that AWS gives it later.
    pub(super) fn own(&self, view: View<'_, '_>, service: &str, head: &str) -> Text {
        if let Some(arn) = view.text("arn") {
            return Text::from(arn);
        }
        let (account, region) = self.places.place(view);
        Text::from(format!("arn:aws:{service}:{region}:{account}:{head}({})", spelt(view.instance.address)))
    }

    fn add(&mut self, index: usize, ty: &'static str, role: &'static Role, pass: u8) {
        let Some(view) = self.view(index) else { return };
        match (pass, role, view.exists()) {
            (0, Role::Whole { kind, detail, .. }, true) => self.add_whole(index, view, *kind, *detail),
            (1, Role::Part { of, by, facts, apply, remove }, exists) => {
                self.add_part(index, view, ty, exists, of, by, facts, *apply, *remove);
            }
            (1, Role::Region { apply, remove }, exists) => {
                let (account, region) = self.places.place(view);
                let at = self.region(&account, &region);
                self.set_whole(index, self.inventory.resources.get(at).map(|resource| resource.arn.clone()));
                let gone = !exists && self.side == Side::After && view.instance.action == Action::Delete;
                self.change(at, |draft, resource| match () {
                    () if exists => apply(draft, view, resource),
                    () if gone => remove(resource),
                    () => {}
                });
            }
            (2, Role::Protection(put), true) => {
                put(self, view);
                // Who is told of failures is judged of the region.
                if ["aws_cloudwatch_event_rule", "aws_cloudwatch_event_target"].contains(&view.instance.ty) {
                    let (account, region) = self.places.place(view);
                    let at = self.region(&account, &region);
                    self.set_whole(index, self.inventory.resources.get(at).map(|resource| resource.arn.clone()));
                }
            }
            _ => {}
        }
    }

    fn add_whole(&mut self, index: usize, view: View<'p, 'a>, kind: Kind, detail: Detailed) {
        let Some(arn) = self.identities.get(index).cloned().flatten() else { return };
        if self.by_arn.contains_key(&arn) {
            return;
        }
        let place = self.at.get(index).cloned().flatten();
        let (account, region) = place.unwrap_or_else(|| self.places.place(view));
        let tags = self.ask(view, Some(&arn)).tags(self.places);
        let detail = detail(self, view, &arn);
        let place = (account.clone(), region.clone());
        let resource = alike::resource(kind, arn.clone(), place, view.instance.address, tags, detail);
        self.set_whole(index, Some(arn));
        let devices = if kind == Kind::Ec2Instance { family::block_devices(self, view, &resource) } else { Vec::new() };
        self.push(resource);
        devices.into_iter().for_each(|device| self.push(device));
        for list in family::DEVICES.iter().filter(|_| kind == Kind::Ec2Instance) {
            if let Got::Open(why) = view.got(list) {
                let why = format!("its `{list}` {why}, so not all its volumes are judged");
                let gap = iac::incomplete(iac::TERRAFORM, "BlockDevices", Some(view.instance.address), &why);
                self.inventory.gaps.push(gap);
            }
        }
        if kind == Kind::BackupVault {
            self.region(&account, &region);
        }
    }

    fn push(&mut self, resource: Resource) {
        self.by_arn.insert(resource.arn.clone(), self.inventory.resources.len());
        self.inventory.resources.push(resource);
    }

    /// Change a resource with the draft at hand.
    fn change(&mut self, at: usize, change: impl FnOnce(&Self, &mut Resource)) {
        let mut resources = std::mem::take(&mut self.inventory.resources);
        if let Some(resource) = resources.get_mut(at) {
            change(self, resource);
        }
        self.inventory.resources = resources;
    }

    fn set_whole(&mut self, index: usize, arn: Option<Text>) {
        if let Some(slot) = self.wholes.get_mut(index) {
            *slot = arn;
        }
    }

    /// The settings of an account in a region: made when something speaks of them.
    fn region(&mut self, account: &Text, region: &Text) -> usize {
        let settings = alike::region_settings(account, region);
        if let Some(at) = self.by_arn.get(&settings.arn) {
            return *at;
        }
        self.push(settings);
        self.inventory.resources.len() - 1
    }

    /// Whether new volumes are encrypted by default where an instance lies, as declared here or as the account has it.
    pub(super) fn encryption_by_default(&self, view: View<'p, 'a>) -> Option<bool> {
        let here = self.places.place(view);
        let settings = self
            .defaults
            .iter()
            .filter_map(|index| self.view(*index))
            .find(|other| other.exists() && self.places.place(*other) == here);
        if let Some(settings) = settings {
            return match settings.got("enabled") {
                Got::Known(value) => value.as_bool(),
                Got::NotSet => Some(true),
                Got::Open(_) => None,
            };
        }
        alike::encryption_by_default(self.live?, &here.0, &here.1)
    }

    fn instance_named(&self, text: &str, of: &[&'static str]) -> Option<usize> {
        of.iter().find_map(|ty| self.named.get(&(*ty, text))).copied()
    }

    /// The identity of what an attribute names, by its text or by reference, among these types.
    pub(super) fn named(&self, view: View<'p, 'a>, path: &str, of: &[&'static str]) -> Option<Text> {
        let index = match view.text(path) {
            Some(text) => self.instance_named(text, of)?,
            None => match view.targets(path, true) {
                Targets::All(found) => found
                    .into_iter()
                    .find(|index| self.plan.instances.get(*index).is_some_and(|i| of.contains(&i.ty)))?,
                _ => return None,
            },
        };
        self.identity(index).cloned()
    }

    /// The identity of an instance.
    pub(super) fn identity(&self, index: usize) -> Option<&Text> {
        self.identities.get(index)?.as_ref()
    }

    /// The plan with this id: one of the code, or one of the account.
    pub(super) fn plan_with_id(&self, id: &str) -> Option<Text> {
        let own = self.named.get(&("aws_backup_plan", id)).and_then(|index| self.identity(*index));
        let live = || self.live?.plans.iter().find(|plan| arn::short(&plan.arn) == id).map(|plan| &plan.arn);
        own.or_else(live).cloned()
    }

    /// The event rule with this name.
    pub(super) fn rule_named(&self, name: &str) -> Option<Text> {
        self.named.get(&("aws_cloudwatch_event_rule", name)).and_then(|index| self.identity(*index)).cloned()
    }

    /// Put a selection into its plan.
    pub(super) fn select(&mut self, plan: &Text, selection: Selection) {
        alike::select(&mut self.inventory, self.live, plan, selection);
    }

    /// What a plan does or takes in cannot be told.
    pub(super) fn undecided_plan(&self, plan: &Text) {
        self.open_plans.borrow_mut().insert(plan.clone());
    }

    /// A selection whose plan is not known here may cover anything it names.
    pub(super) fn undecided_selection(&mut self, view: View<'p, 'a>, account: &Text, region: &Text) {
        self.ask(view, None).open("selections", "plan_id", alike::UNKNOWN_PLAN);
        let plan = alike::unknown_plan(account.clone(), region.clone(), view.instance.address);
        self.inventory.plans.push(plan);
    }

    /// The code arranges protection in this place.
    pub(super) fn declare_protection(&mut self, account: &Text, region: &Text) {
        self.inventory.reads.extend(iac::declares(account, region));
    }

    /// The code arranges who is told in this place.
    pub(super) fn declare_notification(&mut self, account: &Text, region: &Text) {
        self.inventory.reads.push(alike::notifies(account.clone(), region.clone()));
    }

    /// Something of a service cannot be told in this place, whatever else of it is declared there.
    pub(super) fn leave_service_open(&mut self, account: &Text, region: &Text, service: &'static str) {
        self.open_services.insert((account.clone(), region.clone(), service));
    }

    fn finish(&mut self) {
        for (account, region, service) in std::mem::take(&mut self.open_services) {
            let is_open =
                |read: &Read| read.account == account && read.region == region && read.call.starts_with(service);
            self.inventory.reads.retain(|read| !is_open(read));
        }
        alike::leave_open(&mut self.inventory, &self.open_plans.take());
        let places =
            self.inventory.resources.iter().map(|resource| (resource.account.clone(), resource.region.clone()));
        let places = places.chain(self.inventory.plans.iter().map(|plan| (plan.account.clone(), plan.region.clone())));
        let (accounts, regions): (Vec<_>, Vec<_>) = places.unzip();
        (self.inventory.accounts, self.inventory.regions) = (accounts, regions);
        self.inventory.reads.sort();
        self.inventory.reads.dedup();
        self.inventory.sort();
    }
}

type Detailed = fn(&Draft<'_, '_>, View<'_, '_>, &Text) -> Detail;
