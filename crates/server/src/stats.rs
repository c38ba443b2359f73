//! What the server counts of itself, for `GET /metrics` and the bench. No names, no text.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Upper bounds of the buckets of group sizes.
const SIZES: [usize; 9] = [1, 2, 4, 8, 16, 32, 64, 128, 256];

macro_rules! counters {
    ($($(#[doc = $doc:literal])* $name:ident: $kind:literal;)*) => {
        /// Counters and gauges; relaxed, because each stands for itself.
        #[derive(Debug, Default)]
        pub struct Stats {
            $($(#[doc = $doc])* pub $name: AtomicU64,)*
            sizes: [AtomicU64; SIZES.len()],
        }

        impl Stats {
            fn rows(&self) -> Vec<(&'static str, &'static str, &'static str, u64)> {
                vec![$((stringify!($name), $kind, concat!($($doc),*), self.$name.load(Relaxed)),)*]
            }
        }
    };
}

counters! {
    /// Groups of work committed.
    commits_total: "counter";
    /// Commits that failed as a whole.
    commits_failed_total: "counter";
    /// Pieces of work in committed groups.
    commit_items_total: "counter";
    /// Microseconds spent in commits.
    commit_micros_total: "counter";
    /// 1 while the last commit found no room on the disk.
    disk_full: "gauge";
    /// Mutations applied.
    mutations_total: "counter";
    /// Requests refused.
    refusals_total: "counter";
    /// Reads answered.
    reads_total: "counter";
    /// Bytes of files received.
    media_received_bytes_total: "counter";
    /// Bytes of files sent.
    media_sent_bytes_total: "counter";
    /// Sessions that said hello and are alive.
    sessions: "gauge";
    /// Connections open.
    connections: "gauge";
    /// Frames encoded once to be pushed.
    pushes_encoded_total: "counter";
    /// Frames put into queues of sessions.
    pushes_queued_total: "counter";
    /// Ephemeral frames dropped from full queues.
    ephemeral_dropped_total: "counter";
    /// Sessions told that they lag.
    lagged_total: "counter";
    /// Times that what moved could not be told to a stock client, and waits for its next heartbeat.
    stock_put_off_total: "counter";
    /// Sessions closed for reading too slowly.
    too_slow_total: "counter";
}

impl Stats {
    /// Counts one committed group.
    pub(crate) fn committed(&self, items: usize, micros: u64) {
        self.commits_total.fetch_add(1, Relaxed);
        self.commit_items_total.fetch_add(items as u64, Relaxed);
        self.commit_micros_total.fetch_add(micros, Relaxed);
        let bucket = SIZES.iter().position(|most| items <= *most).unwrap_or(SIZES.len() - 1);
        self.sizes[bucket].fetch_add(1, Relaxed);
    }

    /// Prometheus' text form.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::with_capacity(4_096);
        for (name, kind, help, value) in self.rows() {
            let _ = writeln!(
                text,
                "# HELP confab_{name}{help}\n# TYPE confab_{name} {kind}\nconfab_{name} {value}"
            );
        }
        text.push_str("# HELP confab_commit_group_size Pieces of work per commit.\n");
        text.push_str("# TYPE confab_commit_group_size histogram\n");
        let mut below = 0;
        for (most, count) in SIZES.iter().zip(&self.sizes) {
            below += count.load(Relaxed);
            let _ = writeln!(text, "confab_commit_group_size_bucket{{le=\"{most}\"}} {below}");
        }
        let _ = writeln!(text, "confab_commit_group_size_bucket{{le=\"+Inf\"}} {below}");
        let _ = writeln!(text, "confab_commit_group_size_sum {}", self.commit_items_total.load(Relaxed));
        let _ = writeln!(text, "confab_commit_group_size_count {below}");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_counted_by_size() {
        let stats = Stats::default();
        stats.committed(1, 10);
        stats.committed(100, 10);
        let text = stats.render();
        assert!(text.contains("confab_commits_total 2\n"));
        assert!(text.contains("confab_commit_group_size_bucket{le=\"1\"} 1\n"));
        assert!(text.contains("confab_commit_group_size_bucket{le=\"128\"} 2\n"));
        assert!(text.contains("confab_commit_group_size_sum 101\n"));
    }
}
