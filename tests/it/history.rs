//! The history: its store on both databases, what it gives back, and periods.

mod commands;
mod estate;
mod server;
mod steps;
mod store;
mod year;

use lastgood::evaluate::evaluate;
use lastgood::evaluate::history::{copies, lookback};
use lastgood::evaluate::period::{period, reach};
use lastgood::history::store::{Appended, Asked, Store, StoreError};
use lastgood::history::{Reach, Scan, forgotten};
use lastgood::model::Instant;
use lastgood::model::assessment::Assessment;
use lastgood::model::inventory::Inventory;
use lastgood::model::period::{PeriodAssessment, PeriodDays};
use lastgood::policy::{Policy, SourceFile, load};

fn policy(text: &str) -> Policy {
    let files = [SourceFile { name: "policy.toml".into(), text: text.into() }];
    load(&files)
        .unwrap_or_else(|problems| panic!("{}", problems.iter().map(|p| p.line()).collect::<Vec<_>>().join("\n")))
}

/// What `scan --history` does after reading: give back what AWS forgot, judge, keep.
fn scan(store: &mut Store, policy: &Policy, inventory: &mut Inventory) -> Result<(Assessment, Appended), StoreError> {
    let captured_at = inventory.captured_at;
    forgotten::join(store, inventory, &|kind| lookback(policy, kind).before(captured_at))?;
    let assessment = evaluate(policy, inventory, captured_at);
    let appended = keep(store, policy, inventory, &assessment)?;
    Ok((assessment, appended))
}

fn keep(
    store: &mut Store,
    policy: &Policy,
    inventory: &Inventory,
    assessment: &Assessment,
) -> Result<Appended, StoreError> {
    let found = copies(policy, inventory, assessment.run.as_of);
    let reach = |(from, to)| Reach { from, to };
    store.append(&Scan {
        inventory,
        assessment,
        reaches: found.reaches.into_iter().map(|found| found.map(reach)).collect(),
        windows: found.windows.into_iter().map(|(arn, from, to)| (arn, reach((from, to)))).collect(),
    })
}

/// A period as `policy` judges it from what is on record.
fn judged(store: &mut Store, policy: &Policy, days: &str, as_of: Instant) -> PeriodAssessment {
    let days: PeriodDays = days.parse().unwrap();
    let span = (policy.start_of_day(days.first), policy.end_of_day(days.last));
    let asked = Asked { margin: reach(policy), until: as_of };
    let evidence = store.evidence(&policy.identity.id, span, asked).unwrap();
    period(policy, &evidence, &days, as_of)
}
