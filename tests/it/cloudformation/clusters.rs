//! Members of clusters, which are judged with them.

use lastgood::model::fact::Fact::{Known, Unread};
use lastgood::model::kind::Kind;
use lastgood::model::outcome::Outcome;

use super::{database, declared, resource, template};

#[test]
fn members_of_a_cluster_are_judged_with_it() {
    let text = "\
Resources:
  Cluster: {Type: 'AWS::RDS::DBCluster', Properties: {Engine: aurora-mysql, BackupRetentionPeriod: 35, StorageEncrypted: true}}
  Member: {Type: 'AWS::RDS::DBInstance', Properties: {Engine: aurora-mysql, DBClusterIdentifier: !Ref Cluster}}
";
    let inventory = template(text);
    assert_eq!(inventory.resources.iter().filter(|resource| resource.kind == Kind::RdsInstance).count(), 0);
    let member = declared(&inventory).resources.iter().find(|resource| resource.address == *"Member").unwrap();
    assert_eq!(member.identity.as_ref(), Some(&resource(&inventory, "Cluster").arn));
}

#[test]
fn a_cluster_is_public_where_one_of_its_members_is() {
    let public = |first: &str, second: &str| {
        let member = |id: &str, said: &str| {
            format!("  {id}: {{Type: 'AWS::RDS::DBInstance', Properties: {{Engine: aurora-mysql, {said}}}}}\n")
        };
        // One stands before its cluster.
        let text = format!(
            "Parameters: {{Open: {{Type: String}}}}\nResources:\n{}  Cluster: {{Type: 'AWS::RDS::DBCluster', Properties: {{DBClusterIdentifier: Main}}}}\n{}",
            member("First", first),
            member("Second", second)
        );
        let inventory = template(&text);
        let why = declared(&inventory).undecided.iter().filter(|open| *open.fact == *"publicly_accessible");
        let why: Vec<String> = why.map(|open| format!("{} {}", open.attribute, open.why)).collect();
        (database(resource(&inventory, "Cluster")).publicly_accessible.clone(), why)
    };
    let (yes, no) = (
        "DBClusterIdentifier: Main, PubliclyAccessible: true",
        "DBClusterIdentifier: !Ref Cluster, PubliclyAccessible: false",
    );
    assert_eq!(public(no, no), (Known(false), vec![]));
    assert_eq!(public(yes, no).0, Known(true));
    assert_eq!(public(no, yes).0, Known(true));
    let (told, why) = public(no, "DBClusterIdentifier: !Ref Cluster");
    assert!(told == Unread && why[0].starts_with("Second.PubliclyAccessible is not set"), "{why:?}");
    assert_eq!(public("DBClusterIdentifier: main", yes).0, Known(true));
    let lower = "DBClusterIdentifier: main, PubliclyAccessible: true";
    assert_eq!(public(no, lower).0, Known(true), "identifiers are kept in lower case");
    let (told, why) = public(no, "DBClusterIdentifier: !Ref Open, PubliclyAccessible: true");
    assert!(told == Unread && why[0].starts_with("Second.DBClusterIdentifier is the parameter `Open`"), "{why:?}");
    assert_eq!(public(no, "DBClusterIdentifier: !Ref Open, PubliclyAccessible: false"), (Known(false), vec![]));
    assert_eq!(public(no, "DBClusterIdentifier: another, PubliclyAccessible: true").0, Known(false));
}

#[test]
fn instances_of_neptune_are_judged_with_their_cluster() {
    let public = |said: &str| {
        let text = format!(
            "Resources:\n  I: {{Type: 'AWS::Neptune::DBInstance', DeletionPolicy: Delete, Properties: {{DBInstanceClass: db.r5.large{said}}}}}\n  \
             G: {{Type: 'AWS::Neptune::DBCluster', Properties: {{BackupRetentionPeriod: 35}}}}\n"
        );
        let inventory = template(&text);
        assert_eq!(inventory.resources.len(), 1, "it is no database of its own");
        assert!(declared(&inventory).weakenings.is_empty(), "the data is the cluster's");
        database(resource(&inventory, "G")).publicly_accessible.clone()
    };
    // Public endpoints are off unless they are asked for.
    assert_eq!(public(", DBClusterIdentifier: !Ref G"), Known(false));
    assert_eq!(public(", DBClusterIdentifier: !Ref G, PubliclyAccessible: false"), Known(false));
    assert_eq!(public(", DBClusterIdentifier: !Ref G, PubliclyAccessible: true"), Known(true));
    assert_eq!(public(", DBClusterIdentifier: !Ref G, PubliclyAccessible: !ImportValue x"), Unread);
    assert_eq!(public(", PubliclyAccessible: true"), Unread, "it may be that of this cluster");
}

#[test]
fn a_cluster_that_is_declared_elsewhere_is_judged_as_far_as_its_members_tell() {
    let of = |said: &str| {
        let text = format!("Resources:\n  I: {{Type: 'AWS::RDS::DBInstance', Properties: {{{said}}}}}\n");
        let inventory = template(&text);
        let cluster = resource(&inventory, "I");
        assert_eq!(cluster.kind, Kind::RdsCluster);
        let own = declared(&inventory).resources.iter().find(|own| own.address == *"I").unwrap();
        assert_eq!(own.identity.as_ref(), Some(&cluster.arn), "what is found of it is found in the template");
        let says = "is of something that is not declared here; give the account with `--inventory`";
        let why = declared(&inventory).undecided.iter().filter(|open| *open.why == *says).count();
        assert_eq!(why, 6, "each fact says why: {:#?}", declared(&inventory).undecided);
        (database(cluster).publicly_accessible.clone(), database(cluster).backup_retention_days.clone())
    };
    assert_eq!(of("DBClusterIdentifier: other, PubliclyAccessible: false"), (Unread, Unread));
    assert_eq!(of("DBClusterIdentifier: other, PubliclyAccessible: true"), (Known(true), Unread));
    assert_eq!(of("DBClusterIdentifier: !ImportValue c, PubliclyAccessible: false"), (Unread, Unread));
    assert_eq!(of("DBClusterIdentifier: !ImportValue c, PubliclyAccessible: true"), (Known(true), Unread));
    let gated = super::gate(
        "Resources:\n  I: {Type: 'AWS::RDS::DBInstance', Properties: {DBClusterIdentifier: other, PubliclyAccessible: true}}\n",
        &[],
        None,
    );
    let outcomes = |outcome| gated.assessment.verdicts.iter().filter(|verdict| verdict.outcome == outcome).count();
    assert_eq!(outcomes(Outcome::Pass), 0, "nothing of it is known to be right");
    assert!(outcomes(Outcome::Unknown) > 0 && outcomes(Outcome::Fail) > 0);
}

#[test]
fn what_may_be_no_member_of_a_cluster_is_judged_as_a_database() {
    let text = "\
Parameters: {Shared: {Type: String}}
Conditions: {Member: !Equals [!Ref Shared, 'yes']}
Resources:
  I: {Type: 'AWS::RDS::DBInstance', Properties: {DBClusterIdentifier: !If [Member, c, !Ref 'AWS::NoValue'], PubliclyAccessible: true}}
";
    let inventory = template(text);
    assert_eq!(resource(&inventory, "I").kind, Kind::RdsInstance);
    assert_eq!(database(resource(&inventory, "I")).publicly_accessible, Known(true));
}
