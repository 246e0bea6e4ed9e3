//! The same tests on SQLite and on PostgreSQL.

use lastgood::demo;
use lastgood::history::store::schema::MIGRATIONS;
use lastgood::history::store::sql::{Cell, Database, Fault, FaultKind, Rows, Take};
use lastgood::history::store::{Appended, Store, StoreError, database};
use lastgood::history::{diff, forgotten};
use lastgood::model::inventory::Inventory;
use lastgood::model::outcome::Outcome;
use lastgood::policy::{Policy, builtin, load};
use rstest::rstest;

use super::server::Server;
use super::{keep, scan};

/// Where a history lies, as long as this lives.
struct Place {
    name: String,
    _folder: tempfile::TempDir,
    _server: Option<Server>,
}

fn sqlite() -> Place {
    let folder = tempfile::tempdir().unwrap();
    Place { name: folder.path().join("lastgood.db").display().to_string(), _folder: folder, _server: None }
}

fn postgres() -> Place {
    let server = Server::start();
    Place { name: server.url(), _folder: tempfile::tempdir().unwrap(), _server: Some(server) }
}

impl Place {
    fn open(&self) -> Store {
        Store::open(&self.name).unwrap_or_else(|error| panic!("{error}"))
    }

    fn batch(&self, sql: &str) {
        database(&self.name).unwrap().0.batch(sql).unwrap_or_else(|fault| panic!("{fault:?}"));
    }
}

