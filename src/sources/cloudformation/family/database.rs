//! RDS instances and clusters, and those of DocumentDB and Neptune, whose ARNs and backups are of the same form.

use super::super::draft::Draft;
use super::super::value::{Props, Told, Why};
use super::super::view::View;
use super::{TypeInfo, of};
use crate::model::fact::Fact;
use crate::model::kind::Kind;
use crate::model::resource::{Database, Detail};
use crate::model::text::Text;
use crate::sources::iac::alike;

pub(super) const TYPES: &[TypeInfo] = &[
    TypeInfo {
        name: "AWS::RDS::DBInstance",
        naming: of(Kind::RdsInstance, Some("DBInstanceIdentifier")),
        pass: 0,
        put: instance,
        holds_data: true,
    },
    // Neptune knows no database without a cluster, which holds the data.
    TypeInfo {
        name: "AWS::Neptune::DBInstance",
        naming: of(Kind::RdsInstance, Some("DBInstanceIdentifier")),
        pass: 0,
        // Public endpoints of Neptune are off unless they are asked for.
        put: |draft, view| {
            draft.members.push(member(view, |p| Ok(p.flag("PubliclyAccessible")?.unwrap_or(false))));
        },
        holds_data: false,
    },
    cluster_type("AWS::RDS::DBCluster"),
    cluster_type("AWS::DocDB::DBCluster"),
    cluster_type("AWS::Neptune::DBCluster"),
];

const fn cluster_type(name: &'static str) -> TypeInfo {
    let naming = of(Kind::RdsCluster, Some("DBClusterIdentifier"));
    TypeInfo { name, naming, pass: 0, put: cluster, holds_data: true }
}

/// What makes a database a copy of another.
const SOURCES: &[&str] = &[
    "SourceDBInstanceIdentifier",
    "SourceDBClusterIdentifier",
    "DBSnapshotIdentifier",
    "DBClusterSnapshotIdentifier",
    "SnapshotIdentifier",
    "SourceDbiResourceId",
    "SourceDBInstanceAutomatedBackupsArn",
    "SourceDbClusterResourceId",
];

/// Whether a database is made of another: then that one decides what is not set here.
fn is_copy(p: &Props<'_>) -> Told<bool> {
    for source in SOURCES {
        // A source that cannot be told yet is one all the same, unless a condition decides about it.
        match p.is_set(source) {
            Ok(false) => {}
            Err(stuck) if stuck.why.split.is_some() => return Err(stuck),
            _ => return Ok(true),
        }
    }
    Ok(false)
}

/// What is set, or what CloudFormation takes where it is not.
fn or<T>(p: &Props<'_>, set: Option<T>, default: T, property: &str) -> Told<T> {
    match set {
        Some(value) => Ok(value),
        None if is_copy(p)? => Err(Why::new("is not set: the source of the database decides").at(property)),
        None => Ok(default),
    }
}

fn instance<'t>(draft: &mut Draft<'t>, view: &View<'_, 't>) {
    // The backups of a cluster's members are those of the cluster.
    match view.tell(|p| p.is_set("DBClusterIdentifier")) {
        Ok(false) => {}
        Err(stuck) if stuck.why.split.is_some() => {}
        _ => return draft.members.push(member(view, is_public)),
    }
    let arn = &view.arn();
    let public = view.fact(arn, "publicly_accessible", is_public);
    let detail = database(view, arn, public);
    draft.whole(view, Kind::RdsInstance, detail, "Tags");
}

fn is_public(p: &Props<'_>) -> Told<bool> {
    p.flag("PubliclyAccessible")?
        .ok_or_else(|| Why::new("is not set: whether its network has a gateway decides").at("PubliclyAccessible"))
}

/// An instance of a cluster, which has an address of its own.
pub(in super::super) struct Member<'t> {
    id: &'t str,
    /// The identity of the cluster.
    cluster: Told<Text>,
    public: Told<bool>,
}

fn member<'t>(view: &View<'_, 't>, is_public: fn(&Props<'_>) -> Told<bool>) -> Member<'t> {
    let cluster = view.tell(|p| {
        let name = p.name("DBClusterIdentifier")?.map(str::to_owned);
        name.ok_or_else(|| Why::new("is not set").at("DBClusterIdentifier"))
    });
    let cluster = cluster.map(|name| identity(Some(&name), &view.place(), ""));
    Member { id: view.declaration.id.as_str(), cluster, public: view.tell(is_public) }
}

