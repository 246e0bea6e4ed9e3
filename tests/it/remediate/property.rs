//! No plan deletes or marks what a guard keeps, whatever the estate.

mod estate;
mod laws;
mod point;
mod sketch;

use lastgood::model::plan::Action;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestCaseResult, TestRunner};

use estate::planned;
use laws::broken;
use sketch::{Sketch, sketch};

fn holds(sketch: &Sketch) -> TestCaseResult {
    let planned = planned(sketch);
    let broken = broken(sketch, &planned);
    prop_assert!(broken.is_empty(), "{broken:#?}");
    prop_assert!(planned.plan.is_whole());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_200))]

    #[test]
    fn no_plan_breaks_a_guard(sketch in sketch(false)) {
        holds(&sketch)?;
    }

    #[test]
    fn no_plan_of_two_phases_breaks_a_guard(sketch in sketch(true)) {
        holds(&sketch)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// The order in which things were read says nothing.
    #[test]
    fn equal_estates_give_equal_plans(sketch in prop_oneof![sketch(false), sketch(true)]) {
        let planned = planned(&sketch);
        let bytes = serde_json::to_vec(&planned.plan).unwrap();
        let again = estate::plan_of(&sketch, &planned.assessment, &planned.inventory);
        prop_assert_eq!(&serde_json::to_vec(&again).unwrap(), &bytes);
        let mut shuffled = planned.inventory.clone();
        shuffled.resources.reverse();
        shuffled.points.reverse();
        shuffled.reads.reverse();
        shuffled.gaps.reverse();
        shuffled.legal_holds.reverse();
        shuffled.sort();
        let again = estate::plan_of(&sketch, &planned.assessment, &shuffled);
        prop_assert_eq!(&serde_json::to_vec(&again).unwrap(), &bytes);
    }
}

/// Laws about deletions say nothing where nothing is deleted.
#[test]
fn a_fair_share_of_the_estates_loses_points() {
    let mut runner = TestRunner::deterministic();
    let count = |two_phases, is_it: fn(&Action) -> bool, runner: &mut TestRunner| {
        let strategy = sketch(two_phases);
        let plans = (0..100).map(|_| planned(&strategy.new_tree(runner).unwrap().current()).plan);
        plans.filter(|plan| plan.items.iter().any(|item| is_it(&item.action))).count()
    };
    let prunes = count(false, |action| matches!(action, Action::Prune { .. }), &mut runner);
    let marks = count(true, |action| matches!(action, Action::MarkForPrune { .. }), &mut runner);
    let both = count(true, |action| matches!(action, Action::Prune { .. }), &mut runner);
    assert!(prunes >= 20 && marks >= 15 && both >= 4, "of 100 estates each {prunes}, {marks} and {both}");
}
