//! An attacker's afternoon, against a real master's socket: refused, bounded, recorded; honest slaves go on.

use std::env;
use std::fs::{self, Permissions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio, exit};
use std::time::{Duration, Instant};

use lotbridge::domain::{CopyId, Login, OrderResult, PoolTag, Position, PositionId, Retcode};
use lotbridge::ffi::LbMasterStatus;
use lotbridge::ffi::ea::{MasterEa, SlaveEa, exact_lots};
use lotbridge::protocol::{Nonce, Refusal, Secret, SlaveEvent, SlaveSession, ToHub, ToSlave};
use lotbridge::replication::{InstructionId, Outcome, Report};
use tempfile::TempDir;

use super::random::Random;
use super::{attack, config, frame, meet, next_order, parse, position, snapshot};

/// Tells a process of the attacker's where the socket is.
const SOCKET: &str = "LOTBRIDGE_ATTACKED_SOCKET";
/// Connections of one process of the attacker's, and how many such processes there are: a thousand connections.
const HELD: (usize, usize) = (250, 4);
/// Connections without proof that the master keeps at once.
const UNPROVED_MOST: usize = 256;
/// The user that most systems call `nobody`.
const NOBODY: u32 = 65_534;

/// A master with one honest slave that is connected; account 2002 is a member, too.
struct Field {
    folder: TempDir,
    config: String,
    master: MasterEa,
    honest: SlaveEa,
    theirs: Vec<Position>,
    ours: Vec<Position>,
}

impl Field {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config =
            config(folder.path(), "right").replace(r#"{"login":2001"#, r#"{"login":2002},{"login":2001"#);
        assert!(config.contains("2002"), "{config}");
        let master = MasterEa::open(&config).unwrap();
        let honest = SlaveEa::open(&config, 2001).unwrap();
        meet(&honest, &snapshot(2001, vec![]));
        master.commit(&snapshot(1001, vec![])).unwrap();
        Self { folder, config, master, honest, theirs: vec![], ours: vec![] }
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("sockets/master-1001.sock")
    }

    /// A trade of the master's, copied by the honest slave.
    fn trade(&mut self) {
        let id = self.theirs.len() as u64 + 1;
        self.theirs.push(position(id, "0.10", 0));
        self.master.commit(&snapshot(1001, self.theirs.clone())).unwrap();
        let order = next_order(&self.honest, &snapshot(2001, self.ours.clone()));
        let lots = exact_lots(order.lots).unwrap();
        assert_eq!(lots, "0.15".parse().unwrap());
        let ticket = 100 + id;
        let price = "4000".parse().unwrap();
        let done = OrderResult { retcode: Retcode::DONE, deal: ticket, ticket, lots, price };
        self.honest.report(order.instruction, &done).unwrap();
        self.ours.push(position(ticket, "0.15", order.magic));
        self.honest.commit(&snapshot(2001, self.ours.clone())).unwrap();
    }

    /// Waits until the master's numbers are so.
    fn until(&self, so: impl Fn(&LbMasterStatus) -> bool) -> LbMasterStatus {
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            let status = self.master.wait(0).unwrap();
            if so(&status) {
                return status;
            }
            assert!(Instant::now() < until, "{status:?}\n{}", self.alerts());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn refused(&self) -> u64 {
        self.master.wait(0).unwrap().refused
    }

    fn alerts(&self) -> String {
        self.master.alerts().unwrap().join("\n")
    }

    /// This test program, running one test in a process of its own.
    fn helper(&self, program: &Path, test: &str) -> Command {
        let mut command = Command::new(program);
        command.args(["--exact", test, "--nocapture"]).env(SOCKET, self.socket());
        command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped());
        command
    }
}

/// A slave's end that does by hand what a slave's node does.
struct Raw {
    stream: UnixStream,
    session: SlaveSession,
    /// All that was sent.
    sent: Vec<u8>,
}

impl Raw {
    fn new(socket: &Path, secret: &str, login: u64) -> Self {
        let stream = UnixStream::connect(socket).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let session = SlaveSession::new(Secret::new(secret), Login(login), Nonce([9; 32]));
        Self { stream, session, sent: vec![] }
    }

    fn send(&mut self, message: &ToHub) {
        let start = self.sent.len();
        self.session.write(message, &mut self.sent).unwrap();
        self.stream.write_all(&self.sent[start..]).unwrap();
    }

    fn next(&mut self) -> SlaveEvent {
        loop {
            if let Some(event) = self.session.next_event().unwrap() {
                return event;
            }
            let bytes = self.stream.read(self.session.reader().space()).unwrap();
            assert!(bytes > 0, "the master closed");
            self.session.reader().filled(bytes);
        }
    }

    /// Says hello, and waits for the challenge; the proof is in hand.
    fn challenged(socket: &Path, secret: &str) -> (Self, ToHub) {
        let mut raw = Self::new(socket, secret, 2002);
        let hello = raw.session.hello();
        raw.send(&hello);
        let SlaveEvent::Reply(proof) = raw.next() else { panic!("no challenge") };
        (raw, proof)
    }

