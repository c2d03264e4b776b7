//! `bootwright presets`.

use super::{End, print_json};
use bootwright_model::Library;
use serde_json::json;
use std::io::Write;

pub fn run(library: &Library, json: bool) -> anyhow::Result<End> {
    if json {
        let list: Vec<_> = library.layouts().iter().map(|l| json!({"name": l.name, "title": l.title, "explain": l.explain})).collect();
        print_json(&list)?;
        return Ok(End::Done);
    }
    let mut out = std::io::stdout().lock();
    for l in library.layouts() {
        writeln!(out, "{:10} {}\n{}\n", l.name, l.title, wrap(&l.explain, 76, "           "))?;
    }
    Ok(End::Done)
}

fn wrap(text: &str, width: usize, indent: &str) -> String {
    let mut out = String::from(indent);
    let mut column = indent.len();
    for word in text.split_whitespace() {
        if column + word.len() > width && column > indent.len() {
            out += "\n";
            out += indent;
            column = indent.len();
        } else if column > indent.len() {
            out.push(' ');
            column += 1;
        }
        out += word;
        column += word.len();
    }
    out
}
