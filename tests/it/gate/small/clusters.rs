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

/// An instance of a cluster that is no part of the plan.
fn alone(set: &Value, more: &Value) -> Value {
    let mut after = json!({"cluster_identifier": "elsewhere"});
    after.as_object_mut().unwrap().extend(set.as_object().unwrap().clone());
    let mut instance = json!({"type": "aws_rds_cluster_instance", "name": "i", "after": after});
    instance.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!([instance])
}

#[test]
fn a_cluster_that_is_declared_elsewhere_is_judged_as_far_as_its_instances_tell() {
    const IT: &str = "aws_rds_cluster_instance.i";
    let of = |resources: &Value| named(&after(resources), IT).database().unwrap().clone();
    let private = alone(&json!({"publicly_accessible": false}), &json!({}));
    let cluster = of(&private);
    assert_eq!((cluster.publicly_accessible, cluster.encrypted), (Fact::Unread, Fact::Unread), "it may have others");
    assert_eq!(of(&alone(&json!({"publicly_accessible": true}), &json!({}))).publicly_accessible, Fact::Known(true));
    let why = super::open(&private);
    let says = |why: &[String]| {
        why.iter().filter(|why| why.contains("i.cluster_identifier is of something that is not declared here")).count()
    };
    assert_eq!(says(&why), 6, "each fact says why: {why:#?}");
    // Two instances are of one cluster.
    let mut two = private;
    let mut other = alone(&json!({"publicly_accessible": true}), &json!({}))[0].clone();
    other["name"] = json!("j");
    two.as_array_mut().unwrap().push(other);
    let inventory = after(&two);
    assert_eq!(inventory.resources.len(), 1);
    assert_eq!(named(&inventory, IT).database().unwrap().publicly_accessible, Fact::Known(true));
    // Whose instance it is may not be told either.
    let open = json!({"unknown": {"cluster_identifier": true}, "expressions": {"cluster_identifier": {"references": ["local.c"]}}});
    let mut whose = alone(&json!({}), &open);
    whose[0]["after"].as_object_mut().unwrap().remove("cluster_identifier");
    assert_eq!(of(&whose).publicly_accessible, Fact::Unread);
    assert_eq!(says(&super::open(&whose)), 6);
    // One that goes away leaves nothing to judge, and takes no cluster away.
    let mut gone = alone(&json!({}), &json!({}));
    gone[0]["before"] = gone[0]["after"].take();
    assert!(after(&gone).resources.is_empty() && super::weakened(&gone).is_empty());
}

#[test]
fn what_the_account_has_of_a_cluster_counts() {
    let live = |public: bool| {
        let mut live = after(&cluster(&[]));
        live.declared = None;
        for resource in &mut live.resources {
            resource.arn = after(&alone(&json!({}), &json!({}))).resources[0].arn.clone();
            if let lastgood::model::resource::Detail::Database(database) = &mut resource.detail {
                (database.backup_retention_days, database.publicly_accessible) = (Fact::Known(35), Fact::Known(public));
            }
        }
        live
    };
    let judged = |set: &Value, public: bool| {
        let plan = super::small(&alone(set, &json!({})));
        let mut reading = super::super::read(plan.to_string().as_bytes(), Some(&live(public))).unwrap();
        lastgood::sources::iac::join(&mut reading, Some(&live(public)));
        assert_eq!(reading.after.resources.len(), 1, "it is there once");
        named(&reading.after, "aws_rds_cluster_instance.i").database().unwrap().clone()
    };
    let (yes, no) = (json!({"publicly_accessible": true}), json!({"publicly_accessible": false}));
    assert_eq!(judged(&no, false).backup_retention_days, Fact::Known(35));
    assert_eq!(judged(&no, false).publicly_accessible, Fact::Known(false));
    assert_eq!(judged(&yes, false).publicly_accessible, Fact::Known(true));
    assert_eq!(judged(&no, true).publicly_accessible, Fact::Unread, "it may have been public by this instance alone");
    assert_eq!(judged(&yes, true).publicly_accessible, Fact::Known(true));
}