fn shipped() -> Policy {
    load(&builtin::default().unwrap().sources()).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// The demo some hours later: everything is as it was, and was read again.
fn later(hours: i64) -> Inventory {
    let mut inventory = demo::inventory();
    inventory.captured_at += chrono::TimeDelta::hours(hours);
    inventory
}

#[rstest]
#[case::sqlite(sqlite)]
#[case::postgres(postgres)]
fn a_run_comes_back_byte_by_byte_and_is_appended_once(#[case] place: fn() -> Place) {
    let (place, policy) = (place(), shipped());
    let mut store = place.open();
    let mut whole = Vec::new();
    for hours in [0, 1, 24] {
        let mut inventory = later(hours);
        let (assessment, appended) = scan(&mut store, &policy, &mut inventory).unwrap();
        assert!(matches!(appended, Appended::Now(_)), "{appended:?}");
        let again = keep(&mut store, &policy, &inventory, &assessment).unwrap();
        assert!(matches!(again, Appended::Before(_)), "{again:?}");
        whole.push((assessment.run.id.clone(), serde_json::to_string(&assessment).unwrap()));
    }
    let mut store = place.open();
    for (id, json) in &whole {
        let found = serde_json::to_string(&store.assessment(id).unwrap()).unwrap();
        assert!(found == *json, "run {id} came back differently");
        assert_eq!(store.assessment(&id[..9]).unwrap().run.id, *id);
    }
    let runs = store.runs().unwrap();
    assert_eq!(runs.iter().map(|run| &run.id).collect::<Vec<_>>(), whole.iter().map(|(id, _)| id).collect::<Vec<_>>());
    assert_eq!(runs.iter().map(|run| run.stream).collect::<Vec<_>>(), [1, 1, 1]);
    for wrong in ["", "nothing"] {
        assert!(matches!(store.assessment(wrong), Err(StoreError::NoRun { .. })), "{wrong}");
    }
}

#[rstest]
#[case::sqlite(sqlite)]
#[case::postgres(postgres)]
fn what_did_not_change_costs_nothing(#[case] place: fn() -> Place) {
    let (place, policy) = (place(), shipped());
    let mut store = place.open();
    // The same instant of judgement, so that no verdict says another age.
    let judge = |store: &mut Store, minutes: i64| {
        let mut inventory = demo::inventory();
        inventory.captured_at += chrono::TimeDelta::minutes(minutes);
        scan(store, &policy, &mut inventory).unwrap();
        store.counts().unwrap()
    };
    let first = judge(&mut store, 0);
    let second = judge(&mut store, 1);
    let rows = |counts: &[(&str, i64)], table: &str| counts.iter().find(|(name, _)| *name == table).unwrap().1;
    for table in ["lg_verdict", "lg_resource", "lg_activity"] {
        assert!(rows(&first, table) > 0, "{first:?}");
        assert_eq!(rows(&second, table), rows(&first, table), "{table}");
    }
    // Points whose restore window moves on are in another state.
    assert!(rows(&second, "lg_point") - rows(&first, "lg_point") < 30, "{first:?} {second:?}");
    let pieces = (rows(&first, "lg_piece"), rows(&second, "lg_piece") - rows(&first, "lg_piece"));
    assert!(pieces.1 < pieces.0, "{pieces:?}");
}

#[rstest]
#[case::sqlite(sqlite)]
#[case::postgres(postgres)]
fn two_scans_at_once_both_land(#[case] place: fn() -> Place) {
    let place = place();
    std::thread::scope(|scope| {
        for hours in 1..5 {
            let name = &place.name;
            scope.spawn(move || {
                let policy = shipped();
                let mut store = Store::open(name).unwrap_or_else(|error| panic!("{error}"));
                scan(&mut store, &policy, &mut later(hours)).unwrap_or_else(|error| panic!("{error}"));
            });
        }
    });
    let mut store = place.open();
    let runs = store.runs().unwrap();
    assert_eq!(runs.len(), 4);
    for run in runs {
        assert_eq!(store.assessment(&run.id).unwrap().run.id, run.id);
    }
}

#[rstest]
#[case::sqlite(sqlite)]
#[case::postgres(postgres)]
fn an_older_schema_is_brought_up_to_date_and_a_newer_one_left_alone(#[case] place: fn() -> Place) {
    let (place, policy) = (place(), shipped());
    place.batch(MIGRATIONS[0]);
    let mut store = place.open();
    scan(&mut store, &policy, &mut later(0)).unwrap();
    assert_eq!(store.runs().unwrap().len(), 1);
    drop(store);
    place.batch("UPDATE lastgood_schema SET version = 99");
    let error = Store::open(&place.name).map(|_| ()).unwrap_err();
    let known = i64::try_from(MIGRATIONS.len()).unwrap();
    assert!(matches!(&error, StoreError::Newer { found: 99, known: k, .. } if *k == known), "{error}");
    assert!(error.to_string().contains("has schema 99") && error.help().contains("nothing was written"), "{error}");
    assert!(!error.to_string().contains("secret-word"), "{error}");
    place.batch("UPDATE lastgood_schema SET version = 2");
    assert_eq!(place.open().runs().unwrap().len(), 1);
}

#[test]
fn a_file_of_another_kind_is_named_and_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    let other = folder.path().join("other.db");
    database(other.to_str().unwrap()).unwrap().0.batch("CREATE TABLE theirs (x TEXT)").unwrap();
    std::fs::write(&path, "no database, but a text that is long enough to be read as a header of one").unwrap();
    for path in [path, other] {
        let before = std::fs::read(&path).unwrap();
        let error = Store::open(path.to_str().unwrap()).map(|_| ()).unwrap_err();
        assert!(matches!(error, StoreError::Other { .. }), "{error:?}");
        assert_eq!(std::fs::read(&path).unwrap(), before, "{}", path.display());
    }
    let error = Store::open_existing("/nowhere/lastgood.db").map(|_| ()).unwrap_err();
    assert!(matches!(error, StoreError::Missing { .. }), "{error}");
    let error = Store::open("postgres://u:secret-word@127.0.0.1:1/db?connect_timeout=1").map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("127.0.0.1:1") && !error.to_string().contains("secret-word"), "{error}");
}

#[test]
fn a_full_disk_loses_nothing() {
    let (place, policy) = (sqlite(), shipped());
    let mut store = place.open();
    let (first, _) = scan(&mut store, &policy, &mut later(0)).unwrap();
    let before = store.counts().unwrap();
    let pages = std::fs::metadata(&place.name).unwrap().len() / 4096;
    store.limit_pages(u32::try_from(pages).unwrap() + 4).unwrap();
    let error = scan(&mut store, &policy, &mut later(24)).unwrap_err();
    assert!(matches!(error, StoreError::Full { .. }), "{error}");
    assert!(error.to_string().contains("nothing of this scan was kept"), "{error}");
    let mut store = place.open();
    assert_eq!(store.counts().unwrap(), before, "nothing of the scan is left");
    let json = |assessment| serde_json::to_string(assessment).unwrap();
    assert!(json(&store.assessment(&first.run.id).unwrap()) == json(&first), "the first run is whole");
    // With room again it goes on as if nothing had been.
    scan(&mut store, &policy, &mut later(24)).unwrap();
    assert_eq!(store.runs().unwrap().len(), 2);
}

