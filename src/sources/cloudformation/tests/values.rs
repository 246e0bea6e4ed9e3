//! Parameters, conditions, functions.

use super::*;

const PROD: &str = "Parameters: {Env: {Type: String}}\nConditions: {Prod: !Equals [!Ref Env, prod]}";
const FEW: &str = "Parameters: {Env: {Type: String, AllowedValues: [prod, test]}}\n\
                   Conditions: {Prod: !Equals [!Ref Env, prod], Test: !Equals [!Ref Env, test], \
                   Neither: !And [!Not [!Condition Prod], !Not [!Condition Test]], \
                   Any: !Or [!Condition Prod, !Condition Test]}";

#[test]
fn numbers_are_what_is_written_with_or_without_quotes() {
    assert_eq!(retention("0", "", &[]), Ok(0));
    assert_eq!(retention("'35'", "", &[]), Ok(35));
    assert_eq!(retention("35.0", "", &[]), Ok(35));
    assert_eq!(retention("lots", "", &[]), Err("X.BackupRetentionPeriod is no whole number".into()));
}

#[test]
fn what_is_not_set_has_the_default_of_cloudformation() {
    assert_eq!(retention("!Ref AWS::NoValue", "", &[]), Ok(1));
    let reading = of(&one("AWS::RDS::DBInstance", "{}", ""));
    let database = database(&reading, "X");
    assert_eq!(database.backup_retention_days, Fact::Known(1));
    assert_eq!(database.encrypted, Fact::Known(false));
    assert_eq!(database.deletion_protection, Fact::Known(false));
    assert!(database.publicly_accessible.is_unread(), "the network decides");
}

#[test]
fn a_parameter_has_its_default_unless_a_value_is_given() {
    let sections = "Parameters: {Days: {Type: Number, Default: 0}}";
    assert_eq!(retention("!Ref Days", sections, &[]), Ok(0));
    assert_eq!(retention("!Ref Days", sections, &[("Days", "35")]), Ok(35));
}

#[test]
fn a_parameter_without_a_value_is_named() {
    let says =
        "X.BackupRetentionPeriod is the parameter `Days`, which has no value here (give it with `--parameter Days=…`)";
    assert_eq!(retention("!Ref Days", "Parameters: {Days: {Type: Number}}", &[]), Err(says.into()));
}

#[test]
fn the_bounds_of_a_parameter_are_kept() {
    let bounds = |value: &str, sections: &str| {
        let reading = of(&one("AWS::RDS::DBInstance", &format!("{{BackupRetentionPeriod: {value}}}"), sections));
        let declared = reading.after.declared.as_deref().unwrap().clone();
        declared.bounds.iter().map(|bound| (bound.least, bound.most)).next()
    };
    let ranged = "Parameters: {Days: {Type: Number, MinValue: 7, MaxValue: 35}}";
    assert_eq!(bounds("!Ref Days", ranged), Some((7, Some(35))));
    assert_eq!(
        bounds("!Ref Days", "Parameters: {Days: {Type: Number, AllowedValues: [14, 35]}}"),
        Some((14, Some(35)))
    );
    assert_eq!(bounds("!Ref Days", "Parameters: {Days: {Type: Number}}"), None);
    assert_eq!(bounds("!If [Prod, 35, 14]", PROD), Some((14, Some(35))));
    assert_eq!(bounds("!Sub '${Days}'", ranged), None, "text that is made of it need not be within");
    let mapped = format!("{ranged}\nMappings: {{M: {{a: {{'7': 1}}}}}}");
    assert_eq!(bounds("!FindInMap [M, a, !Ref Days]", &mapped), None);
}

#[test]
fn a_condition_that_cannot_be_told_is_named() {
    let says = "X.BackupRetentionPeriod depends on the condition `Prod`, which cannot be told \
                (give the parameter `Env` with `--parameter Env=…`)";
    assert_eq!(retention("!If [Prod, 35, 0]", PROD, &[]), Err(says.into()));
    assert_eq!(retention("!If [Prod, 35, 0]", PROD, &[("Env", "prod")]), Ok(35));
    assert_eq!(retention("!If [Prod, 35, 0]", PROD, &[("Env", "test")]), Ok(0));
}

#[test]
fn what_every_branch_gives_is_known() {
    assert_eq!(retention("!If [Prod, 35, '35']", PROD, &[]), Ok(35));
    assert_eq!(retention("!If [Prod, 1, !Ref AWS::NoValue]", PROD, &[]), Ok(1), "the default is a value too");
    let deep = "Parameters: {A: {Type: String}, B: {Type: String}}\n\
                Conditions: {A: !Equals [!Ref A, x], B: !Equals [!Ref B, x]}";
    assert_eq!(retention("!If [A, !If [B, 7, 7], !If [B, !If [A, 99, 7], 7]]", deep, &[]), Ok(7));
    assert!(retention("!If [A, !If [B, 7, 7], !If [B, 8, 7]]", deep, &[]).is_err());
}

#[test]
fn branches_that_no_allowed_value_reaches_do_not_count() {
    assert_eq!(retention("!If [Any, 35, 0]", FEW, &[]), Ok(35));
    assert_eq!(retention("!If [Neither, 0, 35]", FEW, &[]), Ok(35));
    assert_eq!(retention("!If [Prod, 35, !If [Test, 35, 0]]", FEW, &[]), Ok(35));
    assert!(retention("!If [Prod, 35, 7]", FEW, &[]).is_err());
}

