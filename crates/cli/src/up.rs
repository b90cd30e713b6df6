//! `commonhold up`: a whole network on this machine, one process per member.

use std::{
    fs::{self, File, TryLockError},
    net::TcpListener,
    num::NonZeroU64,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use commonhold_node::{
    config::ENV_PREFIX,
    devnet::{self, Devnet, DevnetMember, Options},
    keys,
};
use commonhold_primitives::limits::{EPOCH_BLOCKS_DEFAULT, EPOCH_BLOCKS_MIN};
use tokio::{
    process::Command,
    signal::unix::{SignalKind, signal},
    task::JoinHandle,
    time::Instant,
};

use crate::{
    exit::Failure,
    limits::{NODE_LOG_BYTES_MAX, START_MAX_S},
    output::Output,
};

mod banner;
mod samples;
mod starting;
mod supervise;

use samples::Samples;
use starting::Starting;
use supervise::{Event, Supervisor};

/// Run a whole network on this machine; the second time, resume it.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many members [default: 4, or as many as the network to resume has].
    #[arg(long, value_name = "N")]
    members: Option<u32>,
    /// Where the network is kept.
    #[arg(long, value_name = "DIR", default_value = "data")]
    dir: PathBuf,
    /// Begin anew: remove the network that DIR holds.
    #[arg(long)]
    fresh: bool,
    /// Put in samples to look at.
    #[arg(long)]
    samples: bool,
    /// HTTP ports from N on and ports for members from N+100 on, for a new network [default: 8545
    /// and 9701]. Ports in use are passed over.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=65_000))]
    port_base: Option<u16>,
    /// Milliseconds between blocks when there is nothing to do, for a new network.
    #[arg(long, value_name = "MS", default_value_t = 1_000)]
    heartbeat: u64,
    /// Blocks of an epoch of a new network: how often the members deal the shares of the network key anew,
    /// and can change.
    #[arg(
        long,
        value_name = "N",
        default_value_t = EPOCH_BLOCKS_DEFAULT,
        value_parser = clap::value_parser!(u64).range(EPOCH_BLOCKS_MIN..)
    )]
    epoch_blocks: u64,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let _lock = lock(&args.dir)?;
    let net = prepare(args, out)?;
    for member in &net.members {
        check_ports(member)?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(keep_up(args, &net, out))
}

/// Holds the directory against a second `up`. The lock ends with the process, however it ends.
fn lock(dir: &Path) -> eyre::Result<File> {
    devnet::open(dir)?;
    keys::create_private_dir(dir)?;
    let path = devnet::lock_file(dir);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let why = format!(
                "another `commonhold up` is running the network in {}",
                dir.display()
            );
            Err(Failure::Refused(why).into())
        }
        Err(TryLockError::Error(e)) => Err(e.into()),
    }
}

fn prepare(args: &Args, out: &Output) -> eyre::Result<Devnet> {
    let dir = args.dir.display();
    if args.fresh {
        devnet::wipe(&args.dir)?;
    }
    if let Some(net) = devnet::open(&args.dir)? {
        let has = net.members.len();
        if let Some(wanted) = args.members.filter(|wanted| *wanted as usize != has) {
            let why = format!(
                "the network in {dir} has {has} members, not {wanted}; --fresh begins anew, another \
                 --dir keeps it"
            );
            return Err(Failure::Usage(why).into());
        }
        out.say(format!("Resuming the network of {has} members in {dir}"));
        return Ok(net);
    }
    let mut options = Options {
        heartbeat_ms: args.heartbeat,
        epoch_blocks: NonZeroU64::new(args.epoch_blocks).unwrap_or(NonZeroU64::MAX),
        ..Default::default()
    };
    options.members = args.members.unwrap_or(options.members);
    if let Some(base) = args.port_base {
        (options.http_port, options.p2p_port) = (base, base.saturating_add(100));
    }
    let net = devnet::create(&args.dir, &options)?;
    out.say(format!(
        "Created a network of {} members in {dir}",
        net.members.len()
    ));
    if !net.taken_ports.is_empty() {
        let taken: Vec<String> = net.taken_ports.iter().map(u16::to_string).collect();
        out.say(format!(
            "Ports in use by other programs were passed over: {}",
            taken.join(", ")
        ));
    }
    Ok(net)
}

