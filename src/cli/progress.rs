//! Progress on standard error, when it is a terminal. Never in pipes.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::aws::Progress;

/// A line that shows how many of the services to read are done.
pub(super) struct Bar(ProgressBar);

impl Bar {
    /// A bar on standard error, invisible where that is no terminal.
    pub(super) fn new() -> Self {
        let target =
            if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        if let Ok(style) = ProgressStyle::with_template("{elapsed_precise} [{bar:24}] {pos}/{len} {wide_msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        Self(bar)
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Bar {
    fn started(&self, total: usize) {
        self.0.inc_length(total as u64);
    }

    fn step(&self, label: &str) {
        self.0.set_message(label.to_owned());
        self.0.inc(1);
    }
}
