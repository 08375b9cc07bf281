//! What is installed in MetaTrader's data folders.

use anyhow::Result;

use super::page::Page;
use crate::install::find::{Found, Terminal};
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
                if let Err(error) = compare(page, terminal, &manifest) {
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
