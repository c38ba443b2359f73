//! What may not be shown yet: persist, then show.

use std::collections::VecDeque;

/// For whoever carries out the effects: holds what is to be shown until the disk has answered every write to the outbox that was
/// asked for with it or before it. What comes out comes in the order in which it went in, and nothing waits for a write that was
/// asked for later.
#[derive(Debug)]
pub struct Held<T> {
    /// Writes that were asked for.
    asked: u64,
    /// Of them, those that were answered.
    answered: u64,
    /// Each with the number of answers that it waits for.
    waiting: VecDeque<(u64, T)>,
}

impl<T> Default for Held<T> {
    fn default() -> Self {
        Self { asked: 0, answered: 0, waiting: VecDeque::new() }
    }
}

impl<T> Held<T> {
    /// The disk is asked for a write. To be told before what is shown in the same step.
    pub fn asked(&mut self) {
        self.asked += 1;
    }

    /// Something is to be shown. Gives it back when it may be shown now.
    #[must_use]
    pub fn put(&mut self, shown: T) -> Option<T> {
        if self.asked == self.answered {
            return Some(shown);
        }
        self.waiting.push_back((self.asked, shown));
        None
    }

    /// The oldest write is on the disk. What may be shown now.
    #[must_use]
    pub fn written(&mut self) -> Vec<T> {
        self.answered = self.asked.min(self.answered + 1);
        let ready = self.waiting.partition_point(|(asked, _)| *asked <= self.answered);
        self.waiting.drain(..ready).map(|(_, shown)| shown).collect()
    }

    /// The oldest write failed, and so will those behind it. To be told after the machine: then what waits is not shown before what
    /// says that it could not be kept.
    #[must_use]
    pub fn failed(&mut self) -> Vec<T> {
        for (asked, _) in &mut self.waiting {
            *asked = self.asked;
        }
        self.written()
    }

    /// Takes out what waits and the test is true for.
    #[must_use]
    pub fn take_where(&mut self, test: impl Fn(&T) -> bool) -> Vec<T> {
        let (taken, kept) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition::<VecDeque<_>, _>(|(_, shown)| test(shown));
        self.waiting = kept;
        taken.into_iter().map(|(_, shown)| shown).collect()
    }

    /// What waits, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &T> {
        self.waiting.iter().map(|(_, shown)| shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_waits_for_a_disk_that_has_nothing_to_do() {
        let mut held = Held::default();
        assert_eq!(held.put("a"), Some("a"));
        held.asked();
        assert!(held.written().is_empty());
        assert_eq!(held.put("b"), Some("b"));
    }

    #[test]
    fn everything_waits_for_the_writes_before_it_and_for_no_later_one() {
        let mut held = Held::default();
        held.asked();
        assert_eq!(held.put("with the first"), None);
        assert_eq!(held.put("behind it"), None);
        held.asked();
        assert_eq!(held.put("with the second"), None);
        assert_eq!(held.written(), ["with the first", "behind it"]);
        assert_eq!(held.put("last"), None);
        assert_eq!(held.written(), ["with the second", "last"]);
    }

    #[test]
    fn what_could_not_be_kept_comes_out_together_with_what_says_so() {
        let mut held = Held::default();
        held.asked();
        assert_eq!(held.put("an echo"), None);
        held.asked();
        assert_eq!(held.put("another echo"), None);
        assert_eq!(held.put("neither is kept"), None);
        assert!(held.failed().is_empty());
        assert_eq!(held.failed(), ["an echo", "another echo", "neither is kept"]);
        assert_eq!(held.put("later"), Some("later"));
    }

    #[test]
    fn what_is_void_is_taken_out_and_the_rest_keeps_its_place() {
        let mut held = Held::default();
        held.asked();
        for number in 0..5 {
            assert_eq!(held.put(number), None);
        }
        assert_eq!(held.take_where(|number| number % 2 == 1), [1, 3]);
        assert_eq!(held.iter().copied().collect::<Vec<_>>(), [0, 2, 4]);
        assert_eq!(held.written(), [0, 2, 4]);
    }
}
