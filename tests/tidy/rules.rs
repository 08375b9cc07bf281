//! The house rules as tables. Whoever changes a row changes the design: say why in the commit.

/// The lines that a file may have.
pub const FILE_LINES_MOST: usize = 400;

/// The lines that a function may have, from its `fn` to its closing brace.
pub const FUNCTION_LINES_MOST: usize = 70;

/// A module of the library and what it is allowed.
pub struct Module {
    /// Its folder in `src`.
    pub name: &'static str,
    /// The modules that it may name: the arrows go down only.
    pub uses: &'static [&'static str],
    /// What it may do beyond computing.
    pub may: &'static [Power],
}

/// What most modules may not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Power {
    /// `unsafe` code.
    Unsafe,
    /// `f64` and `f32`: lots and money are integers of a fixed unit.
    Float,
    /// Reading a clock. A `Duration` is a number and no clock.
    Clock,
    /// Starting threads, or letting one sleep.
    Thread,
    /// Locks, channels and atomics.
    Lock,
    /// Statics that change: with a lock, an atomic or a cell in them, or one to each thread. A `OnceLock` or `LazyLock`
    /// of something that stands still once it is made is for everybody.
    Changing,
    /// Files, sockets, processes, environment variables.
    System,
    /// Writing to the terminal's own standard output or error.
    Print,
}

use Power::{Changing, Clock, Float, Lock, Print, System, Thread, Unsafe};

/// Every module of `src`, from the bottom up. `src/lib.rs` shows the same table, and is compared with it.
///
/// `transport` is next to the operating system: it waits, within bounds, and may use what that takes.
pub const MODULES: &[Module] = &[
    Module { name: "domain", uses: &[], may: &[] },
    Module { name: "allocation", uses: &["domain"], may: &[] },
    Module { name: "config", uses: &["allocation", "domain"], may: &[System] },
    Module { name: "history", uses: &["domain"], may: &[System] },
    Module { name: "terminal", uses: &["domain"], may: &[] },
    Module { name: "replication", uses: &["allocation", "config", "domain"], may: &[] },
    Module { name: "protocol", uses: &["domain", "replication"], may: &[] },
    Module { name: "ledger", uses: &["domain", "replication"], may: &[System] },
    Module { name: "transport", uses: &[], may: &[Unsafe, Clock, Thread, Lock, Changing, System] },
    Module {
        name: "node",
        uses: &["allocation", "config", "domain", "ledger", "protocol", "replication", "transport"],
        may: &[Clock, Thread, Lock, Changing, System],
    },
    Module {
        name: "ffi",
        uses: &["config", "domain", "node", "replication"],
        may: &[Unsafe, Float, Lock, Changing],
    },
];

/// The commands: outside the library, they see its public side only.
pub const BIN: Module = Module { name: "bin", uses: &[], may: &[Clock, Thread, Lock, System, Print] };

/// Tests, benchmarks and the build script: of the powers, only `unsafe` is withheld.
pub const OUTSIDE: Module =
    Module { name: "outside", uses: &[], may: &[Float, Clock, Thread, Lock, Changing, System, Print] };

/// A place where a rule does not hold, and why.
pub struct Exception {
    /// The file, from the project's folder.
    pub file: &'static str,
    /// The rule's name.
    pub rule: &'static str,
    /// Why it has to be so.
    pub reason: &'static str,
}

/// Every exception. One that is not needed any more is reported.
pub const EXCEPTIONS: &[Exception] = &[
    Exception {
        file: "src/transport/tests/process.rs",
        rule: "ignored",
        reason: "half of a test of two processes: the other half runs it in a process of its own and kills it",
    },
    Exception {
        file: "tests/mql5/host/calls.rs",
        rule: "unsafe",
        reason: "loads a translated MQL5 program as a terminal does, and is called back by it",
    },
    Exception {
        file: "tests/mql5/host/library.rs",
        rule: "unsafe",
        reason: "loads shared libraries as a terminal does, and looks their functions up",
    },
];

/// Names that give a power away, wherever they stand; those of macros end in `!`.
pub const NAMES: &[(&str, Power)] = &[
    ("unsafe", Unsafe),
    ("unsafe_code", Unsafe),
    ("f64", Float),
    ("f32", Float),
    ("Instant", Clock),
    ("SystemTime", Clock),
    ("Mutex", Lock),
    ("RwLock", Lock),
    ("Condvar", Lock),
    ("Barrier", Lock),
    ("parking_lot", Lock),
    ("mpsc", Lock),
    ("atomic", Lock),
    ("thread_local!", Changing),
    ("println!", Print),
    ("print!", Print),
    ("eprintln!", Print),
    ("eprint!", Print),
    ("dbg!", Print),
];

/// Paths that give a power away, by how they begin.
pub const PATHS: &[(&[&str], Power)] = &[
    (&["std", "thread"], Thread),
    (&["thread"], Thread),
    (&["std", "fs"], System),
    (&["std", "net"], System),
    (&["std", "os"], System),
    (&["std", "process"], System),
    (&["std", "env"], System),
    (&["libc"], System),
    (&["windows_sys"], System),
];

/// Types that change behind a shared reference: not in a static.
pub const CHANGING: &[&str] =
    &["Mutex", "RwLock", "Cell", "RefCell", "UnsafeCell", "OnceCell", "LazyCell", "SyncUnsafeCell"];
