//! An inventory, indexed: whose recovery points, whose activities, whose plans. A borrowed view that
//! adds nothing to what was observed.

use std::cell::OnceCell;

use foldhash::{HashMap, HashMapExt as _};

use super::activity::Activity;
use super::coverage::{Coverage, Covering, Selected, Selector};
use super::gap::{Gap, Read};
use super::inventory::Inventory;
use super::kind::Kind;
use super::kms::KmsKey;
use super::protection::BackupPlan;
use super::recovery_point::{PointKind, RecoveryPoint};
use super::resource::{RegionSettings, Resource};

type Place<'a> = (&'a str, &'a str);

/// The index over one inventory.
#[derive(Debug)]
pub struct Estate<'a> {
    /// What is indexed.
    pub inventory: &'a Inventory,
    resources: HashMap<&'a str, usize>,
    points: Grouped<'a, RecoveryPoint>,
    activities: Grouped<'a, Activity>,
    plans: HashMap<Place<'a>, Vec<&'a BackupPlan>>,
    /// The selections of each plan, where they are known, in the order of `plans`.
    selectors: HashMap<Place<'a>, Vec<Option<Vec<Selector<'a>>>>>,
    settings: HashMap<Place<'a>, &'a RegionSettings>,
    vaults: HashMap<(&'a str, &'a str, &'a str), &'a Resource>,
    reads: HashMap<Place<'a>, Vec<&'a Read>>,
    keys: HashMap<&'a str, &'a KmsKey>,
    snapshots: OnceCell<HashMap<&'a str, &'a RecoveryPoint>>,
    by_point: OnceCell<HashMap<&'a str, Vec<&'a Activity>>>,
    images: OnceCell<HashMap<&'a str, &'a RecoveryPoint>>,
}

/// Items ordered by their resource, with the range of each.
#[derive(Debug)]
struct Grouped<'a, T> {
    items: Vec<&'a T>,
    ranges: HashMap<&'a str, (u32, u32)>,
}

impl<'a, T> Grouped<'a, T> {
    fn new(mut items: Vec<&'a T>, key: impl Fn(&'a T) -> &'a str, at: impl Fn(&T) -> super::Instant) -> Self {
        let ordered = items.is_sorted_by(|a, b| (key(a), at(a)) <= (key(b), at(b)));
        if !ordered {
            items.sort_by(|a, b| (key(a), at(a)).cmp(&(key(b), at(b))));
        }
        let mut ranges = HashMap::new();
        let mut start = 0_usize;
        for chunk in items.chunk_by(|a, b| key(a) == key(b)) {
            let end = start + chunk.len();
            if let (Some(first), Ok(from), Ok(to)) = (chunk.first(), u32::try_from(start), u32::try_from(end)) {
                ranges.insert(key(first), (from, to));
            }
            start = end;
        }
        Self { items, ranges }
    }

    fn of(&self, resource: &str) -> &[&'a T] {
        self.ranges
            .get(resource)
            .and_then(|(from, to)| self.items.get(*from as usize..*to as usize))
            .unwrap_or_default()
    }
}

impl<'a> Estate<'a> {
    /// Index `inventory`. Linear when it is in canonical order.
    pub fn new(inventory: &'a Inventory) -> Self {
        let point_owner = |point: &'a RecoveryPoint| point.resource.as_deref().unwrap_or(&point.arn);
        let activity_owner = |activity: &'a Activity| activity.resource.as_deref().unwrap_or_default();
        let mut plans: HashMap<Place<'a>, Vec<&BackupPlan>> = HashMap::new();
        let mut selectors: HashMap<Place<'a>, Vec<Option<Vec<Selector<'a>>>>> = HashMap::new();
        for plan in &inventory.plans {
            plans.entry((&plan.account, &plan.region)).or_default().push(plan);
            let selections = plan.selections.known().map(|known| known.iter().map(Selector::new).collect());
            selectors.entry((&plan.account, &plan.region)).or_default().push(selections);
        }
        let mut reads: HashMap<Place<'a>, Vec<&Read>> = HashMap::new();
        for read in &inventory.reads {
            reads.entry((&read.account, &read.region)).or_default().push(read);
        }
        let place = |resource: &'a Resource| (resource.account.as_str(), resource.region.as_str());
        Self {
            inventory,
            resources: inventory.resources.iter().enumerate().map(|(i, r)| (r.arn.as_str(), i)).collect(),
            points: Grouped::new(inventory.points.iter().collect(), point_owner, |point| point.started_at),
            activities: Grouped::new(inventory.activities.iter().collect(), activity_owner, |activity| {
                activity.started_at
            }),
            plans,
            selectors,
            settings: inventory.resources.iter().filter_map(|r| Some((place(r), r.region_settings()?))).collect(),
            vaults: inventory
                .resources
                .iter()
                .filter(|r| r.kind == Kind::BackupVault)
                .map(|r| ((r.account.as_str(), r.region.as_str(), super::arn::short(&r.arn)), r))
                .collect(),
            reads,
            keys: inventory.keys.iter().map(|key| (key.arn.as_str(), key)).collect(),
            snapshots: OnceCell::new(),
            by_point: OnceCell::new(),
            images: OnceCell::new(),
        }
    }

