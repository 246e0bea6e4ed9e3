//! Plan, apply, scan again: over HTTP, by the built program.

use std::path::Path;
use std::process::{Command, Output};

use lastgood::aws::calls::ROLES;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::server::{REGION, Seeded, Server};

/// What is demanded here: a copy a day, kept for 35 days and no longer, versions, encryption.
const POLICY: &str = r#"
[policy]
id = "p"
title = "Test"
version = "1"

[[rule]]
id = "daily"
title = "a copy every day"
check = "cadence"
severity = "high"
scope = { kinds = ["ebs-volume", "s3-bucket"] }
with = { every = "1d", grace = "8h", lookback = "2d" }

[[rule]]
id = "kept"
title = "kept for 35 days"
check = "retention-minimum"
severity = "high"
scope = { kinds = ["ebs-volume"] }
with = { keep = "35d" }

[[rule]]
id = "no-longer"
title = "and no longer"
check = "retention-maximum"
severity = "high"
scope = { kinds = ["ebs-volume"] }
with = { limit = "35d" }

[[rule]]
id = "versions"
title = "versions are kept"
check = "versioning"
severity = "high"
scope = { kinds = ["s3-bucket"] }

[[rule]]
id = "encrypted"
title = "everything is encrypted"
check = "encryption"
severity = "high"
scope = { kinds = ["account-region"] }

[[rule]]
id = "previous"
title = "previous versions stay"
check = "version-restore"
severity = "high"
scope = { kinds = ["s3-bucket"] }
with = { keep = "35d" }
"#;

pub(super) struct Run {
    pub(super) server: Server,
    pub(super) ids: Seeded,
    folder: TempDir,
}

impl Run {
    pub(super) fn new(seed: Value) -> Self {
        Self::under(POLICY, seed)
    }

    pub(super) fn under(policy: &str, seed: Value) -> Self {
        let (server, ids) = Server::with(seed);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("policy.toml"), policy).unwrap();
        Self { server, ids, folder }
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn lastgood(&self, args: &[&str]) -> Output {
        self.lastgood_as("test", "test", args)
    }

    pub(super) fn lastgood_as(&self, key: &str, secret: &str, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_lastgood"))
            .args(args)
            .args(["--endpoint-url", &self.server.url()])
            .current_dir(self.path())
            .env_clear()
            .envs([
                ("AWS_ACCESS_KEY_ID", key),
                ("AWS_SECRET_ACCESS_KEY", secret),
                ("AWS_REGION", REGION),
                ("AWS_EC2_METADATA_DISABLED", "true"),
                ("USER", "tester"),
            ])
            .output()
            .unwrap()
    }

    /// A plan of the present state, with these flags.
    pub(super) fn plan(&self, flags: &[&str]) -> Value {
        let args = ["plan", "--policies", "policy.toml", "--region", REGION, "--out", "plan.json", "--format", "json"];
        let out = self.lastgood(&[&args[..], flags].concat());
        assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
        serde_json::from_slice(&out.stdout).unwrap()
    }

    pub(super) fn apply(&self, flags: &[&str]) -> (Option<i32>, String) {
        let out = self.lastgood(&[&["apply", "plan.json"][..], flags].concat());
        let text = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        assert!(!text.contains("panicked"), "{text}");
        (out.status.code(), text)
    }

    /// The verdicts of a rule, of a new scan.
    fn verdicts(&self, rule: &str) -> Vec<Value> {
        let args = ["scan", "--policies", "policy.toml", "--region", REGION, "--format", "json"];
        let out = self.lastgood(&args);
        let assessment: Value = serde_json::from_slice(&out.stdout).unwrap();
        let verdicts = assessment["verdicts"].as_array().unwrap().iter();
        verdicts.filter(|verdict| verdict["rule"] == rule).cloned().collect()
    }

    /// The outcomes of a rule by resource, of a new scan.
    fn outcomes(&self, rule: &str) -> Vec<(String, String)> {
        let of = |verdict: &Value| (text(&verdict["resource"]), text(&verdict["outcome"]));
        self.verdicts(rule).iter().map(of).collect()
    }

    fn outcome(&self, rule: &str, arn: &str) -> String {
        let all = self.outcomes(rule);
        all.iter().find(|(of, _)| of == arn).unwrap_or_else(|| panic!("{arn}: {all:?}")).1.clone()
    }

    /// A call of EC2's own, by anybody.
    pub(super) fn ec2(&self, form: &str) -> String {
        self.server.form("ec2", form)
    }

