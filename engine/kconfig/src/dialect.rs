//! What differs between the trees that speak Kconfig: one named switch each.
//!
//! The switches are found by looking at the tree's own program ([`Dialect::detect`]), not by asking its version. A tree
//! without one (Zephyr) is read by the name that [`Dialect::named`] knows.

use std::path::{Path, PathBuf};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// `$(…)`, macros, and what comes with them (Linux 4.18).
    pub macros: bool,
    /// Without macros: `$X` in a path or the main menu's title is the value of the symbol X.
    pub symbols_in_text: bool,
    /// `.` and `/` belong to words, so that a path needs no quotes (before Linux 5.0).
    pub path_words: bool,
    /// `source "a/*/Kconfig"` reads all that match, and none is no error (coreboot).
    pub globs: bool,
    /// `rsource`, `osource` and `orsource` (Kconfiglib): from the file's own folder, and where there is one; both with globs.
    pub more_sources: bool,
    /// `def_int`, `def_hex` and `def_string` (Kconfiglib).
    pub typed_defaults: bool,
    /// `option env=`, `modules`, `defconfig_list`, `allnoconfig_y` (before Linux 5.14).
    pub options: bool,
    /// `option env=` makes a symbol of an environment variable (before Linux 4.18).
    pub option_env: bool,
    /// The symbol MODULES says whether there are modules, though nothing says `modules` (before Linux 3.10).
    pub modules_by_name: bool,
    /// `---help---` (before Linux 5.10).
    pub dashed_help: bool,
    /// Choices are bool, nameless, never optional and have no value of their own; the last answer of `.config` wins
    /// (Linux 6.12).
    pub simple_choices: bool,
    /// An answer outside its range becomes the nearer bound, instead of being forgotten (Linux 6.12).
    pub clamp_ranges: bool,
    /// An int or hex without a value is written as 0 (Linux 6.12).
    pub zero_numbers: bool,
    /// `A && y` stands in messages as `A` (Linux 6.12).
    pub folds_constants: bool,
    /// A choice has nothing but entries, comments and `if` in it (Linux 5.0).
    pub plain_choices: bool,
    /// In a defconfig, a bool's default that comes to m differs from y (Linux 6.12).
    pub modular_defaults: bool,
    /// Buckets of the symbol table that the order of auto.conf shows.
    pub buckets: u32,
    /// `# end of` after a menu (Linux 5.5).
    pub end_of_menu: bool,
    /// A symbol whose default comes to n is written as not set though nobody is asked for it (before Linux 4.18).
    pub default_n_is_written: bool,
    /// A symbol that is implied in vain is written as not set (Linux 5.7).
    pub implied_is_written: bool,
    /// Strings are written with a `\` before `"` and `\` (not by U-Boot).
    pub escapes: bool,
    /// Strings in auto.conf are as in `.config`, quotes and all (before Linux 5.14).
    pub quoted_auto_conf: bool,
    /// autoconf.h's first comment begins and ends with an empty line (before Linux 5.14).
    pub spaced_header: bool,
    /// auto.conf.cmd puts what auto.conf depends on in a line of its own (before Linux 5.14).
    pub spaced_cmd: bool,
    /// autoconf.h defines what is not set as 0, and all symbols are in it.
    pub negatives: Negatives,
    /// KCONFIG_SPLITCONFIG names the folder of the files that stand for symbols, and auto.conf.cmd is there too (coreboot).
    pub split_variable: bool,
    /// Every target leaves auto.conf and its like where there is none, not syncconfig alone (Linux 5.1).
    pub writes_auto: bool,
    /// randconfig names its seed on the standard error (before Linux 5.10).
    pub seed_on_stderr: bool,
    /// syncconfig is called silentoldconfig, and olddefconfig oldnoconfig too (before Linux 4.18).
    pub old_targets: bool,
    /// Where there is an auto.conf, values are worked out again after it was read, and warned of again (before Linux 6.12).
    pub auto_conf_forgets: bool,
    /// syncconfig without a `.config` is an error.
    pub sync_needs_config: bool,
    /// A `.config` that would come out the same is left alone (Linux 5.2).
    pub keeps_same: bool,
    /// The file that stands for FOO_BAR in include/config is foo/bar.h, not FOO_BAR (before Linux 5.14).
    pub touch_headers: bool,
    /// tristate.conf is written (before Linux 5.5).
    pub tristate_conf: bool,
    /// rustc_cfg is written (Linux 6.1).
    pub rustc_cfg: bool,
    /// auto.conf.cmd begins with `autoconfig :=` and lists the files as they were read (Linux 6.12).
    pub cmd_with_autoconfig: bool,
    /// For the line-oriented targets, what is shown for the sake of what is below it counts as answered (before Linux 6.12, not
    /// BusyBox).
    pub shown_is_answered: bool,
    /// What is said at the end of the last file names no file (before Linux 6.12).
    pub end_has_no_file: bool,
    /// In `.config`, what follows `is not set` is passed over, and so is a line that names a symbol without a `=` (before
    /// Linux 6.12).
    pub loose_lines: bool,
    /// Where `.config` says what everything comes to, answers to what is not asked are forgotten (before Linux 6.12).
    pub forgets_unseen: bool,
    /// randconfig goes through the symbols again only where the last choice had a member to draw (U-Boot and SeaBIOS; mended in
    /// coreboot and in Linux 6.1).
    pub last_choice_decides: bool,
    /// An answer that takes the place of an earlier one is worth a notice, not a warning (coreboot).
    pub override_notices: bool,
    /// What is told of a symbol, and in which order.
    pub help: Help,
    /// In messages, y, m and n stand without their value (before Linux 6.1).
    pub bare_constants: bool,
    /// The symbol of `option defconfig_list` is not written (Linux 4.18).
    pub list_unwritten: bool,
    /// The symbol of `option defconfig_list` names what is read where there is no `.config` (before Linux 5.14).
    pub defconfig_list: bool,
    /// `transitional` (Linux 6.18).
    pub transitional: bool,
    /// `depends on X if Y` (Linux 7).
    pub conditional_depends: bool,
    /// A file that is sourced twice is an error (Linux 7).
    pub sourced_once: bool,
    /// The path of a recursive inclusion goes up to the top file, not to where the file was read first (Linux 6.12).
    pub whole_inclusion_path: bool,
    /// What hangs on an option being off is not below it in the menu (Linux 7.3).
    pub negation_ends_menu: bool,
    /// BusyBox's form of `.config` and autoconf.h, and its command line.
    pub busybox: bool,
    /// Before the name of a symbol in files; CONFIG_ in the environment goes before it.
    pub prefix: String,
}