    /// A whole handshake.
    fn open(socket: &Path) -> Self {
        let (mut raw, proof) = Self::challenged(socket, "right");
        raw.send(&proof);
        assert_eq!(raw.next(), SlaveEvent::Opened);
        raw
    }

    /// Sends bytes, and reads until the master closes; how many bytes it answered.
    fn end_with(mut self, bytes: &[u8]) -> usize {
        let _ = self.stream.write_all(bytes);
        let mut answer = Vec::new();
        match self.stream.read_to_end(&mut answer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => panic!("still open after {bytes:?}"),
            _ => answer.len(),
        }
    }
}

/// Is this the attacker's process? Then the socket.
fn attacked() -> Option<PathBuf> {
    env::var_os(SOCKET).map(PathBuf::from)
}

#[test]
fn another_user_of_the_machine_gets_in_nowhere() {
    if let Some(socket) = attacked() {
        exit(match UnixStream::connect(socket) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => 10,
            Err(error) => panic!("{error}"),
            Ok(mut stream) => match stream.read(&mut [0; 64]) {
                Ok(0) => 11,
                other => panic!("{other:?}"),
            },
        });
    }
    let mut field = Field::new();
    let sockets = field.folder.path().join("sockets");
    let mode = |path: &Path| fs::symlink_metadata(path).unwrap().mode() & 0o7777;
    let lock = sockets.join("master-1001.lock");
    assert_eq!((mode(&sockets), mode(&field.socket()), mode(&lock)), (0o700, 0o600, 0o600));
    if fs::metadata(&lock).unwrap().uid() != 0 {
        println!("not root: no process of another user could be started, only the modes were looked at");
        return;
    }
    let open = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    let program = field.folder.path().join("attacker");
    fs::copy(env::current_exe().unwrap(), &program).unwrap();
    open(&program, 0o755);
    open(field.folder.path(), 0o755);
    let attempt = |field: &Field| {
        let mut command = field.helper(&program, "attacker::another_user_of_the_machine_gets_in_nowhere");
        command.uid(NOBODY).gid(NOBODY).output().unwrap().status.code()
    };
    assert_eq!(attempt(&field), Some(10), "the folder keeps everybody else out");
    assert_eq!(field.refused(), 0);

    // Somebody opened folder and socket to all: the master looks at who it is.
    open(&sockets, 0o755);
    open(&field.socket(), 0o666);
    assert_eq!(attempt(&field), Some(11), "closed without a word");
    assert_eq!(field.refused(), 1);
    assert!(field.alerts().contains("65534"), "{}", field.alerts());
    field.trade();
}

#[test]
fn a_handshake_that_was_overheard_opens_nothing_again() {
    let mut field = Field::new();
    let overheard = Raw::open(&field.socket());
    field.until(|status| status.slaves_connected == 2);
    let again = attack(&field.socket(), &overheard.sent);
    let ToSlave::Challenge { .. } = parse(&again) else { panic!("{again:?}") };
    let length = u32::from_le_bytes(*again.first_chunk().unwrap()) as usize + 8;
    let mut refused = again[length..].to_vec();
    refused[4..8].copy_from_slice(&1_u32.to_le_bytes());
    assert_eq!(parse(&refused), ToSlave::Refused(Refusal::Secret));
    // Nor does it end the session that it was taken from.
    let status = field.until(|status| status.refused == 1);
    assert_eq!(status.slaves_connected, 2);
    assert!(field.alerts().contains("account 2002 (as it says) has another secret"), "{}", field.alerts());
    field.trade();
}

#[test]
fn garbage_in_every_state_ends_that_connection_only() {
    let mut field = Field::new();
    let socket = field.socket();
    let mut refused = 0;
    for seed in 0..40 {
        let mut random = Random::new(seed);
        for number in 1..=3_u32 {
            let bytes = garbage(&mut random, number, number == 3);
            let answered = match number {
                1 => attack(&socket, &bytes).len(),
                2 => Raw::challenged(&socket, "right").0.end_with(&bytes),
                _ => Raw::open(&socket).end_with(&bytes),
            };
            refused += 1;
            assert_eq!(answered, 0, "seed {seed}, state {number}: answered {bytes:?}");
            assert_eq!(
                field.refused(),
                refused,
                "seed {seed}, state {number}: {bytes:?}\n{}",
                field.alerts()
            );
        }
    }
    // Whole messages out of their turn, a wrong proof, none at all.
    let hello = frame(&ToHub::Hello { version: 0, login: Login(2002), nonce: [1; 32] });
    let copy = CopyId::new(PoolTag(1), PositionId(1));
    let report = Report { instruction: InstructionId(7), copy, outcome: Outcome::AlreadyDone };
    assert_eq!(Raw::new(&socket, "right", 2002).end_with(&frame(&ToHub::Report(report))), 0);
    let mut late = Raw::open(&socket);
    late.send(&ToHub::Proof { mac: [0; 32] });
    assert_eq!(late.end_with(&hello), 0);
    let (mut wrong, _) = Raw::challenged(&socket, "right");
    wrong.send(&ToHub::Proof { mac: [0; 32] });
    assert!(wrong.end_with(&[]) > 0, "told why");
    drop(Raw::challenged(&socket, "right"));
    let status = field.until(|status| status.refused == refused + 4);
    assert_eq!(status.slaves_connected, 1);
    assert_eq!(status.alerts, 4, "a line for each reason:\n{}", field.alerts());
    assert!(field.alerts().contains("left without proof"), "{}", field.alerts());
    field.trade();
}

