//! An MQL5 file as tokens, its `#include`s replaced by what they include.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What a program is not translated for: the place and the reason.
#[derive(Debug, Clone)]
pub struct Refused(pub String);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Word,
    Number,
    Text,
    Sign,
    /// A directive that is no `#include`: the rest of its line stands in the tokens after it, up to `EndOfDirective`.
    Directive,
    EndOfDirective,
}

#[derive(Debug, Clone)]
pub struct Token {
    pub kind: Kind,
    pub text: String,
    /// Index into the files.
    pub file: usize,
    pub line: usize,
}

/// A whole program.
pub struct Source {
    pub files: Vec<PathBuf>,
    pub tokens: Vec<Token>,
}

impl Source {
    /// What is wrong, with its place.
    pub fn refuse(&self, token: &Token, why: impl std::fmt::Display) -> Refused {
        Refused(format!("{}:{}: {why}", self.files[token.file].display(), token.line))
    }

    /// Reads a program with all that it includes from `mql5`, the terminal's folder.
    pub fn read(mql5: &Path, program: &Path) -> Result<Self, Refused> {
        let mut source = Self { files: Vec::new(), tokens: Vec::new() };
        let mut seen = BTreeSet::new();
        source.file(mql5, program, &mut seen)?;
        Ok(source)
    }

    fn file(&mut self, mql5: &Path, path: &Path, seen: &mut BTreeSet<PathBuf>) -> Result<(), Refused> {
        let bytes = std::fs::read(path).map_err(|error| Refused(format!("{}: {error}", path.display())))?;
        let text = String::from_utf8(bytes)
            .ok()
            .filter(|text| text.is_ascii() && !text.contains('\t'))
            .ok_or_else(|| Refused(format!("{}: not plain ASCII without tabs", path.display())))?;
        let file = self.files.len();
        self.files.push(path.to_owned());
        let chars: Vec<char> = text.chars().collect();
        let mut cursor = Cursor { chars: &chars, at: 0, line: 1 };
        loop {
            cursor.skip_blank();
            let line = cursor.line;
            let Some(next) = cursor.peek() else { return Ok(()) };
            if next == '#' {
                let directive = cursor.rest_of_line();
                self.directive(mql5, path, &directive, (file, line), seen)?;
            } else {
                let (kind, text) = cursor.token().map_err(|why| {
                    self.refuse(&Token { kind: Kind::Sign, text: String::new(), file, line }, why)
                })?;
                self.tokens.push(Token { kind, text, file, line });
            }
        }
    }

    fn directive(
        &mut self,
        mql5: &Path,
        path: &Path,
        text: &str,
        (file, line): (usize, usize),
        seen: &mut BTreeSet<PathBuf>,
    ) -> Result<(), Refused> {
        let make = |kind, text: &str| Token { kind, text: text.to_owned(), file, line };
        let (name, rest) = text.split_once(' ').unwrap_or((text, ""));
        if name == "#include" {
            let here = make(Kind::Directive, text);
            let given = rest.trim();
            let target = if let Some(name) = given.strip_prefix('<').and_then(|g| g.strip_suffix('>')) {
                mql5.join("Include").join(name)
            } else if let Some(name) = given.strip_prefix('"').and_then(|g| g.strip_suffix('"')) {
                path.parent().unwrap_or(path).join(name)
            } else {
                return Err(self.refuse(&here, format!("{text}: include what?")));
            };
            // MetaEditor takes a file in once, and so do the guards in it.
            return if seen.insert(target.clone()) { self.file(mql5, &target, seen) } else { Ok(()) };
        }
        self.tokens.push(make(Kind::Directive, name));
        let chars: Vec<char> = rest.chars().collect();
        let mut cursor = Cursor { chars: &chars, at: 0, line: 1 };
        loop {
            cursor.skip_blank();
            if cursor.peek().is_none() {
                break;
            }
            let (kind, text) = cursor.token().map_err(|why| self.refuse(&make(Kind::Sign, ""), why))?;
            self.tokens.push(make(kind, &text));
        }
        self.tokens.push(make(Kind::EndOfDirective, ""));
        Ok(())
    }
}

struct Cursor<'a> {
    chars: &'a [char],
    at: usize,
    line: usize,
}

/// Longest first.
const SIGNS: [&str; 44] = [
    "<<=", ">>=", "::", "->", "++", "--", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "+=", "-=", "*=",
    "/=", "%=", "&=", "|=", "^=", "+", "-", "*", "/", "%", "<", ">", "=", "!", "&", "|", "^", "~", "?", ":",
    ";", ",", ".", "(", ")", "[", "]",
];

impl Cursor<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn starts(&self, with: &str) -> bool {
        with.chars().enumerate().all(|(i, c)| self.chars.get(self.at + i) == Some(&c))
    }

    fn step(&mut self) {
        self.line += usize::from(self.peek() == Some('\n'));
        self.at += 1;
    }

    /// Blanks and comments.
    fn skip_blank(&mut self) {
        while let Some(next) = self.peek() {
            if next.is_whitespace() {
                self.step();
            } else if self.starts("//") {
                while self.peek().is_some_and(|c| c != '\n') {
                    self.step();
                }
            } else if self.starts("/*") {
                while self.peek().is_some() && !self.starts("*/") {
                    self.step();
                }
                self.at = (self.at + 2).min(self.chars.len());
            } else {
                return;
            }
        }
    }

    /// Up to the line's end or a comment, without blanks at its end.
    fn rest_of_line(&mut self) -> String {
        let mut text = String::new();
        while let Some(next) = self.peek().filter(|c| *c != '\n') {
            if self.starts("//") {
                break;
            }
            text.push(next);
            self.step();
        }
        text.trim_end().to_owned()
    }

    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> String {
        let mut text = String::new();
        while let Some(next) = self.peek().filter(|c| fits(*c)) {
            text.push(next);
            self.step();
        }
        text
    }

    fn token(&mut self) -> Result<(Kind, String), String> {
        let next = self.peek().unwrap_or(' ');
        if next.is_ascii_alphabetic() || next == '_' {
            return Ok((Kind::Word, self.take_while(|c| c.is_ascii_alphanumeric() || c == '_')));
        }
        if next.is_ascii_digit() {
            return Ok((Kind::Number, self.take_while(|c| c.is_ascii_alphanumeric() || c == '.')));
        }
        if next == '"' {
            return self.text_literal().map(|text| (Kind::Text, text));
        }
        if next == '{' || next == '}' {
            self.step();
            return Ok((Kind::Sign, next.to_string()));
        }
        let sign = SIGNS.iter().find(|sign| self.starts(sign)).ok_or_else(|| format!("what is {next:?}?"))?;
        self.at += sign.len();
        Ok((Kind::Sign, (*sign).to_owned()))
    }

    /// With its quotes.
    fn text_literal(&mut self) -> Result<String, String> {
        let mut text = String::from('"');
        self.step();
        loop {
            match self.peek() {
                None | Some('\n') => return Err("a text without its end".into()),
                Some('"') => {
                    self.step();
                    text.push('"');
                    return Ok(text);
                }
                Some('\\') => {
                    self.step();
                    let escaped = self.peek().filter(|c| "\\\"nt".contains(*c));
                    let escaped = escaped.ok_or("an escape that is none of \\\\ \\\" \\n \\t")?;
                    self.step();
                    text.push('\\');
                    text.push(escaped);
                }
                Some(plain) => {
                    self.step();
                    text.push(plain);
                }
            }
        }
    }
}
