//! Several ways to the same place: the next one starts when the one before fails or dallies, the first to arrive wins.

use std::future::Future;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::sleep;

/// Runs the attempts, each `stagger` after the one before or at once when a running one fails.
///
/// # Errors
/// All of their failures, when none succeeds.
pub(crate) async fn first_success<T, E, F>(
    attempts: impl IntoIterator<Item = F>,
    stagger: Duration,
) -> Result<T, Vec<E>>
where
    F: Future<Output = Result<T, E>>,
{
    let mut waiting = attempts.into_iter();
    let mut running = FuturesUnordered::new();
    let mut failures = Vec::new();
    loop {
        match waiting.next() {
            Some(attempt) => running.push(attempt),
            None if running.is_empty() => return Err(failures),
            None => {}
        }
        tokio::select! {
            Some(outcome) = running.next() => match outcome {
                Ok(value) => return Ok(value),
                Err(error) => failures.push(error),
            },
            () = sleep(stagger) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    type Attempt = std::pin::Pin<Box<dyn Future<Output = Result<u8, &'static str>>>>;

    async fn race(attempts: Vec<Attempt>) -> Result<u8, Vec<&'static str>> {
        first_success(attempts, Duration::from_millis(250)).await
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_hangs_does_not_keep_the_next_from_winning() {
        let hangs: Attempt = Box::pin(pending());
        let answers: Attempt = Box::pin(async { Ok(2) });
        assert_eq!(race(vec![hangs, answers]).await, Ok(2));
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_in_order_wins_when_both_would() {
        assert_eq!(race(vec![Box::pin(async { Ok(1) }), Box::pin(async { Ok(2) })]).await, Ok(1));
    }

    #[tokio::test(start_paused = true)]
    async fn all_failures_are_told() {
        assert_eq!(
            race(vec![Box::pin(async { Err("a") }), Box::pin(async { Err("b") })]).await,
            Err(vec!["a", "b"])
        );
        assert_eq!(race(vec![]).await, Err(vec![]));
    }
}