    /// The same while IAM is enforced, when nobody else may ask.
    fn exists_unchecked(&self, snapshot: &str) -> bool {
        self.server.enforce_iam(false);
        let exists = self.exists(snapshot);
        self.server.enforce_iam(true);
        exists
    }

    fn exists(&self, snapshot: &str) -> bool {
        let id = self.ids.id(snapshot);
        let answer = self.ec2(&format!("Action=DescribeSnapshots&Version=2016-11-15&SnapshotId.1={id}"));
        assert!(answer.contains(" 200 ") || answer.contains("InvalidSnapshot.NotFound"), "{answer}");
        answer.contains(" 200 ")
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn items(plan: &Value) -> Vec<String> {
    plan["items"].as_array().unwrap().iter().map(|item| text(&item["action"]["do"])).collect()
}

/// A volume with a copy of each of the last days, and what is to be pruned or kept.
fn old_copies() -> Value {
    let mut snapshots: Vec<Value> = (0..40)
        .map(|day| json!({"key": format!("day-{day}"), "volume": "data", "started": format!("-{}h", day * 24 + 1)}))
        .collect();
    snapshots.extend([
        json!({"key": "old", "volume": "data", "started": "-50d"}),
        json!({"key": "older", "volume": "data", "started": "-60d"}),
        json!({"key": "held", "volume": "data", "started": "-61d", "tags": {"Legal-Hold": "case 7"}}),
        json!({"key": "locked", "volume": "data", "started": "-62d",
               "lock": {"LockMode": "compliance", "LockDuration": 300}}),
        json!({"key": "shared", "volume": "data", "started": "-63d", "shared_with": ["210987654321"]}),
        json!({"key": "public", "volume": "data", "started": "-64d", "public": true}),
    ]);
    json!({"volumes": [{"key": "data", "tags": {"Name": "data"}}], "snapshots": snapshots})
}

#[test]
fn a_missing_copy_is_made_once_and_the_next_scan_sees_it() {
    let run = Run::new(json!({
        "volumes": [{"key": "data", "tags": {"Name": "data", "team": "shop"}}],
        "snapshots": [{"volume": "data", "started": "-3d"}]
    }));
    let arn = run.ids.arn("data").to_owned();
    assert_eq!(run.outcome("daily", &arn), "fail");
    let plan = run.plan(&["--only", "snapshot"]);
    assert_eq!(items(&plan), ["snapshot"]);
    let (code, said) = run.apply(&[]);
    assert_eq!(code, Some(2), "nothing is done that nobody approved: {said}");
    let (code, said) = run.apply(&["--approve", "all-safe", "--dry-run"]);
    assert!(code == Some(0) && said.contains("1 would be done"), "{said}");
    assert_eq!(run.outcome("daily", &arn), "fail", "a dry run changes nothing");
    let (code, said) = run.apply(&["--approve", "all-safe"]);
    assert!(code == Some(0) && said.contains("1 done, 0 not"), "{code:?} {said}");
    let (code, said) = run.apply(&["--approve", "all-safe"]);
    assert!(code == Some(0) && said.contains("before"), "it is not done twice: {said}");
    let made = run.ec2("Action=DescribeSnapshots&Version=2016-11-15&Owner.1=self");
    assert_eq!(made.matches("<snapshotId>").count(), 2, "{made}");
    assert!(made.contains("lastgood:item") && made.contains("<value>shop</value>"), "{made}");
    let log = std::fs::read_to_string(run.path().join("backup.jsonl")).unwrap();
    let record: Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    let activity = &record["activity"];
    assert_eq!((&activity["kind"], &activity["operator"]), (&json!("backup"), &json!("tester")), "{record}");
    assert_eq!(run.server.problems(), json!([]));
}

#[test]
fn what_is_stored_for_too_long_is_deleted_and_what_a_guard_keeps_stays() {
    let run = Run::new(old_copies());
    let plan = run.plan(&["--only", "prune"]);
    let kept: Vec<(String, String)> =
        plan["kept"].as_array().unwrap().iter().map(|kept| (text(&kept["guard"]), text(&kept["object"]))).collect();
    let guard =
        |key: &str| kept.iter().find(|(_, arn)| arn.ends_with(run.ids.id(key))).map(|(guard, _)| guard.as_str());
    assert_eq!(guard("held"), Some("hold"), "{kept:?}");
    assert_eq!(guard("locked"), Some("hold"));
    assert_eq!(guard("public"), Some("in-use"));
    // Days 37, 38 and 39, the two old ones, and the shared one, of which it is asked when it is done.
    assert_eq!(items(&plan).len(), 6, "{plan:#}");
    let (code, said) = run.apply(&["--approve", "all"]);
    assert_eq!(code, Some(5), "one was refused: {said}");
    assert!(said.contains("shared with 210987654321") && said.contains("5 done, 1 not"), "{said}");
    for (key, there) in [
        ("old", false),
        ("older", false),
        ("day-39", false),
        ("day-37", false),
        ("day-36", true),
        ("held", true),
        ("locked", true),
        ("shared", true),
        ("public", true),
    ] {
        assert_eq!(run.exists(key), there, "{key}: {said}");
    }
    let log = std::fs::read_to_string(run.path().join("backup.jsonl")).unwrap();
    assert_eq!(log.matches("\"kind\":\"prune\"").count(), 5, "{log}");
    assert_eq!(run.server.problems(), json!([]));
}

/// Facts that move between plan and apply keep the snapshot.
#[test]
fn a_hold_an_image_or_a_share_that_comes_after_the_plan_keeps_the_snapshot() {
    let run = Run::new(old_copies());
    run.plan(&["--only", "prune"]);
    let tag = |key: &str, tag: &str| {
        let form = format!(
            "Action=CreateTags&Version=2016-11-15&ResourceId.1={}&Tag.1.Key={tag}&Tag.1.Value=x",
            run.ids.id(key)
        );
        assert!(run.ec2(&form).contains(" 200 "));
    };
    tag("old", "lastgood%3Ahold");
    tag("day-39", "anything");
    run.server.seed(json!({
        "volumes": [{"key": "v"}],
        "instances": [{"key": "i", "volumes": ["v"]}],
        "images": [{"key": "golden", "instance": "i", "state": "disabled", "snapshots": [run.ids.id("older")]}]
    }));
    let share = format!(
        "Action=ModifySnapshotAttribute&Version=2016-11-15&SnapshotId={}&Attribute=createVolumePermission\
         &OperationType=add&UserId.1=210987654321",
        run.ids.id("day-38")
    );
    assert!(run.ec2(&share).contains(" 200 "));
    let (code, said) = run.apply(&["--approve", "all"]);
    assert_eq!(code, Some(5), "{said}");
    for key in ["old", "day-39", "day-38", "older"] {
        assert!(run.exists(key), "{key}: {said}");
    }
    assert!(!run.exists("day-37"), "what did not move is deleted: {said}");
    assert!(said.contains("moved: its tags") && said.contains("moved: its image was none"), "{said}");
}

#[test]
fn a_plan_that_was_edited_or_is_for_another_account_is_refused() {
    let run = Run::new(old_copies());
    run.plan(&["--only", "prune"]);
    let path = run.path().join("plan.json");
    let whole = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, whole.replace("\"keep_newest\": 3", "\"keep_newest\": 1")).unwrap();
    let (code, said) = run.apply(&["--approve", "all"]);
    assert!(code == Some(2) && said.contains("edited"), "{said}");
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let (code, said) = run.apply(&["--approve", "all"]);
    assert!(code == Some(1) && said.contains("cut off"), "{said}");
    std::fs::write(&path, &whole).unwrap();
    let (code, said) = run.apply(&["--approve", "prune-0"]);
    assert!(code == Some(2) && said.contains("no item"), "{said}");
    let (code, said) =
        run.apply(&["--approve", "all", "--assume-role", "arn:aws:iam::210987654321:role/lastgood-prune"]);
    assert!(code == Some(0) || code == Some(5), "the caller's own account is there too: {said}");
}

#[test]
fn points_of_vaults_are_deleted_through_aws_backup_and_seen_to_be_gone() {
    let mut seed = old_copies();
    seed["vaults"] = json!([{"name": "main"}]);
    seed["recovery_points"] = json!([
        {"key": "overdue", "vault": "main", "resource": "data", "CreationDate": "-70d", "Status": "EXPIRED"},
        {"key": "stuck", "vault": "main", "resource": "data", "CreationDate": "-71d", "deletion_fails": true}
    ]);
    let run = Run::new(seed);
    let plan = run.plan(&["--only", "prune"]);
    let of_vault: Vec<&Value> =
        plan["items"].as_array().unwrap().iter().filter(|item| item["action"]["point"]["vault"].is_string()).collect();
    assert_eq!(of_vault.len(), 2, "{plan:#}");
    let ids: Vec<String> = of_vault.iter().map(|item| text(&item["id"])).collect();
    let (code, said) = run.apply(&["--approve", &ids[0], "--approve", &ids[1]]);
    assert_eq!(code, Some(5), "{said}");
    assert!(said.contains("1 done, 1 not") && said.contains("could not delete it"), "{said}");
    let requests = run.server.requests();
    assert_eq!(requests.get("ec2:DeleteSnapshot"), None, "EC2 is not asked to delete what lies in a vault");
    assert_eq!(requests["backup:DeleteRecoveryPoint"], 2);
}

#[test]
fn settings_are_put_right_and_nothing_else_is_touched() {
    let lifecycle = json!({"Rules": [
        {"ID": "short", "Status": "Enabled", "Filter": {"Prefix": "a/"},
         "NoncurrentVersionExpiration": {"NoncurrentDays": 7, "NewerNoncurrentVersions": 2}},
        {"ID": "off", "Status": "Disabled", "Filter": {"Prefix": ""}, "NoncurrentVersionExpiration": {"NoncurrentDays": 3}},
        {"ID": "current", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 9}}]});
    let run = Run::new(json!({"buckets": [
        {"name": "never"}, {"name": "paused", "versioning": "Suspended"},
        {"name": "short", "versioning": "Enabled", "lifecycle": lifecycle}]}));
    let plan = run.plan(&["--only", "configure"]);
    let mut planned = items(&plan);
    planned.sort();
    assert_eq!(planned, ["enable-versioning", "enable-versioning", "encrypt-volumes-by-default", "keep-versions"]);
    let (code, said) = run.apply(&["--approve", "all"]);
    assert!(code == Some(0) && said.contains("4 done, 0 not"), "{said}");
    assert!(run.outcomes("versions").iter().all(|(_, outcome)| outcome == "pass"), "{:?}", run.outcomes("versions"));
    assert!(run.outcomes("encrypted").iter().all(|(_, outcome)| outcome == "pass"));
    let inventory = run.server.collect().inventory;
    let bucket = inventory.resources.iter().find(|resource| resource.arn == "arn:aws:s3:::short").unwrap();
    let rules = bucket.bucket().unwrap().lifecycle.known().unwrap();
    let rule = |id: &str| rules.iter().find(|rule| rule.id == id).unwrap();
    assert_eq!((rule("short").noncurrent_days, rule("short").newer_noncurrent_versions), (Some(35), Some(2)));
    assert_eq!((rule("current").expire_days, rule("current").prefix.as_deref()), (Some(9), Some("tmp/")));
    assert_eq!(run.server.problems(), json!([]));
    // A second plan finds nothing to put right there.
    assert_eq!(items(&run.plan(&["--only", "configure"])), Vec::<String>::new());
}

