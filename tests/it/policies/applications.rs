//! The application register: what loads, what is refused and how, which resource belongs where.

use lastgood::model::application::{Application, REGISTER};
use lastgood::model::inventory::Inventory;
use lastgood::policy::applications::{Register, load};
use lastgood::policy::{Diagnostic, SourceFile};
use serde_json::json;

const SHOP: &str = r#"
[[application]]
id = "shop"
name = "Web shop"
owner = "shop@example.com"
criticality = "critical"
timezone = "Europe/London"
off_peak = ["22:00-06:00"]
rto = "4h"
rpo = "1d"
priority = 2
depends_on = ["identity"]
runbook = "runbooks/shop.md"

[[application.stakeholder]]
name = "customers"
contact = "status.example.com"

[[application.resources]]
arns = ["arn:aws:s3:::shop-*"]

[[application.resources]]
tags = { team = ["shop", "web"] }
kinds = ["ebs-volume"]

[[application.component]]
name = "orders"
kind = "mysql"
since = 2026-01-15
stored_in = ["s3://acme-backups/shop/*"]
logged_as = [{ tool = "mysqldump", host = "db1" }]

[[application.component]]
name = "code"
kind = "repository"
criticality = "low"

[[application]]
id = "identity"
owner = "id@example.com"
priority = 1
depends_on = []
"#;

fn files(texts: &[&str]) -> Vec<SourceFile> {
    texts.iter().enumerate().map(|(n, text)| SourceFile { name: format!("{n}.toml"), text: (*text).into() }).collect()
}

