//! MQL5 into C++, for the part of the language that LotBridge's programs keep to. What is not known here is refused, with
//! its place; nothing is skipped.
//!
//! Every name gets the prefix `mql_`, so that only what the runtime headers declare under such a name can be meant.

mod body;
mod declare;
mod emit;
mod import;
mod lex;

use std::collections::BTreeSet;
use std::path::Path;

pub use import::{Import, Parameter};
pub use lex::{Kind, Refused, Source, Token};

/// A field of a struct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub kind: String,
    pub name: String,
    /// A fixed array's length.
    pub length: Option<usize>,
}

/// A struct of the program's.
#[derive(Debug, Clone)]
pub struct Struct {
    pub name: String,
    pub fields: Vec<Field>,
}

/// A translated program.
#[derive(Debug, Default)]
pub struct Program {
    pub cpp: String,
    pub structs: Vec<Struct>,
    pub imports: Vec<Import>,
    /// `#define`s of a single number.
    pub constants: Vec<(String, i64)>,
    pub handlers: Vec<String>,
    /// Inputs with their usual values.
    pub inputs: Vec<(String, String)>,
}

/// The event handlers that there are, with their exact parameters.
const HANDLERS: [(&str, &str, &str); 8] = [
    ("OnInit", "int", ""),
    ("OnDeinit", "void", "const int reason"),
    ("OnTick", "void", ""),
    ("OnTimer", "void", ""),
    ("OnTrade", "void", ""),
    (
        "OnTradeTransaction",
        "void",
        "const MqlTradeTransaction &trans, const MqlTradeRequest &request, const MqlTradeResult &result",
    ),
    ("OnChartEvent", "void", "const int id, const long &lparam, const double &dparam, const string &sparam"),
    ("OnStart", "void", ""),
];

/// MQL5's own types, and what they are in C++.
const TYPES: [(&str, &str); 13] = [
    ("void", "void"),
    ("bool", "bool"),
    ("char", "rt::i8"),
    ("uchar", "rt::u8"),
    ("short", "rt::i16"),
    ("ushort", "rt::u16"),
    ("int", "rt::i32"),
    ("uint", "rt::u32"),
    ("long", "rt::i64"),
    ("ulong", "rt::u64"),
    ("datetime", "rt::i64"),
    ("double", "double"),
    ("string", "rt::string"),
];

/// Structs that MQL5 has itself.
const BUILT_IN: [&str; 4] = ["MqlTick", "MqlTradeRequest", "MqlTradeResult", "MqlTradeTransaction"];

/// Translates a program with all that it includes.
///
/// # Errors
/// The first thing that is not understood.
pub fn translate(mql5: &Path, program: &Path) -> Result<Program, Refused> {
    let source = Source::read(mql5, program)?;
    let mut translator = Translator::new(&source);
    translator.program()?;
    Ok(translator.finish())
}

struct Translator<'a> {
    source: &'a Source,
    at: usize,
    out: emit::Writer,
    program: Program,
    /// The program's structs, by name.
    structs: BTreeSet<String>,
    classes: BTreeSet<String>,
    defined: BTreeSet<String>,
}

impl<'a> Translator<'a> {
    fn new(source: &'a Source) -> Self {
        Self {
            source,
            at: 0,
            out: emit::Writer::new(&source.files),
            program: Program::default(),
            structs: BUILT_IN.map(str::to_owned).into(),
            classes: BTreeSet::new(),
            defined: BTreeSet::new(),
        }
    }

    fn finish(self) -> Program {
        let mut program = self.program;
        program.cpp = emit::whole(&self.out.text, &program);
        program
    }

