//! Many plans: nothing is lost, doubled, reordered or leaked, and a rule that is broken on purpose is noticed.

use std::fs;
use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use confab_protocol::Call;
use confab_sim::{
    Act, Branch, Broken, Fault, Plan, Size, StoreKind, Tally, Weather, promise_of, run, run_broken, shrink,
    trace,
};

/// Runs that looking for a smaller plan may take.
const RUNS: usize = 300;

/// Runs some seeds, on all processors. One that breaks a promise is shrunk and its plan kept.
fn kept(seeds: Range<u64>, store: StoreKind, size: Size) -> Tally {
    let next = AtomicU64::new(seeds.start);
    let run_some = || {
        let mut tally = Tally::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return tally;
            }
            let plan = Plan { store, ..Plan::draw(seed, size) };
            let outcome = run(&plan);
            tally.add(&outcome);
            if let Err(broken) = outcome {
                report(&plan, &broken);
            }
        }
    };
    let mut tally = Tally::default();
    thread::scope(|scope| {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(run_some)).collect();
        all.into_iter().for_each(|one| tally.merge(one.join().unwrap_or_else(|panic| resume_unwind(panic))));
    });
    tally
}

fn report(plan: &Plan, broken: &Broken) -> ! {
    let seed = plan.seed;
    let (plan, broken) = shrink(plan, broken, RUNS, &run);
    let path = std::env::temp_dir().join(format!("confab-sim-{seed}.json"));
    fs::write(&path, serde_json::to_vec(&plan).expect("a plan can be written")).expect("it can be kept");
    panic!("seed {seed}: {broken}\nagain with: cargo xtask sim --plan {} --trace", path.display());
}

fn often(tally: &Tally, what: &str) -> u64 {
    tally.counts.get(what).copied().unwrap_or(0)
}

#[test]
fn the_same_plan_gives_the_same_run_to_the_byte() {
    let plan = Plan::draw(7, Size::default());
    let (one, two) = (trace(&plan), trace(&plan));
    assert!(one == two && !one.1.is_empty());
    assert_eq!(one.0, run(&plan), "a run does not depend on being written down");
    assert!(trace(&Plan::draw(8, Size::default())).1 != one.1);
}

#[test]
fn both_stores_give_the_same_run() {
    for seed in 0..5 {
        let plan = Plan::draw(seed, Size::default());
        let on_sqlite = Plan { store: StoreKind::Sqlite, ..plan.clone() };
        assert!(trace(&plan) == trace(&on_sqlite), "seed {seed}");
    }
}

#[test]
fn without_faults_everything_arrives() {
    let size = Size { faults: false, ..Size::default() };
    let tally = kept(0..20, StoreKind::Memory, size);
    assert!(tally.messages > 400, "{}", tally.messages);
}

/// Methods that change nothing that is kept.
const KEEPS_NOTHING: [&str; 28] = [
    "hello",
    "ping",
    "token.renew",
    "resume",
    "conversation.list",
    "conversation.get",
    "conversation.get_many",
    "conversation.peek",
    "conversation.list_public",
    "conversation.list_left",
    "conversation.counts",
    "participant.list",
    "participant.list_non_chat",
    "role.list",
    "message.page",
    "message.receipts",
    "event.range",
    "event.replay",
    "unread.get",
    "typing.start",
    "interest.set",
    "presence.subscribe",
    "user.list",
    "user.get",
    "invite.list",
    "device.list",
    "media.urls",
    "media.limits",
];

/// Every act and all weather comes by, every method that changes something is applied, and what is rare comes by too.
#[test]
fn with_every_fault_promises_are_kept() {
    let tally = kept(0..500, StoreKind::Memory, Size::default());
    for what in Act::ALL.iter().map(|act| act.label()).chain(Weather::ALL.iter().map(|one| one.label())) {
        assert!(often(&tally, what) > 2, "“{what}” happened too rarely: {:?}", tally.counts);
    }
    for method in Call::METHODS.iter().filter(|method| !KEEPS_NOTHING.contains(method)) {
        assert!(often(&tally, method) > 2, "{method} was applied too rarely: {:?}", tally.counts);
    }
    for branch in Branch::ALL {
        assert!(
            often(&tally, branch.name()) > 2,
            "{} was taken too rarely: {:?}",
            branch.name(),
            tally.counts
        );
    }
    for what in [
        "client crashed between two effects",
        "server crashed before a commit",
        "server crashed after a commit",
        "commit failed",
        "outbox write failed",
        "bus message lost",
        "frame lost",
        "frame doubled",
        "frame out of order",
        "frame delayed",
        "a new token was lost on its way",
        "refused: token expired",
        "refused: forbidden",
        "refused: not found",
        "probe: lost on the bus",
        "probe: lost by the network",
        "probe: dead connection",
        "a state changed by itself",
        "files uploaded",
        "files uploaded without its being known",
    ] {
        assert!(often(&tally, what) > 10, "“{what}” happened too rarely: {:?}", tally.counts);
    }
}

#[test]
fn on_the_real_database_promises_are_kept() {
    kept(1_000..1_100, StoreKind::Sqlite, Size::default());
}

/// The first seed whose run notices a broken rule by the promise named for it.
fn noticed(fault: Fault) -> Option<Plan> {
    let plans = (0..1_000).map(|seed| Plan::draw(seed, Size::default()));
    let notices =
        |plan: &Plan| run_broken(plan, fault).is_err_and(|broken| broken.promise == promise_of(fault));
    plans.into_iter().find(notices)
}

#[test]
fn every_rule_that_is_broken_is_noticed_by_the_promise_named_for_it() {
    for &fault in Fault::ALL {
        assert!(noticed(fault).is_some(), "{} was broken, and {} held", fault.name(), promise_of(fault));
    }
}

#[test]
fn a_plan_is_shrunk_to_what_still_breaks_the_promise() {
    let fault = Fault::Dedup;
    let plan = noticed(fault).expect("a plan that notices");
    let broken = run_broken(&plan, fault).expect_err("it notices");
    let broken_run = |plan: &Plan| run_broken(plan, fault);
    let (small, how) = shrink(&plan, &broken, RUNS, &broken_run);
    assert!(small.steps.len() * 2 < plan.steps.len(), "{} of {}", small.steps.len(), plan.steps.len());
    assert_eq!(run_broken(&small, fault), Err(how));
    assert!(run(&small).is_ok());
}
