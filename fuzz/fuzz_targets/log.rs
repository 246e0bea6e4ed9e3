//! The canonical log over any bytes: verified and read, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup.jsonl");
    std::fs::write(&path, data).unwrap();
    let _ = lastgood::sources::logs::collect::read(&[path], &[]);
});
