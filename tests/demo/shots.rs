//! `confab-shots PROGRAMS PICTURE`: the sample workspace in a window on a display that nobody sees, as a picture.

#[cfg(target_os = "linux")]
mod linux {
    use std::path::PathBuf;

    use anyhow::{Context as _, Result};
    use confab_tests::stage::{Stage, play};
    use confab_tests::{sample, wait};

    /// Size of the window.
    const SIZE: (u32, u32) = (1280, 800);

    pub(crate) async fn run() -> Result<()> {
        let picture = std::env::args_os().nth(1).map(PathBuf::from).context("usage: confab-shots PICTURE")?;
        play("shots", async |stage: &Stage| {
            let server = stage.server()?;
            sample::fill(&server).await?;
            let window = stage.app("ingrid").start().await?;
            window.place((0, 0), SIZE).await?;
            window.try_to_sign_in(server.address(), "ingrid", sample::PASSWORD).await?;
            window.until_connected().await?;
            window.focus().await?;
            window.open("Release 2.4").await?;
            window.until_sent("Pier 4 looks great from here. I can read it from the café 👀").await?;
            // The window has its size, its fonts, its pictures and nothing that still moves.
            wait::until("the finished page", async || {
                let script = "const pictures = [...document.querySelectorAll('[data-testid=media-image] img')]; \
                    return document.fonts.status === 'loaded' && window.innerWidth === arguments[0] \
                    && pictures.length === 1 && pictures.every((picture) => picture.complete && picture.naturalWidth > 0) \
                    && document.getAnimations().every((animation) => animation.playState !== 'running')";
                Ok(window.execute(script, vec![SIZE.0.into()]).await?.as_bool().filter(|&finished| finished))
            })
            .await?;
            window.picture(&picture)
        })
        .await
    }
}

#[cfg(target_os = "linux")]
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    linux::run().await
}

#[cfg(not(target_os = "linux"))]
fn main() -> anyhow::Result<()> {
    anyhow::bail!("pictures are taken on Linux, where windows can be driven without a desktop")
}