/// The documented policies are enough for what they are for, and for nothing else.
#[test]
fn each_role_can_do_its_work_and_no_other() {
    let policy = |name: &str| ROLES.iter().find(|role| role.name == name).unwrap().policy();
    let mut seed = old_copies();
    seed["users"] =
        json!([{"name": "create", "policy": policy("create")}, {"name": "prune", "policy": policy("prune")}]);
    seed["buckets"] = json!([{"name": "never"}]);
    let run = Run::new(seed);
    run.plan(&["--only", "prune,configure"]);
    run.server.enforce_iam(true);
    let as_user = |user: &str, approve: &str| {
        let keys = run.ids.keys(user);
        let args = ["apply", "plan.json", "--approve", approve];
        let out = run.lastgood_as(&keys.access_key_id, &keys.secret_access_key, &args);
        format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
    };
    let said = as_user("create", "all");
    assert!(said.contains("done      configure-") && said.contains("ec2:DeleteSnapshot"), "{said}");
    assert!(run.exists_unchecked("old") && run.exists_unchecked("day-39"), "{said}");
    let said = as_user("prune", "all");
    assert!(said.contains("done      prune-"), "{said}");
    run.server.enforce_iam(false);
    assert!(!run.exists("old") && !run.exists("day-39") && run.exists("held"), "{said}");
}

