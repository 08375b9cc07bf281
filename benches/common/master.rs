//! The master's process: it starts the slaves', sends, and collects the stamps.

use std::fs::Permissions;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use lotbridge::domain::{Lots, Magic};
use lotbridge::ffi::ea::MasterEa;
use serde_json::json;
use tempfile::TempDir;

use super::account::Book;
use super::clock::now_ns;
use super::frame::frame;
use super::slave::{ASK, CONFIG, LOGIN, OURS, RAW, READY};
use super::{Outcome, Pace};

const MASTER_LOGIN: u64 = 1_001;
const FIRST_SLAVE: u64 = 2_001;
/// Positions that stay open all the time, as a manager has a few.
const STANDING: usize = 3;
/// Nothing here takes as long, unless it is broken.
const PATIENCE_MS: u32 = 20_000;

/// A slave's process.
struct Slave {
    process: Child,
    control: UnixStream,
    raw: UnixStream,
}

impl Drop for Slave {
    fn drop(&mut self) {
        // It ends with its control socket; whatever keeps it ends here.
        let _ = self.control.shutdown(std::net::Shutdown::Both);
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A master and its slaves.
pub struct Master {
    slaves: Vec<Slave>,
    ea: MasterEa,
    book: Book,
    lots: Lots,
    frame: Vec<u8>,
    folder: TempDir,
}

impl Master {
    /// Starts the processes, connects them, and opens the standing positions.
    ///
    /// # Errors
    /// Whatever breaks.
    pub fn start(slaves: u32) -> Outcome<Self> {
        let private = Permissions::from_mode(0o700);
        let folder = tempfile::Builder::new().permissions(private).tempdir()?;
        let config = folder.path().join("config.json");
        std::fs::write(&config, configuration(&folder, slaves).to_string())?;
        let config = config.to_str().ok_or("the temporary folder's name is not UTF-8")?;
        let ea = MasterEa::open(config)?;
        let logins = (0..u64::from(slaves)).map(|at| FIRST_SLAVE + at);
        let slaves = logins.map(|login| Slave::start(login, config)).collect::<Outcome<_>>()?;
        let book = Book::new(MASTER_LOGIN)?;
        let lots = "0.10".parse()?;
        let mut master = Self { slaves, ea, book, lots, frame: frame()?, folder };
        let pace = Pace { pause: Duration::from_millis(5), span: Duration::from_millis(5) };
        master.begin(OURS, STANDING)?;
        for _ in 0..STANDING {
            master.book.open(master.lots, Magic(0))?;
            master.our_sample(pace)?;
        }
        Ok(master)
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join(format!("master-{MASTER_LOGIN}.sock"))
    }

    /// A turn over the bare sockets: nanoseconds to the last slave.
    ///
    /// # Errors
    /// Whatever breaks.
    pub fn raw_turn(&mut self, samples: usize, pace: Pace) -> Outcome<Vec<u32>> {
        self.begin(RAW, samples)?;
        let mut spans = Vec::with_capacity(samples);
        for _ in 0..samples {
            thread::sleep(pace.pause);
            self.ea.stage(self.book.state())?;
            let start = now_ns();
            for slave in &mut self.slaves {
                slave.raw.write_all(&self.frame)?;
            }
            spans.push(self.span_since(start, pace)?);
        }
        Ok(spans)
    }

    /// A turn over `LotBridge`: nanoseconds to the last slave, for every open and every close.
    ///
    /// # Errors
    /// Whatever breaks.
    pub fn our_turn(&mut self, samples: usize, pace: Pace) -> Outcome<(Vec<u32>, Vec<u32>)> {
        self.begin(OURS, 2 * samples)?;
        let (mut opens, mut closes) = (Vec::with_capacity(samples), Vec::with_capacity(samples));
        for _ in 0..samples {
            let ticket = self.book.open(self.lots, Magic(0))?;
            opens.push(self.our_sample(pace)?);
            self.book.close(ticket)?;
            closes.push(self.our_sample(pace)?);
        }
        Ok((opens, closes))
    }

    fn our_sample(&mut self, pace: Pace) -> Outcome<u32> {
        thread::sleep(pace.pause);
        self.ea.stage(self.book.state())?;
        let start = now_ns();
        self.ea.commit_staged()?;
        let span = self.span_since(start, pace)?;
        let status = self.ea.wait(PATIENCE_MS)?;
        if status.unsettled != 0 || status.impossible != 0 || status.records_lost != 0 {
            return Err(format!("not settled: {status:?} {:?}", self.ea.alerts()?).into());
        }
        Ok(span)
    }

    /// Tells every slave what comes, and waits until all are ready.
    fn begin(&mut self, kind: u8, samples: usize) -> Outcome<()> {
        let [a, b, c, d] = u32::try_from(samples)?.to_le_bytes();
        for slave in &mut self.slaves {
            slave.control.write_all(&[kind, a, b, c, d])?;
        }
        for slave in &mut self.slaves {
            let mut ready = [0];
            slave.control.read_exact(&mut ready)?;
            if ready != [READY] {
                return Err("a slave answers out of turn".into());
            }
        }
        Ok(())
    }

    /// Asks every slave for its stamp, when the sample is over; from the start to the last of them.
    fn span_since(&mut self, start: u64, pace: Pace) -> Outcome<u32> {
        thread::sleep(pace.span);
        let mut last = start;
        for slave in &mut self.slaves {
            slave.control.write_all(&[ASK])?;
            let mut stamp = [0; 8];
            slave.control.read_exact(&mut stamp)?;
            last = last.max(u64::from_le_bytes(stamp));
        }
        Ok(u32::try_from(last - start)?)
    }
}

impl Slave {
    fn start(login: u64, config: &str) -> Outcome<Self> {
        let (control, its_control) = UnixStream::pair()?;
        let (raw, its_raw) = UnixStream::pair()?;
        control.set_read_timeout(Some(Duration::from_millis(PATIENCE_MS.into())))?;
        let process = Command::new(std::env::current_exe()?)
            .env(LOGIN, login.to_string())
            .env(CONFIG, config)
            .stdin(Stdio::from(OwnedFd::from(its_control)))
            .stdout(Stdio::from(OwnedFd::from(its_raw)))
            .spawn()?;
        Ok(Self { process, control, raw })
    }
}

fn configuration(folder: &TempDir, slaves: u32) -> serde_json::Value {
    let logins = (0..u64::from(slaves)).map(|at| FIRST_SLAVE + at);
    json!({
        "master": {
            "login": MASTER_LOGIN,
            "currency": "USD",
            "endpoint_dir": folder.path(),
            "state_dir": folder.path(),
        },
        "secret": "only for this benchmark",
        "pools": [{
            "name": "benchmark",
            "allocation": { "method": "multiplier" },
            "members": logins.map(|login| json!({ "login": login })).collect::<Vec<_>>(),
        }],
    })
}
