//! The inventory that a template declares, while it is put together.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::family::{self, TypeInfo};
use super::resolve::Scope;
use super::template::Declaration;
use super::value::{Props, Split, Stuck, Told, Why};
use super::view::View;
use super::worlds::World;
use crate::model::Instant;
use crate::model::fact::Fact;
use crate::model::inventory::Inventory;
use crate::model::kind::Kind;
use crate::model::protection::Selection;
use crate::model::resource::{Detail, Resource, Tags};
use crate::model::text::Text;
use crate::sources::iac::{self, Action, Bound, CLOUDFORMATION, DeclaredResource, Undecided, alike};

/// One world's inventory, with what is known of it so far.
pub(super) struct Draft<'t> {
    pub(super) scope: &'t Scope<'t>,
    pub(super) as_of: Instant,
    pub(super) live: Option<&'t Inventory>,
    /// Tags of the stack, which all its resources get.
    stack_tags: &'t Tags,
    pub(super) inventory: Inventory,
    pub(super) undecided: RefCell<Vec<Undecided>>,
    /// What would decide what is open.
    pub(super) splits: RefCell<Vec<Split>>,
    pub(super) bounds: Vec<Bound>,
    pub(super) declared: Vec<DeclaredResource>,
    /// Which judged thing each logical id is, or is a part of.
    pub(super) wholes: BTreeMap<&'t str, Text>,
    by_arn: HashMap<Text, usize>,
    open_plans: BTreeSet<Text>,
    /// Prefixes of calls of which something cannot be told.
    pub(super) open_services: BTreeSet<&'static str>,
    /// Volumes and the instances that they are attached to.
    pub(super) attachments: Vec<(Text, Text)>,
    /// Instances of clusters.
    pub(super) members: Vec<family::Member<'t>>,
    /// Tags whose values are not known, by thing and key.
    open_tags: RefCell<Vec<(Text, Text, Undecided)>>,
}

impl<'t> Draft<'t> {
    /// Put the inventory of a world together.
    pub(super) fn build(
        scope: &'t Scope<'t>,
        world: &World,
        as_of: Instant,
        live: Option<&'t Inventory>,
        stack_tags: &'t Tags,
    ) -> Self {
        let mut draft = Self {
            scope,
            as_of,
            live,
            stack_tags,
            inventory: Inventory::empty(as_of, CLOUDFORMATION),
            undecided: RefCell::default(),
            splits: RefCell::default(),
            bounds: Vec::new(),
            declared: Vec::new(),
            wholes: BTreeMap::new(),
            by_arn: HashMap::new(),
            open_plans: BTreeSet::new(),
            open_services: BTreeSet::new(),
            attachments: Vec::new(),
            members: Vec::new(),
            open_tags: RefCell::default(),
        };
        let known: Vec<(&'t Declaration, &'static TypeInfo)> = scope
            .template
            .resources
            .iter()
            .filter_map(|declaration| Some((declaration, family::find(&declaration.ty)?)))
            .collect();
        let undecided = RefCell::default();
        let splits = RefCell::default();
        let bounds = RefCell::default();
        // Wholes, then parts, then what protects, then selections: each needs those before it.
        for pass in 0..4 {
            for (declaration, info) in known.iter().filter(|(_, info)| info.pass == pass) {
                let Some(view) = draft.view(declaration, world, &undecided, &splits, &bounds) else { continue };
                (info.put)(&mut draft, &view);
                let whole = draft.wholes.get(declaration.id.as_str()).cloned();
                draft.declared.push(DeclaredResource {
                    address: Text::from(declaration.id.as_str()),
                    declared_type: Text::from(declaration.written.as_str()),
                    identity: whole.or_else(|| info.naming.as_ref().map(|_| view.arn())),
                    action: Action::Stated,
                    at: None,
                    previous_address: None,
                });
            }
        }
        draft.undecided.borrow_mut().extend(undecided.into_inner());
        draft.splits.borrow_mut().extend(splits.into_inner());
        draft.bounds = bounds.into_inner();
        draft.finish();
        draft
    }

