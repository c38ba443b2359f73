//! `docs/parity.md` beside the list of what two other systems' client libraries have: every member is somewhere, and the test that is said
//! to show it is there and names it.
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
    test: Option<(PathBuf, String)>,
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
    let [_, id, member, place, test, _] = cells[..] else { panic!("not four cells: {line}") };
    let test = test.trim_matches('`').split_once("::");
    Row {
        id: id.to_owned(),
        member: member.to_owned(),
        place: place.to_owned(),
        test: test.map(|(path, name)| (path.into(), name.to_owned())),
    }
}

/// The doc comments of the tests of a file, by name.
fn tests_of(source: &str) -> BTreeMap<&str, String> {
    let (mut found, mut doc, mut is_test) = (BTreeMap::new(), String::new(), false);
    for line in source.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("///") {
            doc.push_str(text);
        } else if line.starts_with("#[test") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if !line.starts_with("#[") {
            let name = line.split_once("fn ").and_then(|(_, rest)| rest.split_once('('));
            if let (true, Some((name, _))) = (is_test, name) {
                found.insert(name, std::mem::take(&mut doc));
            }
            (doc, is_test) = (String::new(), false);
        }
    }
    found
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
        for name in place.split('`').skip(1).step_by(2).flat_map(|name| name.split("::")) {
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
            Some(group) => assert_eq!((row.place, row.test), (format!("later: {group}"), None), "{}", row.id),
            None => {
                assert!(!row.place.is_empty() && row.test.is_some(), "{}: where, and by which test?", row.id);
            }
        }
    }
}

#[test]
fn every_test_is_there_and_names_what_it_shows() {
    let rows = rows();
    let files: BTreeSet<&PathBuf> = rows.iter().filter_map(|row| Some(&row.test.as_ref()?.0)).collect();
    let read = |path: &PathBuf| {
        let path = root().join(path);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let sources: BTreeMap<&PathBuf, String> = files.into_iter().map(|path| (path, read(path))).collect();
    let tests: BTreeMap<_, _> = sources.iter().map(|(path, source)| (*path, tests_of(source))).collect();
    for Row { id, test, .. } in &rows {
        let Some((path, name)) = test else { continue };
        let doc = tests[path].get(name.as_str());
        let doc = doc.unwrap_or_else(|| panic!("{id}: no test {name} in {}", path.display()));
        let names_it = doc.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == id);
        assert!(names_it, "{id}: {name} in {} does not name it", path.display());
    }
}
