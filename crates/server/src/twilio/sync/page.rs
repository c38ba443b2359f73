//! Pages of items: where one begins, which way it goes, and how long it is.

use crate::twilio::problem::Problem;
use crate::twilio::wire::Request;

/// Items of a page at most, and when nothing was asked.
const MOST: usize = 100;
const ORDINARY: usize = 50;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    /// Descending instead of ascending.
    pub(super) descending: bool,
    /// Items at most.
    pub(super) size: usize,
    /// The first item, itself included; none: the end at which the order begins.
    pub(super) from: Option<String>,
}

impl Page {
    /// Reads a page: all of a token, which stands by itself, or the parameters.
    pub(super) fn read(request: &Request) -> Result<Self, Problem> {
        if let Some(token) = request.param("PageToken") {
            return Self::of(token).ok_or_else(|| Problem::invalid("PageToken", "not from an answer"));
        }
        let size = match request.param("PageSize") {
            None => ORDINARY,
            Some(text) => text.parse().map_err(|_| Problem::invalid("PageSize", "not a number"))?,
        };
        let descending = request.param("Order") == Some("desc");
        Ok(Self { descending, size: size.clamp(1, MOST), from: request.param("From").map(str::to_owned) })
    }

    fn of(token: &str) -> Option<Self> {
        let mut parts = token.splitn(3, '.');
        let descending = match parts.next()? {
            "asc" => false,
            "desc" => true,
            _ => return None,
        };
        let size: usize = parts.next()?.parse().ok().filter(|size| (1..=MOST).contains(size))?;
        Some(Self { descending, size, from: Some(parts.next()?.to_owned()) })
    }

    /// A token for the page of the same kind that begins at another item.
    pub(super) fn token(&self, from: &str) -> String {
        let order = if self.descending { "desc" } else { "asc" };
        format!("{order}.{}.{from}", self.size)
    }

    /// The part of a sorted sequence that was asked for, with the tokens of the pages before and behind it.
    pub(super) fn cut<T: Clone>(&self, ascending: &[T], key: impl Fn(&T) -> String) -> Cut<T> {
        let mut all: Vec<T> = ascending.to_vec();
        if self.descending {
            all.reverse();
        }
        let begins = |item: &T| match &self.from {
            None => true,
            Some(from) if self.descending => key(item) <= *from,
            Some(from) => key(item) >= *from,
        };
        let start = all.iter().position(begins).unwrap_or(all.len());
        let end = (start + self.size).min(all.len());
        let previous = (start > 0).then(|| self.token(&key(&all[start.saturating_sub(self.size)])));
        let next = all.get(end).map(|item| self.token(&key(item)));
        Cut { items: all[start..end].to_vec(), previous, next }
    }
}

/// A page that was cut out.
pub(super) struct Cut<T> {
    pub(super) items: Vec<T>,
    pub(super) previous: Option<String>,
    pub(super) next: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(descending: bool, size: usize, from: Option<&str>) -> Page {
        Page { descending, size, from: from.map(str::to_owned) }
    }

    fn cut(page: &Page) -> (String, Option<String>, Option<String>) {
        let Cut { items, previous, next } = page.cut(&["a", "b", "d", "e"], |item| (*item).to_owned());
        (items.concat(), previous, next)
    }

    #[test]
    fn a_page_begins_at_its_item_or_the_next_one_and_has_tokens_but_at_the_ends() {
        assert_eq!(cut(&page(false, 4, None)), ("abde".into(), None, None));
        assert_eq!(cut(&page(false, 2, None)), ("ab".into(), None, Some("asc.2.d".into())));
        assert_eq!(cut(&page(false, 2, Some("c"))), ("de".into(), Some("asc.2.a".into()), None));
        assert_eq!(cut(&page(true, 2, None)), ("ed".into(), None, Some("desc.2.b".into())));
        assert_eq!(cut(&page(true, 2, Some("c"))), ("ba".into(), Some("desc.2.e".into()), None));
        assert_eq!(cut(&page(false, 2, Some("f"))), (String::new(), Some("asc.2.d".into()), None));
    }

    #[test]
    fn a_token_says_everything_and_another_one_nothing() {
        let page = page(true, 7, Some("CH1"));
        assert_eq!(Page::of(&page.token("CH1")), Some(page));
        for wrong in ["", "asc", "asc.5", "up.5.x", "asc.0.x", "asc.101.x", "asc.x.x"] {
            assert_eq!(Page::of(wrong), None, "{wrong}");
        }
    }
}
