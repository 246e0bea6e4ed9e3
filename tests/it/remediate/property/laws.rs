//! What must hold of every plan, written from the sentences of the design: it looks at the estate, never at the
//! reasons that the plan gives, and asks no function that planning asks.

use std::collections::BTreeSet;

use lastgood::model::Instant;
use lastgood::model::activity::{ActivityKind, ActivityOutcome};
use lastgood::model::assessment::Verdict;
use lastgood::model::inventory::Inventory;
use lastgood::model::kind::Kind;
use lastgood::model::outcome::Outcome;
use lastgood::model::plan::{Action, Guard, Item, PointFacts};
use lastgood::model::recovery_point::{PointKind, PointStatus, RecoveryPoint};
use lastgood::model::resource::{Existence, Resource};
use lastgood::model::span::Span;

use super::estate::{Planned, limit};
use super::point::{data, is_container, is_continuous, is_stored, is_usable, place, worth};
use super::sketch::{Sketch, TAGS};

/// A plan beside the estate that it is for.
pub(super) struct Laws<'a> {
    sketch: &'a Sketch,
    planned: &'a Planned,
    /// ARNs of the points that the plan deletes or marks.
    doomed: BTreeSet<&'a str>,
    broken: Vec<String>,
}

/// The point of an item that deletes or marks one.
fn doomed(item: &Item) -> Option<&PointFacts> {
    match &item.action {
        Action::Prune { point, .. } | Action::MarkForPrune { point, .. } => Some(point),
        _ => None,
    }
}

/// Lists without which nobody knows what there is of a resource, and what keeps it.
fn lists(kind: Kind) -> Vec<&'static str> {
    let mut lists = vec![
        "ec2:DescribeSnapshots",
        "ec2:DescribeLockedSnapshots",
        "ec2:DescribeImages",
        "backup:ListBackupVaults",
        "backup:ListRecoveryPointsByBackupVault",
        "backup:ListLegalHolds",
        "backup:ListRecoveryPointsByLegalHold",
    ];
    lists.extend(match kind {
        Kind::RdsInstance => Some("rds:DescribeDBSnapshots"),
        Kind::RdsCluster => Some("rds:DescribeDBClusterSnapshots"),
        Kind::DynamodbTable => Some("dynamodb:ListBackups"),
        _ => None,
    });
    lists
}

/// Everything that the plan breaks, in words.
pub(super) fn broken(sketch: &Sketch, planned: &Planned) -> Vec<String> {
    let doomed = planned.plan.items.iter().filter_map(doomed).map(|point| point.arn.as_str()).collect();
    let mut laws = Laws { sketch, planned, doomed, broken: Vec::new() };
    for item in &planned.plan.items {
        if let Some(facts) = self::doomed(item) {
            laws.item(item, facts);
        }
    }
    for resource in &planned.inventory.resources {
        laws.resource(resource);
    }
    laws.run();
    laws.findings();
    laws.broken
}

impl<'a> Laws<'a> {
    fn must(&mut self, holds: bool, what: &str, of: &str) {
        if !holds {
            self.broken.push(format!("{what}: {of}"));
        }
    }