    /// The resource with this ARN.
    pub fn resource(&self, arn: &str) -> Option<&'a Resource> {
        self.resources.get(arn).and_then(|index| self.inventory.resources.get(*index))
    }

    /// Its recovery points, oldest first, wherever they lie.
    pub fn points(&self, resource: &str) -> &[&'a RecoveryPoint] {
        self.points.of(resource)
    }

    /// Its activities, oldest first.
    pub fn activities(&self, resource: &str) -> &[&'a Activity] {
        self.activities.of(resource)
    }

    /// Activities that name this recovery point and no resource, oldest first.
    pub fn activities_by_point(&self, point: &str) -> &[&'a Activity] {
        let index = self.by_point.get_or_init(|| {
            let mut index: HashMap<&str, Vec<&Activity>> = HashMap::new();
            for activity in self.activities.of("") {
                if let Some(point) = &activity.point {
                    index.entry(point).or_default().push(activity);
                }
            }
            index
        });
        index.get(point).map(Vec::as_slice).unwrap_or_default()
    }

    /// The EBS snapshot with this ARN: an image's members are looked up here.
    pub fn snapshot(&self, arn: &str) -> Option<&'a RecoveryPoint> {
        let index = self.snapshots.get_or_init(|| {
            let snapshots = self.inventory.points.iter().filter(|point| point.kind == PointKind::EbsSnapshot);
            snapshots.map(|point| (point.arn.as_str(), point)).collect()
        });
        index.get(arn).copied()
    }

    /// The image with this ARN: the one that keeps a snapshot is looked up here.
    pub fn image(&self, arn: &str) -> Option<&'a RecoveryPoint> {
        let index = self.images.get_or_init(|| {
            let images = self.inventory.points.iter().filter(|point| point.kind == PointKind::Image);
            images.map(|point| (point.arn.as_str(), point)).collect()
        });
        index.get(arn).copied()
    }

    /// The KMS key with this ARN, if its state was read.
    pub fn key(&self, arn: &str) -> Option<&'a KmsKey> {
        self.keys.get(arn).copied()
    }

    /// The settings of an account in a region, if they were read.
    pub fn settings(&self, account: &str, region: &str) -> Option<&'a RegionSettings> {
        self.settings.get(&(account, region)).copied()
    }

    /// The vault with this name.
    pub fn vault(&self, account: &str, region: &str, name: &str) -> Option<&'a Resource> {
        self.vaults.get(&(account, region, name)).copied()
    }

    /// The plans of an account in a region.
    pub fn plans<'s>(&'s self, account: &'s str, region: &'s str) -> &'s [&'a BackupPlan] {
        self.plans.get(&(account, region)).map(Vec::as_slice).unwrap_or_default()
    }

    /// The proof that `call` was read to its end, if there is one.
    pub fn read(&self, account: &str, region: &str, call: &str) -> Option<&'a Read> {
        let reads = self.reads.get(&(account, region))?;
        reads.iter().copied().find(|read| read.proves(call))
    }

    /// Why something could not be read: the gap about this resource first, then that about the call.
    pub fn gap(&self, account: &str, region: &str, call: &str, resource: &str) -> Option<&'a Gap> {
        let (service, operation) = call.split_once(':')?;
        let matching = |gap: &&'a Gap| {
            gap.account == account
                && gap.region == region
                && gap.service == service
                && (gap.operation == operation || operation == "*")
        };
        let gaps = || self.inventory.gaps.iter().filter(matching);
        let whole = || gaps().find(|gap| gap.resource.is_none()).or_else(|| gaps().next());
        gaps().find(|gap| gap.resource.as_deref() == Some(resource)).or_else(whole)
    }

    /// How a resource is covered by AWS Backup plans: by its own selections and, for a volume, through
    /// the instances that it is attached to.
    pub fn coverage(&self, resource: &'a Resource) -> Coverage<'a> {
        let mut coverage = Coverage::default();
        self.add_coverage(&mut coverage, resource, None);
        if let Some(volume) = resource.volume() {
            for instance in &volume.attached_to {
                match self.resource(instance) {
                    Some(instance) => self.add_coverage(&mut coverage, instance, Some(instance)),
                    None => coverage.uncertain = true,
                }
            }
        }
        coverage
    }

    fn add_coverage(&self, coverage: &mut Coverage<'a>, selected: &'a Resource, through: Option<&'a Resource>) {
        let settings = self.settings(&selected.account, &selected.region);
        let selectors = self.selectors.get(&(selected.account.as_str(), selected.region.as_str()));
        let plans = self.plans(&selected.account, &selected.region).iter().zip(selectors.into_iter().flatten());
        for (plan, selections) in plans {
            let Some(selections) = selections else {
                coverage.uncertain = true;
                continue;
            };
            for selector in selections {
                let selection = selector.selection;
                match selector.selects(selected, settings) {
                    Selected::No => {}
                    Selected::NotOptedIn => coverage.not_opted_in = Some(plan),
                    Selected::Unknown => coverage.uncertain = true,
                    Selected::Yes { inferred } => coverage.by.push(Covering { plan, selection, through, inferred }),
                }
            }
        }
    }
}
