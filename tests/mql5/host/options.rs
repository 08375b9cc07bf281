//! How a terminal's host is started: a JSON file, named in an environment variable.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use lotbridge::domain::{Execution, Snapshot};
use serde::{Deserialize, Serialize};

/// Names the file.
pub const VARIABLE: &str = "LOTBRIDGE_MQL5_HOST";

/// What all terminals of a test have in common.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Setting {
    /// The built library.
    pub library: PathBuf,
    /// The translated programs.
    pub master: PathBuf,
    pub slave: PathBuf,
    /// Where a terminal may write.
    pub folder: PathBuf,
    /// What is particular about some.
    #[serde(default)]
    pub terminals: BTreeMap<u64, Particular>,
}

/// What is particular about a terminal.
#[expect(clippy::struct_excessive_bools, reason = "a terminal's switches")]
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Particular {
    /// Its symbols have so many decimal places more than the broker's simulation gives them.
    pub more_digits: u8,
    /// Its symbols are filled so only: `SYMBOL_FILLING_MODE`, under market execution.
    pub filling_modes: Option<u32>,
    /// Trade transactions lost, of a thousand; as many change places with the next.
    pub lost_per_mille: u32,
    pub seed: u64,
    /// Prints what the program says.
    pub echo: bool,
    /// Algo trading is off.
    pub no_trading: bool,
    /// Imports are not allowed.
    pub no_dlls: bool,
    /// It pretends to be the strategy tester.
    pub tester: bool,
    /// Symbols that its Market Watch does not show at first.
    pub hidden: BTreeSet<String>,
    /// So long after its start it shows no history.
    pub history_after_ms: i64,
    /// Its chart's clicks bring no event.
    pub clicks_lost: bool,
    /// A translated script that runs in the program's place.
    pub script: Option<PathBuf>,
}

/// One terminal's.
#[expect(clippy::struct_excessive_bools, reason = "a terminal's switches")]
#[derive(Debug, Clone)]
pub struct Options {
    pub login: u64,
    pub inputs: BTreeMap<String, String>,
    pub folder: PathBuf,
    pub trading: bool,
    pub terminal_dlls: bool,
    pub program_dlls: bool,
    pub tester: bool,
    pub echo: bool,
    pub uptime_ms: i64,
    pub particular: Particular,
}

impl Options {
    pub fn new(setting: &Setting, login: u64, config: &std::path::Path) -> Self {
        let particular = setting.terminals.get(&login).cloned().unwrap_or_default();
        Self {
            login,
            inputs: [("InpConfig".to_owned(), config.display().to_string())].into(),
            folder: setting.folder.clone(),
            trading: !particular.no_trading,
            terminal_dlls: !particular.no_dlls,
            program_dlls: !particular.no_dlls,
            tester: particular.tester,
            echo: particular.echo,
            // A computer that has been up for some days.
            uptime_ms: 400_000_000,
            particular,
        }
    }

    /// The account's symbols as this terminal's broker has them.
    pub fn disguise(&self, snapshot: &mut Snapshot) {
        for instrument in &mut snapshot.instruments {
            instrument.digits += self.particular.more_digits;
            if let Some(modes) = self.particular.filling_modes {
                instrument.trading.filling_modes = modes;
                instrument.trading.execution = Execution::Market;
            }
        }
    }

    /// Does this terminal's broker fill orders at market so?
    pub fn fills(&self, filling: lotbridge::domain::Filling) -> bool {
        use lotbridge::domain::Filling::{FillOrKill, ImmediateOrCancel, Return};
        self.particular.filling_modes.is_none_or(|modes| match filling {
            FillOrKill => modes & 1 != 0,
            ImmediateOrCancel => modes & 2 != 0,
            Return => false,
        })
    }
}