/// Whether autoconf.h has lines for what is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Negatives {
    Never,
    /// Where KCONFIG_NEGATIVES is set (coreboot); auto.conf has them too.
    IfAsked,
    /// Always (SeaBIOS).
    Always,
}

/// How the line-oriented targets tell of a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Help {
    /// All its prompts with the menus above them, then where it is defined first (U-Boot).
    Prompts,
    /// Each of its definitions, with the menus above it (coreboot).
    Definitions,
    /// Each with itself below them (Linux 6.1).
    Whole,
}

/// Where trees keep their configuration program.
const HOMES: [&str; 8] = [
    "scripts/kconfig",
    "util/kconfig",    // coreboot
    "tools/kconfig",   // Xen
    "support/kconfig", // Buildroot
    "extra/config",    // uClibc
    "scripts/config",  // OpenWrt
    "config/kconfig",
    "kconfig", // crosstool-NG, Toybox
];

impl Dialect {
    pub fn linux_6_12() -> Self {
        Self {
            macros: true,
            symbols_in_text: false,
            path_words: false,
            globs: false,
            more_sources: false,
            typed_defaults: false,
            options: false,
            option_env: false,
            modules_by_name: false,
            dashed_help: false,
            simple_choices: true,
            clamp_ranges: true,
            zero_numbers: true,
            folds_constants: true,
            plain_choices: true,
            modular_defaults: true,
            buckets: 1 << 14,
            end_of_menu: true,
            default_n_is_written: false,
            implied_is_written: true,
            escapes: true,
            quoted_auto_conf: false,
            spaced_header: false,
            spaced_cmd: false,
            negatives: Negatives::Never,
            split_variable: false,
            writes_auto: true,
            seed_on_stderr: false,
            old_targets: false,
            auto_conf_forgets: false,
            sync_needs_config: false,
            keeps_same: true,
            touch_headers: false,
            tristate_conf: false,
            rustc_cfg: true,
            cmd_with_autoconfig: true,
            shown_is_answered: false,
            end_has_no_file: false,
            loose_lines: false,
            forgets_unseen: false,
            last_choice_decides: false,
            override_notices: false,
            help: Help::Whole,
            bare_constants: false,
            list_unwritten: false,
            defconfig_list: false,
            transitional: false,
            conditional_depends: false,
            sourced_once: false,
            whole_inclusion_path: true,
            negation_ends_menu: false,
            busybox: false,
            prefix: "CONFIG_".into(),
        }
    }

    /// Linux 7.2.
    pub fn linux_7() -> Self {
        Self { transitional: true, conditional_depends: true, sourced_once: true, ..Self::linux_6_12() }
    }

