//! What a measurement leaves: a table for people, a JSON file for comparing.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::SystemTime;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::machine::Machine;
use crate::stats::{median, ratio};

/// The series that all others are divided by.
pub(crate) const OURS: &str = "confab";

/// The runs of one system in one case.
#[derive(Debug)]
pub(crate) struct Series {
    /// What was asked of it; empty where there is one case only.
    pub(crate) case: String,
    /// Who.
    pub(crate) system: String,
    /// Its version.
    pub(crate) version: String,
    runs: Vec<Value>,
}

impl Series {
    /// No runs yet.
    pub(crate) fn new(case: impl Into<String>, system: &str, version: &str) -> Self {
        Self { case: case.into(), system: system.into(), version: version.into(), runs: Vec::new() }
    }

    /// One more run.
    pub(crate) fn push(&mut self, run: &impl Serialize) -> anyhow::Result<()> {
        self.runs.push(serde_json::to_value(run)?);
        Ok(())
    }

    /// Median over the runs.
    fn median(&self, key: &str) -> Option<f64> {
        let values: Vec<f64> = self.runs.iter().filter_map(|run| run.get(key)?.as_f64()).collect();
        (!values.is_empty()).then(|| median(values))
    }

    fn medians(&self) -> Map<String, Value> {
        let keys = self.runs.first().and_then(Value::as_object).into_iter().flat_map(Map::keys);
        keys.filter_map(|key| Some((key.clone(), json!(self.median(key)?)))).collect()
    }
}

/// One measurement of all systems.
#[derive(Debug)]
pub(crate) struct Measurement {
    /// Name of the file.
    pub(crate) name: &'static str,
    /// Heading of the table.
    pub(crate) title: String,
    /// Fields shown, each with its heading.
    pub(crate) columns: &'static [(&'static str, &'static str)],
    /// The field that the systems are compared by.
    pub(crate) compared: &'static str,
    /// All figures.
    pub(crate) series: Vec<Series>,
}

impl Measurement {
    /// Compared figure of a series divided by ours in the same case.
    fn ratio(&self, series: &Series) -> Option<f64> {
        let ours = self.series.iter().find(|other| other.system == OURS && other.case == series.case)?;
        Some(ratio(series.median(self.compared)?, ours.median(self.compared)?))
    }

    /// The table.
    pub(crate) fn table(&self) -> String {
        let mut rows = vec![self.headings()];
        rows.extend(self.series.iter().map(|series| self.row(series)));
        let widths: Vec<usize> = (0..rows[0].len())
            .map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default())
            .collect();
        let mut text = format!("\n{}\n", self.title);
        for row in rows {
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                // Words to the left, figures to the right.
                let cell = if column < 2 { format!("{cell:<width$}") } else { format!("{cell:>width$}") };
                let _ = write!(text, "  {cell}");
            }
            text.truncate(text.trim_end().len());
            text.push('\n');
        }
        text
    }

    fn headings(&self) -> Vec<String> {
        let columns = self.columns.iter().map(|(_, heading)| *heading);
        ["case", "system"].into_iter().chain(columns).chain(["× ours"]).map(str::to_owned).collect()
    }

    fn row(&self, series: &Series) -> Vec<String> {
        let mut row = vec![series.case.clone(), format!("{} {}", series.system, series.version)];
        row.extend(self.columns.iter().map(|(key, _)| series.median(key).map_or_else(String::new, figure)));
        row.push(self.ratio(series).map_or_else(String::new, |ratio| format!("{ratio:.2}")));
        row
    }

    /// Prints the table and writes the file.
    pub(crate) fn publish(&self, machine: &Machine, directory: &Path) -> anyhow::Result<()> {
        std::io::stdout().write_all(self.table().as_bytes())?;
        let series: Vec<Value> = self
            .series
            .iter()
            .map(|series| {
                json!({
                    "case": series.case, "system": series.system, "version": series.version,
                    "median": series.medians(), "ratio": self.ratio(series), "runs": series.runs,
                })
            })
            .collect();
        let at = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
        let file = json!({
            "measurement": self.name, "title": self.title, "at_unix_seconds": at, "machine": machine,
            "compared": self.compared, "series": series,
        });
        let path = directory.join(format!("{}.json", self.name));
        Ok(fs::write(path, serde_json::to_string_pretty(&file)?)?)
    }
}

/// A figure with as many digits as are worth reading.
fn figure(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        0.0 => "0".to_owned(),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_shows_medians_and_the_ratio_to_ours_in_the_same_case() -> anyhow::Result<()> {
        let mut ours = Series::new("calm", OURS, "1");
        let mut peer = Series::new("calm", "peer", "2");
        for (a, b) in [(1.0, 4.0), (2.0, 5.0), (90.0, 3.0)] {
            ours.push(&json!({"p99_ms": a}))?;
            peer.push(&json!({"p99_ms": b}))?;
        }
        let measurement = Measurement {
            name: "test",
            title: "Test".into(),
            columns: &[("p99_ms", "p99 ms")],
            compared: "p99_ms",
            series: vec![ours, peer],
        };
        let table = measurement.table();
        let rows: Vec<&str> = table.lines().skip(2).map(str::trim).collect();
        assert_eq!(rows[1].split_whitespace().collect::<Vec<_>>(), ["calm", "confab", "1", "2.00", "1.00"]);
        assert_eq!(rows[2].split_whitespace().collect::<Vec<_>>(), ["calm", "peer", "2", "4.00", "2.00"]);
        Ok(())
    }
}
