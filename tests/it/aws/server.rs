//! One local AWS per test: started, controlled over HTTP, and ended with the test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use lastgood::aws::{CollectError, Collected, Keys, Options, Patience, Silent, collect};
use lastgood::model::Instant;
use serde_json::Value;

/// The account of any credentials that the server was not told about.
pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const REGION: &str = "us-east-1";

/// A running server.
pub(crate) struct Server {
    child: Child,
    address: String,
}

impl Server {
    /// A server without an estate.
    pub(crate) fn start() -> Self {
        let python = std::env::var("LASTGOOD_TEST_PYTHON").expect(
            "set LASTGOOD_TEST_PYTHON to the python of a virtual environment with tests/aws/requirements.txt \
             (`tests/run` does this)",
        );
        let script = std::env::var_os("LASTGOOD_TEST_SERVER")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/aws/server.py"), PathBuf::from);
        let mut child = Command::new(&python)
            .arg(&script)
            .args(["--port", "0", "--exit-with-stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap_or_else(|error| panic!("{python} {}: {error}", script.display()));
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").expect("the server says where it listens");
        Self { address: address.to_owned(), child }
    }

    /// A server with an estate.
    pub(crate) fn with(seed: Value) -> (Self, Seeded) {
        let server = Self::start();
        let seeded = server.seed(seed);
        (server, seeded)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn seed(&self, seed: Value) -> Seeded {
        Seeded(self.ask("POST", "/lastgood/seed", Some(seed)))
    }

    pub(crate) fn bulk(&self, what: Value) {
        self.ask("POST", "/lastgood/seed/bulk", Some(what));
    }

    pub(crate) fn faults(&self, faults: Value) {
        self.ask("POST", "/lastgood/faults", Some(faults));
    }

    pub(crate) fn no_faults(&self) {
        self.ask("DELETE", "/lastgood/faults", None);
    }

    pub(crate) fn enforce_iam(&self, on: bool) {
        self.ask("POST", "/lastgood/enforce-iam", Some(Value::Bool(on)));
    }

    /// The operations asked since the last reset, and how often.
    pub(crate) fn requests(&self) -> std::collections::BTreeMap<String, u64> {
        serde_json::from_value(self.ask("GET", "/lastgood/requests", None)).unwrap()
    }

    pub(crate) fn reset_requests(&self) {
        self.ask("POST", "/lastgood/reset-requests", None);
    }

    /// Failures of the server itself.
    pub(crate) fn problems(&self) -> Value {
        self.ask("GET", "/lastgood/problems", None)
    }

    fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, content) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(" 200 "), "{method} {path}: {answer}");
        if content.trim().is_empty() { Value::Null } else { serde_json::from_str(content).unwrap() }
    }

    /// A call of one of AWS's services as a form, by anybody: the whole answer, with its status.
    pub(crate) fn form(&self, service: &str, form: &str) -> String {
        self.signed(service, "POST /", "Content-Type: application/x-www-form-urlencoded\r\n", form)
    }

    /// Put an object, by anybody, with its SHA-256 if `sum`.
    pub(crate) fn put_object(&self, bucket: &str, key: &str, body: &str, sum: bool) {
        use sha2::Digest as _;
        let digest = aws_smithy_types::base64::encode(sha2::Sha256::digest(body));
        let sum = if sum {
            format!("x-amz-sdk-checksum-algorithm: SHA256\r\nx-amz-checksum-sha256: {digest}\r\n")
        } else {
            String::new()
        };
        let answer = self.signed("s3", &format!("PUT /{bucket}/{key}"), &sum, body);
        assert!(answer.contains(" 200 "), "{answer}");
    }

    /// A request by anybody: the server looks at the service in the signature, and at nothing else of it.
    fn signed(&self, service: &str, what: &str, headers: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "{what} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}\
             Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/{service}/aws4_request, \
             SignedHeaders=host, Signature=0\r\nX-Amz-Date: 20260101T000000Z\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Options that read one region of this server, with little patience.
    pub(crate) fn options(&self) -> Options {
        Options {
            regions: vec![REGION.to_owned()],
            endpoint_url: Some(self.url()),
            keys: Some(Keys { access_key_id: "test".into(), secret_access_key: "test".into(), session_token: None }),
            patience: Patience {
                connect: Duration::from_secs(2),
                read: Duration::from_secs(8),
                attempt: Duration::from_secs(8),
                operation: Duration::from_secs(20),
                attempts: 2,
                backoff: Duration::from_millis(1),
                ..Patience::default()
            },
            ..Options::default()
        }
    }

    pub(crate) fn collect(&self) -> Collected {
        self.try_collect(&self.options()).expect("the server can be read")
    }

    pub(crate) fn try_collect(&self, options: &Options) -> Result<Collected, CollectError> {
        collect(options, now(), &Silent)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its input ends here, and with it the server.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// What the keys of a seed have become.
pub(crate) struct Seeded(Value);

impl Seeded {
    pub(crate) fn id(&self, key: &str) -> &str {
        self.0["ids"][key].as_str().unwrap_or_else(|| panic!("no {key} in {}", self.0))
    }

    pub(crate) fn arn(&self, key: &str) -> &str {
        self.0["arns"][key].as_str().unwrap_or_else(|| panic!("no ARN of `{key}`"))
    }

    pub(crate) fn keys(&self, user: &str) -> Keys {
        let keys = &self.0["credentials"][user];
        Keys {
            access_key_id: keys["access_key_id"].as_str().unwrap().to_owned(),
            secret_access_key: keys["secret_access_key"].as_str().unwrap().to_owned(),
            session_token: None,
        }
    }
}

/// The present: AWS's records are made against it.
pub(crate) fn now() -> Instant {
    chrono::SubsecRound::trunc_subsecs(chrono::Utc::now(), 0)
}