/// Bytes that are no message in the state in which frame `number` is due.
fn garbage(random: &mut Random, number: u32, proved: bool) -> Vec<u8> {
    let most = if proved { 4 << 20 } else { 512 };
    let length = random.below(200) + 1;
    let mut bytes: Vec<u8> = (0..length).map(|_| u8::try_from(random.below(256)).unwrap()).collect();
    let (said, numbered) = match random.below(4) {
        // A frame of 4 GB; one that is just too long; one that is out of order; one that is no message.
        0 => (u32::MAX, number),
        1 => (most + 1, number),
        2 => (u32::try_from(length).unwrap(), number + 1),
        _ => {
            bytes[0] = 200;
            (u32::try_from(length).unwrap(), number)
        }
    };
    [&said.to_le_bytes()[..], &numbered.to_le_bytes(), &bytes].concat()
}

#[test]
fn a_byte_a_second_is_given_five_seconds() {
    let mut field = Field::new();
    let (socket, start) = (field.socket(), Instant::now());
    let hello = Raw::new(&socket, "right", 2002).session.hello();
    let mut slow = UnixStream::connect(&socket).unwrap();
    slow.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let bytes = frame(&hello);
    let mut sent = 0;
    loop {
        let _ = slow.write_all(&bytes[sent..=sent]);
        sent += 1;
        match slow.read(&mut [0; 64]) {
            Ok(0) => break,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => break,
            other => panic!("{other:?}"),
        }
        assert!(sent < 30, "still open");
        field.trade();
    }
    assert!(start.elapsed() >= Duration::from_millis(4_900), "{:?}", start.elapsed());
    assert_eq!(field.refused(), 1);
    assert!(field.alerts().contains("did not prove within 5000 ms"), "{}", field.alerts());
}

#[test]
fn a_thousand_connections_at_once_keep_nobody_out() {
    if let Some(socket) = attacked() {
        hold_connections(&socket);
    }
    let mut field = Field::new();
    let program = env::current_exe().unwrap();
    let mut attackers: Vec<(Child, BufReader<ChildStdout>)> = (0..HELD.1)
        .map(|_| {
            let mut command =
                field.helper(&program, "attacker::a_thousand_connections_at_once_keep_nobody_out");
            let mut child = command.spawn().unwrap();
            let lines = BufReader::new(child.stdout.take().unwrap());
            (child, lines)
        })
        .collect();
    for (_, lines) in &mut attackers {
        wait_for_line(lines, "held");
    }
    // The thousand are there, as many as the master keeps; a slave that comes now is let in, and trades go on.
    let crowded = (HELD.0 * HELD.1 - UNPROVED_MOST) as u64;
    field.until(|status| status.refused == crowded);
    let newcomer = SlaveEa::open(&field.config, 2002).unwrap();
    meet(&newcomer, &snapshot(2002, vec![]));
    field.trade();
    let status = field.until(|status| status.slaves_connected == 2);
    assert!(status.refused <= crowded + 1, "{status:?}");
    assert_eq!(status.alerts, 1, "{}", field.alerts());
    assert!(field.alerts().contains("connections were refused since"), "{}", field.alerts());
    // Five seconds later all of them are gone.
    let all = (HELD.0 * HELD.1) as u64;
    field.until(|status| status.refused == all);
    for (child, lines) in &mut attackers {
        drop(child.stdin.take());
        wait_for_line(lines, "closed 250");
        assert!(child.wait().unwrap().success());
    }
    field.trade();
}

/// The attacker's process: connects, says so, and looks at the end how many of them the master has closed.
fn hold_connections(socket: &Path) -> ! {
    let held: Vec<UnixStream> = (0..HELD.0).map(|_| UnixStream::connect(socket).unwrap()).collect();
    println!("\nheld");
    let _ = io::stdin().read_to_end(&mut Vec::new());
    let closed = held.iter().filter(|stream| {
        stream.set_nonblocking(true).unwrap();
        matches!((&**stream).read(&mut [0; 8]), Ok(0))
    });
    println!("\nclosed {}", closed.count());
    exit(0)
}

fn wait_for_line(lines: &mut impl BufRead, wanted: &str) {
    let found = lines.lines().map(Result::unwrap).find(|line| line == wanted);
    assert!(found.is_some(), "the attacker's process never said {wanted:?}");
}