fn check_ports(member: &DevnetMember) -> Result<(), Failure> {
    for address in [member.config.http.listen, member.config.p2p.listen] {
        if let Err(e) = TcpListener::bind(address) {
            let why = format!("{} cannot listen on {address}: {e}", member.name);
            return Err(Failure::Unavailable(why));
        }
    }
    Ok(())
}

/// The command that runs a member: this very program, logging to the member's file.
fn command(program: &Path, member: &DevnetMember) -> std::io::Result<Command> {
    let log = File::options()
        .create(true)
        .append(true)
        .open(member.log_file())?;
    let mut command = Command::new(program);
    // What is set for this program's other verbs, or for one node, is not for every member.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with(ENV_PREFIX) {
            command.env_remove(name);
        }
    }
    command
        .args(["node", "--stop-with-stdin", "--config"])
        .arg(&member.config_file)
        .stdin(Stdio::piped())
        .stdout(log.try_clone()?)
        .stderr(log)
        // Ctrl-C at the terminal is for this process, which then stops the members in order.
        .process_group(0)
        .kill_on_drop(true);
    Ok(command)
}

async fn keep_up(args: &Args, net: &Devnet, out: &mut Output) -> eyre::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let program = std::env::current_exe()?;
    let mut supervisor = Supervisor::new();
    for (i, member) in net.members.iter().enumerate() {
        set_log_aside(member)?;
        let (program, member) = (program.clone(), member.clone());
        supervisor.keep(i, move || command(&program, &member));
    }
    let mut started = Starting::new(net, out);
    let deadline = Instant::now() + Duration::from_secs(START_MAX_S);
    let mut filling: Option<Filling> = None;
    let (mut all_up, mut shown) = (false, false);
    let result = loop {
        tokio::select! {
            biased;
            _ = interrupt.recv() => break Ok(()),
            _ = terminate.recv() => break Ok(()),
            event = supervisor.next() => {
                let given_up = event.given_up();
                if let Err(failure) = report(net, event, out) {
                    // What is wrong with a member's settings is mended first; a member whose files
                    // are damaged is missed no more than one that is away.
                    let can_go_on = if all_up {
                        supervisor.kept() > 0
                    } else {
                        matches!(failure, Failure::Integrity(_))
                            && supervisor.kept() >= quorum(net.members.len())
                    };
                    if !can_go_on {
                        break Err(failure.into());
                    }
                    out.say(format!("{failure}. The others go on without it"));
                    if let Some(member) = given_up {
                        started.leave_out(member);
                    }
                }
            }
            healthy = started.next(), if !all_up => {
                all_up = healthy;
                for member in started.gone().await {
                    let name = net.members.get(member).map_or("a member", |m| m.name.as_str());
                    out.say(format!(
                        "{name} is no member any more, or has another key by now: its node stands still. The \
                         others go on without it"
                    ));
                    started.leave_out(member);
                }
                if all_up {
                    started.finish();
                    filling = Some(fill(args, net, &started.running(), out));
                } else if Instant::now() > deadline {
                    break Err(started.late(net).into());
                }
            }
            filled = ended(&mut filling), if all_up && !shown => {
                shown = true;
                let samples = filled.unwrap_or_else(|why| {
                    out.say(format!("The samples could not be put in: {why}"));
                    Samples::default()
                });
                if let Err(e) = banner::show(args, net, &started.running(), samples, out) {
                    break Err(e);
                }
            }
        }
    };
    started.finish();
    out.say("Stopping the members");
    tokio::select! {
        () = supervisor.stop() => {}
        () = async { tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} } } => {
            out.say("Killing the members");
            supervisor.kill().await;
        }
    }
    for member in &net.members {
        let _ = fs::remove_file(pid_file(member));
    }
    if result.is_ok() {
        out.say(format!(
            "Stopped; `commonhold up --dir {}` resumes",
            args.dir.display()
        ));
    }
    result
}