/// A database that breaks down at its n-th statement.
struct Breaking {
    inner: Box<dyn Database>,
    left: std::rc::Rc<std::cell::Cell<u32>>,
}

impl Breaking {
    fn step(&self) -> Result<(), Fault> {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        if left == 0 { Err(Fault { kind: FaultKind::Failed, message: "the power went".into() }) } else { Ok(()) }
    }
}

impl Database for Breaking {
    fn settle(&mut self) -> Result<(), Fault> {
        self.inner.settle()
    }
    fn begin(&mut self) -> Result<(), Fault> {
        self.step().and_then(|()| self.inner.begin())
    }
    fn begin_reading(&mut self) -> Result<(), Fault> {
        self.inner.begin_reading()
    }
    fn commit(&mut self) -> Result<(), Fault> {
        self.step().and_then(|()| self.inner.commit())
    }
    fn rollback(&mut self) {
        // Nobody rolls back after a crash: the connection goes.
        if self.left.get() > 0 {
            self.inner.rollback();
        }
    }
    fn batch(&mut self, sql: &str) -> Result<(), Fault> {
        self.step().and_then(|()| self.inner.batch(sql))
    }
    fn insert(&mut self, table: &str, columns: &[&str], rows: Rows<'_>) -> Result<(), Fault> {
        self.step()?;
        self.inner.insert(table, columns, rows)?;
        self.step()
    }
    fn rows(&mut self, sql: &str, cells: &[Cell], take: Take<'_>) -> Result<(), Fault> {
        self.step().and_then(|()| self.inner.rows(sql, cells, take))
    }
    fn has_table(&mut self, name: &str) -> Result<(bool, bool), Fault> {
        self.inner.has_table(name)
    }
}

#[rstest]
#[case::sqlite(sqlite)]
#[case::postgres(postgres)]
fn a_crash_at_any_statement_leaves_all_or_nothing(#[case] place: fn() -> Place) {
    let (place, policy) = (place(), super::policy(SMALL));
    let mut store = place.open();
    scan(&mut store, &policy, &mut later(0)).unwrap();
    let before = store.counts().unwrap();
    let inventory = later(24);
    let assessment = lastgood::evaluate::evaluate(&policy, &inventory, inventory.captured_at);
    let mut statements = 0;
    loop {
        let left = std::rc::Rc::new(std::cell::Cell::new(u32::MAX));
        let (inner, name) = database(&place.name).unwrap();
        let mut broken = Store::over(Box::new(Breaking { inner, left: left.clone() }), name).unwrap();
        left.set(statements);
        match keep(&mut broken, &policy, &inventory, &assessment) {
            Ok(appended) => {
                assert_eq!(appended, Appended::Now(2));
                break;
            }
            Err(error) => assert!(error.to_string().contains("the power went"), "{error}"),
        }
        drop(broken);
        assert_eq!(place.open().counts().unwrap(), before, "after {statements} statements");
        statements += 1;
    }
    assert!(statements > 10, "only {statements} statements");
    assert_eq!(store.assessment(&assessment.run.id).unwrap().run, assessment.run);
}

const SMALL: &str = "[policy]\nid = \"p\"\ntitle = \"p\"\nversion = \"1\"\n\
    [[rule]]\nid = \"daily\"\ncheck = \"cadence\"\nwith = { every = \"1d\", grace = \"8h\" }\n\
    [[rule]]\nid = \"versions\"\ncheck = \"versioning\"\n";

#[test]
fn a_run_that_is_older_than_the_newest_begins_a_series_of_its_own() {
    let (place, policy) = (sqlite(), super::policy(SMALL));
    let mut store = place.open();
    for hours in [24, 0, 48, 1] {
        scan(&mut store, &policy, &mut later(hours)).unwrap();
    }
    let runs = store.runs().unwrap();
    let order: Vec<_> = runs.iter().map(|run| (run.captured_at.timestamp() / 3600 % 100, run.stream)).collect();
    assert_eq!(order.iter().map(|(_, stream)| *stream).collect::<Vec<_>>(), [2, 2, 1, 1], "{order:?}");
}

