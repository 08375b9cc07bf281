//! `#import` blocks, and what a parameter is.

use super::{Kind, Refused, Translator, emit};

/// A parameter as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    pub constant: bool,
    pub kind: String,
    pub name: String,
    pub reference: bool,
    pub array: bool,
}

impl Parameter {
    pub fn written(&self) -> String {
        let constant = if self.constant { "const " } else { "" };
        let reference = if self.reference { "&" } else { "" };
        let array = if self.array { "[]" } else { "" };
        format!("{constant}{} {reference}{}{array}", self.kind, self.name)
    }

    pub(super) fn cpp(&self) -> String {
        let kind = emit::kind(&self.kind);
        let constant = if self.constant { "const " } else { "" };
        if self.array {
            return format!("rt::view<{constant}{kind}> mql_{}", self.name);
        }
        let reference = if self.reference { "&" } else { "" };
        format!("{constant}{kind} {reference}mql_{}", self.name)
    }
}

/// An imported function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    pub library: String,
    pub returns: String,
    pub name: String,
    pub parameters: Vec<Parameter>,
}

impl Translator<'_> {
    /// `[const] TYPE [&] NAME [[]]`
    pub(super) fn parameter(&mut self) -> Result<Parameter, Refused> {
        let constant = self.is(0, "const");
        self.at += usize::from(constant);
        let kind = self.next()?.clone();
        if kind.kind != Kind::Word || !self.is_type(&kind.text) || kind.text == "void" {
            return Err(self.source.refuse(&kind, format!("a parameter's type is due, not `{}`", kind.text)));
        }
        let reference = self.is(0, "&");
        self.at += usize::from(reference);
        let name = self.name()?.clone();
        let array = self.is(0, "[") && self.is(1, "]");
        self.at += 2 * usize::from(array);
        if array && !reference {
            return Err(self.source.refuse(&name, "an array is passed by reference"));
        }
        if self.is_object(&kind.text) && !reference {
            return Err(self.source.refuse(&name, "an object is passed by reference"));
        }
        Ok(Parameter { constant, kind: kind.text, name: name.text, reference, array })
    }

    /// From behind `#import` up to the one that ends the block.
    pub(super) fn imports(&mut self) -> Result<(), Refused> {
        let library = self.next()?.clone();
        if library.kind != Kind::Text {
            return Err(self.source.refuse(&library, "#import of which library?"));
        }
        let library = library.text.trim_matches('"').to_owned();
        self.end_of_directive()?;
        while !self.is(0, "#import") {
            let import = self.import(&library)?;
            self.program.imports.push(import);
        }
        self.at += 1;
        self.end_of_directive()
    }

    fn import(&mut self, library: &str) -> Result<Import, Refused> {
        let returns = self.next()?.clone();
        if returns.text != "int" {
            return Err(self.source.refuse(&returns, "an import answers an int"));
        }
        let name = self.name()?.clone();
        self.expect("(")?;
        let mut parameters = Vec::new();
        while !self.is(0, ")") {
            let here = self.peek().cloned();
            let parameter = self.parameter()?;
            if let Some(why) = self.cannot_cross(&parameter.kind) {
                let here = here.as_ref().unwrap_or(&name);
                return Err(self
                    .source
                    .refuse(here, format!("`{}` crosses an import: {why}", parameter.kind)));
            }
            parameters.push(parameter);
            if !self.is(0, ")") {
                self.expect(",")?;
            }
        }
        self.expect(")")?;
        self.expect(";")?;
        let import = Import {
            library: library.to_owned(),
            returns: returns.text,
            name: name.text.clone(),
            parameters,
        };
        self.out.line(&name, &emit::import(&import, self.program.imports.len()));
        Ok(import)
    }

    /// Why a type may not be in an imported signature.
    fn cannot_cross(&self, kind: &str) -> Option<&'static str> {
        if self.classes.contains(kind) {
            return Some("a class");
        }
        if kind == "string" {
            return Some("a string's buffer has no known length");
        }
        if ["bool", "datetime"].contains(&kind) || kind.starts_with("ENUM_") {
            return Some("the header has no such type");
        }
        if let Some(found) = self.program.structs.iter().find(|known| known.name == kind) {
            let plain = ["uchar", "int", "uint", "long", "ulong", "double"];
            let all = found.fields.iter().all(|field| plain.contains(&field.kind.as_str()));
            return (!all).then_some("a struct with a field that is no plain number");
        }
        self.structs.contains(kind).then_some("a struct of the terminal's own")
    }
}