#[test]
fn a_condition_that_goes_round_in_a_circle_ends() {
    let circle = "Conditions: {A: !Not [!Condition B], B: !Not [!Condition A]}";
    assert!(retention("!If [A, 35, 0]", circle, &[]).is_err());
    let wide: String = (1..40).map(|n| format!("  C{n}: !And [!Condition C{0}, !Condition C{0}]\n", n - 1)).collect();
    let wide = format!("Conditions:\n  C0: !Equals [!Ref AWS::StackName, x]\n{wide}");
    assert!(retention("!If [C39, 35, 0]", &wide, &[]).is_err());
}

#[test]
fn mappings_are_looked_up() {
    let map = "Parameters: {Env: {Type: String, AllowedValues: [a, b, c]}}\n\
               Mappings: {Days: {a: {db: 35}, b: {db: 35}, c: {db: '35', other: 1}}, Own: {a: {db: 1}, b: {db: 2}}}";
    assert_eq!(retention("!FindInMap [Days, c, db]", map, &[]), Ok(35));
    assert_eq!(retention("!FindInMap [Days, !Ref Env, db]", map, &[]), Ok(35), "all allowed values give the same");
    assert_eq!(retention("!FindInMap [Days, !Ref AWS::Region, db]", map, &[]), Ok(35), "all entries say the same");
    assert!(retention("!FindInMap [Own, !Ref AWS::Region, db]", map, &[]).is_err());
    assert_eq!(retention("!FindInMap [Own, !Ref AWS::Region, db]", map, &[("AWS::Region", "b")]), Ok(2));
    assert_eq!(retention("!FindInMap [Own, z, db, {DefaultValue: 9}]", map, &[]), Ok(9));
    assert!(retention("!FindInMap [Own, z, db]", map, &[]).is_err());
}

#[test]
fn functions_of_text_are_evaluated() {
    let list = "Parameters: {Days: {Type: CommaDelimitedList, Default: '7, 14,35'}}";
    assert_eq!(retention("!Select [2, !Ref Days]", list, &[]), Ok(35));
    assert_eq!(retention("!Select ['1', !Split ['-', 'a-35-b']]", "", &[]), Ok(35));
    assert_eq!(retention("!Join ['', [3, 5]]", "", &[]), Ok(35));
    assert_eq!(retention("!Sub ['${A}5', {A: 3}]", "", &[]), Ok(35));
    assert_eq!(retention("{'Fn::Length': !Ref Days}", list, &[]), Ok(3));
    assert!(retention("!Select [9, !Ref Days]", list, &[]).is_err());
}

#[test]
fn what_only_the_deployment_knows_is_said() {
    for (value, says) in [
        ("!ImportValue days", "is the export `days` of another stack"),
        ("'{{resolve:ssm:/days}}'", "is a dynamic reference"),
        ("{'Fn::Transform': {Name: Macro, Parameters: {}}}", "is made by the transform `Macro`"),
        ("!Nonsense x", "uses `Fn::Nonsense`, which is not known here"),
    ] {
        let why = retention(value, "", &[]).unwrap_err();
        assert!(why.contains(says), "{value}: {why}");
    }
    let looked_up = "Parameters: {Days: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /days}}";
    assert!(retention("!Ref Days", looked_up, &[]).unwrap_err().contains("looked up in the parameter store"));
}

#[test]
fn a_hidden_value_enters_nothing() {
    let sections = "Parameters: {Secret: {Type: String, NoEcho: true, Default: hunter2}}";
    let text = one(
        "AWS::RDS::DBInstance",
        "{DBInstanceIdentifier: !Ref Secret, PreferredBackupWindow: !Ref Secret}",
        sections,
    );
    for parameters in [&[][..], &[("Secret", "hunter2")]] {
        let reading = with(&text, parameters);
        assert!(!format!("{reading:?}").contains("hunter2"));
        assert!(why(&reading, "X", "backup_window").contains("hidden (`NoEcho`)"));
    }
}

#[test]
fn parameters_that_are_not_those_of_the_template_are_refused() {
    let text = one("AWS::RDS::DBInstance", "{}", FEW);
    let problem = |name, value| match try_read(text.as_bytes(), &[(name, value)]) {
        Err(IacError::Content { problem, .. }) => problem.to_string(),
        other => panic!("{other:?}"),
    };
    assert!(problem("Envv", "prod").contains("it has no parameter `Envv`"));
    let says = problem("Env", "hunter2");
    assert!(says.contains("does not allow the value") && !says.contains("hunter2"), "{says}");
}

#[test]
fn what_a_condition_rules_out_is_not_there() {
    let text = format!("{PROD}\nResources: {{X: {{Type: AWS::S3::Bucket, Condition: Prod}}}}");
    assert_eq!(with(&text, &[("Env", "test")]).after.resources, []);
    assert_eq!(with(&text, &[("Env", "prod")]).after.resources.len(), 1);
    assert_eq!(of(&text).after.resources.len(), 1, "it is judged as it is where it is");
    // Its own condition holds wherever it is.
    let text = format!(
        "{PROD}\nResources:\n  X:\n    Type: AWS::RDS::DBInstance\n    Condition: Prod\n    Properties: {{BackupRetentionPeriod: !If [Prod, 35, 0]}}"
    );
    assert_eq!(database(&of(&text), "X").backup_retention_days, Fact::Known(35));
}
