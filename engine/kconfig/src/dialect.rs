//! What differs between the trees that speak Kconfig: one named switch each.
//!
//! The switches are found by looking at the tree's own scripts/kconfig ([`Dialect::detect`]), not by asking its version.

use std::path::Path;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// `$(…)`, macros, and what comes with them (Linux 4.18).
    pub macros: bool,
    /// Choices are bool, nameless, never optional and have no value of their own; the last answer of `.config` wins
    /// (Linux 6.12).
    pub simple_choices: bool,
    /// An answer outside its range becomes the nearer bound, instead of being forgotten (Linux 6.12).
    pub clamp_ranges: bool,
    /// An int or hex without a value is written as 0 (Linux 6.12).
    pub zero_numbers: bool,
    /// In a defconfig, a bool's default that comes to m differs from y (Linux 6.12).
    pub modular_defaults: bool,
    /// Buckets of the symbol table that the order of auto.conf shows.
    pub buckets: u32,
    /// `# end of` after a menu (Linux 5.5).
    pub end_of_menu: bool,
    /// rustc_cfg is written (Linux 6.1).
    pub rustc_cfg: bool,
    /// auto.conf.cmd begins with `autoconfig :=` and lists the files as they were read (Linux 6.12).
    pub cmd_with_autoconfig: bool,
    /// `transitional` (Linux 6.18).
    pub transitional: bool,
    /// BusyBox's form of `.config` and autoconf.h, and its command line.
    pub busybox: bool,
    /// Before the name of a symbol in files; CONFIG_ in the environment goes before it.
    pub prefix: String,
}

impl Dialect {
    pub fn linux_6_12() -> Self {
        Self {
            macros: true,
            simple_choices: true,
            clamp_ranges: true,
            zero_numbers: true,
            modular_defaults: true,
            buckets: 1 << 14,
            end_of_menu: true,
            rustc_cfg: true,
            cmd_with_autoconfig: true,
            transitional: false,
            busybox: false,
            prefix: "CONFIG_".into(),
        }
    }

    pub fn linux_6_1() -> Self {
        Self {
            simple_choices: false,
            clamp_ranges: false,
            zero_numbers: false,
            modular_defaults: false,
            buckets: 9973,
            cmd_with_autoconfig: false,
            ..Self::linux_6_12()
        }
    }

    pub fn busybox() -> Self {
        Self { macros: false, end_of_menu: false, rustc_cfg: false, busybox: true, ..Self::linux_6_1() }
    }

    /// Looks at the tree's own implementation, where it carries one.
    pub fn detect(tree: &Path) -> Self {
        let read = |name: &str| std::fs::read_to_string(tree.join("scripts/kconfig").join(name)).unwrap_or_default();
        if tree.join("scripts/gen_build_files.sh").exists() || tree.join("Config.in").exists() && !tree.join("Kconfig").exists() {
            return Self::busybox();
        }
        let (lexer, writer, parser) = (read("lexer.l"), read("confdata.c"), read("parser.y"));
        if lexer.is_empty() {
            return Self::linux_6_12();
        }
        let has = |text: &str, word: &str| text.contains(word);
        let simple_choices = has(&read("expr.h"), "choice_members");
        Self {
            macros: Path::new(&tree.join("scripts/kconfig/preprocess.c")).exists(),
            simple_choices,
            clamp_ranges: simple_choices,
            zero_numbers: simple_choices,
            modular_defaults: simple_choices,
            buckets: if simple_choices { 1 << 14 } else { 9973 },
            end_of_menu: has(&writer, "# end of"),
            rustc_cfg: has(&writer, "RUSTCCFG"),
            cmd_with_autoconfig: has(&parser, "autoconfig") || has(&writer, "autoconfig :="),
            transitional: has(&lexer, "transitional"),
            busybox: false,
            prefix: "CONFIG_".into(),
        }
    }
}

impl Default for Dialect {
    fn default() -> Self {
        Self::linux_6_12()
    }
}
