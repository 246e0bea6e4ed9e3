//! The instances of a cluster, which are judged with it.

use lastgood::model::fact::Fact;
use serde_json::{Value, json};

use super::{after, named, weakens};

/// A cluster with these instances: what they set, what is unknown of them, and their expressions.
fn cluster(instances: &[Value]) -> Value {
    let mut resources = vec![json!({"type": "aws_rds_cluster", "name": "c", "after": {"cluster_identifier": "c"}})];
    for (index, instance) in instances.iter().enumerate() {
        let mut instance = instance.clone();
        instance["type"] = json!("aws_rds_cluster_instance");
        instance["name"] = json!(format!("i{index}"));
        resources.push(instance);
    }
    json!(resources)
}

#[test]
fn a_cluster_is_public_where_one_of_its_instances_is() {
    let of = |public: Value| json!({"after": {"cluster_identifier": "c", "publicly_accessible": public}});
    let open = json!({
        "after": {"cluster_identifier": "c"}, "unknown": {"publicly_accessible": true},
        "expressions": {"publicly_accessible": {"references": ["local.public"]}},
    });
    let public = |instances: &[Value]| {
        let inventory = after(&cluster(instances));
        named(&inventory, "aws_rds_cluster.c").database().unwrap().publicly_accessible.clone()
    };
    assert_eq!(public(&[]), Fact::Known(false));
    assert_eq!(public(&[of(json!(null)), of(json!(false))]), Fact::Known(false));
    assert_eq!(public(&[of(json!(true)), of(json!(false))]), Fact::Known(true));
    assert_eq!(public(&[of(json!(false)), open.clone()]), Fact::Unread);
    assert_eq!(public(&[open.clone(), of(json!(false))]), Fact::Unread);
    assert_eq!(public(&[open.clone(), of(json!(true))]), Fact::Known(true));
    // What a later one says does not take away why an earlier one cannot be told.
    let why = super::open(&cluster(&[open, of(json!(false))]));
    assert!(why.iter().any(|why| why.contains("i0.publicly_accessible") && why.contains("local.public")), "{why:?}");
    let whose = json!({
        "after": {"publicly_accessible": true}, "unknown": {"cluster_identifier": true},
        "expressions": {"cluster_identifier": {"references": ["local.cluster"]}},
    });
    assert_eq!(public(std::slice::from_ref(&whose)), Fact::Unread, "it may be that of this cluster");
    assert_eq!(public(&[of(json!(true)), whose]), Fact::Known(true));
}

#[test]
fn a_cluster_whose_instance_gets_a_public_address_is_weakened() {
    let mut resources = cluster(&[json!({
        "before": {"cluster_identifier": "c", "publicly_accessible": false},
        "after": {"cluster_identifier": "c", "publicly_accessible": true},
    })]);
    resources[0]["before"] = resources[0]["after"].clone();
    weakens(&resources, "the database gets a public address");
}
