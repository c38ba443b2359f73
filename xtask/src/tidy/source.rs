//! Rules for the text of one file.

/// Where a Rust file must be split.
const LINES: usize = 600;

/// Rust that the house does without. Written in two halves, so that this file is not against its own rules.
const RUST: &[(&str, &str, &str)] = &[
    ("#[ign", "ore", "a test that does not run tests nothing"),
    ("#[al", "low(", "use #[expect(…, reason = …)]"),
    ("#![al", "low(", "use #![expect(…, reason = …)]"),
    ("todo", "!(", "finish it"),
    ("unimplemented", "!(", "finish it"),
];

/// Words that belong to one computer or to none.
const WORDS: &[(&str, &str, &str)] = &[
    ("/wo", "rk/", "a path of one computer"),
    ("/ro", "ot/", "a path of one computer"),
    ("FIX", "ME", "mend it"),
    ("XX", "X:", "mend it"),
];

/// Ends of type names that say nothing.
const NAMES: &[&str] = &["Manager", "Service", "Helper", "Util", "Utils", "Processor"];

/// What begins the name of a type.
const KINDS: &[&str] = &["struct ", "enum ", "trait ", "class ", "interface "];

/// Everything in this file that is against the rules, each with its place.
pub(super) fn check(name: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    // Texts of licences and lists made by tools are not ours to word.
    if name.ends_with(".lock") || name.ends_with("package-lock.json") || name.starts_with("LICENSE") {
        return found;
    }
    words(name, text, WORDS, &mut found);
    if name.ends_with(".rs") {
        words(name, text, RUST, &mut found);
        rust(name, text, &mut found);
    }
    if is_ui_code(name) && !name.starts_with("ui/src/lib/backend/") && text.contains("@tauri-apps/") {
        found.push(format!("{name}: only ui/src/lib/backend imports @tauri-apps"));
    }
    if name.ends_with(".rs") || is_ui_code(name) {
        names(name, text, &mut found);
    }
    found
}

fn is_ui_code(name: &str) -> bool {
    name.starts_with("ui/src/") && [".ts", ".svelte", ".js"].iter().any(|end| name.ends_with(end))
}

fn words(name: &str, text: &str, rules: &[(&str, &str, &str)], found: &mut Vec<String>) {
    for (head, tail, why) in rules {
        let word = format!("{head}{tail}");
        for (at, _) in text.lines().enumerate().filter(|(_, line)| line.contains(&word)) {
            found.push(format!("{name}:{}: {word}: {why}", at + 1));
        }
    }
}

fn rust(name: &str, text: &str, found: &mut Vec<String>) {
    if !text.starts_with("//!") {
        found.push(format!("{name}: the first line is `//!` and what the file is for"));
    }
    let lines = text.lines().count();
    if lines > LINES {
        found.push(format!("{name}: {lines} lines; split it at {LINES}"));
    }
    if name.ends_with("/mod.rs") {
        found.push(format!("{name}: `foo.rs` beside `foo/`, not `foo/mod.rs`"));
    }
}

/// Types whose names end in a word that says nothing.
fn names(name: &str, text: &str, found: &mut Vec<String>) {
    for (at, line) in text.lines().enumerate() {
        for kind in KINDS {
            let Some((before, after)) = line.split_once(kind) else { continue };
            let word: String = after.chars().take_while(|c| c.is_alphanumeric()).collect();
            let declares = before.trim().is_empty()
                || before.trim_start().starts_with("pub")
                || before.contains("export");
            if declares && NAMES.iter().any(|end| word.ends_with(end)) {
                found.push(format!("{name}:{}: {word}: name what it is", at + 1));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_file_is_fine() {
        assert_eq!(check("a/b.rs", "//! B.\n\nstruct Store;\n"), Vec::<String>::new());
    }

    #[test]
    fn each_rule_finds_its_case() {
        let long = format!("//! A.\n{}", "\n".repeat(LINES));
        let cases = [
            ("a.rs", "fn a() {}\n"),
            ("a.rs", long.as_str()),
            ("a/mod.rs", "//! A.\n"),
            ("a.rs", concat!("//! A.\n#[ign", "ore]\n")),
            ("a.md", concat!("see /ro", "ot/there")),
            ("a.rs", "//! A.\npub struct TokenManager {}\n"),
            ("ui/src/lib/chat/a.ts", "import { invoke } from '@tauri-apps/api/core';"),
        ];
        for (name, text) in cases {
            assert_eq!(check(name, text).len(), 1, "{name}: {text:.60}");
        }
        assert!(check("ui/src/lib/backend/a.ts", "import '@tauri-apps/api'").is_empty());
    }
}
