//! What is installed in MetaTrader's data folders.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::page::Page;
use crate::install::find::{Found, Terminal, text};
use crate::install::manifest::{Manifest, hash_of, place, shown};
use crate::install::{compile, shipped};

/// Looks at every terminal that was found.
pub fn look(page: &mut Page, found: &Found) {
    page.part("MetaTrader");
    if found.terminals.is_empty() {
        let what = "no terminal was found for this user";
        page.note(format!("{what}: --data-dir FOLDER names one (File > Open Data Folder in the terminal)"));
        return;
    }
    let mut installed = 0;
    for terminal in &found.terminals {
        match Manifest::read(&terminal.data) {
            Ok(None) => page.note(format!("{}: LotBridge is not installed", terminal.data.display())),
            Ok(Some(manifest)) => {
                installed += 1;
                let looked = compare(page, terminal, &manifest).and_then(|()| switches(page, &terminal.data));
                if let Err(error) = looked {
                    page.todo(format!("{error:#}"), "run this as the user who runs the terminals");
                }
            }
            Err(error) => page.todo(format!("{error:#}"), "`lotbridge install` again"),
        }
    }
    if installed == 0 {
        page.todo("LotBridge is in none of them", "`lotbridge install`");
    }
}

fn compare(page: &mut Page, terminal: &Terminal, manifest: &Manifest) -> Result<()> {
    let (mut missing, mut changed) = (Vec::new(), Vec::new());
    for (path, was) in &manifest.files {
        match hash_of(&place(&terminal.data, path))? {
            None => missing.push(shown(path)),
            Some(found) if found != *was => changed.push(shown(path)),
            Some(_) => {}
        }
    }
    let shown_data = terminal.data.display();
    let again = format!("`lotbridge install --data-dir \"{shown_data}\"`");
    let todos = page.todos();
    if manifest.version != env!("CARGO_PKG_VERSION") {
        let what = format!("{shown_data} has release {}", manifest.version);
        page.todo(format!("{what}, this program is {}", env!("CARGO_PKG_VERSION")), &again);
    }
    if !missing.is_empty() {
        page.todo(format!("{shown_data} lacks {}", missing.join(", ")), &again);
    }
    let due = compile::due(&terminal.data);
    if !due.is_empty() {
        let names: Vec<String> = due.iter().map(|source| shown(source)).collect();
        page.todo(
            format!("{shown_data}: not compiled, or not since they changed: {}", names.join(", ")),
            format!("{again}, or in the terminal F4, open each, F7"),
        );
    }
    if !changed.is_empty() {
        page.note(format!("{shown_data}: changed since it was installed: {}", changed.join(", ")));
    }
    if page.todos() == todos {
        let programs = shipped::programs().count();
        page.ok(format!("{shown_data}: release {}, {programs} programs compiled", manifest.version));
    }
    Ok(())
}

/// What the terminal's own file says of its switches: as they were when it was closed last, so this is for information. The
/// names are those of the section `[Experts]` in MetaTrader's help, "Platform Start: Configuration File".
fn switches(page: &mut Page, data: &Path) -> Result<()> {
    const SWITCHES: [(&str, &str); 2] = [
        ("AllowDllImport", "\"Allow DLL imports\" (Tools > Options > Expert Advisors)"),
        ("Enabled", "\"Algo Trading\" (in the toolbar)"),
    ];
    let mut file = None;
    for folder in fs::read_dir(data).with_context(|| data.display().to_string())? {
        let folder = folder?;
        if folder.file_name().eq_ignore_ascii_case("config") {
            file = Some(folder.path().join("common.ini"));
        }
    }
    let Some(file) = file.filter(|file| file.exists()) else { return Ok(()) };
    let bytes = fs::read(&file).with_context(|| file.display().to_string())?;
    let said = text(&bytes);
    let section =
        said.lines().map(str::trim).skip_while(|line| !line.eq_ignore_ascii_case("[Experts]")).skip(1);
    let settings: Vec<(&str, &str)> =
        section.take_while(|line| !line.starts_with('[')).filter_map(|line| line.split_once('=')).collect();
    for (name, shown) in SWITCHES {
        let is_off =
            |(key, value): &(&str, &str)| key.eq_ignore_ascii_case(name) && matches!(*value, "0" | "false");
        if settings.iter().any(is_off) {
            page.note(format!("{}: {shown} was off when the terminal was closed last", data.display()));
        }
    }
    Ok(())
}
