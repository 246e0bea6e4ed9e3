//! Readers that others wrote in Python.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// What `script` prints when `input` stands on its standard input; or why it fails.
pub(super) fn python(script: &str, input: &[u8]) -> Result<String, String> {
    let python = std::env::var("LASTGOOD_TEST_PYTHON")
        .unwrap_or_else(|_| panic!("set LASTGOOD_TEST_PYTHON to a python with tests/aws/requirements.txt"));
    let mut child = Command::new(python)
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!error.contains("ModuleNotFoundError"), "a module is not installed: {error}");
    if !output.status.success() {
        return Err(error);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
