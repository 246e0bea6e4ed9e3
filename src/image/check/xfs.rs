//! XFS with `xfs_repair -n`.
//!
//! Only the kernel can replay a log of XFS. Without a replay, what the tool finds may be the log's, and that it
//! finds nothing proves little, so the outcome is partial. The log is never thrown away to get a better one.

use super::super::content::Content;
use super::super::scratch::VOLUME;
use super::{Found, PartOutcome, Work, quoted};

const NAME: &str = "xfs_repair";

pub(super) fn check(work: &mut Work<'_>, content: &Content) -> Found {
    if let Content::Xfs(xfs) = content
        && xfs.external_log
    {
        let sentence =
            format!("{} holds XFS with its log on another device, which is not understood here", work.part.name());
        return (PartOutcome::NotUnderstood, sentence);
    }
    examine(work).unwrap_or_else(|found| found)
}

fn examine(work: &mut Work<'_>) -> Result<Found, Found> {
    let tool = work.find(NAME, "xfsprogs")?;
    // It knows no offsets, and a file must begin with the file system.
    let whole = work.part.offset == 0 && work.part.size == work.image.size();
    let copy = if whole { None } else { Some(work.copy()?) };
    let target = copy.as_ref().map_or(VOLUME, |copy| &copy.name);
    let (status, ran) = work.run(&tool, NAME, &["-n", "-f", target])?;
    let name = work.part.name();
    let (outcome, why) = judge(status, &ran.text(), ran.whole());
    let sentence = match outcome {
        PartOutcome::Clean => format!("{name} holds XFS, and `{NAME} -n` finds it clean"),
        PartOutcome::Damaged => format!("{name} holds XFS, and `{NAME} -n` finds it damaged: {why}"),
        PartOutcome::Partial => {
            format!(
                "{name} holds XFS, checked with a dirty log that could not be replayed here, which proves little: {why}"
            )
        }
        _ => format!("{name} was not checked: {why}"),
    };
    Ok((outcome, sentence))
}

/// The meaning of the exit status (`man xfs_repair`) and of what was said. Runtime errors have the same status
/// as corruption.
fn judge(status: i32, output: &str, whole: bool) -> (PartOutcome, String) {
    let lines = || output.lines().map(str::trim).filter(|line| !line.is_empty());
    let says = |signs: &[&str]| lines().find(|line| signs.iter().any(|sign| line.contains(sign)));
    let dirty = says(&["valuable metadata changes in a log", "destroy the log"]).is_some() || status == 2;
    let own = says(&[
        "fatal error",
        "couldn't malloc",
        "annot allocate memory",
        "No space left",
        "couldn't open",
        "ermission denied",
        "unknown incompat",
        "unknown ro-compat",
        "unknown compat",
        "not supported",
        "unsupported",
    ]);
    match (status, own) {
        (1, Some(line)) => (PartOutcome::Unknown, format!("`{NAME}` exits with 1: {}", quoted(line))),
        (0..=2, _) if dirty && status == 0 => (PartOutcome::Partial, format!("`{NAME} -n` found nothing else")),
        (0..=2, _) if dirty => {
            (PartOutcome::Partial, format!("`{NAME} -n` exits with {status}, which the log may explain"))
        }
        (0, _) if whole => (PartOutcome::Clean, String::new()),
        (1, None) => {
            let narrated = |line: &&str| {
                line.starts_with("Phase ")
                    || line.starts_with("- ")
                    || line.contains("geometry")
                    || line.contains("sector size mismatch")
                    || line.starts_with("the image and the host")
            };
            (PartOutcome::Damaged, quoted(lines().find(|line| !narrated(line)).unwrap_or("corruption was found")))
        }
        _ => (PartOutcome::Unknown, format!("`{NAME}` exits with {status}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_status_is_read_as_the_manual_says() {
        let of = |status| judge(status, "Phase 1 - find and verify superblock...\n", true).0;
        assert_eq!(of(0), PartOutcome::Clean);
        assert_eq!(of(1), PartOutcome::Damaged);
        assert_eq!(of(2), PartOutcome::Partial);
        assert_eq!(of(4), PartOutcome::Unknown);
        assert_eq!(judge(0, "", false).0, PartOutcome::Unknown, "what was said was not read to its end");
    }

    #[test]
    fn a_dirty_log_is_partial_whatever_else_is_found() {
        let alert = "ALERT: The filesystem has valuable metadata changes in a log which is being\nignored\n";
        assert_eq!(judge(1, alert, true).0, PartOutcome::Partial);
        assert_eq!(judge(0, alert, true).0, PartOutcome::Partial);
    }

    #[test]
    fn what_the_tool_cannot_do_is_no_damage() {
        let newer = "Superblock has unknown incompat/rocompat features enabled in the filesystem\nunknown incompat\n";
        assert_eq!(judge(1, newer, true).0, PartOutcome::Unknown);
        assert_eq!(judge(1, "fatal error -- couldn't malloc\n", true).0, PartOutcome::Unknown);
    }

    #[test]
    fn the_first_complaint_is_quoted() {
        let said = "Phase 1 - find and verify superblock...\n        - zero log...\nagf has bad CRC for ag 1\n";
        assert_eq!(judge(1, said, true).1, "`agf has bad CRC for ag 1`");
    }
}
