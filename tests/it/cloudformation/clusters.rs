//! Members of clusters, which are judged with them.

use lastgood::model::fact::Fact::{Known, Unread};
use lastgood::model::kind::Kind;

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
    let (told, why) = public(no, "DBClusterIdentifier: !Ref Open, PubliclyAccessible: true");
    assert!(told == Unread && why[0].starts_with("Second.DBClusterIdentifier is the parameter `Open`"), "{why:?}");
    assert_eq!(public(no, "DBClusterIdentifier: !Ref Open, PubliclyAccessible: false"), (Known(false), vec![]));
    assert_eq!(public(no, "DBClusterIdentifier: another, PubliclyAccessible: true").0, Known(false));
}
