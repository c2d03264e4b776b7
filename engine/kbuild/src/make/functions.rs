//! The functions of the make language (GNU make manual 8).

use super::evaluate::Evaluator;
use super::expr::{Expr, Function, Part};
use super::problem::Weight;
use super::scope::Variable;
use super::words::{self, dir, notdir, patsubst, pattern_match, push_word, words};
use rustc_hash::FxHashSet;
use std::cmp::Ordering;

/// One make asks the shell no more often than this before it is not noted any more.
const MOST_UNANSWERED: usize = 1000;

impl Evaluator<'_> {
    /// A function with arguments that are not expanded yet.
    pub(super) fn function(&mut self, function: Function, arguments: &[Expr], out: &mut String) {
        let (least, _) = function.arguments();
        if arguments.len() < least {
            self.fatal(&format!("too few arguments for $({})", function.name()));
            return;
        }
        let argument = |at: usize| arguments.get(at);
        match function {
            Function::If => {
                let holds = argument(0).is_some_and(|e| !self.stripped(e).is_empty());
                if let Some(chosen) = argument(if holds { 1 } else { 2 }) {
                    self.expand_into(chosen, out);
                }
            }
            Function::Or => {
                let found = arguments.iter().map(|e| self.stripped(e)).find(|v| !v.is_empty());
                out.push_str(&found.unwrap_or_default());
            }
            Function::And => {
                let mut last = String::new();
                for argument in arguments {
                    last = self.stripped(argument);
                    if last.is_empty() {
                        return;
                    }
                }
                out.push_str(&last);
            }
            Function::Foreach => self.foreach(arguments, out),
            Function::Let => self.bind(arguments, out),
            Function::Call => self.call(arguments, out),
            Function::Intcmp => self.intcmp(arguments, out),
            _ => {
                let expanded: Vec<String> = arguments.iter().map(|e| self.expand(e)).collect();
                self.apply(function, &expanded, out);
            }
        }
    }

    /// Expanded, with the blanks around the argument as written taken off first.
    fn stripped(&mut self, expr: &Expr) -> String {
        match &*expr.parts {
            [] => String::new(),
            [Part::Text(text)] => text.trim_ascii().to_owned(),
            [first, .., last] => {
                let mut value = self.expand(expr);
                if let Part::Text(text) = last {
                    value.truncate(value.len() - (text.len() - text.trim_ascii_end().len()).min(value.len()));
                }
                if let Part::Text(text) = first {
                    value.drain(..(text.len() - text.trim_ascii_start().len()).min(value.len()));
                }
                value
            }
            _ => self.expand(expr),
        }
    }

    fn foreach(&mut self, arguments: &[Expr], out: &mut String) {
        let [name, list, body] = arguments else { return };
        let name = self.expand(name);
        let name = self.library.name(name.trim_ascii());
        let list = self.expand(list);
        let at = self.locals.len();
        self.locals.push((name, String::new()));
        let mut first = true;
        for word in words(&list) {
            if self.stopped() {
                break;
            }
            if let Some((_, value)) = self.locals.get_mut(at) {
                value.clear();
                value.push_str(word);
            }
            push_word(out, &mut first, "");
            self.expand_into(body, out);
        }
        self.locals.truncate(at);
    }

    fn bind(&mut self, arguments: &[Expr], out: &mut String) {
        let [names, list, body] = arguments else { return };
        let names = self.expand(names);
        let list = self.expand(list);
        let mut rest = list.trim_ascii();
        let at = self.locals.len();
        let mut names = words(&names).peekable();
        while let Some(name) = names.next() {
            // The last name takes all that is left.
            let word = if names.peek().is_some() { rest.split_ascii_whitespace().next().unwrap_or("") } else { rest };
            self.locals.push((self.library.name(name), word.to_owned()));
            rest = rest[word.len()..].trim_ascii_start();
        }
        self.expand_into(body, out);
        self.locals.truncate(at);
    }

    fn call(&mut self, arguments: &[Expr], out: &mut String) {
        let mut frame: Vec<String> = arguments.iter().map(|e| self.expand(e)).collect();
        let Some(name) = frame.first().map(|n| n.trim_ascii().to_owned()) else { return };
        if let Some(function) = Function::named(&name) {
            frame.remove(0);
            let (least, most) = function.arguments();
            // The last argument that it takes has the commas of the rest.
            if most != 0 && frame.len() > most {
                let rest = frame.split_off(most - 1).join(",");
                frame.push(rest);
            }
            if frame.len() < least {
                self.fatal(&format!("too few arguments for $({name})"));
            } else if matches!(
                function,
                Function::If | Function::Or | Function::And | Function::Foreach | Function::Let | Function::Call | Function::Intcmp
            ) {
                let arguments: Vec<Expr> = frame.iter().map(|a| self.library.expr(&a.replace('$', "$$"))).collect();
                self.function(function, &arguments, out);
            } else {
                self.apply(function, &frame, out);
            }
            return;
        }
        if let Some(first) = frame.first_mut() {
            first.clone_from(&name);
        }
        let id = self.library.name(&name);
        self.frames.push(frame);
        self.variable(id, out);
        self.frames.pop();
    }

    fn intcmp(&mut self, arguments: &[Expr], out: &mut String) {
        let (Some(left), Some(right)) = (arguments.first(), arguments.get(1)) else { return };
        let (left, right) = (self.expand(left), self.expand(right));
        let (Some(order), left) = (compare(left.trim_ascii(), right.trim_ascii()), left.trim_ascii().to_owned()) else {
            self.fatal("$(intcmp) compares numbers only");
            return;
        };
        let chosen = match (order, arguments.len()) {
            (Ordering::Equal, 2) => {
                out.push_str(&left);
                return;
            }
            (_, 2) => return,
            (Ordering::Less, _) => arguments.get(2),
            (Ordering::Equal, _) => arguments.get(3),
            (Ordering::Greater, _) => arguments.get(4).or(arguments.get(3)),
        };
        if let Some(chosen) = chosen {
            self.expand_into(chosen, out);
        }
    }

    /// A function whose arguments are expanded.
    fn apply(&mut self, function: Function, arguments: &[String], out: &mut String) {
        let argument = |at: usize| arguments.get(at).map_or("", String::as_str);
        let (one, two, three) = (argument(0), argument(1), argument(2));
        let mut first = true;
        match function {
            Function::Subst => {
                if one.is_empty() {
                    out.push_str(three);
                    out.push_str(two);
                } else {
                    out.push_str(&three.replace(one, two));
                }
            }
            Function::Patsubst => patsubst(one, two, three, out),
            Function::Strip => words(one).for_each(|w| push_word(out, &mut first, w)),
            Function::Findstring => {
                if two.contains(one) {
                    out.push_str(one);
                }
            }
            Function::Filter => filter(one, two, true, out),
            Function::FilterOut => filter(one, two, false, out),
            Function::Sort => {
                let mut list: Vec<&str> = words(one).collect();
                list.sort_unstable();
                list.dedup();
                list.into_iter().for_each(|w| push_word(out, &mut first, w));
            }
            Function::Word => match one.trim_ascii().parse::<usize>() {
                Ok(at) if at > 0 => out.push_str(words(two).nth(at - 1).unwrap_or("")),
                _ => self.fatal("the first argument of $(word) is no number above 0"),
            },
            Function::Wordlist => match (one.trim_ascii().parse::<usize>(), two.trim_ascii().parse::<usize>()) {
                (Ok(from), Ok(to)) if from > 0 => {
                    let count = (to + 1).saturating_sub(from);
                    words(three).skip(from - 1).take(count).for_each(|w| push_word(out, &mut first, w));
                }
                _ => self.fatal("the arguments of $(wordlist) are no numbers"),
            },
            Function::Words => out.push_str(&words(one).count().to_string()),
            Function::Firstword => out.push_str(words(one).next().unwrap_or("")),
            Function::Lastword => out.push_str(words(one).last().unwrap_or("")),
            Function::Dir => words(one).for_each(|w| push_word(out, &mut first, dir(w))),
            Function::Notdir => words(one).for_each(|w| push_word(out, &mut first, notdir(w))),
            Function::Suffix => words(one).filter_map(words::suffix).for_each(|w| push_word(out, &mut first, w)),
            Function::Basename => words(one).for_each(|w| push_word(out, &mut first, words::basename(w))),
            Function::Addprefix => words(two).for_each(|w| {
                push_word(out, &mut first, one);
                out.push_str(w);
            }),
            Function::Addsuffix => words(two).for_each(|w| {
                push_word(out, &mut first, w);
                out.push_str(one);
            }),
            Function::Join => {
                let (mut left, mut right) = (words(one), words(two));
                loop {
                    let (left, right) = (left.next(), right.next());
                    if left.is_none() && right.is_none() {
                        break;
                    }
                    push_word(out, &mut first, left.unwrap_or(""));
                    out.push_str(right.unwrap_or(""));
                }
            }
            Function::Wildcard => {
                for pattern in words(one) {
                    self.glob(pattern).iter().for_each(|w| push_word(out, &mut first, w));
                }
            }
            Function::Abspath | Function::Realpath => {
                let here = self.here.clone();
                for word in words(one) {
                    if function == Function::Abspath || self.world.exists(&words::local(&here, word)) {
                        push_word(out, &mut first, &words::abspath(&here, word));
                    }
                }
            }
            Function::Value => {
                let id = self.library.name(one.trim_ascii());
                let local = self.locals.iter().rev().find(|(n, _)| *n == id).map(|(_, v)| v.as_str());
                out.push_str(local.or_else(|| self.scope.get(id).map(|v| &*v.text)).unwrap_or(""));
            }
            Function::Origin => {
                let id = self.library.name(one.trim_ascii());
                let automatic = self.locals.iter().any(|(n, _)| *n == id);
                let origin = self.scope.get(id).map_or("undefined", |v| v.origin.name());
                out.push_str(if automatic { "automatic" } else { origin });
            }
            Function::Flavor => out.push_str(match self.scope.get(self.library.name(one.trim_ascii())) {
                None => "undefined",
                Some(Variable { recursive: true, .. }) => "recursive",
                Some(_) => "simple",
            }),
            Function::Eval => {
                let lines = self.library.lines(one);
                // A rule under way goes on behind the line with the $(eval).
                self.run(&lines, None);
            }
            Function::Shell => {
                let answer = self.shell(one);
                out.push_str(&answer);
            }
            Function::File => {
                if let Some(path) = one.trim_ascii().strip_prefix('<')
                    && let Some(text) = self.world.read(&words::local(&self.here, path.trim_ascii()))
                {
                    out.push_str(text.strip_suffix('\n').unwrap_or(&text));
                }
            }
            Function::Info => self.problem(Weight::Info, one),
            Function::Warning => self.problem(Weight::Warning, one),
            Function::Error => self.fatal(one),
            Function::If | Function::Or | Function::And | Function::Foreach | Function::Let | Function::Call | Function::Intcmp => {}
        }
    }

    /// The output of a command with its line ends made blanks, when the world knows it.
    pub(super) fn shell(&mut self, command: &str) -> String {
        match self.world.shell(command) {
            Some(output) => output.trim_end_matches('\n').replace('\n', " "),
            None => {
                if self.unanswered.len() < MOST_UNANSWERED {
                    self.unanswered.push((self.place, command.to_owned()));
                }
                String::new()
            }
        }
    }

    /// The files that a pattern names, sorted; a name without wildcards if there is such a file.
    pub(super) fn glob(&self, pattern: &str) -> Vec<String> {
        let here = self.here.clone();
        if !pattern.contains(['*', '?', '[']) {
            let there = self.world.exists(&words::local(&here, pattern));
            return if there { vec![pattern.to_owned()] } else { Vec::new() };
        }
        // What was found so far, as the pattern writes it, component by component.
        let mut found = vec![if pattern.starts_with('/') { "/".to_owned() } else { String::new() }];
        let components: Vec<&str> = pattern.split('/').filter(|c| !c.is_empty()).collect();
        for (at, component) in components.iter().enumerate() {
            let last = at + 1 == components.len();
            let mut next = Vec::new();
            for folder in &found {
                if component.contains(['*', '?', '[']) {
                    let place = words::local(&here, if folder.is_empty() { "." } else { folder });
                    for name in self.world.list(&place).iter().filter(|n| words::wildcard_match(component, n)) {
                        next.push(format!("{folder}{name}{}", if last { "" } else { "/" }));
                    }
                } else {
                    next.push(format!("{folder}{component}{}", if last { "" } else { "/" }));
                }
            }
            found = next;
        }
        found.retain(|path| self.world.exists(&words::local(&here, path)));
        found.sort();
        found
    }
}

