//! `lotbridge install` on made-up data folders.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::Run;

const TERMINALS: &str = "drive_c/users/me/AppData/Roaming/MetaQuotes/Terminal";
const PROGRAM: &str = "drive_c/Program Files/MetaTrader 5";
const MANIFEST: &str = "MQL5/Libraries/lotbridge.installed.json";

/// A Wine prefix with one terminal of version 4 and some of version 5 in it.
struct Prefix {
    folder: tempfile::TempDir,
}

impl Prefix {
    fn new(terminals: &[&str]) -> Self {
        let prefix = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir_all(prefix.path(PROGRAM)).unwrap();
        for name in terminals {
            prefix.terminal(name, "MQL5");
        }
        prefix.terminal("4444", "MQL4");
        fs::write(prefix.path("lotbridge.dll"), library(1)).unwrap();
        prefix
    }

    fn terminal(&self, name: &str, inside: &str) {
        let data = self.data(name);
        fs::create_dir_all(data.join(inside).join("Experts")).unwrap();
        fs::write(data.join("origin.txt"), utf16("C:\\Program Files\\MetaTrader 5")).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn data(&self, name: &str) -> PathBuf {
        self.path(TERMINALS).join(name)
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let (folder, library) = (self.folder.path().to_str().unwrap(), self.path("lotbridge.dll"));
        let own = ["install", "--data-dir", folder, "--wine", "/no/wine"];
        let library = ["--library", library.to_str().unwrap()];
        let library = if arguments.contains(&"--uninstall") { &[][..] } else { &library };
        Run::of(&[&own, library, arguments].concat())
    }
}

/// A DLL's header, and something that tells releases apart.
pub fn library(release: u8) -> Vec<u8> {
    let mut bytes = vec![0; 0x99];
    bytes[..2].copy_from_slice(b"MZ");
    bytes[0x3c] = 0x80;
    bytes[0x80..0x86].copy_from_slice(b"PE\0\0\x64\x86");
    bytes[0x96..0x98].copy_from_slice(&0x2022_u16.to_le_bytes());
    bytes[0x98] = release;
    bytes
}

fn utf16(text: &str) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// Every file below a folder.
fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// What the project's folder `mql5` has, with the library: what belongs into a data folder.
fn shipped() -> BTreeMap<String, Vec<u8>> {
    let mut shipped = tree(&Path::new(env!("CARGO_MANIFEST_DIR")).join("mql5"));
    shipped.insert("Libraries/lotbridge.dll".into(), library(1));
    shipped
}

/// What is in a terminal's MQL5 folder, without the manifest.
fn installed(data: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = tree(&data.join("MQL5"));
    found.remove("Libraries/lotbridge.installed.json");
    found
}

#[test]
fn everything_is_put_in_once_and_taken_out_again() {
    let prefix = Prefix::new(&["AAAA"]);
    let data = prefix.data("AAAA");
    fs::write(data.join("MQL5/Experts/Own.mq5"), "the user's").unwrap();
    let before = tree(prefix.folder.path());
    prefix.run(&["--dry-run"]).says(
        0,
        &[
            "Nothing is changed",
            "4444 left out: MetaTrader 4",
            "of the terminal in C:\\Program Files\\MetaTrader 5",
            "new        MQL5/Libraries/lotbridge.dll",
            "new        MQL5/Experts/LotBridge/LotBridgeMaster.mq5",
        ],
    );
    assert_eq!(tree(prefix.folder.path()), before);

    let mut expected = shipped();
    expected.insert("Experts/Own.mq5".into(), b"the user's".to_vec());
    let compile = ["compile these", "there is no metaeditor64.exe in C:\\Program Files\\MetaTrader 5"];
    prefix.run(&[]).says(1, &compile).says(1, &["3 things are left", "lotbridge init --output", "Allow DLL"]);
    assert_eq!(installed(&data), expected);
    let (manifest, files) = (fs::read(data.join(MANIFEST)).unwrap(), expected.len() - 1);
    prefix.run(&[]).says(1, &[&format!("unchanged  {files} files")]);
    assert_eq!(installed(&data), expected);
    assert_eq!(fs::read(data.join(MANIFEST)).unwrap(), manifest);

    // Compiled by hand: nothing is left to do, and it goes with the rest.
    for program in ["Experts/LotBridge/LotBridgeMaster", "Experts/LotBridge/LotBridgeSlave"] {
        fs::write(data.join(format!("MQL5/{program}.ex5")), "compiled").unwrap();
    }
    prefix.run(&[]).says(1, &["1 thing", "LotBridgeSelfTest.mq5"]);
    fs::write(data.join("MQL5/Scripts/LotBridge/LotBridgeSelfTest.ex5"), "compiled").unwrap();
    prefix.run(&[]).says(0, &["unchanged"]);
    prefix.run(&["--uninstall", "--dry-run"]).says(0, &["to remove  MQL5/Libraries/lotbridge.dll"]);
    prefix.run(&["--uninstall"]).says(0, &["removed    MQL5/Experts/LotBridge/LotBridgeMaster.ex5"]);
    assert_eq!(tree(prefix.folder.path()), before);
    assert!(!data.join("MQL5/Experts/LotBridge").exists(), "an empty folder is left");
    prefix.run(&["--uninstall"]).says(0, &["nothing was installed here"]);
}

#[test]
fn what_the_user_has_changed_is_kept_unless_he_says_otherwise() {
    let prefix = Prefix::new(&["AAAA"]);
    let data = prefix.data("AAAA");
    prefix.run(&[]);
    let panel = data.join("MQL5/Include/LotBridge/Panel.mqh");
    fs::write(&panel, "mine").unwrap();
    prefix.run(&[]).says(1, &["KEPT       MQL5/Include/LotBridge/Panel.mqh", "--overwrite replaces it"]);
    assert_eq!(fs::read(&panel).unwrap(), b"mine");
    prefix.run(&["--uninstall"]).says(0, &["KEPT       MQL5/Include/LotBridge/Panel.mqh (changed"]);
    assert_eq!(installed(&data), [("Include/LotBridge/Panel.mqh".into(), b"mine".to_vec())].into());

    prefix.run(&["--overwrite"]).says(1, &["replaced   MQL5/Include/LotBridge/Panel.mqh"]);
    let yours = data.join("MQL5/Include/LotBridge/Panel.mqh.yours");
    assert_eq!(fs::read(&yours).unwrap(), b"mine");
    fs::remove_file(yours).unwrap();
    assert_eq!(installed(&data), shipped());
}

#[test]
fn an_earlier_release_is_replaced_and_what_it_had_more_is_taken_out() {
    let prefix = Prefix::new(&["AAAA"]);
    let data = prefix.data("AAAA");
    prefix.run(&[]);
    // As the earlier release would have left it.
    let (old, checks) =
        (data.join("MQL5/Include/LotBridge/Old.mqh"), data.join("MQL5/Include/LotBridge/Checks.mqh"));
    fs::write(&old, "no more").unwrap();
    fs::write(&checks, "earlier").unwrap();
    let manifest = fs::read_to_string(data.join(MANIFEST)).unwrap();
    let mut manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let hash = |text: &str| lotbridge::ledger::Hash::of_text(text).to_string();
    manifest["version"] = "0.0.9".into();
    manifest["files"]["MQL5/Include/LotBridge/Old.mqh"] = hash("no more").into();
    manifest["files"]["MQL5/Include/LotBridge/Checks.mqh"] = hash("earlier").into();
    fs::write(data.join(MANIFEST), manifest.to_string()).unwrap();
    fs::write(prefix.path("lotbridge.dll"), library(2)).unwrap();
    prefix.run(&[]).says(
        1,
        &[
            "updated    MQL5/Libraries/lotbridge.dll",
            "updated    MQL5/Include/LotBridge/Checks.mqh",
            "removed    MQL5/Include/LotBridge/Old.mqh",
        ],
    );
    assert!(!old.exists());
    let mut expected = shipped();
    expected.insert("Libraries/lotbridge.dll".into(), library(2));
    assert_eq!(installed(&data), expected);
}

/// As Wine has a DLL that its terminal has loaded: mapped, and free to be replaced.
#[cfg(target_os = "linux")]
#[test]
fn a_library_that_some_process_has_loaded_is_left_alone_with_all_else() {
    let prefix = Prefix::new(&["AAAA"]);
    let data = prefix.data("AAAA");
    prefix.run(&[]);
    let library = data.join("MQL5/Libraries/lotbridge.dll");
    fs::remove_file(&library).unwrap();
    fs::copy("/bin/sh", &library).unwrap();
    fs::write(data.join("MQL5/Include/LotBridge/Checks.mqh"), "earlier").unwrap();
    let before = tree(&data);
    let mut terminal = loop {
        let mut terminal = std::process::Command::new(&library);
        match terminal.args(["-c", "read line"]).stdin(std::process::Stdio::piped()).spawn() {
            Ok(terminal) => break terminal,
            // Another test's child has not closed yet what was just written.
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ExecutableFileBusy),
        }
    };
    let process = format!("has it loaded (process {}, lotbridge.dll)", terminal.id());
    prefix.run(&["--overwrite"]).says(1, &["is in use", &process, "Close that terminal"]);
    assert_eq!(tree(&data), before);
    drop(terminal.stdin.take());
    terminal.wait().unwrap();
    prefix.run(&["--overwrite"]).says(1, &["updated    MQL5/Libraries/lotbridge.dll"]);
}

