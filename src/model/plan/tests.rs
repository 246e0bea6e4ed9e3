use super::*;

fn plan() -> Plan {
    let at: Instant = "2026-11-22T00:00:00Z".parse().unwrap();
    let basis = Basis {
        run: "r".into(),
        policy: "p".into(),
        policy_sha256: "0".into(),
        inventory_sha256: "1".into(),
        captured_at: at,
        accounts: vec!["111122223333".into()],
        stored_points: 0,
        prices: "2026-11-01".into(),
    };
    Plan {
        schema: SCHEMA.into(),
        id: Text::default(),
        created_at: at,
        expires_at: at,
        basis,
        settings: Settings::default(),
        items: Vec::new(),
        kept: Vec::new(),
        left: Vec::new(),
        totals: Estimate::default(),
        sha256: Text::default(),
    }
    .seal()
}

#[test]
fn a_sealed_plan_is_whole_and_an_edited_one_is_not() {
    let sealed = plan();
    assert!(sealed.is_whole());
    let read: Plan = serde_json::from_str(&serde_json::to_string_pretty(&sealed).unwrap()).unwrap();
    assert!(read.is_whole(), "its layout does not matter");
    let mut edited = sealed.clone();
    edited.settings.keep_newest = 1;
    assert!(!edited.is_whole());
    let mut renamed = sealed;
    renamed.id = "0123456789abcdef".into();
    assert!(!renamed.is_whole());
}

#[test]
fn breakers_count_and_take_percent() {
    let breakers = Breakers { per_resource: 10, per_resource_percent: 50, per_run: 100, per_run_percent: 10 };
    assert!(!breakers.trips_for_resource(10, 20) && breakers.trips_for_resource(11, 1000));
    assert!(breakers.trips_for_resource(6, 11), "more than half");
    assert!(!breakers.trips_for_run(100, 1000) && breakers.trips_for_run(101, 10_000));
    assert!(breakers.trips_for_run(2, 19));
}
