//! A member whose disk has no room any more.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
};

use commonhold_node::devnet::DevnetMember;
use commonhold_sdk::Client;

use crate::nodes::{
    Told, account, command, network, spawn, start, stop, transfer, wait_for_answer,
    wait_for_receipts,
};

/// Mebibytes of the small disk: several times what the member writes in this test.
const DISK_MIB: u32 = 96;

/// A file system of its own in the place of a directory, seen only by what is run in it.
struct Disk {
    holder: Child,
    _alive: ChildStdin,
    dir: PathBuf,
}

impl Disk {
    /// `Err` says why this machine makes none.
    fn mount(dir: &Path) -> Result<Self, String> {
        let script =
            format!("mount -t tmpfs -o size={DISK_MIB}m,mode=700 none \"$0\" && echo ready && cat");
        let mut holder = Command::new("unshare")
            .args(["--map-root-user", "--mount", "sh", "-c", &script])
            .arg(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|e| format!("unshare: {e}"))?;
        let mut line = String::new();
        BufReader::new(holder.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        if line != "ready\n" {
            return Err(format!(
                "a file system cannot be mounted: {}",
                holder.wait().unwrap()
            ));
        }
        Ok(Self {
            _alive: holder.stdin.take().unwrap(),
            holder,
            dir: dir.into(),
        })
    }

    /// The same command, run where the file system is.
    fn inside(&self, command: &Command) -> Command {
        let mut inside = Command::new("nsenter");
        inside
            .arg("--target")
            .arg(self.holder.id().to_string())
            .args(["--user", "--mount", "--preserve-credentials"])
            .arg(command.get_program())
            .args(command.get_args())
            .stdin(Stdio::null());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => inside.env(name, value),
                None => inside.env_remove(name),
            };
        }
        inside
    }

    fn shell(&self, script: &str) -> bool {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).arg(&self.dir);
        self.inside(&shell).status().unwrap().success()
    }

    /// Takes all the room there is.
    fn fill(&self) {
        let script = format!("head -c {DISK_MIB}m /dev/zero > \"$0/filler\"");
        assert!(!self.shell(&script), "the disk has room for all of it");
    }

    fn make_room(&self) {
        assert!(self.shell("rm \"$0/filler\""));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

fn last_line(member: &DevnetMember) -> String {
    let log = fs::read_to_string(member.log_file()).unwrap();
    log.lines().last().unwrap().to_owned()
}

#[test]
fn a_full_disk_stops_one_member_and_loses_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let network = network(dir, 24_600);
    let (others, member) = (&network.members[..3], &network.members[3]);
    fs::create_dir(&member.config.data).unwrap();
    let disk = match Disk::mount(&member.config.data) {
        Ok(disk) => disk,
        Err(why) => {
            // Said past the capture of output: nothing was tested here.
            let _ = writeln!(std::io::stderr(), "not tested, {why}");
            return;
        }
    };
    let small = || spawn(&mut disk.inside(&command(dir, member)), member);
    let mut nodes: Vec<Child> = others.iter().map(|m| start(dir, m)).collect();
    let mut node = small();
    for (node, member) in nodes.iter_mut().zip(others) {
        wait_for_answer(node, member).unwrap();
    }
    wait_for_answer(&mut node, member).unwrap();
    let (client, account) = (Client::new(&others[0].url()).unwrap(), account(0));
    let mut told: Vec<Told> = Vec::new();
    for _ in 0..8 {
        told.push(transfer(&client, &account).unwrap());
    }
    wait_for_receipts(member, &told);
    // There is less than the reserve from the beginning: content is refused, the ledger goes on.
    let mut health = ureq::get(format!("{}/health", member.url()))
        .call()
        .unwrap();
    let health: serde_json::Value = health.body_mut().read_json().unwrap();
    assert_eq!(
        (&health["status"], &health["diskLow"]),
        (&"ok".into(), &true.into())
    );

    disk.fill();
    let ended = loop {
        told.push(transfer(&client, &account).unwrap());
        if let Some(ended) = node.try_wait().unwrap() {
            break ended;
        }
    };
    assert_eq!(ended.code(), Some(3), "{}", last_line(member));
    let full = format!("the disk under {} is full", member.config.data.display());
    assert!(last_line(member).contains(&full), "{}", last_line(member));
    told.push(transfer(&client, &account).unwrap());
    // It does not begin what it cannot go on with.
    let again = small().wait().unwrap();
    assert_eq!(again.code(), Some(3), "{}", last_line(member));
    assert!(last_line(member).contains(&full), "{}", last_line(member));

    disk.make_room();
    node = small();
    wait_for_answer(&mut node, member).unwrap();
    told.push(transfer(&client, &account).unwrap());
    wait_for_receipts(member, &told);
    for node in nodes.iter_mut().chain([&mut node]) {
        stop(node);
    }
}
