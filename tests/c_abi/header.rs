//! What a C header says, as far as the tests ask: cbindgen writes a regular form.

/// The names of its functions, in its order.
pub fn functions(header: &str) -> Vec<&str> {
    let lines = header.lines().filter_map(|line| line.strip_prefix("int32_t "));
    lines.map(|line| line.split('(').next().unwrap_or(line)).collect()
}
