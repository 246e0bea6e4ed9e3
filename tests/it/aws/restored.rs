//! What AWS Backup restores for a test over HTTP, versions restored elsewhere, and the role that suffices for all of it.

use lastgood::aws::calls::ROLES;
use serde_json::{Value, json};

use super::restore::{PASSED, Site, noise};
use super::server::REGION;

const ROLE: &str = "arn:aws:iam::123456789012:role/restore";

fn policy(role: &str) -> Value {
    ROLES.iter().find(|known| known.name == role).unwrap().policy()
}

/// One of each kind with a point in a vault, and buckets.
fn seed() -> Value {
    let point = |resource: &str| json!({"key": format!("of-{resource}"), "vault": "main", "resource": resource, "CreationDate": "-4h"});
    json!({
        "volumes": [{"key": "data", "tags": {"Name": "data"}, "size": 1}, {"key": "root"}],
        "snapshots": [{"key": "copy", "volume": "data", "started": "-5h"}],
        "instances": [{"key": "desk", "volumes": ["root"], "tags": {"lastgood:purpose": "restore-test"}}],
        "db_instances": [{"name": "orders"}],
        "db_clusters": [{"name": "ledger"}],
        "tables": [{"name": "carts"}],
        "file_systems": [{"name": "fs-0a"}],
        "buckets": [{"name": "shop-data", "versioning": "Enabled"}, {"name": "scratch", "versioning": "Enabled"}],
        "vaults": [{"name": "main"}],
        "recovery_points": [point("orders"), point("ledger"), point("carts"), point("fs-0a"), point("data")],
        "commands_say": [PASSED, "Success"],
        "users": [{"name": "tester", "policy": policy("restore-test")}, {"name": "maker", "policy": policy("create")}]
    })
}

fn site() -> Site {
    Site::of(tempfile::tempdir().unwrap(), seed())
}

const NAMED: [&str; 4] = ["orders", "ledger", "carts", "fs-0a"];

impl Site {
    fn validator(&self, script: &str) -> String {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.run.path().join("validator");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path.display().to_string()
    }

    /// What is there besides what was seeded.
    fn leftovers(&self) -> (usize, Vec<String>) {
        let found = self.run.server.try_collect(&self.run.server.options()).unwrap().inventory.resources;
        let foreign = found.iter().map(|resource| resource.arn.to_string());
        (found.len(), foreign.filter(|arn| arn.contains("lastgood-test") || arn.contains("restore-test")).collect())
    }
}

#[test]
fn databases_tables_and_file_systems_are_restored_looked_at_and_gone_again() {
    let site = site();
    let before = site.leftovers().0;
    let validator = site.validator("echo \"$1 has the rows of $2\"");
    for name in NAMED {
        let plan = site.plan(&["--level", "backup-job", "--restore-role", ROLE, "--resource", name]);
        assert_eq!(plan["items"][0]["disposition"], "needs-approval", "{plan:#}");
        let (code, said) = site.apply(&["--validator", &validator]);
        let rows = format!("has the rows of {}", site.run.ids.arn(name));
        assert!(code == Some(0) && said.contains(&rows) && said.contains("is gone again"), "{name}: {said}");
        assert_eq!(site.outcome("tested", name).0, "pass", "{name}");
        assert_eq!(site.last_record()["cleanup"], "successful");
    }
    assert_eq!(site.leftovers(), (before, Vec::new()));
    let requests = site.run.server.requests();
    let once = ["rds:DeleteDBInstance", "rds:DeleteDBCluster", "dynamodb:DeleteTable", "efs:DeleteFileSystem"];
    once.iter().for_each(|call| assert_eq!(requests[*call], 1, "{call}"));
    assert_eq!(requests["backup:PutRestoreValidationResult"], 4);
    assert_eq!(site.run.server.problems(), json!([]));
}

#[test]
fn what_nobody_looked_at_or_a_program_refuses_is_no_pass_and_goes_all_the_same() {
    let site = site();
    let before = site.leftovers().0;
    for (script, says) in [
        ("echo the last order is of May; exit 1", "the last order is of May"),
        ("echo cannot connect; exit 7", "proves only a part"),
    ] {
        let validator = site.validator(script);
        site.plan(&["--level", "backup-job", "--restore-role", ROLE, "--resource", "orders"]);
        let (code, said) = site.apply(&["--validator", &validator]);
        assert!(code == Some(5) && said.contains(says), "{said}");
        assert_ne!(site.outcome("tested", "orders").0, "pass");
    }
    site.plan(&["--level", "backup-job", "--restore-role", ROLE, "--resource", "orders"]);
    let (code, said) = site.apply(&[]);
    assert!(code == Some(5) && said.contains("nobody looked at the data"), "{said}");
    assert_eq!(site.leftovers(), (before, Vec::new()));
    assert_eq!(site.run.server.requests()["backup:PutRestoreValidationResult"], 1, "only a yes or a no is told");
}

