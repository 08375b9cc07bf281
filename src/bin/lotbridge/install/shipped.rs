//! What goes into a terminal's data folder: the MQL5 programs, which this executable holds, and the library, which lies
//! beside it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The library's file name, for which the programs' `#import` looks.
pub const LIBRARY: &str = "lotbridge.dll";
/// Where it goes, from the data folder.
pub const LIBRARY_PLACE: &str = "MQL5/Libraries/lotbridge.dll";

macro_rules! shipped {
    ($($path:literal,)*) => {
        /// Each file of `mql5`, by its path from there.
        pub const FILES: &[(&str, &[u8])] =
            &[$(($path, include_bytes!(concat!("../../../../mql5/", $path)))),*];
    };
}

shipped![
    "Experts/LotBridge/LotBridgeMaster.mq5",
    "Experts/LotBridge/LotBridgeSlave.mq5",
    "Include/LotBridge/Checks.mqh",
    "Include/LotBridge/Executor.mqh",
    "Include/LotBridge/History.mqh",
    "Include/LotBridge/Import.mqh",
    "Include/LotBridge/LastOrders.mqh",
    "Include/LotBridge/LayoutOrders.mqh",
    "Include/LotBridge/LayoutStates.mqh",
    "Include/LotBridge/Library.mqh",
    "Include/LotBridge/PastOrders.mqh",
    "Include/LotBridge/Panel.mqh",
    "Include/LotBridge/SlavePanel.mqh",
    "Include/LotBridge/Snapshot.mqh",
    "Include/LotBridge/Symbols.mqh",
    "Include/LotBridge/Tested.mqh",
    "Scripts/LotBridge/LotBridgeSelfTest.mq5",
];

/// A file that is to be in a data folder.
pub struct Shipped {
    /// From the data folder, with `/`.
    pub place: String,
    pub content: Vec<u8>,
}

impl Shipped {
    /// Everything, the library first: when it is in use, nothing else is touched.
    pub fn all(library: Vec<u8>) -> Vec<Self> {
        let library = Self { place: LIBRARY_PLACE.into(), content: library };
        let programs = FILES
            .iter()
            .map(|(path, content)| Self { place: format!("MQL5/{path}"), content: content.to_vec() });
        std::iter::once(library).chain(programs).collect()
    }
}

/// The programs that MetaEditor compiles, from the data folder.
pub fn programs() -> impl Iterator<Item = String> {
    FILES
        .iter()
        .filter(|(path, _)| Path::new(path).extension().is_some_and(|end| end == "mq5"))
        .map(|(path, _)| format!("MQL5/{path}"))
}

/// The library: the named file, or the one beside this executable.
///
/// # Errors
/// There is none, or it is none that a 64-bit terminal loads.
pub fn library(named: Option<&Path>) -> Result<(PathBuf, Vec<u8>)> {
    let path = if let Some(path) = named {
        path.to_owned()
    } else {
        let program = std::env::current_exe().context("where is this program?")?;
        program.with_file_name(LIBRARY)
    };
    if named.is_none() && !path.is_file() {
        bail!(
            "no {} here: put {LIBRARY} beside lotbridge.exe, or name it with --library FILE; \
             `cargo build --release` on Windows makes both in target\\release",
            path.display()
        );
    }
    let content = fs::read(&path).with_context(|| path.display().to_string())?;
    check_library(&content).with_context(|| path.display().to_string())?;
    Ok((path, content))
}

/// Is it a DLL for x86-64? By the header that Windows itself looks at (Microsoft, "PE Format").
fn check_library(content: &[u8]) -> Result<()> {
    const MACHINE_X86_64: u16 = 0x8664;
    const IS_DLL: u16 = 0x2000;
    let word = |at: usize| {
        let bytes = content.get(at..at.checked_add(2)?)?;
        Some(u16::from_le_bytes([bytes[0], bytes[1]]))
    };
    let header = || {
        let (low, high) = (word(0x3c)?, word(0x3e)?);
        let at = usize::from(low) | usize::from(high) << 16;
        let is_pe = content.starts_with(b"MZ") && content.get(at..at.checked_add(4)?)? == b"PE\0\0";
        let machine = word(at + 4)?;
        let flags = word(at + 22)?;
        is_pe.then_some((machine, flags))
    };
    match header() {
        Some((MACHINE_X86_64, flags)) if flags & IS_DLL != 0 => Ok(()),
        Some((MACHINE_X86_64, _)) => bail!("a program for Windows, not a DLL: {LIBRARY} is meant"),
        Some(_) => bail!("not for x86-64, which is what MetaTrader 5 is: build it for x86_64-pc-windows"),
        None => bail!("no Windows DLL: MetaTrader, under Wine too, loads {LIBRARY} built for Windows"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pe(machine: u16, flags: u16) -> Vec<u8> {
        let mut bytes = vec![0; 0x98];
        bytes[..2].copy_from_slice(b"MZ");
        bytes[0x3c] = 0x80;
        bytes[0x80..0x84].copy_from_slice(b"PE\0\0");
        bytes[0x84..0x86].copy_from_slice(&machine.to_le_bytes());
        bytes[0x96..0x98].copy_from_slice(&flags.to_le_bytes());
        bytes
    }

    #[test]
    fn only_a_64_bit_dll_is_taken() {
        assert!(check_library(&pe(0x8664, 0x2022)).is_ok());
        for (content, said) in [
            (pe(0x8664, 0x0022), "not a DLL"),
            (pe(0x014c, 0x2022), "not for x86-64"),
            (b"\x7fELF".to_vec(), "no Windows DLL"),
            (Vec::new(), "no Windows DLL"),
            ([b"MZ".as_slice(), &[0xff; 80]].concat(), "no Windows DLL"),
        ] {
            let error = check_library(&content).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
