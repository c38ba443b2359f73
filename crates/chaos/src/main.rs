//! `confab-chaos`: breaks real processes for a time, and says what was lost, doubled and reordered.

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    linux::main()
}

#[cfg(not(target_os = "linux"))]
fn main() -> anyhow::Result<()> {
    anyhow::bail!("processes are broken on Linux only")
}

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::OsString;
    use std::io::Write as _;
    use std::path::PathBuf;
    use std::process::ExitCode;
    use std::time::Duration;

    use anyhow::{Context as _, Result};
    use clap::{Parser, Subcommand};
    use confab_chaos::{Plan, leash, seat};

    /// Breaks real processes of Confab for a time, and compares what is left.
    #[derive(Parser)]
    #[command(name = "confab-chaos")]
    struct Arguments {
        #[command(subcommand)]
        part: Option<Part>,
        /// How long people act and things break.
        #[arg(long, value_name = "N", default_value_t = 60)]
        seconds: u64,
        /// Where the choices come from; a random one when it is not given.
        #[arg(long, value_name = "S")]
        seed: Option<u64>,
        /// Devices; two belong to each person.
        #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u32).range(2..=32))]
        clients: u32,
        /// Where logs and directories of a run that fails are kept; the system's place for what is temporary by default.
        #[arg(long, value_name = "DIR")]
        evidence: Option<PathBuf>,
    }

    #[derive(Subcommand)]
    enum Part {
        /// Runs a program that ends when its parent does.
        #[command(hide = true)]
        Leash {
            /// The program and its arguments.
            #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
            command: Vec<OsString>,
        },
        /// A client without a window: orders come in as lines, what it shows goes out.
        #[command(hide = true)]
        Client(seat::Seat),
    }

    pub(super) fn main() -> ExitCode {
        let mut arguments = Arguments::parse();
        let done = match arguments.part.take() {
            Some(Part::Leash { command }) => leash::exec(&command),
            Some(Part::Client(seat)) => seat::run(seat),
            None => chaos(arguments),
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                // Where even that cannot be written, the exit code is left to say it.
                let _ = writeln!(std::io::stderr(), "confab-chaos: {error:#}");
                ExitCode::FAILURE
            }
        }
    }

    fn chaos(arguments: Arguments) -> Result<()> {
        let this = std::env::current_exe()?;
        let beside = this.parent().context("a program lies in a directory")?;
        let plan = Plan {
            seconds: Duration::from_secs(arguments.seconds),
            seed: arguments.seed.unwrap_or_else(confab_chaos::fresh_seed),
            clients: arguments.clients,
            server: beside.join("confab-server"),
            evidence: arguments.evidence.unwrap_or_else(|| std::env::temp_dir().join("confab-chaos")),
            this: this.clone(),
        };
        let tally = confab_chaos::run(&plan)?;
        writeln!(std::io::stdout(), "{tally}")?;
        Ok(())
    }
}
