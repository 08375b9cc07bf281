//! What a program has put on its chart, and whose buttons a user clicks: a test writes a button's text into the file
//! `click-LOGIN` and reads the panel from `panel-LOGIN`.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// The objects of a chart, by name.
#[derive(Debug, Default)]
pub struct Chart {
    objects: BTreeMap<String, String>,
    /// The button that is pressed.
    pressed: Option<String>,
    /// Something of the user's own is gone.
    pub robbed: bool,
    panel: PathBuf,
    click: PathBuf,
}

impl Chart {
    pub fn new(folder: &std::path::Path, login: u64) -> Self {
        let file = |name: &str| folder.join(format!("{name}-{login}"));
        let (panel, click) = (file("panel"), file("click"));
        Self { objects: BTreeMap::new(), pressed: None, robbed: false, panel, click }
    }

    pub fn create(&mut self, name: &str) -> i64 {
        i64::from(self.objects.insert(name.to_owned(), String::new()).is_none())
    }

    pub fn delete(&mut self, name: &str) -> i64 {
        i64::from(self.objects.remove(name).is_some())
    }

    pub fn delete_all(&mut self, prefix: &str) -> i64 {
        // Names of the user's own objects may begin with anything, but not with a program's name.
        self.robbed |= prefix.is_empty();
        let before = self.objects.len();
        self.objects.retain(|name, _| !name.starts_with(prefix));
        i64::try_from(before - self.objects.len()).unwrap_or(i64::MAX)
    }

    /// `given` is the object's name and, on the lines after it, its text.
    pub fn set_text(&mut self, given: &str) -> i64 {
        let (name, text) = given.split_once('\n').expect("a name and a text");
        let Some(object) = self.objects.get_mut(name) else { return 0 };
        text.clone_into(object);
        1
    }

    /// Shows it to whoever reads the file: written whole beside it and put in its place.
    pub fn draw(&self) {
        // "line10" after "line9".
        let mut objects: Vec<_> = self.objects.iter().collect();
        objects.sort_by_key(|(name, _)| (name.len(), *name));
        let lines: Vec<&str> = objects.iter().map(|(_, text)| text.as_str()).collect();
        let beside = self.panel.with_extension("new");
        let written =
            std::fs::write(&beside, lines.join("\n")).and_then(|()| std::fs::rename(&beside, &self.panel));
        written.expect("the panel's file is written");
    }

    pub fn set_state(&mut self, name: &str, pressed: bool) -> i64 {
        if pressed || self.is_pressed(name) {
            self.pressed = pressed.then(|| name.to_owned());
        }
        i64::from(self.objects.contains_key(name))
    }

    pub fn is_pressed(&self, name: &str) -> bool {
        self.pressed.as_deref() == Some(name)
    }

    /// The object that was clicked; a button stays pressed, up to the next click.
    pub fn clicked(&mut self) -> Option<String> {
        let text = std::fs::read_to_string(&self.click).ok()?;
        let name = self.objects.iter().find(|(_, shown)| **shown == text)?.0.clone();
        std::fs::remove_file(&self.click).ok()?;
        self.pressed = (!self.is_pressed(&name)).then(|| name.clone());
        Some(name)
    }
}