fn good(text: &str) -> Register {
    load(&files(&[text])).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn lines(texts: &[&str]) -> Vec<String> {
    load(&files(texts)).err().unwrap().iter().map(Diagnostic::line).collect()
}

fn inventory(resources: serde_json::Value) -> Inventory {
    serde_json::from_value(json!({
        "schema": "lastgood.inventory/1", "source": "test", "captured_at": "2026-11-22T00:00:00Z",
        "accounts": [], "regions": [], "resources": resources,
    }))
    .unwrap()
}

fn resource(arn: &str, kind: &str, tags: serde_json::Value) -> serde_json::Value {
    json!({"arn": arn, "kind": kind, "account": "111122223333", "region": "eu-west-2", "tags": tags})
}

#[test]
fn a_register_says_everything_of_an_application() {
    let register = good(SHOP);
    let [shop, identity] = register.applications.as_slice() else { panic!("two") };
    let Application { id, criticality, priority, depends_on, components, .. } = shop;
    assert_eq!((&**id, criticality.as_deref(), *priority), ("shop", Some("critical"), Some(2)));
    assert_eq!(depends_on.as_deref(), Some(&["identity".into()][..]));
    assert_eq!(components[0].logged_as[0].host.as_deref(), Some("db1"));
    assert_eq!(identity.depends_on.as_deref(), Some(&[][..]), "`[]` says that there is none");
    assert_eq!(good("[[application]]\nid = \"x\"\n").applications[0].depends_on, None, "nobody said");
}

#[test]
fn resources_and_components_get_their_application() {
    let mut inventory = inventory(json!([
        resource("arn:aws:s3:::shop-assets", "s3-bucket", json!({})),
        resource("arn:aws:ec2:eu-west-2:111122223333:volume/vol-1", "ebs-volume", json!({"team": "web"})),
        resource("arn:aws:ec2:eu-west-2:111122223333:volume/vol-2", "ebs-volume", json!({"application": "identity"})),
        resource("arn:aws:ec2:eu-west-2:111122223333:volume/vol-3", "ebs-volume", json!({"application": "nobody"})),
    ]));
    good(SHOP).assign(&mut inventory, "application").unwrap();
    let owners: Vec<_> = inventory
        .resources
        .iter()
        .map(|r| (r.display_name(), r.application.as_deref().unwrap_or("-"), r.criticality.as_deref().unwrap_or("-")))
        .collect();
    assert_eq!(
        owners,
        [
            ("shop-assets", "shop", "critical"),
            ("vol-1", "shop", "critical"),
            ("vol-2", "identity", "-"),
            ("vol-3", "-", "-"),
            ("orders", "shop", "critical"),
            ("code", "shop", "low"),
        ]
    );
    assert_eq!(&*inventory.resources[4].arn, "component:shop/orders");
    assert!(inventory.reads.iter().any(|read| read.call == REGISTER && read.items == 2));
    let once = inventory.clone();
    good(SHOP).assign(&mut inventory, "application").unwrap();
    assert_eq!(inventory, once, "a second register takes the place of the first");
}

#[test]
fn a_resource_that_two_applications_claim_is_an_error_with_both_places() {
    let two = "[[application]]\nid = \"a\"\n[[application.resources]]\narns = [\"arn:aws:s3:::x*\"]\n\n[[application]]\nid = \"b\"\n[[application.resources]]\nkinds = [\"s3-bucket\"]\n";
    let mut inventory = inventory(json!([resource("arn:aws:s3:::x1", "s3-bucket", json!({}))]));
    let problems = good(two).assign(&mut inventory, "application").unwrap_err();
    let shown = lastgood::policy::diagnostic::render(&problems, Default::default());
    insta::with_settings!({
        snapshot_path => "../../../fixtures/policies/snapshots",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, { insta::assert_snapshot!("register-claimed-twice", shown) });
}

#[test]
fn every_mistake_is_reported_at_its_place() {
    let text = r#"
[[application]]
id = "a"
onwer = "x"
criticality = "hgh"
off_peak = ["22-06"]
depends_on = ["bb"]

[[application]]
id = "b"
depends_on = ["c"]

[[application]]
id = "c"
depends_on = ["b"]
[[application.component]]
name = "db"
kind = "ebs-volume"
[[application.component]]
name = "db"
kind = "mysql"
logged_as = [{}]
[[application.resources]]
"#;
    assert_eq!(
        lines(&[text, "[[application]]\nid = \"a\"\n"]),
        [
            "0.toml:4:1: error[unknown-key]: `[[application]]` has no key `onwer`",
            "0.toml:5:15: error[bad-value]: `hgh` is not a word that `criticality` knows",
            "0.toml:6:12: error[no-timezone]: `off_peak` needs the application's `timezone`",
            "0.toml:6:13: error[bad-value]: `22-06` is not a stretch of hours: `22` is not a time",
            "0.toml:7:15: error[unknown-application]: there is no application `bb`",
            "0.toml:11:15: error[dependency-circle]: these applications depend on each other: b → c → b",
            "0.toml:18:8: error[bad-value]: `ebs-volume` is not a word that `kind` knows",
            "0.toml:20:8: error[duplicate]: the component `db` stands twice",
            "0.toml:22:14: error[empty-selector]: this `logged_as` would take every log record in",
            "0.toml:23:1: error[empty-selector]: this `resources` would take every resource in",
            "1.toml:2:6: error[duplicate]: the application `a` stands twice",
        ]
    );
    assert_eq!(lines(&[""]), ["0.toml:1:1: error[no-applications]: the register has no application"]);
    assert_eq!(lines(&["[[application]]\nid = \"a\"\ndepends_on = [\"a\"]\n"]).len(), 1, "on itself");
}

#[test]
fn deep_dependencies_are_no_circle_and_end() {
    let chain: String = (0..3000)
        .map(|n| {
            format!(
                "[[application]]\nid = \"a{n}\"\ndepends_on = [{}]\n",
                if n == 0 { String::new() } else { format!("\"a{}\"", n - 1) }
            )
        })
        .collect();
    assert_eq!(good(&chain).applications.len(), 3000);
    let diamond = "[[application]]\nid = \"a\"\ndepends_on = [\"b\", \"c\"]\n[[application]]\nid = \"b\"\ndepends_on = [\"d\"]\n[[application]]\nid = \"c\"\ndepends_on = [\"d\"]\n[[application]]\nid = \"d\"\n";
    assert_eq!(good(diamond).applications.len(), 4);
}