    fn estate(&self) -> &'a Inventory {
        &self.planned.inventory
    }

    fn points(&self, resource: &str) -> Vec<&'a RecoveryPoint> {
        let points = self.estate().points.iter();
        points.filter(|point| point.resource.as_deref().unwrap_or(&point.arn) == resource).collect()
    }

    fn item(&mut self, item: &Item, facts: &PointFacts) {
        let arn = facts.arn.as_str();
        let points: Vec<&RecoveryPoint> = self.estate().points.iter().filter(|point| point.arn == arn).collect();
        let (Some(resource), [point]) =
            (self.estate().resources.iter().find(|it| it.arn == item.resource), &points[..])
        else {
            return self.must(false, "one point of one resource", arn);
        };
        self.must(point.resource.as_ref() == Some(&resource.arn), "a point of that resource", arn);
        self.must((&*item.account, &*item.region) == place(point), "done where the point lies", arn);
        self.must(facts.vault == point.vault && facts.status == point.status, "planned on what was read", arn);
        self.must(facts.started_at == point.started_at, "planned on its date", arn);
        self.must(!self.sketch.only.1 || resource.arn == self.estate_first(), "only what was asked for", arn);
        self.whole(resource, arn);
        self.age(resource, point);
        self.newest(resource, point);
        self.kept(point);
        self.owner(point);
        self.action(item, resource, point);
    }

    fn estate_first(&self) -> &str {
        let first = super::estate::wanted(self.sketch).resources;
        first.first().map_or("", |first| {
            self.estate().resources.iter().find(|it| it.arn == *first).map_or("", |it| it.arn.as_str())
        })
    }

    /// What keeps everything of a resource: guards 3 and 7.
    fn whole(&mut self, resource: &Resource, arn: &str) {
        self.must(resource.existence == Existence::Present, "what it restores is there", arn);
        self.must(resource.kind != Kind::RecoveryPoint, "it is known what it restores", arn);
        self.must(!resource.tags.is_unread(), "the class of what it restores is known", arn);
        let estate = self.estate();
        let mut places: BTreeSet<(&str, &str)> =
            self.points(&resource.arn).into_iter().filter(|it| is_stored(it) && !is_container(it)).map(place).collect();
        places.insert((&resource.account, &resource.region));
        let of_it =
            |about: &str| *about == *resource.arn || self.points(&resource.arn).iter().any(|it| it.arn == about);
        let about = estate.gaps.iter().any(|gap| gap.resource.as_deref().is_some_and(of_it));
        let mut complete = true;
        for (account, region) in places {
            let read = |call: &&str| {
                let there = |it: &&lastgood::model::gap::Read| it.account == account && it.region == region;
                estate.reads.iter().filter(there).any(|read| read.call == *call)
            };
            let gap = |call: &&str| {
                let there = |it: &&lastgood::model::gap::Gap| it.account == account && it.region == region;
                estate.gaps.iter().filter(there).any(|gap| gap.call() == *call)
            };
            complete &= lists(resource.kind).iter().all(|call| read(call) && !gap(call));
            complete &= !estate.legal_holds.iter().any(|hold| {
                hold.account == account && hold.region == region && hold.status != "CANCELED" && hold.points.is_unread()
            });
        }
        self.must(!about && complete, "no gap over what it restores", arn);
        let unknown = self.verdicts(resource).any(|verdict| {
            ["cadence", "retention-minimum"].contains(&verdict.rule.check.as_str())
                && verdict.raw_outcome == Outcome::Unknown
        });
        self.must(!unknown, "every rule about what it restores was judged", arn);
    }

    fn verdicts(&self, resource: &Resource) -> impl Iterator<Item = &'a Verdict> {
        let arn = resource.arn.clone();
        self.planned.assessment.verdicts.iter().filter(move |verdict| verdict.subject.resource == arn)
    }

    /// For how long the points of a resource must be kept, by the strictest rule.
    fn keep(&self, resource: &Resource) -> Span {
        let rules = &self.sketch.rules;
        let is_gold =
            resource.tags.known().is_some_and(|tags| tags.get("class").is_some_and(|class| *class == *"gold"));
        let days = rules.keep.max(rules.gold.filter(|_| is_gold));
        days.map_or(self.sketch.settings.keep_at_least, Span::days)
    }

    /// How old the newest usable point of a resource may be.
    fn fresh(&self) -> Span {
        let cadence = self.sketch.rules.cadence.map(|(every, grace)| Span::hours(every + grace));
        cadence.unwrap_or(self.sketch.settings.fresh_within)
    }

    /// Beyond which age the failing rules call something too old: the shortest.
    fn too_old(&self, resource: &Resource) -> Option<Span> {
        let failing = self
            .verdicts(resource)
            .filter(|verdict| *verdict.rule.check == *"retention-maximum" && verdict.outcome == Outcome::Fail);
        failing.map(|verdict| limit(&self.sketch.rules, &verdict.rule.id)).min()
    }

    /// Guard 1.
    fn age(&mut self, resource: &Resource, point: &RecoveryPoint) {
        let age = Span::between(point.started_at, self.planned.now);
        self.must(age >= self.keep(resource), "no rule wants it for longer", &point.arn);
        let too_old = self.too_old(resource);
        self.must(too_old.is_some_and(|limit| age >= limit), "some rule calls it too old", &point.arn);
    }

    /// Guard 2.
    fn newest(&mut self, resource: &Resource, point: &RecoveryPoint) {
        let now = self.planned.now;
        let good = self.points(&resource.arn);
        let good: Vec<Instant> = good
            .iter()
            .filter(|it| is_usable(it) && !self.doomed.contains(it.arn.as_str()))
            .filter_map(|it| data(it))
            .filter(|at| *at <= now)
            .collect();
        let newest = good.iter().max();
        let fresh = newest.is_some_and(|at| Span::between(*at, now) <= self.fresh());
        self.must(fresh, "the newest usable point is in time", &point.arn);
        // The data of a copy is from an unknown instant before it was begun.
        let at = data(point).unwrap_or(point.started_at);
        let newer = good.iter().filter(|good| **good >= at).count();
        let enough = newer >= self.sketch.settings.keep_newest.max(1) as usize;
        self.must(!is_usable(point) || enough, "it is not among the newest usable points", &point.arn);
    }

    /// Guards 3, 4 and 6: what is said of the point itself.
    fn kept(&mut self, point: &RecoveryPoint) {
        let (now, arn, estate) = (self.planned.now, point.arn.as_str(), self.estate());
        let extra = point.extra.as_deref().cloned().unwrap_or_default();
        let held = estate.legal_holds.iter().any(|hold| {
            hold.status != "CANCELED"
                && (&*hold.account, &*hold.region) == place(point)
                && hold.points.known().is_none_or(|points| points.contains(&point.arn))
        });
        self.must(!held, "no legal hold is on it", arn);
        let lock = extra.lock.as_ref();
        let locked = lock.is_some_and(|lock| lock.state != "expired" && lock.until.is_none_or(|until| until > now));
        self.must(!locked, "no lock is on it", arn);
        let vault = point.vault.as_ref().map(|vault| estate.resources.iter().find(|it| it.arn == *vault));
        let vault_open = |it: &Resource| it.vault()?.lock.known().map(|lock| !lock.locked);
        let open = vault.is_none_or(|vault| vault.and_then(vault_open) == Some(true));
        self.must(open, "its vault is known not to be locked", arn);
        let frozen = self.sketch.settings.hold_tags.iter().any(|pattern| *pattern == *"FREEZE");
        let keeps: Vec<&str> = TAGS[..5].iter().copied().chain(frozen.then_some("freeze")).collect();
        let tagged = extra.tags.known().is_some_and(|tags| keeps.iter().any(|key| tags.contains_key(*key)));
        self.must(!tagged, "no tag keeps it", arn);
        let member = |image: &RecoveryPoint| {
            image.kind == PointKind::Image
                && image.account == point.account
                && image.extra.as_ref().is_some_and(|extra| extra.members.contains(&point.arn))
        };
        self.must(!estate.points.iter().any(member), "no image has it", arn);
        self.must(extra.public.known() != Some(&true), "it is not public", arn);
        self.must(extra.shared_with.known().is_none_or(Vec::is_empty), "it is not shared", arn);
        self.must(extra.parent.is_none() && !is_container(point), "it is no part of a composite, and none", arn);
        let copied = estate.activities.iter().any(|activity| {
            activity.kind == ActivityKind::Copy
                && activity.outcome == ActivityOutcome::Running
                && activity.resource == point.resource
        });
        self.must(!copied, "it is not being copied", arn);
        self.must(!is_continuous(point), "it is not continuous", arn);
    }

    /// Guard 5.
    fn owner(&mut self, point: &RecoveryPoint) {
        let extra = point.extra.as_deref().cloned().unwrap_or_default();
        let ours = match (extra.managed_by.as_deref(), &point.vault) {
            (Some("dlm" | "rds"), _) | (Some(_), None) => false,
            (_, Some(_)) => point.status == PointStatus::Expired || point.delete_after_days.is_none(),
            (None, None) => point.kind == PointKind::EbsSnapshot,
        };
        self.must(ours, "nobody else deletes it", &point.arn);
        let state = matches!(point.status, PointStatus::Completed | PointStatus::Partial | PointStatus::Expired);
        self.must(state, "its state is one that may go", &point.arn);
    }

    /// What the item says of itself, and the two phases.
    fn action(&mut self, item: &Item, resource: &Resource, point: &RecoveryPoint) {
        let (now, arn) = (self.planned.now, point.arn.as_str());
        let tags = point.extra.as_ref().and_then(|extra| extra.tags.known().cloned());
        let mark = tags.as_ref().and_then(|tags| tags.get("lastgood:prune-after")?.parse::<Instant>().ok());
        match (&item.action, self.sketch.settings.two_phase) {
            (Action::Prune { relies_on, fresh_until, stored, cutoff, .. }, two_phase) => {
                let over = mark.is_some_and(|mark| mark <= now);
                self.must(two_phase.is_none() || tags.is_none() || over, "the waiting time is over", arn);
                self.must(point.started_at <= *cutoff && *fresh_until >= now, "its limits hold now", arn);
                let points = self.points(&resource.arn);
                let there = points.iter().filter(|it| is_stored(it) && !is_container(it)).count();
                self.must(*stored == there as u64, "the stored points are counted", arn);
                let good =
                    |copy: &str| !self.doomed.contains(copy) && points.iter().any(|it| it.arn == copy && is_usable(it));
                let good = !relies_on.is_empty() && relies_on.iter().all(|copy| good(&copy.arn));
                self.must(good, "it relies on usable points that stay", arn);
            }
            (Action::MarkForPrune { after, cutoff, .. }, Some(wait)) => {
                self.must(mark.is_none() && tags.is_some(), "a mark is set once", arn);
                self.must(*after == now + wait.delta() && point.started_at <= *cutoff, "the mark is as asked", arn);
            }
            _ => self.must(false, "nothing is marked unless asked for", arn),
        }
    }

    /// Guards 4 and 8, over all points of a resource.
    fn resource(&mut self, resource: &Resource) {
        let arn = resource.arn.as_str();
        let points: Vec<&RecoveryPoint> =
            self.points(arn).into_iter().filter(|it| is_stored(it) && !is_container(it)).collect();
        let (doomed, stay): (Vec<&RecoveryPoint>, Vec<&RecoveryPoint>) =
            points.iter().partition(|it| self.doomed.contains(it.arn.as_str()));
        let home = (&*resource.account, &*resource.region);
        let survives = |gone: &&RecoveryPoint| {
            let best =
                |of: &[&RecoveryPoint]| of.iter().filter(|it| place(it) == place(gone)).map(|it| worth(it)).max();
            best(&stay) == best(&points)
        };
        let survive = doomed.iter().filter(|it| place(it) != home).all(survives);
        self.must(survive, "of each place elsewhere a copy stays that is as good as any", arn);
        let (count, breakers) = (doomed.len() as u64, self.sketch.settings.breakers);
        let few = count <= breakers.per_resource && count * 100 <= breakers.per_resource_percent * points.len() as u64;
        self.must(few, "not too many of one resource", arn);
        let kept: BTreeSet<&str> = self.planned.plan.kept.iter().map(|kept| kept.object.as_str()).collect();
        let Some(too_old) = self.too_old(resource).filter(|_| self.is_wanted(resource)) else { return };
        let late = |point: &&&RecoveryPoint| {
            let window = point.extra.as_ref().and_then(|extra| extra.continuous);
            let since = window.map_or(Some(point.started_at), |window| window.earliest);
            let old = since.is_some_and(|since| Span::between(since, self.planned.now) > too_old);
            old || point.status == PointStatus::Expired
        };
        let once = |point: &&RecoveryPoint| kept.contains(&*point.arn) != self.doomed.contains(&*point.arn);
        let lost: Vec<&str> = points.iter().filter(late).filter(|it| !once(it)).map(|it| it.arn.as_str()).collect();
        self.must(lost.is_empty(), "what is too old goes or is kept, and not both", &lost.join(", "));
    }

    fn is_wanted(&self, resource: &Resource) -> bool {
        !self.sketch.only.1 || resource.arn == self.estate_first()
    }

    /// Guard 8.
    fn run(&mut self) {
        let stored = self.estate().points.iter().filter(|it| is_stored(it) && !is_container(it)).count() as u64;
        let (count, breakers) = (self.doomed.len() as u64, self.sketch.settings.breakers);
        let few = count <= breakers.per_run && count * 100 <= breakers.per_run_percent * stored;
        self.must(few, "not too many of all", &format!("{count} of {stored}"));
        let counted = self.planned.plan.basis.stored_points;
        self.must(counted == stored, "all stored points are counted", &format!("{counted} of {stored}"));
    }

    /// Every finding is closed by an item, or named among what is not acted on, with a reason that is true.
    fn findings(&mut self) {
        let (plan, assessment) = (&self.planned.plan, &self.planned.assessment);
        let failing: Vec<&Verdict> = assessment.verdicts.iter().filter(|it| it.outcome == Outcome::Fail).collect();
        for finding in plan.items.iter().flat_map(|item| &item.closes) {
            let real = failing.iter().any(|it| it.fingerprint() == *finding.fingerprint);
            self.must(real, "an item closes what fails", &finding.fingerprint);
        }
        for verdict in failing {
            let arn = &verdict.subject.resource;
            let closed = plan.items.iter().flat_map(|item| &item.closes);
            let closed = closed.filter(|finding| *finding.fingerprint == verdict.fingerprint()).count() > 0;
            let left = plan.left.iter().filter(|left| left.rule == verdict.rule.id && left.resources.contains(arn));
            let left: Vec<&str> = left.map(|left| left.why.as_str()).collect();
            self.must(closed || !left.is_empty(), "a finding is closed or named", arn);
            let Some(resource) = self.estate().resources.iter().find(|it| it.arn == *arn) else { continue };
            if *verdict.rule.check != *"retention-maximum" || !self.is_wanted(resource) {
                continue;
            }
            self.must(closed == left.is_empty(), "closed or left, not both", arn);
            let kept = plan.kept.iter().filter(|kept| kept.resource == *arn);
            let guards: BTreeSet<Guard> = kept.map(|kept| kept.guard).collect();
            for why in left {
                let waits = guards.contains(&Guard::Waiting);
                self.must(!why.contains("people"), "no word of people where a guard keeps it", arn);
                self.must(waits == why.contains("marked"), "what waits is said to wait", arn);
                self.must(why.contains("guard") <= !guards.is_empty(), "a guard is named where one keeps it", arn);
            }
        }
    }
}