    pub fn linux_6_1() -> Self {
        Self {
            simple_choices: false,
            clamp_ranges: false,
            zero_numbers: false,
            folds_constants: false,
            modular_defaults: false,
            auto_conf_forgets: true,
            buckets: 9973,
            cmd_with_autoconfig: false,
            shown_is_answered: true,
            end_has_no_file: true,
            loose_lines: true,
            forgets_unseen: true,
            whole_inclusion_path: false,
            ..Self::linux_6_12()
        }
    }

    /// Linux 5.4, and what took its program over then (Xen).
    pub fn linux_5_4() -> Self {
        Self {
            plain_choices: false,
            options: true,
            defconfig_list: true,
            last_choice_decides: true,
            help: Help::Definitions,
            bare_constants: true,
            list_unwritten: true,
            dashed_help: true,
            end_of_menu: false,
            implied_is_written: false,
            quoted_auto_conf: true,
            spaced_header: true,
            spaced_cmd: true,
            seed_on_stderr: true,
            touch_headers: true,
            tristate_conf: true,
            rustc_cfg: false,
            ..Self::linux_6_1()
        }
    }

    /// Linux 4.17 and before, and what took its program over then (Buildroot, Barebox, SeaBIOS, uClibc-ng).
    pub fn linux_4() -> Self {
        Self {
            macros: false,
            symbols_in_text: true,
            path_words: true,
            help: Help::Prompts,
            option_env: true,
            default_n_is_written: true,
            keeps_same: false,
            list_unwritten: false,
            writes_auto: false,
            old_targets: true,
            sync_needs_config: true,
            ..Self::linux_5_4()
        }
    }

    pub fn busybox() -> Self {
        Self {
            macros: false,
            symbols_in_text: true,
            path_words: true,
            modules_by_name: true,
            dashed_help: true,
            end_of_menu: false,
            rustc_cfg: false,
            shown_is_answered: false,
            busybox: true,
            plain_choices: false,
            ..Self::linux_6_1()
        }
    }

    /// The language of Kconfiglib, which trees without a program of their own use.
    pub fn kconfiglib() -> Self {
        Self { more_sources: true, plain_choices: false, typed_defaults: true, options: true, option_env: true, ..Self::linux_6_1() }
    }

