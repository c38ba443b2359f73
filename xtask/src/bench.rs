//! `cargo xtask bench`: measures Confab beside its peers and beside an empty window.

use anyhow::Result;
use clap::Args;

use crate::command::Run;
use crate::packages::Purpose;
use crate::{build, layout, packages, say};

/// What is measured, and for how long.
#[derive(Args)]
pub(crate) struct Choice {
    /// Only these measurements: calls, large, crowd, app, stock, memory, latency, durable.
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    only: Vec<String>,
    /// Only these servers: confab, ejabberd, prosody.
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    systems: Vec<String>,
    /// Length of each run, in seconds.
    #[arg(long, value_name = "N")]
    seconds: Option<u64>,
    /// Runs of each case; their median counts.
    #[arg(long, value_name = "N")]
    rounds: Option<u32>,
}

impl Choice {
    fn has(names: &[String], name: &str) -> bool {
        names.is_empty() || names.iter().any(|other| other == name)
    }

    fn wants_app(&self) -> bool {
        Self::has(&self.only, "app")
    }

    fn wants_servers(&self) -> bool {
        ["memory", "latency", "durable"].iter().any(|name| Self::has(&self.only, name))
    }

    fn peers(&self) -> Vec<&'static str> {
        let peers = ["ejabberd", "prosody"].into_iter();
        peers.filter(|peer| self.wants_servers() && Self::has(&self.systems, peer)).collect()
    }

    /// As the measuring program takes them.
    fn arguments(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        for (name, values) in [("--only", &self.only), ("--systems", &self.systems)] {
            if !values.is_empty() {
                arguments.extend([name.to_owned(), values.join(",")]);
            }
        }
        let numbers = [("--seconds", self.seconds), ("--rounds", self.rounds.map(u64::from))];
        for (name, number) in numbers.into_iter().filter_map(|(name, number)| Some((name, number?))) {
            arguments.extend([name.to_owned(), number.to_string()]);
        }
        arguments
    }
}

/// Builds as for a release, installs the peers that are missing, and measures.
pub(crate) fn run(choice: &Choice) -> Result<()> {
    packages::ensure_peers(&choice.peers())?;
    if Choice::has(&choice.only, "stock") {
        crate::test::install_stock()?;
    }
    let mut parts = vec!["confab-server", "confab-bench"];
    if choice.wants_app() {
        packages::ensure(Purpose::Test)?;
        build::programs(true)?;
        parts.push("confab-empty-window");
    }
    let packages: Vec<&str> = parts.iter().flat_map(|part| ["--package", *part]).collect();
    Run::cargo().args(&["build", "--release", "--bins"]).args(&packages).run()?;
    let results = layout::root().join("target/bench");
    let arguments = choice.arguments();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let bench = Run::new(layout::built("release", "confab-bench")).args(&["--out"]).path(&results);
    bench.args(&arguments).unbounded().run()?;
    say::say(&format!("Written: {}/*.json", results.display()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(only: &[&str], systems: &[&str]) -> Choice {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Choice { only: owned(only), systems: owned(systems), seconds: Some(5), rounds: None }
    }

    #[test]
    fn peers_are_asked_for_only_where_they_are_measured() {
        assert_eq!(choice(&[], &[]).peers(), ["ejabberd", "prosody"]);
        assert_eq!(choice(&["latency"], &["confab", "prosody"]).peers(), ["prosody"]);
        assert!(choice(&["app"], &[]).peers().is_empty());
        assert!(!choice(&["latency"], &[]).wants_app());
    }

    #[test]
    fn the_choice_is_passed_on() {
        let arguments = choice(&["latency", "durable"], &[]).arguments();
        assert_eq!(arguments, ["--only", "latency,durable", "--seconds", "5"]);
    }
}