#[test]
fn previous_versions_are_restored_to_their_place_compared_and_removed() {
    let site = site();
    for (key, body) in [("a b/ü+1", "one"), ("a b/ü+1", "two"), ("c", "three"), ("c", "four")] {
        let key = key.replace(' ', "%20").replace('ü', "%C3%BC").replace('+', "%2B");
        site.run.server.put_object("shop-data", &key, body, false);
    }
    site.run.server.put_object("scratch", "not/ours", "precious", false);
    let plan = site.plan(&["--resource", "shop-data", "--restore-to", "s3://scratch/tests"]);
    assert_eq!(plan["items"][0]["disposition"], "needs-approval", "{plan:#}");
    let (code, said) = site.apply(&[]);
    assert!(code == Some(0) && said.contains("2 restored to s3://scratch/tests and the same there"), "{said}");
    assert_eq!(site.outcome("tested", "shop-data").0, "pass");
    assert_eq!(site.last_record()["cleanup"], "successful");
    let requests = site.run.server.requests();
    assert_eq!((requests["s3:CopyObject"], requests["s3:DeleteObject"]), (2, 2), "{requests:?}");
    assert_eq!(site.run.server.problems(), json!([]));
    // What was tested in time is tested once more only if that is asked for.
    let again = |flags: &[&str]| {
        let args = ["--only", "restore-test", "--logs", "backup.jsonl", "--resource", "shop-data"];
        site.run.plan(&[&args[..], flags].concat())["items"].take()
    };
    assert_eq!(again(&[]), json!([]));
    let items = again(&["--again"]);
    assert_eq!((items.as_array().unwrap().len(), &items[0]["closes"]), (1, &json!([])), "{items:#}");
    // A killed run leaves some: they go once they are old, and nothing else does.
    site.run.server.put_object("scratch", "tests/lastgood-test/x/y", "left", false);
    let (code, said) = site.sweep(&["--restored-to", "s3://scratch/tests"]);
    assert!(code == Some(0) && said.contains("1 found, 0 removed") && said.contains("young"), "{said}");
    let (code, said) = site.sweep(&["--restored-to", "s3://nowhere-at-all/tests"]);
    assert!(code == Some(2) && said.contains("cannot tell where the bucket `nowhere-at-all` lies"), "{said}");
}

#[test]
fn what_a_killed_run_left_of_a_database_is_swept_by_its_name() {
    let old = json!({"name": "lastgood-test-0a", "InstanceCreateTime": "-13h"});
    let young = json!({"name": "lastgood-test-0b", "InstanceCreateTime": "-1h"});
    let site = Site::of(
        tempfile::tempdir().unwrap(),
        json!({"db_instances": [old, young, {"name": "orders"}],
               "tables": [{"name": "lastgood-test-0c", "CreationDateTime": "-13h"}, {"name": "carts"}],
               "file_systems": [{"name": "fs-1", "CreationToken": "lastgood-test-0d", "CreationTime": "-13h"},
                                {"name": "fs-2"}]}),
    );
    let (code, said) = site.sweep(&[]);
    assert!(code == Some(0) && said.contains("4 found, 3 removed"), "{said}");
    let found = site.run.server.try_collect(&site.run.server.options()).unwrap().inventory.resources;
    let left: Vec<&str> = found.iter().map(|resource| lastgood::model::arn::short(&resource.arn)).collect();
    for stays in ["lastgood-test-0b", "orders", "carts", "fs-2"] {
        assert!(left.contains(&stays), "{left:?}");
    }
    for gone in ["lastgood-test-0a", "lastgood-test-0c", "fs-1"] {
        assert!(!left.contains(&gone), "{left:?}");
    }
    // What one service does not tell hides nothing of the others.
    site.run.server.faults(json!([{"operation": "rds:DescribeDBInstances", "fault": "AccessDenied"}]));
    let (code, said) = site.sweep(&[]);
    assert!(code == Some(5) && said.contains("UNSEEN") && said.contains("0 found"), "{said}");
}

/// With exactly the documented policy, its conditions included, every level works.
#[test]
fn the_role_for_restore_tests_suffices_for_every_level() {
    let (folder, image) = noise();
    let mut seed = seed();
    seed["volumes"].as_array_mut().unwrap().push(json!({"key": "blocks", "tags": {"Name": "blocks"}, "size": 1}));
    let of_blocks = json!({"volume": "blocks", "started": "-5h", "image": image});
    seed["snapshots"].as_array_mut().unwrap().push(of_blocks);
    let site = Site::of(folder, seed);
    for body in ["one", "two"] {
        site.run.server.put_object("shop-data", "a", body, true);
    }
    let desk = site.run.ids.id("desk").to_owned();
    let validator = site.validator("echo fine");
    let as_user = |user: &str, args: &[&str]| {
        let keys = site.run.ids.keys(user);
        site.run.server.enforce_iam(true);
        let out = site.run.lastgood_as(&keys.access_key_id, &keys.secret_access_key, args);
        site.run.server.enforce_iam(false);
        format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
    };
    let named = NAMED.iter().flat_map(|name| ["--resource", name]);
    let of_services: Vec<&str> = ["--level", "backup-job", "--restore-role", ROLE].into_iter().chain(named).collect();
    let levels: [&[&str]; 5] = [
        &["--level", "read", "--resource", "blocks"],
        &["--level", "volume", "--test-instance", &desk, "--resource", "data"],
        &["--level", "backup-job", "--restore-role", ROLE, "--test-instance", &desk, "--resource", "data"],
        &of_services,
        &["--resource", "shop-data", "--restore-to", "s3://scratch/tests"],
    ];
    let before = site.volumes();
    for flags in levels {
        let plan = site.plan(flags);
        let items = plan["items"].as_array().unwrap().len();
        assert_ne!(items, 0, "{flags:?}");
        let apply = ["apply", "plan.json", "--approve", "all", "--validator", &validator, "--scratch", "."];
        let said = as_user("tester", &apply);
        assert!(said.contains(&format!("{items} done, 0 not")), "{flags:?}: {said}");
    }
    assert_eq!(site.volumes(), before);
    let said = as_user("tester", &["sweep", "--region", REGION, "--restored-to", "s3://scratch/tests"]);
    assert!(said.contains("0 found, 0 removed, 0 places unseen"), "{said}");
    // The role that makes copies can make no volume of one.
    site.plan(&["--level", "volume", "--test-instance", &desk, "--resource", "data"]);
    let said = as_user("maker", &["apply", "plan.json", "--approve", "all"]);
    assert!(said.contains("is not authorized to perform: ec2:DescribeInstances"), "{said}");
}
