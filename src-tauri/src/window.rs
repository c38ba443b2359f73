//! The one window: where it stands, what it may show, how it is closed.

use confab_core::view::Problem;
use tauri::utils::config::Color;
use tauri::webview::{NewWindowResponse, WebviewWindowBuilder};
use tauri::{AppHandle, Manager as _, PhysicalPosition, Runtime, Theme, Url, WebviewUrl, WebviewWindow};

use crate::desktop;
use crate::settings::{Geometry, Remembered, Settings};

/// Label of the window.
pub(crate) const MAIN: &str = "main";

/// The least that the interface is drawn for, in logical pixels.
const LEAST: (f64, f64) = (360.0, 480.0);
/// The first size, in logical pixels.
const FIRST: (f64, f64) = (1_120.0, 760.0);
/// Ground of the page before it is painted, light and dark; the page uses the same.
const LIGHT: Color = Color(0xe8, 0xec, 0xeb, 0xff);
const DARK: Color = Color(0x0d, 0x11, 0x10, 0xff);
/// The choice of the interface that decides between them.
const THEME: &str = "theme";

/// Opens the window where it was. It shows at once, in the page's own ground.
pub(crate) fn open<R: Runtime>(
    app: &AppHandle<R>,
    remembered: &Remembered,
    webview_dir: Option<std::path::PathBuf>,
) -> tauri::Result<WebviewWindow<R>> {
    let (width, height) = remembered.window.map_or(FIRST, |was| (was.width, was.height));
    let mut builder = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::default())
        .title(desktop::title(0, None))
        .inner_size(width.max(LEAST.0), height.max(LEAST.1))
        .min_inner_size(LEAST.0, LEAST.1)
        .maximized(remembered.window.is_some_and(|was| was.maximized))
        .background_color(ground(remembered, None))
        .devtools(cfg!(debug_assertions))
        .on_navigation(is_own_page)
        .on_new_window(|_, _| NewWindowResponse::Deny);
    builder = match webview_dir {
        Some(directory) => builder.data_directory(directory),
        None => builder.incognito(true),
    };
    let window = builder.build()?;
    if let Some((x, y)) =
        remembered.window.and_then(|was| was.place).filter(|place| is_on_a_screen(&window, *place))
    {
        window.set_position(PhysicalPosition::new(x, y))?;
    }
    window.set_background_color(Some(ground(remembered, window.theme().ok())))?;
    Ok(window)
}

/// The page's ground by what was chosen, else by the system.
fn ground(remembered: &Remembered, system: Option<Theme>) -> Color {
    match remembered.choices.get(THEME).map(String::as_str) {
        Some("dark") => DARK,
        Some("light") => LIGHT,
        _ if system == Some(Theme::Dark) => DARK,
        _ => LIGHT,
    }
}

/// The window shows the interface and nothing else, whatever a page or a dropped file asks for.
fn is_own_page(url: &Url) -> bool {
    let own = match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" if cfg!(windows) => url.host_str() == Some("tauri.localhost"),
        // The server of `npm run dev`, in a build without the interface inside.
        "http" if !cfg!(feature = "custom-protocol") => {
            url.host_str() == Some("localhost") && url.port() == Some(5173)
        }
        _ => false,
    };
    if !own {
        tracing::warn!(scheme = url.scheme(), "the window was not let go elsewhere");
    }
    own
}

fn is_on_a_screen<R: Runtime>(window: &WebviewWindow<R>, place: (i32, i32)) -> bool {
    /// So much of the title bar must be within reach.
    const REACH: i64 = 64;
    let (x, y) = (i64::from(place.0), i64::from(place.1));
    window.available_monitors().unwrap_or_default().iter().any(|monitor| {
        let (corner, size) = (monitor.position(), monitor.size());
        let (left, top) = (i64::from(corner.x), i64::from(corner.y));
        let (right, bottom) = (left + i64::from(size.width), top + i64::from(size.height));
        x + REACH > left && x + REACH < right && y >= top && y + REACH < bottom
    })
}

/// Remembers where the window is.
pub(crate) fn remember<R: Runtime>(app: &AppHandle<R>, settings: &Settings) -> Result<(), Problem> {
    let Some(window) = app.get_webview_window(MAIN) else { return Ok(()) };
    let before = settings.get().window;
    let Some(now) = measure(&window, before) else { return Ok(()) };
    settings.change(|remembered| remembered.window = Some(now))
}

/// None while there is nothing worth remembering: a minimised window has no place.
fn measure<R: Runtime>(window: &WebviewWindow<R>, before: Option<Geometry>) -> Option<Geometry> {
    if window.is_minimized().unwrap_or(false) {
        return None;
    }
    if window.is_maximized().unwrap_or(false) {
        let (width, height) = before.map_or(FIRST, |was| (was.width, was.height));
        return Some(Geometry { width, height, place: before.and_then(|was| was.place), maximized: true });
    }
    let size = window.inner_size().ok()?.to_logical::<f64>(window.scale_factor().ok()?);
    let place = window.outer_position().ok().map(|place| (place.x, place.y));
    Some(Geometry { width: size.width, height: size.height, place, maximized: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_interface_is_let_into_the_window() {
        let may = |url: &str| is_own_page(&url.parse().unwrap());
        assert!(may("tauri://localhost/index.html"));
        for url in [
            "https://example.com/",
            "file:///etc/passwd",
            "tauri://elsewhere/",
            "data:text/html,x",
            "about:blank",
        ] {
            assert!(!may(url), "{url}");
        }
    }

    #[test]
    fn the_ground_follows_the_choice_and_else_the_system() {
        let mut remembered = Remembered::default();
        assert_eq!(ground(&remembered, None), LIGHT);
        assert_eq!(ground(&remembered, Some(Theme::Dark)), DARK);
        remembered.choices.insert(THEME.into(), "light".into());
        assert_eq!(ground(&remembered, Some(Theme::Dark)), LIGHT);
    }
}