/// `$(filter)` and `$(filter-out)`. Long lists of plain names go through a table.
fn filter(patterns: &str, text: &str, keep: bool, out: &mut String) {
    let (with, plain): (Vec<&str>, Vec<&str>) = words(patterns).partition(|p| p.contains('%'));
    let table: Option<FxHashSet<&str>> = (plain.len() > 8).then(|| plain.iter().copied().collect());
    let mut first = true;
    for word in words(text) {
        let named = match &table {
            Some(table) => table.contains(word),
            None => plain.contains(&word),
        };
        if (named || with.iter().any(|p| pattern_match(p, word).is_some())) == keep {
            push_word(out, &mut first, word);
        }
    }
}

/// Whole numbers of any length by their digits; None when one is no number.
fn compare(left: &str, right: &str) -> Option<Ordering> {
    let parts = |text: &str| -> Option<(bool, String)> {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let fine = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let digits = digits.trim_start_matches('0').to_owned();
        fine.then(|| (text.starts_with('-') && !digits.is_empty(), digits))
    };
    let ((below, left), (other, right)) = (parts(left)?, parts(right)?);
    let size = left.len().cmp(&right.len()).then_with(|| left.cmp(&right));
    Some(match (below, other) {
        (false, false) => size,
        (true, true) => size.reverse(),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
    })
}