#[test]
fn terminals_are_found_and_named() {
    let prefix = Prefix::new(&["AAAA", "BBBB"]);
    let library = prefix.path("lotbridge.dll");
    let run = |folder: &Path, code: i32, phrases: &[&str]| {
        let own = ["install", "--dry-run", "--library", library.to_str().unwrap(), "--data-dir"];
        Run::of(&[&own[..], &[folder.to_str().unwrap()]].concat()).says(code, phrases)
    };
    run(prefix.folder.path(), 0, &["1. ", "AAAA", "2. ", "BBBB"]);
    run(&prefix.path(TERMINALS), 0, &["AAAA", "BBBB"]);
    let one = run(&prefix.data("BBBB"), 0, &["BBBB"]);
    assert!(!one.out.contains("AAAA"));
    run(&prefix.data("BBBB").join("MQL5"), 1, &["name the folder above it", "BBBB"]);
    run(&prefix.path("drive_c"), 1, &["no MetaTrader 5 there", "Open Data Folder"]);
    run(&prefix.path("none"), 1, &["no such folder"]);
    let portable = prefix.path("portable");
    fs::create_dir_all(portable.join("MQL5")).unwrap();
    fs::write(portable.join("terminal64.exe"), "").unwrap();
    run(&portable, 0, &["a portable installation"]);
}

