//! From a sketch to what `lastgood plan` is given: an inventory as collectors leave it, a policy, and what is
//! asked for.

use std::sync::Arc;

use lastgood::evaluate::evaluate;
use lastgood::model::Instant;
use lastgood::model::activity::{Activity, ActivityKind, ActivityOutcome};
use lastgood::model::assessment::Assessment;
use lastgood::model::fact::Fact;
use lastgood::model::gap::{Gap, GapStatus, Read};
use lastgood::model::inventory::Inventory;
use lastgood::model::kind::Kind;
use lastgood::model::plan::Plan;
use lastgood::model::protection::LegalHold;
use lastgood::model::recovery_point::{PointExtra, PointKind, PointLock, PointStatus, RecoveryPoint, RestoreWindow};
use lastgood::model::resource::{Detail, Existence, Resource, Tags, Vault, VaultLock};
use lastgood::model::span::Span;
use lastgood::model::text::Text;
use lastgood::policy::{SourceFile, load};
use lastgood::remediate::guard::MARK_TAG;
use lastgood::remediate::{Wanted, plan};
use lastgood::sources::link::{Hints, link};

use super::sketch::{Age, CALLS, Missing, Old, PLACES, Rules, Sketch, Thing, Trait, VAULTS};

/// An estate with what was found and planned.
pub(super) struct Planned {
    pub(super) inventory: Inventory,
    pub(super) assessment: Assessment,
    pub(super) plan: Plan,
    pub(super) now: Instant,
}

