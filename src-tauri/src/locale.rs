//! The shell's own words, through Fluent; those of the interface are its own.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

static BUNDLE: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| {
    let text = include_str!("../../locales/en-shell.ftl").to_owned();
    let resource = FluentResource::try_new(text).expect("invariant: a test reads the shipped sentences");
    let mut bundle = FluentBundle::new_concurrent(vec!["en".parse().expect("invariant: a language tag")]);
    // Titles and notifications are drawn by the desktop, which shows isolation marks as boxes.
    bundle.set_use_isolating(false);
    bundle.add_resource(resource).expect("invariant: a test reads the shipped sentences");
    bundle
});

/// The sentence of an id with its values.
pub(crate) fn text<const N: usize>(id: &str, values: [(&'static str, FluentValue<'_>); N]) -> String {
    let arguments = FluentArgs::from_iter(values);
    let pattern = BUNDLE.get_message(id).and_then(|message| message.value());
    pattern.map_or_else(
        || id.to_owned(),
        |pattern| BUNDLE.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_filled_in_without_marks_around_the_values() {
        let filled = text("window-title-unread", [("count", 3.into()), ("name", "Fjordline".into())]);
        assert_eq!(filled, "(3) Confab — Fjordline");
        assert_eq!(text("no-such-id", []), "no-such-id");
    }
}
