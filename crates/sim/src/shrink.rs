//! The smallest part of a plan that still breaks the same promise.

use crate::plan::{Chances, Plan, Program};
use crate::promise::{Broken, Promise};
use crate::report::Report;

/// Runs a plan.
type Run<'a> = &'a dyn Fn(&Plan) -> Result<Report, Broken>;

/// Leaves out steps, chances, skews and levels for as long as the same promise breaks, and for at most so many runs. Gives the
/// smallest plan found and how it breaks.
#[must_use]
pub fn shrink(plan: &Plan, broken: &Broken, runs: usize, run: Run<'_>) -> (Plan, Broken) {
    let mut search =
        Search { run, smallest: plan.clone(), broken: broken.clone(), promise: broken.promise, left: runs };
    search.leave_out_steps();
    search.calm_down();
    search.leave_out_steps();
    (search.smallest, search.broken)
}

struct Search<'a> {
    run: Run<'a>,
    smallest: Plan,
    broken: Broken,
    promise: Promise,
    left: usize,
}

impl Search<'_> {
    fn is_over(&self) -> bool {
        self.left == 0
    }

    /// Keeps a smaller plan if it breaks the same promise.
    fn try_plan(&mut self, plan: Plan) -> bool {
        self.left = self.left.saturating_sub(1);
        match (self.run)(&plan) {
            Err(broken) if broken.promise == self.promise => {
                (self.smallest, self.broken) = (plan, broken);
                true
            }
            _ => false,
        }
    }

    /// Leaves out stretches of steps, shorter and shorter ones.
    fn leave_out_steps(&mut self) {
        let mut length = self.smallest.steps.len() / 2;
        while length > 0 {
            let mut from = 0;
            while from < self.smallest.steps.len() && !self.is_over() {
                let mut plan = self.smallest.clone();
                let end = (from + length).min(plan.steps.len());
                plan.steps.drain(from..end);
                if !self.try_plan(plan) {
                    from += length;
                }
            }
            length /= 2;
        }
    }

    fn calm_down(&mut self) {
        let mut calmer: Vec<fn(&mut Plan)> = vec![
            |plan| plan.server = Program::default(),
            |plan| plan.devices.iter_mut().for_each(|program| *program = Program::default()),
            |plan| plan.chances = Chances::default(),
            |plan| plan.chances.crash_between_effects = 0,
            |plan| plan.chances.crash_before_commit = 0,
            |plan| plan.chances.crash_after_commit = 0,
            |plan| plan.chances.commit_fails = 0,
            |plan| plan.chances.work_fails = 0,
            |plan| plan.chances.outbox_write_fails = 0,
            |plan| plan.chances.drop = 0,
            |plan| plan.chances.duplicate = 0,
            |plan| plan.chances.reorder = 0,
            |plan| plan.chances.delay = 0,
            |plan| plan.chances.lose_bus = 0,
            |plan| plan.chances.lose_token = 0,
        ];
        for change in calmer.drain(..) {
            let mut plan = self.smallest.clone();
            change(&mut plan);
            if plan != self.smallest && !self.is_over() {
                self.try_plan(plan);
            }
        }
    }
}
