//! Pages: each one a value of its own, which stays as it is when the next one is fetched.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use super::Error;

/// What fetches a page.
type Fetch<T> = Arc<dyn Fn() -> Turning<T> + Send + Sync>;

/// A page on its way.
pub(super) type Turning<T> = Pin<Box<dyn Future<Output = Result<Paginator<T>, Error>> + Send>>;

/// One page of a list, and the way to its neighbours. Next is towards the end of the list, of messages towards newer ones.
///
/// ```
/// # mod world { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk/doc_world.inc")); }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let world = world::World::new().await;
/// # let client = world.ada().await;
/// use confab_client::sdk::{From, Message};
///
/// let conversation = client.create_conversation().create().await?;
/// for text in ["one", "two", "three"] {
///     conversation.send_message(text).await?.await?;
/// }
/// let newest = conversation.messages(From::Newest, 2).await?;
/// let older = newest.prev_page().await?;
/// assert!(newest.has_prev_page() && !older.has_prev_page());
/// let texts: Vec<_> = older.items().iter().chain(newest.items()).filter_map(Message::body).collect();
/// assert_eq!(texts, ["one", "two", "three"]);
/// # client.shutdown().await;
/// # Ok(())
/// # }
/// ```
pub struct Paginator<T> {
    items: Vec<T>,
    next: Option<Fetch<T>>,
    prev: Option<Fetch<T>>,
}

impl<T> Paginator<T> {
    pub(super) fn new(items: Vec<T>) -> Self {
        Self { items, next: None, prev: None }
    }

    /// The same page with a way on, when there is one.
    pub(super) fn with_next<F>(mut self, there: bool, fetch: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Self, Error>> + Send + 'static,
    {
        self.next = there.then(|| Arc::new(move || boxed(fetch())) as Fetch<T>);
        self
    }

    /// The same page with a way back, when there is one.
    pub(super) fn with_prev<F>(mut self, there: bool, fetch: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Self, Error>> + Send + 'static,
    {
        self.prev = there.then(|| Arc::new(move || boxed(fetch())) as Fetch<T>);
        self
    }

    /// What stands on this page.
    #[must_use]
    pub fn items(&self) -> &[T] {
        &self.items
    }

    /// The same, taken out.
    #[must_use]
    pub fn into_items(self) -> Vec<T> {
        self.items
    }

    /// There is a page behind this one.
    #[must_use]
    pub fn has_next_page(&self) -> bool {
        self.next.is_some()
    }

    /// There is a page before this one.
    #[must_use]
    pub fn has_prev_page(&self) -> bool {
        self.prev.is_some()
    }

    /// The page behind this one.
    ///
    /// # Errors
    /// [`Error::NoFurtherPage`] when there is none; what the server refuses.
    pub async fn next_page(&self) -> Result<Self, Error> {
        let fetch = self.next.as_ref().ok_or(Error::NoFurtherPage)?;
        fetch().await
    }

    /// The page before this one.
    ///
    /// # Errors
    /// [`Error::NoFurtherPage`] when there is none; what the server refuses.
    pub async fn prev_page(&self) -> Result<Self, Error> {
        let fetch = self.prev.as_ref().ok_or(Error::NoFurtherPage)?;
        fetch().await
    }
}

fn boxed<T>(fetch: impl Future<Output = Result<Paginator<T>, Error>> + Send + 'static) -> Turning<T> {
    Box::pin(fetch)
}

impl<T: fmt::Debug> fmt::Debug for Paginator<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paginator")
            .field("items", &self.items)
            .field("has_next_page", &self.has_next_page())
            .field("has_prev_page", &self.has_prev_page())
            .finish()
    }
}

/// Pages of a list that is held as a whole.
pub(super) fn of_list<T: Clone + Send + Sync + 'static>(
    all: &Arc<[T]>,
    from: usize,
    size: usize,
) -> Paginator<T> {
    let to = all.len().min(from + size);
    let (on, back) = (Arc::clone(all), Arc::clone(all));
    Paginator::new(all[from..to].to_vec())
        .with_next(to < all.len(), move || {
            let all = Arc::clone(&on);
            async move { Ok(of_list(&all, to, size)) }
        })
        .with_prev(from > 0, move || {
            let all = Arc::clone(&back);
            async move { Ok(of_list(&all, from.saturating_sub(size), size)) }
        })
}

/// What stands on a page of the server's, and after what the next one begins.
pub(super) type Page<T, C> = (Vec<T>, Option<C>);

/// Pages of a list of the server's, which is read from its beginning on: the items after a cursor, and the cursor to go on from.
pub(super) trait Listing: Clone + Send + Sync + 'static {
    /// What it lists.
    type Item: Send + 'static;
    /// After what a page begins.
    type Cursor: Copy + Send + Sync + 'static;

    /// One page.
    fn page(
        &self,
        after: Option<Self::Cursor>,
    ) -> impl Future<Output = Result<Page<Self::Item, Self::Cursor>, Error>> + Send;
}

/// The page after the last of these cursors; the ones before it are the way back.
pub(super) fn of_listing<L: Listing>(listing: L, cursors: Vec<Option<L::Cursor>>) -> Turning<L::Item> {
    Box::pin(turn(listing, cursors))
}

async fn turn<L: Listing>(listing: L, cursors: Vec<Option<L::Cursor>>) -> Result<Paginator<L::Item>, Error> {
    let (items, next) = listing.page(cursors.last().copied().flatten()).await?;
    let before = cursors[..cursors.len().saturating_sub(1)].to_vec();
    let after: Vec<_> = cursors.into_iter().chain([next]).collect();
    let (on, back) = (listing.clone(), listing);
    Ok(Paginator::new(items)
        .with_prev(!before.is_empty(), move || of_listing(back.clone(), before.clone()))
        .with_next(next.is_some(), move || of_listing(on.clone(), after.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_list_is_turned_both_ways_and_pages_stay_as_they_are() {
        let first = of_list(&Arc::from([1, 2, 3, 4, 5]), 0, 2);
        assert_eq!((first.items(), first.has_prev_page()), (&[1, 2][..], false));
        let second = first.next_page().await.unwrap();
        let last = second.next_page().await.unwrap();
        assert_eq!((second.items(), last.items()), (&[3, 4][..], &[5][..]));
        assert_eq!(last.next_page().await.unwrap_err(), Error::NoFurtherPage);
        assert_eq!(last.prev_page().await.unwrap().items(), second.items());
        assert_eq!(first.items(), [1, 2]);
        assert_eq!(first.prev_page().await.unwrap_err(), Error::NoFurtherPage);
    }
}
