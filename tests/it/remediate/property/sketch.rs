//! What random estates are drawn from. A sketch is small and plain, so that what is left of a failing one after
//! shrinking can be read.

use lastgood::model::kind::Kind;
use lastgood::model::plan::{Breakers, Settings};
use lastgood::model::resource::Existence;
use lastgood::model::span::Span;
use proptest::collection::vec;
use proptest::option::weighted as sometimes;
use proptest::prelude::*;
use proptest::sample::select;

/// How long ago something was begun.
#[derive(Clone, Copy, Debug)]
pub(super) enum Age {
    /// So many hours before the inventory was read.
    Hours(i64),
    /// So many seconds older than what the first rule allows to be stored.
    Limit(i64),
    /// So many seconds older than what must be kept.
    Keep(i64),
    /// So many hours after the plan: a clock was wrong.
    Ahead(i64),
}

/// One thing about a point that may keep it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Trait {
    /// A legal hold of this status lists it.
    Hold(&'static str),
    /// A snapshot lock of this state; ends so many hours after the plan.
    Lock(&'static str, Option<i64>),
    Tag(&'static str),
    TagsUnread,
    /// Marked for deletion so many hours after the plan.
    Mark(i64),
    /// An image has it; disabled or not.
    InImage(bool),
    Public,
    Shared,
    SharesUnread,
    Part,
    Container,
    MadeBy(&'static str),
    /// A window that begins so many hours before the point.
    Continuous(Option<i64>),
    DeletedAfter(u32),
    Archived,
}

/// A point that is not one of the daily ones.
#[derive(Clone, Debug)]
pub(super) struct Old {
    pub(super) age: Age,
    pub(super) status: &'static str,
    /// One of [`VAULTS`].
    pub(super) vault: Option<usize>,
    /// In the other place of its resource.
    pub(super) away: bool,
    /// A copy; its data is so many hours older, where that is known.
    pub(super) copy: Option<Option<i64>>,
    pub(super) traits: Vec<Trait>,
}

/// A resource with its points.
#[derive(Clone, Debug)]
pub(super) struct Thing {
    pub(super) kind: Kind,
    pub(super) place: usize,
    /// Where copies go.
    pub(super) other: usize,
    pub(super) existence: Existence,
    /// Its class, if its tags were read.
    pub(super) tags: Option<Option<&'static str>>,
    /// So many good copies, one a day, the newest of so many hours ago.
    pub(super) daily: usize,
    pub(super) newest: i64,
    /// A running copy of something of it.
    pub(super) copying: bool,
    /// All its old points are marked for deletion, so many hours after the plan.
    pub(super) marked: Option<i64>,
    pub(super) old: Vec<Old>,
}

/// What was not read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Missing {
    /// Nobody asked for this list of [`CALLS`] in this place.
    List(usize, usize),
    /// It was asked for and denied.
    Denied(usize, usize),
    /// The list of the points of this resource, by its own service.
    Own(usize),
    /// A question about one resource was denied.
    About(usize),
    /// A question about one point of it was denied.
    AboutPoint(usize),
    /// Which points an open hold in this place keeps.
    Held(usize),
}

/// Everything that a plan follows from.
#[derive(Clone, Debug)]
pub(super) struct Sketch {
    pub(super) things: Vec<Thing>,
    pub(super) missing: Vec<Missing>,
    /// Points whose resource nobody knows.
    pub(super) strays: Vec<Old>,
    pub(super) rules: Rules,
    pub(super) settings: Settings,
    /// Plan only `prune`, and only for the first resource.
    pub(super) only: (bool, bool),
    /// Hours from reading to planning.
    pub(super) later: i64,
}

/// The numbers of the policy: days, but for grace and cadence, which are hours.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub(super) limit: i64,
    pub(super) grace: Option<i64>,
    /// A second limit, of volumes alone.
    pub(super) of_volumes: Option<i64>,
    pub(super) keep: Option<i64>,
    /// What is tagged `class = gold` is kept for longer.
    pub(super) gold: Option<i64>,
    pub(super) cadence: Option<(i64, i64)>,
    /// An approved exception from the first limit for the first resource.
    pub(super) waived: bool,
}

/// Two accounts in two regions.
pub(super) const PLACES: [(&str, &str); 4] = [
    ("111122223333", "eu-west-2"),
    ("111122223333", "eu-west-1"),
    ("444455556666", "eu-west-2"),
    ("444455556666", "eu-west-1"),
];

/// The vaults of each place: open, locked, not known whether locked, not listed at all.
pub(super) const VAULTS: [&str; 4] = ["open", "locked", "strange", "hidden"];

/// Every list that says something about points, and one that does not.
pub(super) const CALLS: [&str; 12] = [
    "ec2:DescribeSnapshots",
    "ec2:DescribeLockedSnapshots",
    "ec2:DescribeImages",
    "ec2:DescribeVolumes",
    "backup:ListBackupVaults",
    "backup:ListRecoveryPointsByBackupVault",
    "backup:ListLegalHolds",
    "backup:ListRecoveryPointsByLegalHold",
    "rds:DescribeDBSnapshots",
    "rds:DescribeDBClusterSnapshots",
    "dynamodb:ListBackups",
    "s3:ListBuckets",
];

/// Keys of tags that keep a point, and after them those that do not; the last keeps where somebody says so.
pub(super) const TAGS: [&str; 8] =
    ["lastgood:hold", "Legal-Case", "KEEP", "retention-class", "Do-Not-Delete", "team", "holdings", "freeze"];

fn age() -> impl Strategy<Value = Age> {
    let second = || -1_i64..=1;
    prop_oneof![
        12 => (24_i64..2_400).prop_map(Age::Hours),
        2 => second().prop_map(Age::Limit),
        2 => second().prop_map(Age::Keep),
        1 => (1_i64..100).prop_map(Age::Ahead),
    ]
}

fn a_trait() -> impl Strategy<Value = Trait> {
    prop_oneof![
        select(vec!["ACTIVE", "CREATING", "CANCELING", "CANCELED"]).prop_map(Trait::Hold),
        (select(vec!["governance", "compliance", "compliance-cooloff", "expired"]), sometimes(0.7, -50_i64..50))
            .prop_map(|(state, until)| Trait::Lock(state, until)),
        select(&TAGS[..]).prop_map(Trait::Tag),
        Just(Trait::TagsUnread),
        (-50_i64..50).prop_map(Trait::Mark),
        any::<bool>().prop_map(Trait::InImage),
        Just(Trait::Public),
        Just(Trait::Shared),
        Just(Trait::SharesUnread),
        Just(Trait::Part),
        Just(Trait::Container),
        select(vec!["dlm", "rds", "aws-backup"]).prop_map(Trait::MadeBy),
        sometimes(0.7, 0_i64..2_000).prop_map(Trait::Continuous),
        (1_u32..400).prop_map(Trait::DeletedAfter),
        Just(Trait::Archived),
    ]
}

fn status() -> impl Strategy<Value = &'static str> {
    let rare = vec!["available", "stopped", "partial", "creating", "deleting", "error", "recoverable", "QUANTUM"];
    prop_oneof![16 => Just("completed"), 3 => Just("expired"), 2 => select(rare)]
}