/// The identity of a cluster with this name, or of one that goes by a logical id.
fn identity(name: Option<&str>, (account, region): &(Text, Text), id: &str) -> Text {
    let naming = of(Kind::RdsCluster, None);
    naming.map(|naming| Text::from(naming.name(name, account, region, id).arn)).unwrap_or_default()
}

/// A cluster is public where one of its instances is, as the collector has it too. They may stand before it in the
/// template. One that is not declared in it is judged as far as the account and its instances tell.
pub(in super::super) fn join_members(draft: &mut Draft<'_>) {
    let clusters = draft.inventory.resources.iter().filter(|resource| resource.kind == Kind::RdsCluster);
    let declared: Vec<Text> = clusters.map(|resource| resource.arn.clone()).collect();
    for Member { id, cluster, public } in std::mem::take(&mut draft.members) {
        let mut open = public.as_ref().err();
        let clusters = match &cluster {
            Ok(cluster) => {
                absent(draft, id, cluster);
                vec![cluster.clone()]
            }
            Err(stuck) if declared.is_empty() => {
                let place = (draft.scope.account.clone(), draft.scope.region.clone());
                let cluster = identity(None, &place, id);
                absent(draft, id, &cluster);
                draft.undecided.borrow_mut().push(stuck.undecided(id, Some(&cluster), "publicly_accessible"));
                vec![cluster]
            }
            // It may be of any of them, which matters unless it is private.
            Err(_) if public == Ok(false) => continue,
            Err(stuck) => {
                open = Some(stuck);
                declared.clone()
            }
        };
        let public = if open.is_some() { Fact::Unread } else { Fact::from(public.as_ref().ok().copied()) };
        for cluster in clusters {
            let Some(Detail::Database(database)) = draft.resource_mut(&cluster).map(|resource| &mut resource.detail)
            else {
                continue;
            };
            database.publicly_accessible = alike::any(&database.publicly_accessible, public.clone());
            if let Some(stuck) = open {
                draft.undecided.borrow_mut().push(stuck.undecided(id, Some(&cluster), "publicly_accessible"));
            }
        }
    }
}

/// Put a cluster into the inventory that has an instance here and is not declared here.
fn absent(draft: &mut Draft<'_>, id: &str, arn: &Text) {
    draft.absent(id, Kind::RdsCluster, arn, "DBClusterIdentifier", &[]);
    for own in draft.declared.iter_mut().filter(|own| *own.address == *id) {
        own.identity = Some(arn.clone());
    }
}

fn cluster<'t>(draft: &mut Draft<'t>, view: &View<'_, 't>) {
    let arn = &view.arn();
    // Its instances have addresses, and are joined to it later; a Multi-AZ cluster has its own.
    let public = view.fact(arn, "publicly_accessible", |p| Ok(p.flag("PubliclyAccessible")?.unwrap_or(false)));
    let detail = database(view, arn, public);
    draft.whole(view, Kind::RdsCluster, detail, "Tags");
}

fn database(view: &View<'_, '_>, arn: &Text, publicly_accessible: Fact<bool>) -> Detail {
    Detail::Database(Box::new(Database {
        // A day is the default of CloudFormation, for instances as for clusters.
        backup_retention_days: view.days(arn, "backup_retention_days", |p| {
            or(p, p.days("BackupRetentionPeriod")?, 1, "BackupRetentionPeriod")
        }),
        backup_window: view.fact(arn, "backup_window", |p| {
            // Of DocumentDB, Neptune and Aurora as of instances.
            match p.text("PreferredBackupWindow")? {
                Some(window) => Ok(Text::from(window)),
                None => Err(Why::new("is not set, so that RDS chooses one at random").at("PreferredBackupWindow")),
            }
        }),
        encrypted: view.fact(arn, "encrypted", |p| {
            // A key alone encrypts nothing: CloudFormation refuses one without the switch.
            or(p, p.flag("StorageEncrypted")?, false, "StorageEncrypted")
        }),
        kms_key: view.name("KmsKeyId"),
        deletion_protection: view
            .fact(arn, "deletion_protection", |p| Ok(p.flag("DeletionProtection")?.unwrap_or(false))),
        publicly_accessible,
        ..Database::default()
    }))
}
