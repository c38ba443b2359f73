//! A walk over one table, page by page.

use std::collections::VecDeque;

use super::{Finding, Findings};
use crate::Scan;
use crate::store::StoreResult;

/// Rows read at once.
const PAGE: usize = 500;

/// How the next page of a table is read.
type Fetch<R> = fn(&dyn Scan, Option<&R>, usize) -> StoreResult<Vec<R>>;

/// Where a walk has come to.
pub(super) struct Cursor<'a, R> {
    scan: &'a dyn Scan,
    table: &'static str,
    fetch: Fetch<R>,
    ahead: VecDeque<R>,
    last: Option<R>,
    ended: bool,
}

impl<'a, R: Clone> Cursor<'a, R> {
    pub(super) fn new(scan: &'a dyn Scan, table: &'static str, fetch: Fetch<R>) -> Self {
        Self { scan, table, fetch, ahead: VecDeque::new(), last: None, ended: false }
    }

    /// The name of the table, as findings call it.
    pub(super) fn table(&self) -> &'static str {
        self.table
    }

    /// The next row when it is one of these. A table that cannot be read further has ended, which is a finding of its own.
    pub(super) fn next_if(&mut self, findings: &mut Findings, wanted: impl FnOnce(&R) -> bool) -> Option<R> {
        self.fill(findings);
        self.ahead.front().filter(|row| wanted(row))?;
        let row = self.ahead.pop_front()?;
        self.last = Some(row.clone());
        Some(row)
    }

    /// The next row.
    pub(super) fn next(&mut self, findings: &mut Findings) -> Option<R> {
        self.next_if(findings, |_| true)
    }

    fn fill(&mut self, findings: &mut Findings) {
        if !self.ahead.is_empty() || self.ended {
            return;
        }
        match (self.fetch)(self.scan, self.last.as_ref(), PAGE) {
            Ok(page) => {
                self.ended = page.len() < PAGE;
                self.ahead = page.into();
            }
            Err(error) => {
                self.ended = true;
                findings.add(Finding::Unreadable { table: self.table, reason: error.to_string() });
            }
        }
    }
}