pub(super) fn read_at() -> Instant {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

/// Judge and plan as `lastgood plan` does.
pub(super) fn planned(sketch: &Sketch) -> Planned {
    let inventory = inventory(sketch);
    let files = [SourceFile { name: "policy.toml".into(), text: policy(sketch) }];
    let policy = load(&files).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let assessment = evaluate(&policy, &inventory, inventory.captured_at);
    let plan = plan_of(sketch, &assessment, &inventory);
    Planned { inventory, assessment, plan, now: now(sketch) }
}

pub(super) fn plan_of(sketch: &Sketch, assessment: &Assessment, inventory: &Inventory) -> Plan {
    plan(assessment, inventory, &wanted(sketch), now(sketch))
}

fn now(sketch: &Sketch) -> Instant {
    read_at() + chrono::TimeDelta::hours(sketch.later)
}

pub(super) fn wanted(sketch: &Sketch) -> Wanted {
    let first = sketch.things.first().map(|thing| arn(thing, 0));
    Wanted {
        only: if sketch.only.0 { vec!["prune".into()] } else { Vec::new() },
        resources: first.filter(|_| sketch.only.1).into_iter().collect(),
        settings: sketch.settings.clone(),
        ..Wanted::default()
    }
}

/// What is older than this is stored for too long, by the rule of that name.
pub(super) fn limit(rules: &Rules, rule: &str) -> Span {
    match rule {
        "of-volumes" => Span::days(rules.of_volumes.unwrap()).plus(Span::hours(48)),
        _ => Span::days(rules.limit).plus(Span::hours(rules.grace.unwrap_or(48))),
    }
}

fn policy(sketch: &Sketch) -> String {
    let rules = &sketch.rules;
    let mut text = "[policy]\nid = \"p\"\ntitle = \"Test\"\nversion = \"1\"\n".to_owned();
    let mut rule = |id: &str, check: &str, scope: &str, with: &str| {
        text += &format!(
            "[[rule]]\nid = \"{id}\"\ntitle = \"t\"\ncheck = \"{check}\"\nseverity = \"high\"\n{scope}\n{with}\n"
        );
    };
    let grace = rules.grace.map_or_else(String::new, |grace| format!(", grace = \"{grace}h\""));
    rule("limit", "retention-maximum", "", &format!("with = {{ limit = \"{}d\"{grace} }}", rules.limit));
    if let Some(days) = rules.of_volumes {
        let scope = "scope = { kinds = [\"ebs-volume\"] }";
        rule("of-volumes", "retention-maximum", scope, &format!("with = {{ limit = \"{days}d\" }}"));
    }
    if let Some(days) = rules.keep {
        rule("keep", "retention-minimum", "", &format!("with = {{ keep = \"{days}d\" }}"));
    }
    if let Some(days) = rules.gold {
        let scope = "scope = { tags = { class = \"gold\" } }";
        rule("gold", "retention-minimum", scope, &format!("with = {{ keep = \"{days}d\" }}"));
    }
    if let Some((every, grace)) = rules.cadence {
        let with = format!("with = {{ every = \"{every}h\", grace = \"{grace}h\", lookback = \"5d\" }}");
        rule("cadence", "cadence", "", &with);
    }
    rule("versioning", "versioning", "", "");
    rule("tested", "restore-test", "", "with = { within = \"30d\" }");
    if rules.waived {
        let first = sketch.things.first().map(|thing| arn(thing, 0)).unwrap_or_default();
        text += &format!(
            "[[waiver]]\nid = \"W-1\"\nrules = [\"limit\"]\nresources = [\"{first}\"]\nreason = \"r\"\n\
             requested_by = \"a@example.com\"\napproved_by = \"b@example.com\"\napproved_on = 2026-11-01\n\
             expires = 2026-12-31\n"
        );
    }
    text
}

fn arn(thing: &Thing, number: usize) -> Text {
    let (account, region) = PLACES[thing.place];
    let arn = match thing.kind {
        Kind::EbsVolume => format!("arn:aws:ec2:{region}:{account}:volume/vol-{number}"),
        Kind::Ec2Instance => format!("arn:aws:ec2:{region}:{account}:instance/i-{number}"),
        Kind::S3Bucket => format!("arn:aws:s3:::bucket-{number}"),
        Kind::RdsInstance => format!("arn:aws:rds:{region}:{account}:db:db-{number}"),
        Kind::RdsCluster => format!("arn:aws:rds:{region}:{account}:cluster:cluster-{number}"),
        Kind::DynamodbTable => format!("arn:aws:dynamodb:{region}:{account}:table/table-{number}"),
        _ => format!("arn:aws:elasticfilesystem:{region}:{account}:file-system/fs-{number}"),
    };
    Text::from(arn)
}

fn vault_arn(place: usize, vault: usize) -> Text {
    let (account, region) = PLACES[place];
    Text::from(format!("arn:aws:backup:{region}:{account}:backup-vault:{}", VAULTS[vault]))
}

fn inventory(sketch: &Sketch) -> Inventory {
    let mut inventory = Inventory::empty(read_at(), "test");
    inventory.accounts = PLACES.iter().map(|(account, _)| Text::from(*account)).collect();
    inventory.regions = PLACES.iter().map(|(_, region)| Text::from(*region)).collect();
    for (place, (account, region)) in PLACES.into_iter().enumerate() {
        for (vault, locked) in [(0, Fact::Known(false)), (1, Fact::Known(true)), (2, Fact::Unread)] {
            let lock = locked.known().map(|locked| VaultLock { locked: *locked, ..VaultLock::default() }).into();
            let detail = Detail::Vault(Box::new(Vault { lock, ..Vault::default() }));
            inventory.resources.push(resource(vault_arn(place, vault), Kind::BackupVault, place, detail));
        }
        for (number, call) in CALLS.into_iter().enumerate() {
            if !is_missing(sketch, place, number) {
                let (account, region, call) = (account.into(), region.into(), call.into());
                inventory.reads.push(Read { account, region, call, items: 0, requests: 1, since: None });
            }
        }
    }
    for (number, thing) in sketch.things.iter().enumerate() {
        add_thing(&mut inventory, sketch, number, thing);
    }
    for (number, old) in sketch.strays.iter().enumerate() {
        let name = format!("stray-{number}");
        add_old(&mut inventory, sketch, &name, old, PointKind::EbsSnapshot, 0, None);
    }
    for missing in &sketch.missing {
        add_missing(&mut inventory, sketch, *missing);
    }
    link(&mut inventory, &Hints::default());
    inventory
}

fn is_missing(sketch: &Sketch, place: usize, call: usize) -> bool {
    sketch.missing.iter().any(|missing| match *missing {
        Missing::List(p, c) | Missing::Denied(p, c) => (p, c) == (place, call),
        Missing::Own(number) => sketch.things.get(number).is_some_and(|thing| {
            let own = match thing.kind {
                Kind::RdsInstance => "rds:DescribeDBSnapshots",
                Kind::RdsCluster => "rds:DescribeDBClusterSnapshots",
                Kind::DynamodbTable => "dynamodb:ListBackups",
                Kind::Ec2Instance => "ec2:DescribeImages",
                _ => "ec2:DescribeSnapshots",
            };
            thing.place == place && CALLS[call] == own
        }),
        Missing::About(_) | Missing::AboutPoint(_) | Missing::Held(_) => false,
    })
}

fn add_missing(inventory: &mut Inventory, sketch: &Sketch, missing: Missing) {
    let (place, call, resource) = match missing {
        Missing::List(..) | Missing::Own(_) => return,
        Missing::Held(place) => {
            let hold = hold(place, format!("unread-{place}"), "ACTIVE", Fact::Unread);
            return inventory.legal_holds.push(hold);
        }
        Missing::Denied(place, call) => (place, CALLS[call], None),
        Missing::About(number) => match sketch.things.get(number) {
            None => return,
            Some(thing) => (thing.place, "kms:DescribeKey", Some(arn(thing, number))),
        },
        Missing::AboutPoint(number) => {
            let Some(thing) = sketch.things.get(number) else { return };
            let own = arn(thing, number);
            let of_it = inventory.points.iter().find(|point| point.resource.as_ref() == Some(&own));
            let Some(point) = of_it else { return };
            let call = match point.kind {
                PointKind::EbsSnapshot => "ec2:DescribeSnapshotAttribute",
                PointKind::DbSnapshot => "rds:DescribeDBSnapshotAttributes",
                _ => "backup:DescribeRecoveryPoint",
            };
            (thing.place, call, Some(point.arn.clone()))
        }
    };
    let (service, operation) = call.split_once(':').unwrap();
    inventory.gaps.push(Gap {
        account: PLACES[place].0.into(),
        region: PLACES[place].1.into(),
        service: service.into(),
        operation: operation.into(),
        resource,
        status: GapStatus::Denied,
        code: "AccessDenied".into(),
        message: None,
        iam_action: call.into(),
    });
}

fn hold(place: usize, id: String, status: &str, points: Fact<Vec<Text>>) -> LegalHold {
    LegalHold {
        id: id.into(),
        account: PLACES[place].0.into(),
        region: PLACES[place].1.into(),
        status: status.into(),
        title: None,
        description: None,
        created_at: None,
        points,
        tags: Fact::Unread,
    }
}

fn resource(arn: Text, kind: Kind, place: usize, detail: Detail) -> Resource {
    Resource {
        arn,
        kind,
        account: PLACES[place].0.into(),
        region: PLACES[place].1.into(),
        name: None,
        tags: Fact::Known(Tags::new()),
        created_at: Fact::Known(Span::days(900).before(read_at())),
        application: None,
        criticality: None,
        existence: Existence::Present,
        detail,
    }
}

fn add_thing(inventory: &mut Inventory, sketch: &Sketch, number: usize, thing: &Thing) {
    let arn = arn(thing, number);
    let mut own = resource(arn.clone(), thing.kind, thing.place, Detail::None);
    own.existence = thing.existence;
    own.tags = thing.tags.map(|class| class.map(|class| ("class".into(), class.into())).into_iter().collect()).into();
    inventory.resources.push(own);
    let kind = match thing.kind {
        Kind::EbsVolume => PointKind::EbsSnapshot,
        Kind::Ec2Instance => PointKind::Image,
        Kind::RdsInstance => PointKind::DbSnapshot,
        Kind::RdsCluster => PointKind::DbClusterSnapshot,
        _ => PointKind::BackupPoint,
    };
    for day in 0..thing.daily {
        let begun = Span::hours(thing.newest + 24 * day as i64).before(read_at());
        let mut point = point(kind, thing.place, &format!("{number}-day-{day}"), begun);
        point.resource = Some(arn.clone());
        point.extra_mut().tags = Fact::Known(Tags::new());
        inventory.points.push(point);
    }
    for (nth, old) in thing.old.iter().enumerate() {
        let mut old = old.clone();
        old.traits.extend(thing.marked.map(Trait::Mark));
        let place = if old.away { thing.other } else { thing.place };
        add_old(inventory, sketch, &format!("{number}-old-{nth}"), &old, kind, place, Some(&arn));
    }
    if thing.copying {
        let source = "backup:ListCopyJobs";
        let mut copy =
            Activity::new(format!("copy-{number}"), ActivityKind::Copy, source, ActivityOutcome::Running, read_at());
        copy.resource = Some(arn);
        inventory.activities.push(copy);
    }
}

fn point(kind: PointKind, place: usize, id: &str, started_at: Instant) -> RecoveryPoint {
    let (account, region) = PLACES[place];
    let arn = match kind {
        PointKind::EbsSnapshot => format!("arn:aws:ec2:{region}::snapshot/snap-{id}"),
        PointKind::Image => format!("arn:aws:ec2:{region}::image/ami-{id}"),
        PointKind::DbSnapshot => format!("arn:aws:rds:{region}:{account}:snapshot:{id}"),
        PointKind::DbClusterSnapshot => format!("arn:aws:rds:{region}:{account}:cluster-snapshot:{id}"),
        _ => format!("arn:aws:backup:{region}:{account}:recovery-point:{id}"),
    };
    RecoveryPoint {
        arn: arn.into(),
        kind,
        resource: None,
        account: account.into(),
        region: region.into(),
        vault: None,
        status: PointStatus::Completed,
        started_at,
        completed_at: None,
        delete_after_days: None,
        delete_at: None,
        encrypted: Fact::Known(true),
        kms_key: None,
        size: Some(1 << 30),
        extra: None,
    }
}

fn add_old(
    inventory: &mut Inventory,
    sketch: &Sketch,
    id: &str,
    old: &Old,
    kind: PointKind,
    place: usize,
    owner: Option<&Text>,
) {
    let now = now(sketch);
    let started_at = match old.age {
        Age::Hours(hours) => Span::hours(hours).before(read_at()),
        Age::Limit(seconds) => limit(&sketch.rules, "limit").plus(Span::seconds(seconds)).before(now),
        Age::Keep(seconds) => {
            let keep = sketch.rules.keep.map_or(sketch.settings.keep_at_least, Span::days);
            keep.plus(Span::seconds(seconds)).before(now)
        }
        Age::Ahead(hours) => Span::hours(-hours).before(now),
    };
    let mut point = point(kind, place, id, started_at);
    point.resource = owner.cloned();
    point.vault = old.vault.map(|vault| vault_arn(place, vault));
    point.status = PointStatus::from(old.status);
    let arn = point.arn.clone();
    let mut extra =
        PointExtra { public: Fact::Known(false), shared_with: Fact::Known(Vec::new()), ..PointExtra::default() };
    let mut tags = Some(Tags::new());
    let tag = |tags: &mut Option<Tags>, key: &str, value: String| {
        tags.as_mut().and_then(|tags| tags.insert(key.into(), value.into()));
    };
    if let Some(data) = old.copy {
        extra.is_copy = true;
        extra.data_at = data.map(|hours| Span::hours(hours).before(started_at));
    }
    let mut image = None;
    for it in &old.traits {
        match *it {
            Trait::Hold(status) => {
                let id = format!("hold-{}-{id}", inventory.legal_holds.len());
                inventory.legal_holds.push(hold(place, id, status, Fact::Known(vec![arn.clone()])));
            }
            Trait::Lock(state, until) => {
                let until = until.map(|hours| Span::hours(-hours).before(now));
                extra.lock = Some(PointLock { state: state.into(), until });
            }
            Trait::Tag(key) => tag(&mut tags, key, "x".into()),
            Trait::TagsUnread => tags = None,
            Trait::Mark(hours) => tag(&mut tags, MARK_TAG, Span::hours(-hours).before(now).to_rfc3339()),
            Trait::InImage(disabled) => image = (kind == PointKind::EbsSnapshot).then_some(disabled),
            Trait::Public => extra.public = Fact::Known(true),
            Trait::Shared => extra.shared_with = Fact::Known(vec!["777788889999".into()]),
            Trait::SharesUnread => (extra.public, extra.shared_with) = (Fact::Unread, Fact::Unread),
            Trait::Part => extra.parent = Some("arn:aws:backup:::composite".into()),
            Trait::Container => extra.is_parent = true,
            Trait::MadeBy(service) => extra.managed_by = Some(service.into()),
            Trait::Continuous(hours) => {
                let earliest = hours.map(|hours| Span::hours(hours).before(started_at));
                extra.continuous = Some(RestoreWindow { earliest, latest: None });
            }
            Trait::DeletedAfter(days) => point.delete_after_days = Some(days),
            Trait::Archived => extra.archived = true,
        }
    }
    extra.tags = tags.into();
    point.extra = Some(Arc::new(extra));
    inventory.points.push(point);
    if let Some(disabled) = image {
        let mut image = self::point(PointKind::Image, place, &format!("of-{id}"), started_at);
        image.extra_mut().members = vec![arn];
        image.extra_mut().disabled = disabled;
        inventory.points.push(image);
    }
}
