//! The tables, and how an older store becomes one of today.

/// The steps from an empty store to this version's: the n-th leads to schema n. Each is one transaction; none is ever
/// changed once it was released.
pub const MIGRATIONS: &[&str] = &[ONE, TWO, THREE];

/// The table that says which schema a store has.
pub const TABLE: &str = "lastgood_schema";

/// Texts stand once in `lg_text`. A span (`lg_verdict`, `lg_resource`, `lg_point`, `lg_activity`) without a last run
/// holds up to the newest run of its series, so that what did not change costs no write.
const ONE: &str = "
CREATE TABLE lastgood_schema (version {int} NOT NULL);
INSERT INTO lastgood_schema (version) VALUES (1);
CREATE TABLE lg_text (id {int} PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE lg_piece (id {int} PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE, body {bytes} NOT NULL);
CREATE TABLE lg_stream (id {int} PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE lg_run (
    number {int} PRIMARY KEY, id TEXT NOT NULL UNIQUE, stream {int} NOT NULL,
    as_of {int} NOT NULL, captured_at {int} NOT NULL,
    head {bytes} NOT NULL, pieces {bytes} NOT NULL, looked {int} NOT NULL
);
CREATE TABLE lg_verdict (
    id {int} PRIMARY KEY, stream {int} NOT NULL, rule {int} NOT NULL, subject {int} NOT NULL,
    outcome {int} NOT NULL, raw {int} NOT NULL, waiver {int} NOT NULL, tested {int},
    first_run {int} NOT NULL, last_run {int}
);
CREATE TABLE lg_resource (
    id {int} PRIMARY KEY, stream {int} NOT NULL, arn {int} NOT NULL, facts {int} NOT NULL, created {int},
    first_run {int} NOT NULL, last_run {int}
);
CREATE TABLE lg_point (
    id {int} PRIMARY KEY, stream {int} NOT NULL, resource {int} NOT NULL, place {int} NOT NULL,
    prefix {int} NOT NULL, name TEXT NOT NULL, vault {int} NOT NULL, facts {int} NOT NULL, usable {int} NOT NULL,
    started {int} NOT NULL, data_from {int}, data_to {int},
    first_run {int} NOT NULL, last_run {int}, gone {int}
);
CREATE TABLE lg_activity (
    id {int} PRIMARY KEY, stream {int} NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL, resource {int} NOT NULL,
    kind {int} NOT NULL, outcome {int} NOT NULL, covered {int} NOT NULL, started {int} NOT NULL,
    piece {int} NOT NULL, place_in_piece {int} NOT NULL,
    first_run {int} NOT NULL, last_run {int}
);
CREATE INDEX lg_point_open ON lg_point (stream) WHERE last_run IS NULL;
CREATE INDEX lg_activity_open ON lg_activity (stream) WHERE last_run IS NULL;
CREATE INDEX lg_verdict_open ON lg_verdict (stream) WHERE last_run IS NULL;
";

/// Periods ask for copies by their time, and the prune log for what is gone.
const TWO: &str = "
CREATE INDEX lg_point_data ON lg_point (data_to) WHERE data_to IS NOT NULL;
CREATE INDEX lg_point_gone ON lg_point (gone) WHERE gone IS NOT NULL;
CREATE INDEX lg_activity_started ON lg_activity (started);
UPDATE lastgood_schema SET version = 2;
";

/// A year of a large estate has millions of points: what a period asks of them stands in the index itself.
const THREE: &str = "
DROP INDEX lg_point_data;
DROP INDEX lg_point_gone;
CREATE INDEX lg_point_data ON lg_point (data_to, data_from, resource, first_run) WHERE data_to IS NOT NULL;
CREATE INDEX lg_point_gone ON lg_point (gone, started) WHERE gone IS NOT NULL;
UPDATE lastgood_schema SET version = 3;
";
