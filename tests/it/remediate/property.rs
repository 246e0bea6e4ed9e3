//! No plan deletes or marks what a guard keeps, whatever the estate.

mod estate;
mod laws;
mod point;
mod sketch;

use lastgood::model::plan::Action;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use estate::planned;
use laws::{broken, doomed};
use sketch::sketch;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_048))]

    #[test]
    fn no_plan_breaks_a_guard(sketch in sketch()) {
        let planned = planned(&sketch);
        let broken = broken(&sketch, &planned);
        prop_assert!(broken.is_empty(), "{broken:#?}");
        prop_assert!(planned.plan.is_whole());
        let again = estate::plan_of(&sketch, &planned.assessment, &planned.inventory);
        prop_assert_eq!(serde_json::to_vec(&again).unwrap(), serde_json::to_vec(&planned.plan).unwrap());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The order in which things were read says nothing.
    #[test]
    fn equal_estates_give_equal_plans(sketch in sketch()) {
        let planned = planned(&sketch);
        let mut shuffled = planned.inventory.clone();
        shuffled.resources.reverse();
        shuffled.points.reverse();
        shuffled.reads.reverse();
        shuffled.gaps.reverse();
        shuffled.legal_holds.reverse();
        shuffled.sort();
        let again = estate::plan_of(&sketch, &planned.assessment, &shuffled);
        prop_assert_eq!(serde_json::to_vec(&again).unwrap(), serde_json::to_vec(&planned.plan).unwrap());
    }
}

/// Laws about deletions say nothing where nothing is deleted.
#[test]
fn a_fair_share_of_the_estates_loses_points() {
    let mut runner = TestRunner::deterministic();
    let strategy = sketch();
    let (mut prunes, mut marks) = (0, 0);
    for _ in 0..300 {
        let plan = planned(&strategy.new_tree(&mut runner).unwrap().current()).plan;
        let marked = |item| matches!(item, &Action::MarkForPrune { .. });
        prunes += usize::from(plan.items.iter().any(|item| doomed(item).is_some() && !marked(&item.action)));
        marks += usize::from(plan.items.iter().any(|item| marked(&item.action)));
    }
    assert!(prunes >= 45 && marks >= 20, "of 300 estates {prunes} lose points and {marks} have points marked");
}