    /// The next token; a last one that is none stands after all.
    fn peek_at(&self, ahead: usize) -> Option<&'a Token> {
        self.source.tokens.get(self.at + ahead)
    }

    fn peek(&self) -> Option<&'a Token> {
        self.peek_at(0)
    }

    fn is(&self, ahead: usize, text: &str) -> bool {
        self.peek_at(ahead).is_some_and(|token| token.text == text && token.kind != Kind::Text)
    }

    fn refused(&self, why: impl std::fmt::Display) -> Refused {
        match self.peek().or(self.source.tokens.last()) {
            Some(token) => self.source.refuse(token, why),
            None => Refused(format!("{why}, in an empty program")),
        }
    }

    fn next(&mut self) -> Result<&'a Token, Refused> {
        let token = self.peek().ok_or_else(|| self.refused("the program ends in the middle of something"))?;
        self.at += 1;
        Ok(token)
    }

    fn expect(&mut self, text: &str) -> Result<&'a Token, Refused> {
        if self.is(0, text) {
            return self.next();
        }
        let found = self.peek().map_or("the end", |token| token.text.as_str());
        Err(self.refused(format!("`{text}` is due, `{found}` stands here")))
    }

    /// A name of the program's own.
    fn name(&mut self) -> Result<&'a Token, Refused> {
        let token = self.next()?;
        if token.kind != Kind::Word || body::is_reserved(&token.text) || self.is_type(&token.text) {
            return Err(self.source.refuse(token, format!("a name is due, `{}` stands here", token.text)));
        }
        Ok(token)
    }

    fn is_type(&self, name: &str) -> bool {
        TYPES.iter().any(|(own, _)| *own == name)
            || name.starts_with("ENUM_")
            || self.structs.contains(name)
            || self.classes.contains(name)
    }

    /// Is it passed by reference only?
    fn is_object(&self, name: &str) -> bool {
        self.structs.contains(name) || self.classes.contains(name)
    }

    /// A type's name as C++ has it.
    fn kind(&mut self) -> Result<String, Refused> {
        let token = self.next()?;
        if token.kind == Kind::Word && self.is_type(&token.text) {
            return Ok(emit::kind(&token.text));
        }
        Err(self.source.refuse(token, format!("a type is due, `{}` is none that is known here", token.text)))
    }

    fn program(&mut self) -> Result<(), Refused> {
        while let Some(token) = self.peek() {
            match (token.kind, token.text.as_str()) {
                (Kind::Directive, _) => self.directive()?,
                (Kind::Word, "struct") => self.structure()?,
                (Kind::Word, "class") => self.class()?,
                (Kind::Word, "input") => self.input()?,
                _ => self.declaration()?,
            }
        }
        self.handlers()
    }

    fn directive(&mut self) -> Result<(), Refused> {
        let directive = self.next()?;
        match directive.text.as_str() {
            "#property" => {
                let known = ["copyright", "version", "description", "script_show_inputs"];
                let name = self.name()?;
                if !known.contains(&name.text.as_str()) {
                    return Err(self
                        .source
                        .refuse(name, format!("#property {} is not known here", name.text)));
                }
                while !self.peek().is_some_and(|token| token.kind == Kind::EndOfDirective) {
                    self.next()?;
                }
            }
            "#define" => self.define()?,
            // Guards alone: a file is taken in once anyway.
            "#ifndef" => {
                let name = self.name()?.text.clone();
                if self.defined.contains(&name) {
                    return Err(self.refused(format!("{name} guards two files")));
                }
            }
            "#endif" => {}
            "#import" => return self.imports(),
            other => return Err(self.source.refuse(directive, format!("{other} is not known here"))),
        }
        self.end_of_directive()
    }

    fn end_of_directive(&mut self) -> Result<(), Refused> {
        let token = self.next()?;
        if token.kind == Kind::EndOfDirective {
            return Ok(());
        }
        Err(self.source.refuse(token, format!("`{}` after a directive's end", token.text)))
    }

    /// A number, or nothing for a guard.
    fn define(&mut self) -> Result<(), Refused> {
        let name = self.name()?.clone();
        if !self.defined.insert(name.text.clone()) {
            return Err(self.source.refuse(&name, format!("{} is defined twice", name.text)));
        }
        if self.peek().is_some_and(|token| token.kind == Kind::EndOfDirective) {
            return Ok(());
        }
        let in_brackets = self.is(0, "(");
        self.at += usize::from(in_brackets);
        let negative = self.is(0, "-");
        self.at += usize::from(negative);
        let number = self.next()?.clone();
        if negative != in_brackets || number.kind != Kind::Number {
            return Err(self.source.refuse(&name, "a #define is a number, or a negative one in brackets"));
        }
        if in_brackets {
            self.expect(")")?;
        }
        if number.text.contains('.') && !negative {
            let value = emit::literal(&number).map_err(|why| self.source.refuse(&number, why))?;
            self.out.line(&name, &format!("#define mql_{} {value}", name.text));
            return Ok(());
        }
        let value: i64 = number
            .text
            .parse()
            .map_err(|_| self.source.refuse(&number, format!("{} is no integer", number.text)))?;
        let value = if negative { -value } else { value };
        self.out.line(&name, &format!("#define mql_{} ({value})", name.text));
        self.program.constants.push((name.text, value));
        Ok(())
    }

    /// `input TYPE NAME = DEFAULT;`: the host may give another value before the start.
    fn input(&mut self) -> Result<(), Refused> {
        self.expect("input")?;
        let kind = self.kind()?;
        let name = self.name()?.clone();
        self.expect("=")?;
        let usual = self.next()?.clone();
        self.expect(";")?;
        let fits = match kind.as_str() {
            "rt::string" => usual.kind == Kind::Text,
            "bool" => ["true", "false"].contains(&usual.text.as_str()),
            "rt::i32" => usual.kind == Kind::Number,
            _ => false,
        };
        if !fits {
            return Err(self.source.refuse(&usual, "an input is a string, bool or int with a plain value"));
        }
        let value = emit::literal(&usual).map_err(|why| self.source.refuse(&usual, why))?;
        self.out.line(&name, &format!("static {kind} mql_{};", name.text));
        self.program.inputs.push((name.text, value));
        Ok(())
    }

    /// Every function whose name is that of a handler was seen with its signature; here, what there is of them.
    fn handlers(&mut self) -> Result<(), Refused> {
        if self.program.handlers.is_empty() {
            return Err(self.refused("no event handler: such a program never runs"));
        }
        Ok(())
    }
}