    fn view<'d>(
        &self,
        declaration: &'t Declaration,
        world: &World,
        undecided: &'d RefCell<Vec<Undecided>>,
        splits: &'d RefCell<Vec<Split>>,
        bounds: &'d RefCell<Vec<Bound>>,
    ) -> Option<View<'d, 't>> {
        let mut world = world.clone();
        let mut doubt = None;
        if let Some(name) = &declaration.condition {
            // A condition that no world fulfils is told, too.
            let told = self.scope.decide(&world, &|world| self.scope.condition(name, world).map_err(|why| why.at("")));
            match told {
                Ok(true) => {}
                Ok(false) => return None,
                Err(Stuck { why, .. }) => {
                    splits.borrow_mut().extend(why.split.clone());
                    // It is judged as it is where it is.
                    world.conditions.insert(name.clone(), true);
                    doubt = Some(*why);
                }
            }
        }
        let value = self.scope.properties(declaration, &world);
        Some(View { scope: self.scope, declaration, world, value, undecided, splits, bounds, doubt })
    }

    /// Add a judged thing.
    pub(super) fn whole(&mut self, view: &View<'_, 't>, kind: Kind, detail: Detail, tags: &'static str) {
        let arn = view.arn();
        let tags = self.tags(view, &arn, tags);
        let name = Text::from(view.declaration.id.as_str());
        self.add(view, kind, arn, name, tags, detail);
    }

    /// Add a judged thing with another identity than that of its declaration.
    pub(super) fn add(
        &mut self,
        view: &View<'_, 't>,
        kind: Kind,
        arn: Text,
        name: Text,
        tags: Fact<Tags>,
        detail: Detail,
    ) {
        let (account, region) = view.place();
        // Of two that have one name, since only one of them is ever made, the second goes by its logical id.
        let arn = if self.by_arn.contains_key(&arn) { self.apart(view, kind, &arn) } else { arn };
        if self.by_arn.contains_key(&arn) {
            return;
        }
        let region = match crate::model::arn::Arn::parse(&arn).map(|arn| arn.region) {
            Some(own) if !own.is_empty() => Text::from(own),
            _ => region,
        };
        let whole = self.wholes.entry(view.declaration.id.as_str()).or_insert_with(|| arn.clone());
        // What a declaration makes beside its own thing (replicas, block devices) is as much of the code.
        if *whole != arn {
            self.declared.push(DeclaredResource {
                address: name.clone(),
                declared_type: Text::from(view.declaration.written.as_str()),
                identity: Some(arn.clone()),
                action: Action::Stated,
                at: None,
                previous_address: None,
            });
        }
        self.push(alike::resource(kind, arn, (account, region), name, tags, detail));
    }

    /// The identity of a resource without its name, which another has already; what is open of it moves there.
    fn apart(&self, view: &View<'_, 't>, kind: Kind, named: &Text) -> Text {
        let (account, region) = view.place();
        let id = view.declaration.id.as_str();
        let arn = iac::identity(kind, &account, &region, None, id);
        let own = format!("{id}.");
        for open in view.undecided.borrow_mut().iter_mut().filter(|open| open.attribute.starts_with(&own)) {
            if open.identity.as_ref() == Some(named) {
                open.identity = Some(arn.clone());
            }
        }
        arn
    }

    /// Add what is not declared here and has a part here, unless it is there; `by` is the property that names it, and
    /// `told` what the part says of it.
    pub(super) fn absent(&mut self, id: &str, kind: Kind, arn: &Text, by: &str, told: &[&str]) {
        if self.by_arn.contains_key(arn) {
            return;
        }
        let place = (self.scope.account.clone(), self.scope.region.clone());
        let Some(whole) = alike::absent(self.live, kind, arn.clone(), place, id) else { return };
        let why = Why::new(alike::UNKNOWN_WHOLE).at(by);
        let open = alike::unread(&whole).into_iter().filter(|fact| !told.contains(fact));
        self.undecided.borrow_mut().extend(open.map(|fact| why.undecided(id, Some(arn), fact)));
        self.push(whole);
    }

    pub(super) fn push(&mut self, resource: Resource) {
        self.by_arn.insert(resource.arn.clone(), self.inventory.resources.len());
        self.inventory.resources.push(resource);
    }

    pub(super) fn resource_mut(&mut self, arn: &str) -> Option<&mut Resource> {
        let at = *self.by_arn.get(arn)?;
        self.inventory.resources.get_mut(at)
    }

    /// The buckets so far.
    pub(super) fn buckets(&self) -> Vec<Text> {
        let buckets = self.inventory.resources.iter().filter(|resource| resource.kind == Kind::S3Bucket);
        buckets.map(|resource| resource.arn.clone()).collect()
    }

    /// The tags under a path, with those of the stack. A value that is not known leaves all unread, unless it is that
    /// of `Name`, which nothing but a selection by name goes by (see [`Self::finish`]).
    pub(super) fn tags(&self, view: &View<'_, 't>, arn: &Text, path: &str) -> Fact<Tags> {
        self.tags_of(view, arn, |p| pairs(p, path))
    }

    /// The tags that something else than one path says.
    pub(super) fn tags_of(
        &self,
        view: &View<'_, 't>,
        arn: &Text,
        pairs: impl Fn(&Props<'_>) -> Told<Vec<Pair>>,
    ) -> Fact<Tags> {
        let told = view.tell(|p| {
            let mut tags = Tags::new();
            let mut open: Vec<(String, Stuck)> = Vec::new();
            for (key, value) in pairs(p)? {
                match value {
                    Ok(value) => drop(tags.insert(Text::from(key), Text::from(value))),
                    Err(stuck) if key == "Name" => open.push((key, stuck)),
                    Err(stuck) => return Err(stuck),
                }
            }
            Ok((tags, open))
        });
        match told {
            Ok((own, open)) => {
                let mut tags = self.stack_tags.clone();
                tags.extend(own);
                for (key, stuck) in open {
                    let undecided = view.undecided(Some(arn), "tags", &stuck);
                    self.open_tags.borrow_mut().push((arn.clone(), Text::from(key), undecided));
                }
                Fact::Known(tags)
            }
            Err(stuck) => {
                view.open(Some(arn), "tags", &stuck);
                Fact::Unread
            }
        }
    }

    /// The settings of the account in the region: made when something speaks of them.
    pub(super) fn region(&mut self, view: &View<'_, '_>) -> Text {
        let (account, region) = view.place();
        let settings = alike::region_settings(&account, &region);
        let arn = settings.arn.clone();
        if !self.by_arn.contains_key(&arn) {
            self.push(settings);
        }
        arn
    }

    /// Whether new volumes are encrypted by default, as the account has it.
    pub(super) fn encryption_by_default(&self) -> Option<bool> {
        alike::encryption_by_default(self.live?, &self.scope.account, &self.scope.region)
    }

    /// The plan with this id: one of the template, or one of the account.
    pub(super) fn plan_with_id(&self, id: &str) -> Option<Text> {
        let plans = self.inventory.plans.iter().chain(self.live.iter().flat_map(|live| &live.plans));
        let mut plans = plans.map(|plan| &plan.arn);
        plans.find(|arn| crate::model::arn::short(arn) == id).cloned()
    }

    /// A volume that an instance declares.
    pub(super) fn device(&mut self, view: &View<'_, 't>, arn: Text, address: Text, tags: Fact<Tags>, detail: Detail) {
        self.add(view, Kind::EbsVolume, arn, address, tags, detail);
    }

    /// Put a selection into its plan.
    pub(super) fn select(&mut self, plan: &Text, selection: Selection) {
        alike::select(&mut self.inventory, self.live, plan, selection);
    }

    /// What a plan does or takes in cannot be told.
    pub(super) fn undecided_plan(&mut self, plan: &Text) {
        self.open_plans.insert(plan.clone());
    }

    /// The template arranges protection here.
    pub(super) fn declare_protection(&mut self) {
        let (account, region) = (self.scope.account.clone(), self.scope.region.clone());
        self.inventory.reads.extend(iac::declares(&account, &region));
    }

    /// The template arranges who is told here.
    pub(super) fn declare_notification(&mut self) {
        let (account, region) = (self.scope.account.clone(), self.scope.region.clone());
        self.inventory.reads.push(alike::notifies(account, region));
    }

    fn finish(&mut self) {
        for service in std::mem::take(&mut self.open_services) {
            self.inventory.reads.retain(|read| !read.call.starts_with(service));
        }
        for (volume, instance) in std::mem::take(&mut self.attachments) {
            if let Some(Detail::Volume(volume)) = self.resource_mut(&volume).map(|resource| &mut resource.detail) {
                volume.attached_to.push(instance);
            }
        }
        family::join_members(self);
        alike::leave_open(&mut self.inventory, &self.open_plans);
        let named: BTreeSet<Text> = {
            let selections = self.inventory.plans.iter().chain(self.live.iter().flat_map(|live| &live.plans));
            let selections = selections.filter_map(|plan| plan.selections.known()).flatten();
            let keys = selections.flat_map(|selection| {
                let tests = selection.list_of_tags.iter().map(|test| &test.key);
                tests.chain(selection.conditions.iter().map(|condition| &condition.key))
            });
            let policies = self.inventory.dlm_policies.iter().flat_map(|policy| &policy.target_tags);
            let keys = keys.chain(policies.map(|test| &test.key));
            keys.map(|key| Text::from(key.strip_prefix("aws:ResourceTag/").unwrap_or(key))).collect()
        };
        for (arn, key, undecided) in self.open_tags.take() {
            if named.contains(&key)
                && let Some(resource) = self.resource_mut(&arn)
            {
                resource.tags = Fact::Unread;
                self.undecided.borrow_mut().push(undecided);
            }
        }
        self.inventory.accounts = vec![self.scope.account.clone()];
        self.inventory.regions = vec![self.scope.region.clone()];
        self.inventory.regions.extend(self.inventory.resources.iter().map(|resource| resource.region.clone()));
        self.inventory.reads.sort();
        self.inventory.reads.dedup();
        self.inventory.sort();
    }
}

pub(super) type Pair = (String, Told<String>);

/// Tags, as a list of keys and values or as a map.
pub(super) fn pairs(p: &Props<'_>, path: &str) -> Told<Vec<Pair>> {
    let text = |p: &Props<'_>, name: &str| p.text(name).map(|text| text.unwrap_or_default().to_owned());
    if let Ok(fields) = p.fields(path) {
        return Ok(fields.iter().map(|(key, value)| ((*key).to_owned(), value.text_here_owned())).collect());
    }
    let items = p.items(path)?;
    items.iter().map(|item| Ok((text(item, "Key")?, text(item, "Value")))).collect()
}
