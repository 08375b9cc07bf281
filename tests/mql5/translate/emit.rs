//! The C++ that comes out, line by line where it came from.

use std::fmt::Write;
use std::path::PathBuf;

use super::{Import, Kind, Program, TYPES, Token};

/// Text with `#line` directives, so that the compiler names the MQL5 file's own lines.
pub struct Writer {
    files: Vec<String>,
    place: (usize, usize),
    pub text: String,
}

impl Writer {
    pub fn new(files: &[PathBuf]) -> Self {
        let files = files.iter().map(|file| file.display().to_string()).collect();
        Self { files, place: (usize::MAX, 0), text: String::new() }
    }

    /// A token, on its own line of its own file.
    pub fn token(&mut self, token: &Token, text: &str) {
        if self.place == (token.file, token.line) {
            self.text.push(' ');
        } else {
            self.place = (token.file, token.line);
            let _ = write!(self.text, "\n#line {} \"{}\"\n", token.line, self.files[token.file]);
        }
        self.text.push_str(text);
    }

    /// A whole line.
    pub fn line(&mut self, token: &Token, text: &str) {
        self.place = (usize::MAX, 0);
        self.token(token, text);
        self.place = (usize::MAX, 0);
    }
}

/// A type that is known, as C++ has it.
pub fn kind(name: &str) -> String {
    let own = TYPES.iter().find(|(mql, _)| *mql == name);
    own.map_or_else(|| format!("mql_{name}"), |(_, cpp)| (*cpp).to_owned())
}

pub fn variable(kind: &str, name: &str, length: Option<usize>) -> String {
    match length {
        Some(length) => format!("rt::fixed<{kind}, {length}> mql_{name}"),
        None => format!("{kind} mql_{name}"),
    }
}

/// A number or a text.
pub fn literal(token: &Token) -> Result<String, String> {
    let text = &token.text;
    if token.kind == Kind::Text {
        return Ok(format!("rt::string(u{text})"));
    }
    if let Some(digits) = text.strip_prefix("0x") {
        let fits = u32::from_str_radix(digits, 16).map_err(|_| format!("{text} is no hexadecimal number"))?;
        return Ok(format!("0x{fits:x}"));
    }
    if let Some((whole, part)) = text.split_once('.') {
        let digits = |t: &str| !t.is_empty() && t.chars().all(|c| c.is_ascii_digit());
        return if digits(whole) && digits(part) {
            Ok(text.clone())
        } else {
            Err(format!("{text} is no number"))
        };
    }
    if text == "true" || text == "false" {
        return Ok(text.clone());
    }
    let value: i64 = text.parse().map_err(|_| format!("{text} is no number"))?;
    if text.len() > 1 && text.starts_with('0') {
        return Err(format!("{text} begins with a zero"));
    }
    Ok(if i32::try_from(value).is_ok() { text.clone() } else { format!("rt::i64({text})") })
}

/// A wrapper with the signature that the program gave, around the function that the header declares.
pub fn import(import: &Import, slot: usize) -> String {
    let parameters: Vec<String> = import.parameters.iter().map(super::Parameter::cpp).collect();
    let passed: Vec<String> = import
        .parameters
        .iter()
        .enumerate()
        .map(|(at, parameter)| {
            let how = match (parameter.array, parameter.reference) {
                (true, _) => "listed",
                (false, true) => "referred",
                (false, false) => "passed",
            };
            format!("rt::{how}<rt::parameter<F, {at}>::type>(mql_{})", parameter.name)
        })
        .collect();
    let Import { name, .. } = import;
    format!(
        "inline rt::i32 mql_{name}({}) {{ using F = decltype(&::{name}); \
         static_assert(rt::parameters<F>::count == {}, \"{name} has another number of parameters\"); \
         return reinterpret_cast<F>(mql5_slots[{slot}].function)({}); }}",
        parameters.join(", "),
        import.parameters.len(),
        passed.join(", "),
    )
}

/// The program with all that it needs around it.
pub fn whole(text: &str, program: &Program) -> String {
    let mut out = String::from(
        "#include \"library.h\"\n#include \"lotbridge.h\"\n\
         const rt::host_calls *rt::host = nullptr;\nextern rt::import_slot mql5_slots[];\n",
    );
    out.push_str(text);
    out.push_str("\n#line 1 \"made by the translator\"\n");
    for found in program.structs.iter().filter(|found| found.name.starts_with("Lb")) {
        let _ = writeln!(
            out,
            "static_assert(sizeof(mql_{0}) == sizeof(::{0}), \"{0}: another size\");",
            found.name
        );
        for field in &found.fields {
            let _ = writeln!(
                out,
                "static_assert(offsetof(mql_{0}, mql_{1}) == offsetof(::{0}, {1}), \"{0}.{1}: another place\");\n\
                 static_assert(sizeof(mql_{0}::mql_{1}) == sizeof(::{0}::{1}), \"{0}.{1}: another size\");",
                found.name, field.name
            );
        }
    }
    out.push_str("rt::import_slot mql5_slots[] = {\n");
    for import in &program.imports {
        let _ = writeln!(out, "    {{\"{}\", \"{}\", nullptr}},", import.library, import.name);
    }
    out.push_str("    {nullptr, nullptr, nullptr},\n};\n");
    // Early binding: without one of its functions the program does not start. The answer names it.
    out.push_str(
        "extern \"C\" const char *mql5_bind(const rt::host_calls *host) {\n\
         if (host->size != sizeof(rt::host_calls)) return \"the host's table\";\n    rt::host = host;\n\
         for (rt::import_slot *slot = mql5_slots; slot->name; slot++) {\n\
         slot->function = host->import(slot->library, slot->name);\n\
         if (!slot->function) return slot->name;\n    }\n",
    );
    for (name, value) in &program.inputs {
        let _ = writeln!(out, "    mql_{name} = rt::input(\"{name}\", {value});");
    }
    out.push_str("    return nullptr;\n}\n");
    for handler in &program.handlers {
        out.push_str(&entry(handler));
    }
    out
}

/// What the host calls.
fn entry(handler: &str) -> String {
    match handler {
        "OnInit" => "extern \"C\" int mql5_OnInit() { return mql_OnInit(); }\n".to_owned(),
        "OnDeinit" => "extern \"C\" void mql5_OnDeinit(int reason) { mql_OnDeinit(reason); }\n".to_owned(),
        "OnTradeTransaction" => "extern \"C\" void mql5_OnTradeTransaction(int type, rt::u64 ticket) {\n\
             mql_MqlTradeTransaction trans = {};\n    mql_MqlTradeRequest request = {};\n    mql_MqlTradeResult result = {};\n\
             trans.mql_type = static_cast<mql_ENUM_TRADE_TRANSACTION_TYPE>(type);\n    trans.mql_deal = ticket;\n\
             mql_OnTradeTransaction(trans, request, result);\n}\n"
            .to_owned(),
        "OnChartEvent" => "extern \"C\" void mql5_OnChartEvent(int id, rt::i64 lparam, const char *sparam) {\n\
             mql_OnChartEvent(id, lparam, 0.0, rt::string(std::string(sparam)));\n}\n"
            .to_owned(),
        plain => format!("extern \"C\" void mql5_{plain}() {{ mql_{plain}(); }}\n"),
    }
}
