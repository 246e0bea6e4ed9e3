//! What loads, and into what.

use lastgood::model::kind::Kind;
use lastgood::model::outcome::Severity;
use lastgood::policy::{Diagnostic, Policy, SourceFile, load_with};
use serde_json::json;

use super::{HEAD, file, load, problems, stand_ins};

#[test]
fn a_rule_carries_its_parameters_with_defaults_and_its_place() {
    let policy = load(&format!(
        "{HEAD}\n[[rule]]\nid = \"daily\"\ncheck = \"cadence\"\nwith = {{ every = \"1d\", grace = \"8h\" }}\n"
    ))
    .unwrap();
    let rule = &policy.rules[0];
    assert_eq!(rule.info.severity, Severity::Medium);
    assert_eq!(&*rule.info.title, "a check that judges nothing", "the check's title stands in");
    assert_eq!((&*rule.info.policy_at.file, rule.info.policy_at.line), ("policy.toml", 7));
    assert_eq!(
        json!(rule.info.expected),
        json!({"every": "1d", "grace": "8h", "lookback": "35d", "require_usable": true})
    );
    assert_eq!(rule.origins.keys().copied().collect::<Vec<_>>(), ["every", "grace"]);
    assert_eq!(rule.origins["grace"].line, 9);
    assert_eq!(rule.scope.kinds, rule.check_info.kinds, "without a scope: all that the check judges");
}

#[test]
fn all_mistakes_of_all_files_come_in_one_pass() {
    let files = [
        file(
            "a.toml",
            &format!(
                "{HEAD}timezone = \"Mars\"\n\n[[rule]]\nid = \"a\"\ncheck = \"cadence\"\nwith = {{ every = \"1M\" }}\nsevrity = \"low\"\n"
            ),
        ),
        file(
            "b.toml",
            "[[rule]]\nid = \"b\"\ncheck = \"versioning\"\nscope = { kinds = [\"ebs-volume\"], colour = 1 }\n",
        ),
        file("c.toml", "[[rule]\n"),
        file(
            "d.toml",
            "[policy]\nid = \"again\"\ntitle = \"t\"\nversion = \"1\"\n[[rule]]\nid = \"a\"\ncheck = \"nothing\"\n",
        ),
    ];
    let problems = load_with(&files, stand_ins::CHECKS).err().unwrap();
    let lines: Vec<String> = problems.iter().map(Diagnostic::line).collect();
    assert_eq!(
        lines,
        [
            "a.toml:5:12: error[bad-value]: `Mars` is not a time zone",
            "a.toml:10:18: error[bad-value]: `1M` is not a length of time",
            "a.toml:11:1: error[unknown-key]: `[[rule]]` has no key `sevrity`",
            "b.toml:4:20: error[wrong-kind]: the check `versioning` cannot judge `ebs-volume`",
            "b.toml:4:35: error[unknown-key]: `scope` has no key `colour`",
            "c.toml:1:8: error[syntax]: unclosed array table, expected `]`",
            "d.toml:1:1: error[two-policies]: `[policy]` stands twice",
            "d.toml:6:6: error[duplicate-id]: `[[rule]]` `a` stands twice",
        ]
    );
    insta::with_settings!({
        snapshot_path => "../../../fixtures/policies/snapshots",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        let twice: Vec<Diagnostic> = problems.into_iter().filter(|problem| problem.labels.len() > 1).collect();
        insta::assert_snapshot!("two-places-in-two-files", lastgood::policy::diagnostic::render(&twice, Default::default()));
        insta::assert_json_snapshot!("machine-readable", twice.iter().map(Diagnostic::json).collect::<Vec<_>>());
    });
}

#[test]
fn what_may_stand_in_a_broken_file_is_not_missed() {
    let files = [
        file(
            "a.toml",
            &format!(
                "{HEAD}\n[[rule]]\nid = \"a\"\ncheck = \"versioning\"\nclauses = [\"9.9\"]\n[[clause]]\nid = \"1.1\"\ndemand = \"d\"\n[[override]]\nrule = \"elsewhere\"\nscope = {{ regions = [\"*\"] }}\nseverity = \"low\"\nreason = \"r\"\n"
            ),
        ),
        file("b.toml", "[[rule]\nid = \"elsewhere\"\n"),
    ];
    let problems = load_with(&files, stand_ins::CHECKS).err().unwrap();
    assert!(problems.iter().all(|problem| problem.code == "syntax"), "{problems:?}");
}

const LAYERED: &str = "extends = \"builtin:infrastructure-backups\"\n";

