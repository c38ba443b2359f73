//! Waiting for a condition, with a deadline.

use std::fmt::Display;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// The longest that anything may take to become true. Far above what it takes: a busy machine must fail no test.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// How often it is looked.
const INTERVAL: Duration = Duration::from_millis(40);

/// Asks `look` until it gives something, and gives that.
///
/// # Errors
/// When nothing came within [`PATIENCE`]; says `what` was waited for, and the last error of `look`, if any.
pub async fn until<T>(what: impl Display, mut look: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        // A page may be between two states, a server between two lives: an error is no answer yet.
        let last = match look().await {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => None,
            Err(error) => Some(error),
        };
        if Instant::now() > deadline {
            match last {
                Some(error) => return Err(error.context(format!("waited in vain for {what}"))),
                None => bail!("waited in vain for {what}"),
            }
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_looks_again_after_nothing_and_after_an_error() -> Result<()> {
        let mut looks = 0;
        let found = until("the third look", async || {
            looks += 1;
            if looks == 1 {
                bail!("not yet")
            }
            Ok((looks == 3).then_some(looks))
        });
        assert_eq!(found.await?, 3);
        Ok(())
    }
}
