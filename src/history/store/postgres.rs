//! A history on a PostgreSQL server, for several scanners that write at once.

use std::io::Write as _;
use std::sync::Arc;

use postgres::config::{Host, SslMode};
use postgres::error::SqlState;
use postgres::fallible_iterator::FallibleIterator as _;
use postgres::types::ToSql;
use postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::sql::{Cell, Database, Fault, FaultKind, Row, Rows, Take};

/// The lock that writers take turns by: the first letters of `lastgood` as a number.
const LOCK: i64 = 0x6c61_7374_676f_6f64;

/// How long a writer waits for another.
const PATIENCE: &str = "SET LOCAL lock_timeout = '120s'";

pub(super) struct Postgres {
    client: Client,
}

/// Where a URL leads, without user and password.
pub fn display(url: &str) -> String {
    let Ok(config) = url.parse::<Config>() else { return "postgres://…".to_owned() };
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        #[cfg(unix)]
        Some(Host::Unix(path)) => path.display().to_string(),
        _ => String::new(),
    };
    let port = config.get_ports().first().map(|port| format!(":{port}")).unwrap_or_default();
    format!("postgres://{host}{port}/{}", config.get_dbname().unwrap_or_default())
}

/// Connect. With `sslmode=require` TLS is by the machine's own trust store, and the server's name must match.
pub(super) fn connect(url: &str) -> Result<Postgres, Fault> {
    let mut config: Config = url
        .parse()
        .map_err(|_| Fault::failed("it is not a URL of PostgreSQL; write `postgres://user@host/database`"))?;
    config.application_name("lastgood").connect_timeout(std::time::Duration::from_secs(20));
    let client = match config.get_ssl_mode() {
        SslMode::Disable => config.connect(NoTls),
        _ => config.connect(tls()?),
    };
    Ok(Postgres { client: client.map_err(|error| fault(&error))? })
}

fn tls() -> Result<MakeRustlsConnect, Fault> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Fault::failed(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// The chain of causes in one line; PostgreSQL's errors say little by themselves.
fn fault(error: &postgres::Error) -> Fault {
    let kind = match error.code() {
        Some(code) if *code == SqlState::DISK_FULL => FaultKind::Full,
        Some(code) if *code == SqlState::LOCK_NOT_AVAILABLE || *code == SqlState::T_R_DEADLOCK_DETECTED => {
            FaultKind::Busy
        }
        _ => FaultKind::Failed,
    };
    let mut message = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(source) = cause {
        let next = source.to_string();
        if !message.contains(&next) {
            message = format!("{message}: {next}");
        }
        cause = source.source();
    }
    Fault { kind, message }
}

/// A parameter of a statement.
fn parameter(cell: &Cell) -> Box<dyn ToSql + Sync> {
    match cell {
        Cell::Null => Box::new(None::<i64>),
        Cell::Int(value) => Box::new(*value),
        Cell::Text(value) => Box::new(clean(value).into_owned()),
        Cell::Bytes(value) => Box::new(value.clone()),
    }
}

/// PostgreSQL keeps no NUL in texts; what is kept losslessly is kept as bytes.
fn clean(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}

impl Row for postgres::Row {
    fn int(&self, column: usize) -> Option<i64> {
        self.try_get(column).ok()
    }

    fn text(&self, column: usize) -> Option<&str> {
        self.try_get(column).ok()
    }

    fn bytes(&self, column: usize) -> Option<&[u8]> {
        self.try_get(column).ok()
    }
}

/// A cell in the text form of COPY.
fn write(cell: &Cell, out: &mut Vec<u8>) {
    match cell {
        Cell::Null => out.extend(b"\\N"),
        Cell::Int(value) => out.extend(value.to_string().bytes()),
        Cell::Text(value) => {
            for byte in clean(value).bytes() {
                match byte {
                    b'\\' => out.extend(b"\\\\"),
                    b'\n' => out.extend(b"\\n"),
                    b'\r' => out.extend(b"\\r"),
                    b'\t' => out.extend(b"\\t"),
                    byte => out.push(byte),
                }
            }
        }
        Cell::Bytes(value) => {
            out.extend(b"\\\\x");
            out.extend(crate::model::inventory::hex(value).bytes());
        }
    }
}

impl Database for Postgres {
    fn begin(&mut self) -> Result<(), Fault> {
        self.batch(&format!("BEGIN; {PATIENCE}; SELECT pg_advisory_xact_lock({LOCK})"))
    }

    fn begin_reading(&mut self) -> Result<(), Fault> {
        self.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    }

    fn commit(&mut self) -> Result<(), Fault> {
        self.batch("COMMIT")
    }

    fn rollback(&mut self) {
        let _ = self.client.batch_execute("ROLLBACK");
    }

    fn batch(&mut self, sql: &str) -> Result<(), Fault> {
        let sql = sql.replace("{int}", "BIGINT").replace("{bytes}", "BYTEA").replace("{compact}", "");
        self.client.batch_execute(&sql).map_err(|error| fault(&error))
    }

    fn insert(&mut self, table: &str, columns: &[&str], rows: Rows<'_>) -> Result<(), Fault> {
        let sql = format!("COPY {table} ({}) FROM STDIN", columns.join(", "));
        let mut copy = self.client.copy_in(&sql).map_err(|error| fault(&error))?;
        let mut line = Vec::new();
        for row in rows {
            line.clear();
            for (at, cell) in row.iter().enumerate() {
                if at > 0 {
                    line.push(b'\t');
                }
                write(cell, &mut line);
            }
            line.push(b'\n');
            copy.write_all(&line).map_err(|error| Fault::failed(error.to_string()))?;
        }
        copy.finish().map_err(|error| fault(&error))?;
        Ok(())
    }

    fn rows(&mut self, sql: &str, cells: &[Cell], take: Take<'_>) -> Result<(), Fault> {
        let parameters: Vec<_> = cells.iter().map(parameter).collect();
        let borrowed = parameters.iter().map(|parameter| &**parameter as &(dyn ToSql + Sync));
        let mut rows = self.client.query_raw(sql, borrowed).map_err(|error| fault(&error))?;
        while let Some(row) = rows.next().map_err(|error| fault(&error))? {
            take(&row)?;
        }
        Ok(())
    }

    fn has_table(&mut self, name: &str) -> Result<(bool, bool), Fault> {
        let mut this = false;
        let sql = "SELECT tablename::text FROM pg_tables WHERE schemaname = ANY (current_schemas(false))";
        self.rows(sql, &[], &mut |row| {
            this |= row.text(0) == Some(name);
            Ok(())
        })?;
        // Other programs may keep tables in the same database.
        Ok((this, false))
    }
}
