//! What is shown at a terminal while something takes long.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// What takes less is over before anybody wonders.
const PATIENCE: Duration = Duration::from_secs(2);

/// Does `work`; at a terminal a sign of life appears when it takes more than two seconds.
pub(crate) fn during<T>(what: &'static str, work: impl FnOnce() -> T) -> T {
    let spinner = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()).with_message(what);
    spinner.set_style(
        ProgressStyle::with_template("{spinner} {msg}, {elapsed}").unwrap_or_else(|_| ProgressStyle::default_spinner()),
    );
    let (done, waiting) = channel::<()>();
    let result = thread::scope(|scope| {
        let spinner = &spinner;
        scope.spawn(move || {
            if waiting.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                spinner.set_draw_target(ProgressDrawTarget::stderr());
                spinner.enable_steady_tick(Duration::from_millis(120));
            }
        });
        let result = work();
        drop(done);
        result
    });
    spinner.finish_and_clear();
    result
}

/// A bar for the bytes of one file.
pub(crate) fn bytes(file: &str, from: u64, length: Option<u64>) -> ProgressBar {
    let bar = ProgressBar::new(length.unwrap_or(0)).with_message(file.to_owned());
    let template = "{msg:24} {wide_bar} {bytes:>10} of {total_bytes}, {eta}";
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_position(from);
    bar.reset_eta();
    bar
}
