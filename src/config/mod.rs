//! The one JSON file that says who copies whom, how, and within which limits.
//!
//! The same file serves replay and real terminals. It is read strictly: an unknown key, a key twice, an option that
//! its method does not use, a number that is not exact are errors that name the place, what was found and what is
//! allowed. Whoever has a [`Setup`] has one that was checked as a whole.

mod decimal;
mod either;
mod error;
mod raw;
mod symbols;
#[cfg(test)]
mod tests;
mod validate;

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::allocation::{AccountRules, Pool};
use crate::domain::{Currency, Instrument, Login, MarginMode, Money, Rate};

pub use error::{ConfigError, ConfigErrors, MAX_ERRORS};
pub use symbols::{SlaveSymbol, SymbolMap};

/// Most bytes of a configuration: 1 MiB.
pub const MAX_BYTES: usize = 1 << 20;
/// Most pools of a configuration.
pub const MAX_POOLS: usize = 64;
/// Most members of one pool.
pub const MAX_MEMBERS: usize = 100_000;

/// A checked configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// The account whose trades are copied.
    pub master: MasterSetup,
    /// What the terminals prove to each other.
    pub secret: Secret,
    /// The master's strategies, in the file's order; 1 to [`MAX_POOLS`].
    pub pools: Vec<Pool>,
    /// The accounts with rules of their own. Ask [`Setup::account`]: most have none.
    pub accounts: BTreeMap<Login, AccountSetup>,
    /// What `lotbridge replay` trades on.
    pub replay: ReplaySetup,
    /// The configuration as JSON, without the secret: for the ledger.
    pub text: String,
}

/// The master account and the times that its copies keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterSetup {
    /// Its number.
    pub login: Login,
    /// Its currency.
    pub currency: Currency,
    /// The folder of the local socket; `None`: the system's own place.
    pub endpoint_dir: Option<PathBuf>,
    /// The folder of what is kept between runs; `None`: the system's own place.
    pub state_dir: Option<PathBuf>,
    /// How long after the master's trade a slave may still open, in milliseconds.
    pub valid_for_ms: u64,
    /// How old an account's facts may be when it is sized, in milliseconds.
    pub max_snapshot_age_ms: u64,
    /// How long an order may be unanswered before it is in doubt, in milliseconds.
    pub doubt_ms: u64,
    /// How far from the master's price a slave may open, in points.
    pub deviation_points: u32,
}

/// The shared secret. Never printed, never part of an error.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret itself, for the proof at connection and for nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A slave account's own rules.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountSetup {
    /// Rounding and limits.
    pub rules: AccountRules,
    /// How its broker names the master's symbols.
    pub symbols: SymbolMap,
}

/// What `lotbridge replay` trades on; empty for real terminals.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReplaySetup {
    /// When there are any: one for every member, perhaps one for the master.
    pub terminals: Vec<ReplayTerminal>,
    /// The symbols that are traded, without quotes and margins. `tick_value` is in the master's currency.
    pub instruments: Vec<Instrument>,
    /// Conversion rates between currencies.
    pub rates: Vec<Rate>,
}

/// A headless terminal's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayTerminal {
    /// Its number.
    pub login: Login,
    /// Its currency.
    pub currency: Currency,
    /// What it starts with; positive.
    pub balance: Money,
    /// 100 means 1:100; 1 to 10,000.
    pub leverage: u32,
    /// How its positions add up.
    pub margin_mode: MarginMode,
}

impl Setup {
    /// Reads and checks a configuration.
    ///
    /// # Errors
    /// The first thing that makes it unreadable; or everything, up to [`MAX_ERRORS`], that makes no sense in it.
    pub fn parse(text: &str) -> Result<Self, ConfigErrors> {
        if text.len() > MAX_BYTES {
            return Err(too_big().into());
        }
        // Editors on Windows like to put a byte order mark first; JSON knows none.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut json = serde_json::Deserializer::from_str(text);
        let raw = serde_path_to_error::deserialize(&mut json)
            .map_err(|error| ConfigError::of_json(&error.path().to_string(), error.inner()))?;
        json.end().map_err(|error| ConfigError::of_json("", &error))?;
        let setup = validate::setup(raw)?;
        Ok(Self { text: without_secret(text)?, ..setup })
    }

    /// Reads and checks a configuration file.
    ///
    /// # Errors
    /// As [`Setup::parse`]; also when the file cannot be read, is not UTF-8 or has more than [`MAX_BYTES`].
    pub fn read_file(path: &Path) -> Result<Self, ConfigErrors> {
        let parsed = read(path).map_err(ConfigErrors::from).and_then(|text| Self::parse(&text));
        parsed.map_err(|errors| ConfigErrors { file: Some(path.to_owned()), ..errors })
    }

    /// An account's rules: its own, or the defaults when the configuration does not list it.
    pub fn account(&self, login: Login) -> &AccountSetup {
        static UNLISTED: LazyLock<AccountSetup> = LazyLock::new(AccountSetup::default);
        self.accounts.get(&login).unwrap_or(&UNLISTED)
    }
}

/// The same configuration without its secret, and without blanks.
fn without_secret(text: &str) -> Result<String, ConfigError> {
    let mut value: serde_json::Value =
        serde_json::from_str(text).map_err(|error| ConfigError::of_json("", &error))?;
    if let Some(keys) = value.as_object_mut() {
        keys.remove("secret");
    }
    Ok(value.to_string())
}

fn too_big() -> ConfigError {
    ConfigError::new("", format!("more than {MAX_BYTES} bytes"), format!("at most {MAX_BYTES} bytes"))
}

/// The text of a file, no longer than it may be.
fn read(path: &Path) -> Result<String, ConfigError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| ConfigError::new("", error.to_string(), "a file that can be read"))?;
    if bytes.len() > MAX_BYTES {
        return Err(too_big());
    }
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let found = if utf16 {
            "text in UTF-16".to_owned()
        } else {
            format!("text that is not UTF-8 from byte {} on", valid + 1)
        };
        ConfigError::new("", found, "text in UTF-8: save the file with that encoding")
    })
}

/// The JSON schema of a configuration, for editors and for generated forms. Decimals are text with a pattern, or
/// integers; what depends on other keys is checked by [`Setup::parse`] only.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(raw::RawSetup).to_value()
}