/// A list that goes round in circles is no proof that nothing holds a point.
#[test]
fn a_list_of_holds_that_does_not_end_keeps_the_point() {
    let mut seed = old_copies();
    seed["vaults"] = json!([{"name": "main"}]);
    seed["recovery_points"] =
        json!([{"vault": "main", "resource": "data", "CreationDate": "-70d", "Status": "EXPIRED"}]);
    let run = Run::new(seed);
    let plan = run.plan(&["--only", "prune"]);
    let of_vault = |item: &&Value| item["action"]["point"]["vault"].is_string();
    let id = text(&plan["items"].as_array().unwrap().iter().find(of_vault).unwrap()["id"]);
    run.server.faults(json!([{"operation": "backup:ListLegalHolds", "fault": "repeated-token"}]));
    let (code, said) = run.apply(&["--approve", &id]);
    assert!(code == Some(5) && said.contains("repeated-token"), "{said}");
    assert_eq!(run.server.requests().get("backup:DeleteRecoveryPoint"), None);
}

/// Both volumes of an instance at one instant, an encrypted copy of the one that is not, because a rule asks for it, and
/// an image of the whole by AWS Backup, because another rule does.
#[test]
fn an_instance_is_copied_whole_and_what_is_plain_gets_an_encrypted_copy() {
    let encrypted = r#"
[[rule]]
id = "encrypted-copies"
title = "copies are encrypted"
check = "encryption"
severity = "high"
scope = { kinds = ["ebs-volume"] }
"#;
    let all = r#"scope = { kinds = ["ebs-volume", "ec2-instance"] }"#;
    let policy =
        format!("{}{encrypted}", POLICY.replacen(r#"scope = { kinds = ["ebs-volume", "s3-bucket"] }"#, all, 1));
    let run = Run::under(
        &policy,
        json!({
            "volumes": [{"key": "root", "encrypted": true}, {"key": "data", "tags": {"team": "shop"}}],
            "instances": [{"key": "shop", "volumes": ["root", "data"], "tags": {"Name": "shop"}}],
            "snapshots": [{"volume": "root", "started": "-5d"}, {"volume": "data", "started": "-5d"}],
            "vaults": [{"name": "main"}],
            "recovery_points": [{"vault": "main", "resource": "shop", "CreationDate": "-3d"}]
        }),
    );
    let arns: Vec<String> = ["shop", "root", "data"].iter().map(|key| run.ids.arn(key).to_owned()).collect();
    let before: Vec<String> = arns.iter().map(|arn| run.outcome("daily", arn)).collect();
    let plan = run.plan(&["--only", "snapshot", "--backup-role", "arn:aws:iam::123456789012:role/backup"]);
    let of = |verb: &str| {
        let items = plan["items"].as_array().unwrap();
        items.iter().find(|item| item["action"]["do"] == verb).unwrap_or_else(|| panic!("{before:?} {plan:#}")).clone()
    };
    let action = &of("snapshot")["action"];
    assert_eq!((&action["encrypt"], action["volumes"].as_array().unwrap().len()), (&json!(true), 2), "{plan:#}");
    assert_eq!(of("backup-job")["closes"][0]["resource"], arns[0], "{plan:#}");
    let (code, said) = run.apply(&["--approve", "all-safe"]);
    assert!(code == Some(0) && said.contains("complete, with encrypted copies"), "{said}");
    let requests = run.server.requests();
    let counts = ["ec2:CreateSnapshots", "ec2:CopySnapshot", "backup:StartBackupJob"].map(|call| requests[call]);
    assert_eq!(counts, [1, 1, 1], "{requests:?}");
    let made = run.ec2("Action=DescribeSnapshots&Version=2016-11-15&Owner.1=self");
    assert_eq!(made.matches("lastgood:item").count(), 3, "two, and a copy: {made}");
    assert_eq!(made.matches("lastgood:encrypted-copy-of").count(), 1, "{made}");
    assert_eq!(made.matches("lastgood:superseded-by").count(), 1, "{made}");
    let (code, said) = run.apply(&["--approve", "all-safe"]);
    assert!(code == Some(0) && said.contains("before"), "{said}");
    assert_eq!(run.server.requests()["ec2:CopySnapshot"], 1);
    // The gap of the last days stays on record; nothing more can be done about it, and nothing more is planned.
    let again = run.plan(&["--only", "snapshot", "--backup-role", "arn:aws:iam::123456789012:role/backup"]);
    assert_eq!(again["items"], json!([]), "{again:#}");
    let daily = run.verdicts("daily");
    for arn in &arns {
        let verdict = daily.iter().find(|verdict| verdict["resource"] == **arn).unwrap();
        assert!(text(&verdict["reason"]).contains("no usable recovery point for "), "{verdict}");
    }
    assert_eq!(run.server.problems(), json!([]));
}