#[test]
fn a_wrong_library_or_manifest_is_refused() {
    let prefix = Prefix::new(&["AAAA"]);
    fs::write(prefix.path("lotbridge.dll"), b"\x7fELF").unwrap();
    prefix.run(&[]).says(1, &["lotbridge.dll: no Windows DLL"]);
    assert_eq!(installed(&prefix.data("AAAA")), BTreeMap::new());
    Run::of(&["install", "--data-dir", prefix.folder.path().to_str().unwrap()])
        .says(1, &["put lotbridge.dll beside lotbridge.exe", "--library FILE"]);
    fs::write(prefix.path("lotbridge.dll"), library(1)).unwrap();
    let stranger = prefix.path("precious");
    fs::write(&stranger, "precious").unwrap();
    fs::create_dir_all(prefix.data("AAAA").join("MQL5/Libraries")).unwrap();
    for path in ["MQL5/../../../precious", "MQL5/..\\\\x", "/precious", "precious"] {
        let text = format!(r#"{{"version": "0.0.9", "files": {{"{path}": "00"}}}}"#);
        fs::write(prefix.data("AAAA").join(MANIFEST), text).unwrap();
        prefix.run(&["--uninstall"]).says(1, &["is nothing that was installed"]);
    }
    assert!(stranger.exists());
}

/// Plays Wine and MetaEditor: takes the log from a file, and writes the program where there is one that says so.
#[cfg(unix)]
const WINE: &str = r#"#!/bin/sh
for option in "$@"; do
  case "$option" in /compile:*) source=${option#/compile:} ;; /log:*) log=${option#/log:} ;; esac
done
here() { printf '%s' "$1" | sed -e "s#^C:#$WINEPREFIX/drive_c#" -e 's#\\#/#g'; }
source=$(here "$source") log=$(here "$log")
name=$(basename "$source" .mq5)
cp "$WINEPREFIX/log-$name" "$log"
if [ -f "$WINEPREFIX/good-$name" ]; then echo compiled > "${source%.mq5}.ex5"; fi
exit 1
"#;

#[cfg(unix)]
#[test]
fn metaeditor_compiles_and_its_errors_are_shown() {
    use std::os::unix::fs::PermissionsExt;
    let prefix = Prefix::new(&["AAAA"]);
    fs::write(prefix.path(PROGRAM).join("MetaEditor64.exe"), "").unwrap();
    let wine = prefix.path("wine");
    fs::write(&wine, WINE).unwrap();
    fs::set_permissions(&wine, fs::Permissions::from_mode(0o755)).unwrap();
    let good = utf16("x.mq5 : information: compiling\r\nResult: 0 errors, 0 warnings, 300 ms elapsed\r\n");
    for name in ["LotBridgeMaster", "LotBridgeSlave", "LotBridgeSelfTest"] {
        fs::write(prefix.path(&format!("log-{name}")), &good).unwrap();
        fs::write(prefix.path(&format!("good-{name}")), "").unwrap();
    }
    let error = "C:\\LotBridgeSlave.mq5(12,5) : error 256: undeclared identifier 'É'";
    let bad = utf16(&format!("{error}\r\nResult: 1 errors, 0 warnings\r\n"));
    fs::write(prefix.path("log-LotBridgeSlave"), bad).unwrap();
    fs::remove_file(prefix.path("good-LotBridgeSlave")).unwrap();
    let (folder, library) = (prefix.folder.path().to_str().unwrap(), prefix.path("lotbridge.dll"));
    let library = library.to_str().unwrap();
    let run = || {
        let wine = wine.to_str().unwrap();
        Run::of(&["install", "--data-dir", folder, "--library", library, "--wine", wine])
    };
    run().says(
        1,
        &[
            "compiled   MQL5/Experts/LotBridge/LotBridgeMaster.ex5",
            "compiled   MQL5/Scripts/LotBridge/LotBridgeSelfTest.ex5",
            "FAILED     MQL5/Experts/LotBridge/LotBridgeSlave.mq5 was not compiled:",
            error,
            "1 thing is left",
        ],
    );
    fs::write(prefix.path("log-LotBridgeSlave"), &good).unwrap();
    run().says(1, &["MetaEditor found no errors, and wrote no program"]);
    fs::write(prefix.path("good-LotBridgeSlave"), "").unwrap();
    let last = run().says(0, &["compiled   MQL5/Experts/LotBridge/LotBridgeSlave.ex5"]);
    assert!(!last.out.contains("LotBridgeMaster.ex5"), "compiled again: {}", last.out);
    let last = run().says(0, &["unchanged"]);
    assert!(!last.out.contains("compiled"), "{}", last.out);
    let files = installed(&prefix.data("AAAA"));
    assert!(!files.keys().any(|name| name.contains("compile.log")), "{:?}", files.keys());
    prefix.run(&["--uninstall"]).says(0, &[]);
    assert_eq!(installed(&prefix.data("AAAA")), BTreeMap::new());
}
