//! Two people, one server, virtual time, crashes around each commit.

use std::collections::BTreeMap;

use confab_sim::{Plan, Report, run};

fn kept(plan: Plan) -> Report {
    run(plan).unwrap_or_else(|violation| {
        let path = std::env::temp_dir().join(format!("confab-sim-{}.trace", violation.seed));
        std::fs::write(&path, &violation.trace).expect("the trace can be kept");
        panic!("seed {}: {}\nthe trace is in {}", violation.seed, violation.what, path.display())
    })
}

#[test]
fn the_same_seed_gives_the_same_run_to_the_byte() {
    let plan = Plan { seed: 7, clients: 2, acts: 150, faults: true };
    let (one, two) = (kept(plan), kept(plan));
    assert!(one.trace == two.trace && one == two);
    assert_ne!(one.trace, kept(Plan { seed: 8, ..plan }).trace);
}

#[test]
fn without_faults_everything_arrives() {
    for seed in 0..20 {
        let report = kept(Plan { seed, clients: 2, acts: 120, faults: false });
        assert!(report.messages > 10, "seed {seed}: {}", report.messages);
    }
}

#[test]
fn with_crashes_and_cuts_nothing_is_lost_doubled_or_reordered() {
    let mut counts = BTreeMap::new();
    for seed in 0..100 {
        let report = kept(Plan { seed, clients: 2, acts: 120, faults: true });
        for (what, times) in report.counts {
            *counts.entry(what).or_insert(0) += times;
        }
    }
    for what in
        ["client crashed", "connection cut", "server crashed before commit", "server crashed after commit"]
    {
        assert!(counts.get(what).is_some_and(|times| *times > 20), "{what} happened too rarely: {counts:?}");
    }
}

#[test]
fn a_second_computer_of_the_same_person_agrees() {
    for seed in 1_000..1_060 {
        kept(Plan { seed, clients: 3, acts: 120, faults: true });
    }
}
