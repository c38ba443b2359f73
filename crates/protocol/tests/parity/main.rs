//! `docs/parity.md` beside the list of what two other systems' client libraries have: every member is somewhere, and the tests that are
//! said to show it are there, name it and use it.
#![expect(clippy::unwrap_used, reason = "a test says by a panic that something is not as it should be")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What may be put off, and the members that it is about.
const LATER: [(&str, &str); 3] = [
    ("push delivery", "T016 T031 T032 T043 T187 T188 T189 T190 T191 T192 T193"),
    ("content templates", "T048 T104 T129 T176 T184 T185 T209 T210 T211 T212 T213 T214 T215 T216 T217"),
    ("e-mail", "T098 T118 T119 T131 T174 T175 T183 T225 T226 T227 T228 T229 T230 T231 T232"),
];

/// One row of the table.
struct Row {
    id: String,
    member: String,
    place: String,
    tests: Vec<(PathBuf, String)>,
}

impl Row {
    /// The names that say where it is.
    fn names(&self) -> Vec<&str> {
        quoted(&self.place)
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn rows() -> Vec<Row> {
    let text = std::fs::read_to_string(root().join("docs/parity.md")).unwrap();
    let is_row = |line: &&str| line.starts_with("| T") || line.starts_with("| V");
    text.lines().filter(is_row).map(row).collect()
}

fn row(line: &str) -> Row {
    let cells: Vec<&str> = line.split('|').map(str::trim).collect();
    let [_, id, member, place, tests, _] = cells[..] else { panic!("not four cells: {line}") };
    let tests = quoted(tests).into_iter().filter_map(|test| test.split_once("::"));
    Row {
        id: id.to_owned(),
        member: member.to_owned(),
        place: place.to_owned(),
        tests: tests.map(|(path, name)| (path.into(), name.to_owned())).collect(),
    }
}

/// What stands between backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// A function of a file of tests.
#[derive(Default)]
struct Function {
    doc: String,
    is_test: bool,
    body: String,
}

/// The functions of a file by name, as the house formats them.
fn functions(source: &str) -> BTreeMap<&str, Function> {
    let (mut found, mut next) = (BTreeMap::new(), Function::default());
    let mut lines = source.lines();
    while let Some(line) = lines.next() {
        let name = line.split_once("fn ").and_then(|(_, rest)| rest.split_once(['(', '<']));
        if let Some(text) = line.strip_prefix("///") {
            next.doc.push_str(text);
        } else if line.starts_with("#[") {
            next.is_test |= line.starts_with("#[test") || line.starts_with("#[tokio::test");
        } else if let Some((name, _)) = name.filter(|_| !line.starts_with([' ', '/'])) {
            let code = lines.by_ref().take_while(|line| *line != "}");
            let code = code.filter(|line| !line.trim_start().starts_with("//"));
            next.body = code.flat_map(|line| [line, "\n"]).collect();
            found.insert(name, std::mem::take(&mut next));
        } else {
            next = Function::default();
        }
    }
    found
}

/// What a test does, with what it has done by other functions of its file.
fn whole(test: &Function, all: &BTreeMap<&str, Function>) -> String {
    let helps = |name: &str, other: &Function| !other.is_test && uses(&test.body, name);
    let helpers = all.iter().filter(|(name, other)| helps(name, other)).map(|(_, other)| other.body.as_str());
    std::iter::once(test.body.as_str()).chain(helpers).collect()
}

/// Whether a name of the table is used: an event as such, a method or a field of something, anything else by its name.
fn shows(body: &str, name: &str) -> bool {
    match name.rsplit_once("::") {
        Some((kind, _)) if kind.ends_with("Event") => uses(body, name),
        Some((_, member)) if member.starts_with(char::is_lowercase) => {
            [format!(".{member}"), format!("::{member}"), format!("{member}:")]
                .iter()
                .any(|use_| uses(body, use_))
        }
        Some((_, member)) => uses(body, member),
        None => uses(body, name),
    }
}

/// Whether something stands there and is no part of a longer word.
fn uses(text: &str, what: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let (begins, ends) = (what.starts_with(is_word), what.ends_with(is_word));
    text.match_indices(what).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + what.len()..]);
        !(begins && before.ends_with(is_word) || ends && after.starts_with(is_word))
    })
}

#[test]
fn every_member_has_its_row() {
    let listed = include_str!("members.txt").lines().map(str::to_owned);
    let rows: Vec<String> = rows().iter().map(|row| format!("{} {}", row.id, row.member)).collect();
    assert_eq!(rows, listed.collect::<Vec<_>>());
}

/// The words of all sources of a directory.
fn words(directory: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            words(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let parts = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            found.extend(parts.map(str::to_owned));
        }
    }
}

#[test]
fn every_name_is_one_of_the_sources() {
    let mut known = BTreeSet::new();
    for directory in ["crates/client/src", "crates/protocol/src"] {
        words(&root().join(directory), &mut known);
    }
    for Row { id, place, .. } in rows() {
        for name in quoted(&place).into_iter().flat_map(|name| name.split("::")) {
            let is_ours = name.contains('.') || known.contains(name);
            assert!(is_ours, "{id}: there is no {name}");
        }
    }
}

#[test]
fn only_what_may_be_put_off_is() {
    let later: BTreeMap<&str, &str> =
        LATER.iter().flat_map(|(group, ids)| ids.split(' ').map(move |id| (id, *group))).collect();
    for row in rows() {
        match later.get(row.id.as_str()) {
            Some(group) => {
                assert_eq!((row.place, row.tests), (format!("later: {group}"), Vec::new()), "{}", row.id);
            }
            None => assert!(
                !row.place.is_empty() && !row.tests.is_empty(),
                "{}: where, and by which test?",
                row.id
            ),
        }
    }
}

#[test]
fn every_test_is_there_and_names_and_uses_what_it_shows() {
    let rows = rows();
    let files: BTreeSet<&PathBuf> = rows.iter().flat_map(|row| &row.tests).map(|(path, _)| path).collect();
    let read = |path: &PathBuf| {
        let path = root().join(path);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let sources: BTreeMap<&PathBuf, String> = files.into_iter().map(|path| (path, read(path))).collect();
    let known: BTreeMap<_, _> = sources.iter().map(|(path, source)| (*path, functions(source))).collect();
    for row in rows.iter().filter(|row| !row.tests.is_empty()) {
        let mut done = String::new();
        for (path, name) in &row.tests {
            let (id, place) = (&row.id, path.display());
            let test = known[path].get(name.as_str()).filter(|function| function.is_test);
            let test = test.unwrap_or_else(|| panic!("{id}: no test {name} in {place}"));
            assert!(uses(&test.doc, id), "{id}: {name} in {place} does not name it");
            done.push_str(&whole(test, &known[path]));
        }
        for name in row.names() {
            assert!(shows(&done, name), "{}: no test of it uses {name}", row.id);
        }
    }
}

#[test]
fn a_name_is_used_by_itself_and_as_what_it_is() {
    let body = "ConversationEvent::ParticipantLeft(gone) => gone.identity(), Flags { can_write: true }";
    assert!(shows(body, "ConversationEvent::ParticipantLeft") && !shows(body, "Event::ParticipantLeft"));
    assert!(shows(body, "Participant::identity") && !shows(body, "Participant::ident"));
    assert!(shows(body, "ParticipantFlags::can_write") && !shows(body, "Event::can"));
    assert!(!shows("let identity = 1;", "Participant::identity"), "a variable of the same name is none");
}