#[test]
fn what_aws_forgot_is_given_back_and_nothing_twice() {
    let (place, policy) = (sqlite(), shipped());
    let mut store = place.open();
    scan(&mut store, &policy, &mut later(0)).unwrap();
    let all = demo::inventory().activities.len();
    // A week later AWS lists only half of its jobs; the logs are as they were.
    let mut inventory = later(24 * 7);
    let mut keep = false;
    inventory.activities.retain(|activity| {
        keep = !keep;
        keep || !activity.source.starts_with("backup:")
    });
    let left = inventory.activities.len();
    assert!(left < all);
    scan(&mut store, &policy, &mut inventory).unwrap();
    let marked: Vec<_> = inventory.activities.iter().filter(|activity| forgotten::is_marked(activity)).collect();
    assert_eq!(left + marked.len(), inventory.activities.len());
    assert_eq!(inventory.activities.len(), all, "all of them, and none twice");
    assert!(marked.iter().all(|activity| activity.source.starts_with("backup:")), "they are of AWS, via the history");
    // What came from the history does not go into it again.
    let rows = |store: &mut Store| store.counts().unwrap().iter().find(|(name, _)| *name == "lg_activity").unwrap().1;
    assert_eq!(rows(&mut store), i64::try_from(all).unwrap());
    // Jobs are on record from 30 days before the first of two runs that follow on each other.
    let jobs = inventory.reads.iter().find(|read| read.call == "backup:ListRestoreJobs").unwrap();
    let since = demo::as_of() - chrono::TimeDelta::days(30);
    assert!(jobs.since.is_some_and(|at| at <= since), "{jobs:?}");
}

#[test]
fn jobs_before_a_hole_of_a_month_are_not_complete() {
    let (place, policy) = (sqlite(), shipped());
    let mut store = place.open();
    scan(&mut store, &policy, &mut later(0)).unwrap();
    let mut inventory = later(24 * 61);
    inventory.reads.iter_mut().for_each(|read| read.since = None);
    scan(&mut store, &policy, &mut inventory).unwrap();
    let jobs = inventory.reads.iter().find(|read| read.call == "backup:ListRestoreJobs").unwrap();
    assert_eq!(jobs.since, Some(inventory.captured_at - chrono::TimeDelta::days(30)));
}

#[test]
fn a_difference_names_what_is_new_and_what_is_fixed() {
    let (place, policy) = (sqlite(), super::policy(SMALL));
    let mut store = place.open();
    let mut before = demo::inventory();
    let (old, _) = scan(&mut store, &policy, &mut before).unwrap();
    let of = |outcome: Outcome| {
        let found = old.verdicts.iter().find(|v| v.outcome == outcome && v.rule.check == "versioning");
        found.unwrap().subject.resource.clone()
    };
    let (good, bad) = (of(Outcome::Pass), of(Outcome::Fail));
    let mut after = later(1);
    let swap = |arn: &str| before.resources.iter().find(|r| r.arn == *arn).unwrap().detail.clone();
    for resource in &mut after.resources {
        if resource.arn == good {
            resource.detail = swap(&bad);
        } else if resource.arn == bad {
            resource.detail = swap(&good);
        }
    }
    let gone =
        after.resources.iter().position(|r| r.kind.id() == "s3-bucket" && r.arn != good && r.arn != bad).unwrap();
    let gone = after.resources.remove(gone).arn;
    let (new, _) = scan(&mut store, &policy, &mut after).unwrap();
    let difference = diff::between(&store.assessment(&old.run.id).unwrap(), &store.assessment(&new.run.id).unwrap());
    let versions = |list: &[diff::Change]| {
        list.iter().filter(|c| c.rule == "versions").map(|c| c.resource.clone()).collect::<Vec<_>>()
    };
    assert_eq!(versions(&difference.new), [good]);
    let fixed = versions(&difference.fixed);
    assert!(fixed.contains(&bad), "{fixed:?}");
    assert_eq!((difference.come, difference.gone), (vec![], vec![gone]));
}
