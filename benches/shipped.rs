//! The policy by which benchmarks judge.

/// The shipped policy.
#[expect(clippy::expect_used, clippy::panic, reason = "a benchmark stops where it cannot measure")]
pub(crate) fn policy() -> lastgood::policy::Policy {
    lastgood::policy::load(&lastgood::policy::builtin::default().expect("there is one").sources())
        .unwrap_or_else(|_| panic!("the shipped policy is valid"))
}