fn layered(own: &str) -> Result<Policy, Vec<Diagnostic>> {
    let files = [file("policy.toml", &format!("{HEAD}{LAYERED}{own}"))];
    load_with(&files, &stand_ins::real_first())
}

#[test]
fn a_layer_changes_a_rule_key_by_key() {
    let policy = layered(
        "[[rule]]\nid = \"daily-backup\"\nseverity = \"critical\"\nclauses = [\"1.1\"]\nwith = { grace = \"4h\" }\n",
    )
    .unwrap();
    let rule = policy.rules.iter().find(|rule| rule.info.id == "daily-backup").unwrap();
    assert_eq!(rule.info.severity, Severity::Critical);
    assert_eq!(rule.info.clauses, ["1.1"], "lists replace");
    assert_eq!(rule.info.expected["every"], "1d", "parameters stay");
    assert_eq!(rule.info.expected["grace"], "4h", "and change one by one");
    assert_eq!(&*rule.info.title, "critical components are backed up every day");
    assert_eq!(&*rule.info.policy_at.file, "policy.toml", "the last place that changes it");
    assert_eq!(&*rule.origins["grace"].file, "policy.toml");
    assert!(rule.origins["every"].file.starts_with("builtin:"), "{:?}", rule.origins);
    assert!(!rule.scope.kinds.contains(&Kind::S3Bucket));
    assert_eq!(policy.rules[0].info.id, "daily-backup", "in the place of the changed one");
    assert_eq!(policy.identity.id, "acme");
}

#[test]
fn another_check_forgets_the_parameters_of_the_old() {
    let policy =
        layered("[[rule]]\nid = \"daily-backup\"\ncheck = \"automated\"\nscope = { kinds = [\"ebs-volume\"] }\n")
            .unwrap();
    let rule = policy.rules.iter().find(|rule| rule.info.id == "daily-backup").unwrap();
    assert_eq!(&*rule.info.check, "automated");
    assert!(!rule.info.expected.contains_key("every"));
}

#[test]
fn a_disabled_rule_judges_nothing_and_is_remembered() {
    let policy = layered("[[rule]]\nid = \"vaults-locked\"\nenabled = false\n").unwrap();
    assert!(policy.rules.iter().all(|rule| rule.info.id != "vaults-locked"));
    assert_eq!(policy.disabled[0].id, "vaults-locked");
    assert_eq!((&*policy.disabled[0].at.file, policy.disabled[0].at.line), ("policy.toml", 8));
}

#[test]
fn a_clause_of_the_shipped_register_can_be_put_out_of_force() {
    let policy = layered("[[clause]]\nid = \"3.3\"\nin_force = false\n").unwrap();
    let clause = policy.clauses.iter().find(|clause| clause.id == "3.3").unwrap();
    assert!(!clause.in_force);
    assert!(!clause.demand.is_empty());
}

#[test]
fn a_shipped_rule_made_wrong_is_reported_where_it_was_made_wrong() {
    let problems = layered("[[rule]]\nid = \"daily-backup\"\nwith = { evry = \"2d\" }\n").err().unwrap();
    assert_eq!(
        problems[0].line(),
        "policy.toml:8:10: error[unknown-parameter]: the check `cadence` has no parameter `evry`"
    );
    assert_eq!(problems.len(), 1);
}

#[test]
fn overrides_change_parameters_for_some_and_keep_the_others() {
    let policy = load(&format!(
        "{HEAD}[[rule]]\nid = \"daily\"\ncheck = \"cadence\"\nwith = {{ every = \"1d\", grace = \"8h\" }}\n\
         [[override]]\nrule = \"daily\"\nscope = {{ applications = [\"ledger\"] }}\nwith = {{ every = \"4h\" }}\nseverity = \"critical\"\nreason = \"ADR 114\"\n"
    ))
    .unwrap();
    let (rule, over) = (&policy.rules[0], &policy.rules[0].overrides[0]);
    assert_eq!(over.info.expected["every"], "4h");
    assert_eq!(over.info.expected["grace"], "8h");
    assert_eq!(over.info.severity, Severity::Critical);
    assert_eq!(over.info.id, rule.info.id);
    assert_eq!((over.info.policy_at.line, over.origins["every"].line, over.origins["grace"].line), (10, 12, 8));
    assert_eq!(over.scope.kinds, [], "it narrows the rule's scope");
}