    /// A dialect by its name, for a tree that does not show it.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "linux" | "linux-6.12" => Self::linux_6_12(),
            "linux-6.18" => Self { transitional: true, ..Self::linux_6_12() },
            "linux-7" | "linux-7.2" => Self::linux_7(),
            "linux-7.3" => Self { negation_ends_menu: true, ..Self::linux_7() },
            "linux-6.1" => Self::linux_6_1(),
            "linux-5.4" | "xen" => Self::linux_5_4(),
            "linux-4" | "barebox" => Self::linux_4(),
            "buildroot" | "uclibc" => Self { prefix: String::new(), ..Self::linux_4() },
            "u-boot" => Self {
                path_words: true,
                help: Help::Prompts,
                escapes: false,
                keeps_same: false,
                writes_auto: false,
                sync_needs_config: true,
                ..Self::linux_5_4()
            },
            "coreboot" => Self {
                globs: true,
                help: Help::Definitions,
                bare_constants: true,
                override_notices: true,
                plain_choices: false,
                rustc_cfg: false,
                quoted_auto_conf: true,
                spaced_header: true,
                spaced_cmd: true,
                negatives: Negatives::IfAsked,
                split_variable: true,
                ..Self::linux_6_1()
            },
            "kconfiglib" | "zephyr" | "esp-idf" => Self::kconfiglib(),
            "busybox" => Self::busybox(),
            _ => return None,
        })
    }

    /// Looks at the tree's own implementation, where it carries one.
    pub fn detect(tree: &Path) -> Self {
        let Some(home) = HOMES.iter().map(|h| tree.join(h)).find(|h| h.join("confdata.c").exists()) else {
            let old = tree.join("scripts/gen_build_files.sh").exists() || tree.join("Config.in").exists() && !tree.join("Kconfig").exists();
            return if old { Self::busybox() } else { Self::linux_6_12() };
        };
        let program = Program { home };
        if program.writer().contains("Automatically generated make config") {
            return Self::busybox();
        }
        let (lexer, parser, writer) = (program.lexer(), program.parser(), program.writer());
        let (words, symbols, targets) = (program.words(), program.read(&["symbol.c"]), program.read(&["conf.c"]));
        // These came with one change of the writers, and its name is the sign of them all.
        let plain = writer.contains("comment_style");
        let macros = program.home.join("preprocess.c").exists();
        let simple_choices = program.read(&["expr.h"]).contains("choice_members");
        Self {
            macros,
            symbols_in_text: !macros,
            path_words: !macros || lexer.contains("[/.]"),
            globs: lexer.contains("glob.h"),
            more_sources: false,
            typed_defaults: false,
            options: words.contains("modules") && words.contains("defconfig_list") || parser.contains("T_OPT"),
            option_env: !macros && (words.contains("env") || symbols.contains("environment variable")),
            modules_by_name: parser.contains("\"MODULES\""),
            dashed_help: !macros || lexer.contains("---help---") || words.contains("---help---"),
            simple_choices,
            clamp_ranges: simple_choices,
            zero_numbers: simple_choices,
            folds_constants: simple_choices,
            plain_choices: match parser.contains("stmt_list_in_choice") {
                true => !parser.contains("stmt_list_in_choice source_stmt"),
                false => simple_choices,
            },
            modular_defaults: simple_choices,
            buckets: if simple_choices { 1 << 14 } else { 9973 },
            end_of_menu: writer.contains("# end of"),
            default_n_is_written: !macros,
            // Nothing in the source says so; this target came at about the same time.
            implied_is_written: targets.contains("helpnewconfig"),
            escapes: writer.contains("escape"),
            quoted_auto_conf: !plain,
            spaced_header: !plain,
            spaced_cmd: !plain,
            negatives: match (writer.contains("KCONFIG_NEGATIVES"), writer.contains("#define %s%s 0")) {
                (true, _) => Negatives::IfAsked,
                (_, true) => Negatives::Always,
                _ => Negatives::Never,
            },
            split_variable: writer.contains("KCONFIG_SPLITCONFIG"),
            writes_auto: writer.contains("overwrite"),
            seed_on_stderr: targets.contains("stderr, \"KCONFIG_SEED"),
            old_targets: targets.contains("silentoldconfig"),
            auto_conf_forgets: !simple_choices,
            sync_needs_config: targets.contains("not found!"),
            keeps_same: writer.contains("No change to"),
            touch_headers: writer.contains("tolower"),
            tristate_conf: writer.contains("tristate.conf"),
            rustc_cfg: writer.contains("RUSTCCFG"),
            cmd_with_autoconfig: parser.contains("autoconfig") || writer.contains("autoconfig :="),
            shown_is_answered: !simple_choices,
            end_has_no_file: !simple_choices,
            loose_lines: !simple_choices,
            forgets_unseen: !simple_choices,
            whole_inclusion_path: simple_choices,
            negation_ends_menu: program.read(&["expr.c"]).contains("symbol_negated"),
            help: match &program.read(&["menu.c"]) {
                menus if menus.contains("\"  Defined at") => Help::Prompts,
                menus if menus.contains("menu = prop->menu->parent") => Help::Definitions,
                _ => Help::Whole,
            },
            override_notices: writer.contains(":notice: "),
            bare_constants: !symbols.contains("= S_TRISTATE,"),
            last_choice_decides: writer.contains("has_changed = randomize_choice_values"),
            list_unwritten: writer.contains("NO_WRITE"),
            defconfig_list: writer.contains("sym_defconfig_list"),
            transitional: lexer.contains("transitional"),
            conditional_depends: parser.contains("T_ON expr if_expr"),
            sourced_once: program.read(&["util.c"]).contains("repeated inclusion"),
            busybox: false,
            prefix: program.prefix(),
        }
    }
}

/// The source of a tree's program. Which words are in it is all that is asked.
struct Program {
    home: PathBuf,
}

impl Program {
    /// The first of these files that is there.
    fn read(&self, names: &[&str]) -> String {
        let read = |name: &&str| std::fs::read(self.home.join(name)).ok();
        names.iter().find_map(read).map(|text| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default()
    }

    fn lexer(&self) -> String {
        self.read(&["lexer.l", "zconf.l", "lex.zconf.c_shipped", "zconf.lex.c_shipped"])
    }

    fn parser(&self) -> String {
        self.read(&["parser.y", "zconf.y", "zconf.tab.c_shipped"])
    }

    fn writer(&self) -> String {
        self.read(&["confdata.c"])
    }

    /// Where the keywords stand.
    fn words(&self) -> String {
        self.read(&["kconf_id.c", "zconf.gperf", "zconf.hash.c_shipped", "lexer.l"])
    }

    /// What the program puts before names, which the makefile of Buildroot and its like changes.
    fn prefix(&self) -> String {
        let makefile = self.read(&["Makefile"]);
        let given = makefile.split_once("-DCONFIG_=").map(|(_, rest)| rest.split_whitespace().next().unwrap_or_default());
        given.map_or("CONFIG_", |g| g.trim_matches(['\\', '"', '\''])).to_owned()
    }
}

impl Default for Dialect {
    fn default() -> Self {
        Self::linux_6_12()
    }
}