/// Samples on their way into the network.
type Filling = JoinHandle<eyre::Result<Samples>>;

/// Starts putting the samples in, where they are wanted.
fn fill(args: &Args, net: &Devnet, running: &[bool], out: &Output) -> Filling {
    let mut members = net.members.iter().zip(running);
    let member = members
        .find(|(_, running)| **running)
        .map(|(member, _)| member.clone())
        .filter(|_| args.samples);
    if member.is_some() {
        out.say("Putting the samples in");
    }
    let (dir, net) = (args.dir.clone(), net.clone());
    tokio::task::spawn_blocking(move || {
        member.map_or_else(
            || Ok(Samples::default()),
            |member| samples::put(&dir, &net, &member),
        )
    })
}

async fn ended(filling: &mut Option<Filling>) -> Result<Samples, String> {
    match filling {
        None => Ok(Samples::default()),
        Some(handle) => match handle.await {
            Ok(Ok(samples)) => Ok(samples),
            Ok(Err(e)) => Err(format!("{e:#}")),
            Err(e) => Err(e.to_string()),
        },
    }
}

/// How many of `members` make blocks: all but the third that may fail.
const fn quorum(members: usize) -> usize {
    members - members.saturating_sub(1) / 3
}

/// Says what happened to a member. An error where the member is given up.
fn report(net: &Devnet, event: Event, out: &Output) -> Result<(), Failure> {
    let name = |i: usize| net.members.get(i).map_or("a member", |m| m.name.as_str());
    let log = |i: usize| {
        let path = net
            .members
            .get(i)
            .map(DevnetMember::log_file)
            .unwrap_or_default();
        let last = last_line(&path)
            .map(|line| format!(": {line}"))
            .unwrap_or_default();
        format!("see {}{last}", path.display())
    };
    match event {
        Event::Restarting {
            member,
            status,
            delay,
        } => {
            let seconds = delay.as_secs_f64();
            out.say(format!(
                "{} ended ({status}); restarting in {seconds:.1} s",
                name(member)
            ));
            Ok(())
        }
        Event::Started {
            member,
            pid,
            restarts,
        } => {
            if let Some(kept) = net.members.get(member) {
                // For people who want to look at the process, or to kill it and see what happens.
                let _ = fs::write(pid_file(kept), format!("{pid}\n"));
            }
            if restarts > 0 {
                out.say(format!("{} is running again (process {pid})", name(member)));
            }
            Ok(())
        }
        Event::GivenUp {
            member,
            status,
            code,
        } => {
            let why = format!("{} cannot run ({status}); {}", name(member), log(member));
            Err(match code {
                Some(4) => Failure::Integrity(why),
                Some(2) => Failure::Usage(why),
                _ => Failure::Unavailable(why),
            })
        }
    }
}

fn pid_file(member: &DevnetMember) -> PathBuf {
    member.dir.join("node.pid")
}

fn last_line(path: &Path) -> Option<String> {
    use std::io::{Read as _, Seek as _, SeekFrom};
    let mut file = File::open(path).ok()?;
    let from = file.metadata().ok()?.len().saturating_sub(2_000);
    file.seek(SeekFrom::Start(from)).ok()?;
    let mut bytes = Vec::new();
    file.take(2_000).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let line = text.lines().rfind(|line| !line.trim().is_empty())?;
    Some(line.trim().escape_debug().to_string())
}

fn set_log_aside(member: &DevnetMember) -> std::io::Result<()> {
    let path = member.log_file();
    match fs::metadata(&path) {
        Ok(metadata) if metadata.len() > NODE_LOG_BYTES_MAX => {
            fs::rename(&path, path.with_extension("log.1"))
        }
        _ => Ok(()),
    }
}
