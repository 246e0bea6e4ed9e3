//! The recovery runbook: order, last good copies, who is told.

use lastgood::demo;
use lastgood::model::estate::Estate;
use lastgood::model::recovery::{Runbook, runbook};
use lastgood::report::recovery::{json, markdown, text};

fn demo_runbook() -> Runbook {
    runbook(&Estate::new(&demo::inventory()), demo::as_of())
}

#[test]
fn the_register_of_the_demo_loads_and_is_in_its_inventory() {
    let inventory = demo::inventory();
    assert_eq!(inventory.applications.len(), 7);
    assert!(inventory.resources.iter().any(|resource| &*resource.arn == "component:shop/orders-db"));
    let staging = inventory.resources.iter().filter(|resource| resource.account == "444455556666");
    assert!(staging.clone().count() > 5);
    for resource in staging.filter(|resource| resource.kind.is_recoverable()) {
        assert_eq!(resource.application.as_deref(), Some("staging"), "{}", resource.arn);
    }
}

#[test]
fn what_others_need_comes_first_and_each_thing_has_its_last_good_copy() {
    let runbook = demo_runbook();
    let order: Vec<&str> = runbook.steps.iter().map(|step| step.application.as_str()).collect();
    assert_eq!(order, ["backup", "shop", "billing", "crm", "intranet", "analytics", "staging"]);
    let item = |name: &str| {
        let items = runbook.steps.iter().flat_map(|step| &step.items);
        items.clone().find(|item| item.name == name).unwrap_or_else(|| panic!("{name}"))
    };
    let orders = item("orders-db").last_good.as_ref().unwrap();
    assert_eq!((&*orders.id, &*orders.what), ("s3://acme-backups/shop/orders-2026-11-21.sql.gz", "artefact"));
    assert_eq!(item("orders-db").within_rpo, Some(true));
    assert_eq!(item("billing-reports").within_rpo, Some(false), "three days are lost, one may be");
    assert_eq!(item("shop-reindex").last_good, None);
    assert_eq!(item("shop-reindex").within_rpo, Some(false), "no copy loses everything");
    assert_eq!(&*item("shop-web-0").last_good.as_ref().unwrap().what, "copies-of-its-volumes");
    let config = item("crm-config").last_good.as_ref().unwrap();
    assert_eq!(config.at.to_rfc3339(), "2026-11-18T01:30:00+00:00", "the three partial copies after it do not count");
    assert!(runbook.unassigned.is_empty(), "{:?}", runbook.unassigned);
}

#[test]
fn an_instance_is_as_old_as_its_oldest_volume_and_nothing_without_one() {
    let mut inventory = demo::inventory();
    let disk = "arn:aws:ec2:eu-west-2:111122223333:volume/vol-shop-web-0-disk0";
    let newest = |inventory: &lastgood::model::inventory::Inventory| {
        let runbook = runbook(&Estate::new(inventory), demo::as_of());
        let items = runbook.steps.into_iter().flat_map(|step| step.items);
        items.into_iter().find(|item| item.name == "shop-web-0").unwrap().last_good.map(|copy| copy.at)
    };
    let all = newest(&inventory).unwrap();
    inventory.points.retain(|point| point.resource.as_deref() != Some(disk) || point.started_at < all);
    assert!(newest(&inventory).unwrap() < all);
    inventory.points.retain(|point| point.resource.as_deref() != Some(disk));
    assert_eq!(newest(&inventory), None);
}

#[test]
fn names_are_harmless_and_json_reads_back() {
    let mut inventory = demo::inventory();
    inventory.applications[1].name = Some("<script>\u{1b}[31m@all".into());
    let runbook = runbook(&Estate::new(&inventory), demo::as_of());
    let shown = |write: fn(&Runbook, &mut dyn std::io::Write) -> std::io::Result<()>| {
        let mut out = Vec::new();
        write(&runbook, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let (text, markdown) = (shown(text), shown(markdown));
    assert!(!text.contains('\u{1b}') && !markdown.contains('\u{1b}'));
    assert!(!markdown.contains("<script>") && markdown.contains("&lt;script&gt;"), "{markdown}");
    assert_eq!(serde_json::from_str::<Runbook>(&shown(json)).unwrap(), runbook);
}