fn old() -> impl Strategy<Value = Old> {
    let vault = sometimes(0.5, prop_oneof![20 => Just(0_usize), 1 => 1_usize..VAULTS.len()]);
    let copy = sometimes(0.1, sometimes(0.7, 0_i64..500));
    let traits = prop_oneof![6 => vec(a_trait(), 0..1), 3 => vec(a_trait(), 1..3)];
    (age(), status(), vault, prop::bool::weighted(0.2), copy, traits)
        .prop_map(|(age, status, vault, away, copy, traits)| Old { age, status, vault, away, copy, traits })
}

fn thing() -> impl Strategy<Value = Thing> {
    let kinds = vec![
        Kind::Ec2Instance,
        Kind::S3Bucket,
        Kind::RdsInstance,
        Kind::RdsCluster,
        Kind::DynamodbTable,
        Kind::EfsFileSystem,
    ];
    let kind = prop_oneof![6 => Just(Kind::EbsVolume), 4 => select(kinds)];
    let existence =
        prop_oneof![20 => Just(Existence::Present), 1 => Just(Existence::Deleted), 1 => Just(Existence::Unconfirmed)];
    let tags = sometimes(0.95, sometimes(0.3, select(vec!["gold", "tin"])));
    let newest = prop_oneof![8 => 0_i64..16, 1 => 0_i64..90];
    let copying = prop_oneof![15 => Just(false), 1 => Just(true)];
    let daily = prop_oneof![4 => 3_usize..7, 1 => 0_usize..3];
    let marked = sometimes(0.25, -50_i64..30);
    let places = (0..PLACES.len(), 0..PLACES.len());
    (kind, places, existence, tags, daily, newest, copying, marked, vec(old(), 0..6)).prop_map(
        |(kind, (place, other), existence, tags, daily, newest, copying, marked, old)| Thing {
            kind,
            place,
            other,
            existence,
            tags,
            daily,
            newest,
            copying,
            marked,
            old,
        },
    )
}