#[test]
fn a_scope_is_read_whole() {
    let policy = load(&format!(
        "{HEAD}[[rule]]\nid = \"r\"\ncheck = \"encryption\"\nmay_match_nothing = true\n\
         scope = {{ kinds = [\"*\"], tags = {{ env = [\"prod\", \"pre*\"], \"aws:x.y\" = \"\" }}, accounts = [\"1111*\", \"111122223333\"], \
         regions = [\"eu-*\"], applications = [\"shop\"], criticality = [\"critical\"], resources = [\"arn:*\"], not = {{ tags = {{ env = \"pre-sandbox\" }} }} }}\n"
    ))
    .unwrap();
    let rule = &policy.rules[0];
    assert!(rule.may_match_nothing);
    assert_eq!(rule.scope.kinds, [Kind::EbsVolume, Kind::S3Bucket, Kind::BackupVault, Kind::AccountRegion]);
    let tags: Vec<String> = rule.scope.tags.iter().map(|(key, values)| format!("{key}={values:?}")).collect();
    assert_eq!(tags, ["aws:x.y=[\"\"]", "env=[\"prod\", \"pre*\"]"]);
    assert_eq!(rule.scope.accounts.len(), 2);
    assert_eq!(rule.scope.not.as_ref().unwrap().tags.len(), 1);
    let shown = lastgood::policy::explain(&policy, "r").unwrap().scope;
    assert_eq!(
        shown,
        "ebs-volume, s3-bucket, backup-vault or account-region, of the application shop, of the criticality critical, \
         in the account 1111* or 111122223333, in the region eu-*, with the ARN arn:*, tagged aws:x.y = (empty), \
         tagged env = prod or pre*, except tagged env = pre-sandbox"
    );
}

#[test]
fn settings_of_the_policy_have_defaults() {
    let policy = load(&format!("{HEAD}[[rule]]\nid = \"r\"\ncheck = \"versioning\"\n")).unwrap();
    assert_eq!(policy.timezone, chrono_tz::Tz::UTC);
    assert_eq!((&*policy.application_tag, &*policy.criticality_tag), ("application", "criticality"));
}

#[test]
fn the_digest_is_that_of_all_files_and_of_nothing_else() {
    let digest = |files: &[SourceFile]| load_with(files, stand_ins::CHECKS).unwrap().identity.sha256;
    let policy = format!("{HEAD}[[rule]]\nid = \"r\"\ncheck = \"versioning\"\n");
    let base = digest(&[file("a.toml", &policy)]);
    assert_eq!(base.len(), 64);
    assert_eq!(base, digest(&[file("/elsewhere/a.toml", &policy)]), "wherever it lies");
    assert_ne!(base, digest(&[file("b.toml", &policy)]));
    assert_ne!(base, digest(&[file("a.toml", &format!("{policy}#"))]));
    assert_ne!(base, digest(&[file("a.toml", &policy), file("b.toml", "")]));
    assert_ne!(
        digest(&[file("a.toml", &policy), file("b.toml", "#c.toml")]),
        digest(
            &[file("a.toml", &policy), file("b.toml#", "c.toml = 0").clone()]
                .map(|file| SourceFile { text: file.text.replace("c.toml = 0", "#.toml"), ..file })
        ),
    );
}

#[test]
fn inline_tables_over_several_lines_are_a_warning() {
    let one = "[[rule]]\nid = \"r\"\ncheck = \"encryption\"\nscope = { kinds = [\n\"ebs-volume\",\n], resources = [\"\"\"\nx\"\"\"] }\nwith = { keys = [\n] }\n";
    let one = one.replace("\"\"\"\nx\"\"\"", "\"x\"");
    assert!(load(&format!("{HEAD}{one}")).unwrap().warnings.is_empty(), "lists may go over lines");
    let many = "[[rule]]\nid = \"r\"\ncheck = \"encryption\"\nscope = {\n  kinds = [\"ebs-volume\"],\n}\n";
    let policy = load(&format!("{HEAD}{many}")).unwrap();
    let lines: Vec<String> = policy.warnings.iter().map(Diagnostic::line).collect();
    assert_eq!(
        lines,
        [
            "policy.toml:8:9: warning[toml-1.1]: this inline table goes over several lines, which TOML 1.0 does not allow"
        ]
    );
}

#[test]
fn no_files_are_no_policy() {
    let problems = load_with(&[], stand_ins::CHECKS).err().unwrap();
    assert_eq!(problems[0].line(), "error[no-policy]: no file has a `[policy]` table");
    assert!(problems[0].render(Default::default()).contains("lastgood policy init"));
    assert_eq!(problems_of_two_headers(), ["two-policies"]);
}

fn problems_of_two_headers() -> Vec<&'static str> {
    let text = format!("{HEAD}[[rule]]\nid = \"r\"\ncheck = \"versioning\"\n");
    problems(&[file("a.toml", &text), file("b.toml", HEAD)])
}