fn missing() -> impl Strategy<Value = Missing> {
    prop_oneof![
        (0..PLACES.len(), 0..CALLS.len()).prop_map(|(place, call)| Missing::List(place, call)),
        (0..PLACES.len(), 0..CALLS.len()).prop_map(|(place, call)| Missing::Denied(place, call)),
        (0_usize..3).prop_map(Missing::Own),
        (0_usize..3).prop_map(Missing::About),
        (0_usize..3).prop_map(Missing::AboutPoint),
        (0..PLACES.len()).prop_map(Missing::Held),
    ]
}

fn rules() -> impl Strategy<Value = Rules> {
    let grace = sometimes(0.7, 0_i64..72);
    let cadence = sometimes(0.8, (12_i64..72, 0_i64..24));
    let days = |chance| sometimes(chance, 2_i64..60);
    (2_i64..60, grace, days(0.3), days(0.7), days(0.4), cadence, prop::bool::weighted(0.1)).prop_map(
        |(limit, grace, of_volumes, keep, gold, cadence, waived)| Rules {
            limit,
            grace,
            of_volumes,
            keep,
            gold,
            cadence,
            waived,
        },
    )
}

fn settings(two_phases: bool) -> impl Strategy<Value = Settings> {
    let many = || prop_oneof![8 => Just(1_000_u64), 1 => 0_u64..5];
    let percent = || prop_oneof![8 => Just(100_u64), 1 => 0_u64..100];
    let breakers = (many(), percent(), many(), percent()).prop_map(
        |(per_resource, per_resource_percent, per_run, per_run_percent)| Breakers {
            per_resource,
            per_resource_percent,
            per_run,
            per_run_percent,
        },
    );
    let two_phase = (0_i64..100).prop_map(move |hours| two_phases.then(|| Span::hours(hours)));
    (0_u32..5, 24_i64..100, 1_i64..60, any::<bool>(), breakers, two_phase).prop_map(
        |(keep_newest, fresh, least, freeze, breakers, two_phase)| {
            let mut settings = Settings {
                keep_newest,
                fresh_within: Span::hours(fresh),
                keep_at_least: Span::days(least),
                breakers,
                two_phase,
                ..Settings::default()
            };
            settings.hold_tags.extend(freeze.then(|| "FREEZE".into()));
            settings
        },
    )
}

/// Everything that a plan follows from, of one phase or of two.
pub(super) fn sketch(two_phases: bool) -> impl Strategy<Value = Sketch> {
    let missing = prop_oneof![6 => vec(missing(), 0..1), 1 => vec(missing(), 1..3)];
    let only = (prop::bool::weighted(0.3), prop::bool::weighted(0.1));
    let later = prop_oneof![3 => Just(0_i64), 1 => 0_i64..72];
    (vec(thing(), 1..4), missing, vec(old(), 0..2), rules(), settings(two_phases), only, later).prop_map(
        |(things, missing, strays, rules, settings, only, later)| Sketch {
            things,
            missing,
            strays,
            rules,
            settings,
            only,
            later,
        },
    )
}
