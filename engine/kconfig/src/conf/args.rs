//! The command line of `conf`, as getopt_long(3) reads it: options may follow the file, and unique beginnings are enough.

#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::enum_variant_names)] // the targets' own names
pub enum Mode {
    OldAskConfig,
    OldConfig,
    SyncConfig,
    OldDefConfig,
    DefConfig(String),
    SaveDefConfig(String),
    AllNoConfig,
    AllYesConfig,
    AllModConfig,
    AllDefConfig,
    RandConfig,
    ListNewConfig,
    HelpNewConfig,
    Yes2ModConfig,
    Mod2YesConfig,
    Mod2NoConfig,
    /// The kernel's scripts around `conf`, as targets of their own.
    TinyConfig,
    /// File names with commas between.
    MergeConfig(String),
    /// A file with the output of lsmod.
    LocalModConfig(String),
    LocalYesConfig(String),
}

const MODES: [(&str, bool); 22] = [
    ("help", false),
    ("silent", false),
    ("oldaskconfig", false),
    ("oldconfig", false),
    ("syncconfig", false),
    ("defconfig", true),
    ("savedefconfig", true),
    ("allnoconfig", false),
    ("allyesconfig", false),
    ("allmodconfig", false),
    ("alldefconfig", false),
    ("randconfig", false),
    ("listnewconfig", false),
    ("helpnewconfig", false),
    ("olddefconfig", false),
    ("yes2modconfig", false),
    ("mod2yesconfig", false),
    ("mod2noconfig", false),
    ("tinyconfig", false),
    ("mergeconfig", true),
    ("localmodconfig", true),
    ("localyesconfig", true),
];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Args {
    pub mode: Mode,
    pub silent: bool,
    pub help: bool,
    pub top: Option<String>,
    /// Options that nobody knows, in the words of getopt_long.
    pub complaints: Vec<String>,
}

fn mode(name: &str, value: String) -> Option<Mode> {
    Some(match name {
        "oldaskconfig" => Mode::OldAskConfig,
        "oldconfig" => Mode::OldConfig,
        "syncconfig" => Mode::SyncConfig,
        "olddefconfig" => Mode::OldDefConfig,
        "defconfig" => Mode::DefConfig(value),
        "savedefconfig" => Mode::SaveDefConfig(value),
        "allnoconfig" => Mode::AllNoConfig,
        "allyesconfig" => Mode::AllYesConfig,
        "allmodconfig" => Mode::AllModConfig,
        "alldefconfig" => Mode::AllDefConfig,
        "randconfig" => Mode::RandConfig,
        "listnewconfig" => Mode::ListNewConfig,
        "helpnewconfig" => Mode::HelpNewConfig,
        "yes2modconfig" => Mode::Yes2ModConfig,
        "mod2yesconfig" => Mode::Mod2YesConfig,
        "mod2noconfig" => Mode::Mod2NoConfig,
        "tinyconfig" => Mode::TinyConfig,
        "mergeconfig" => Mode::MergeConfig(value),
        "localmodconfig" => Mode::LocalModConfig(value),
        "localyesconfig" => Mode::LocalYesConfig(value),
        _ => return None,
    })
}

/// The names that dialects with `old_targets` know besides.
const OLD_NAMES: [(&str, &str); 2] = [("silentoldconfig", "syncconfig"), ("oldnoconfig", "olddefconfig")];

pub fn parse(program: &str, words: &[String], old_names: bool) -> Args {
    let mut args = Args { mode: Mode::OldAskConfig, silent: false, help: false, top: None, complaints: Vec::new() };
    let mut words = words.iter();
    let mut only_files = false;
    while let Some(word) = words.next() {
        if only_files || !word.starts_with('-') || word == "-" {
            args.top.get_or_insert_with(|| word.clone());
        } else if word == "--" {
            only_files = true;
        } else if let Some(long) = word.strip_prefix("--") {
            let (name, value) = long.split_once('=').map_or((long, None), |(n, v)| (n, Some(v.to_owned())));
            let name = OLD_NAMES.iter().find(|(old, _)| old_names && *old == name).map_or(name, |(_, new)| new);
            let known: Vec<_> = MODES.iter().filter(|(m, _)| m.starts_with(name)).collect();
            let exact = known.iter().find(|(m, _)| *m == name).copied();
            let Some((name, takes)) = exact.or_else(|| (known.len() == 1).then(|| known[0])) else {
                let what = if known.is_empty() { "unrecognized option" } else { "option" };
                let all: String = known.iter().map(|(m, _)| format!(" '--{m}'")).collect();
                let why = if known.is_empty() { String::new() } else { format!(" is ambiguous; possibilities:{all}") };
                args.complaints.push(format!("{program}: {what} '{word}'{why}"));
                continue;
            };
            let value = match (takes, value) {
                (true, None) => match words.next() {
                    Some(v) => v.clone(),
                    None => {
                        args.complaints.push(format!("{program}: option '--{name}' requires an argument"));
                        continue;
                    }
                },
                (false, Some(_)) => {
                    args.complaints.push(format!("{program}: option '--{name}' doesn't allow an argument"));
                    continue;
                }
                (_, value) => value.unwrap_or_default(),
            };
            match *name {
                "help" => args.help = true,
                "silent" => args.silent = true,
                _ => args.mode = mode(name, value).unwrap_or(Mode::OldAskConfig),
            }
        } else {
            for c in word[1..].chars() {
                match c {
                    'h' => args.help = true,
                    's' => args.silent = true,
                    _ => args.complaints.push(format!("{program}: invalid option -- '{c}'")),
                }
            }
        }
    }
    args
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str]) -> Args {
        parse("conf", &words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>(), false)
    }

    #[test]
    fn options_may_be_shortened_and_follow_the_file() {
        let a = of(&["Kconfig", "--alln", "-s"]);
        assert_eq!((a.mode, a.silent, a.top.as_deref()), (Mode::AllNoConfig, true, Some("Kconfig")));
        assert_eq!(of(&["--defconfig", "x", "K"]).mode, Mode::DefConfig("x".into()));
        assert_eq!(of(&["--defconfig=x", "--olddefconfig", "K"]).mode, Mode::OldDefConfig);
        assert_eq!(
            of(&["--all", "K"]).complaints,
            ["conf: option '--all' is ambiguous; possibilities: '--allnoconfig' '--allyesconfig' '--allmodconfig' '--alldefconfig'"]
        );
        assert_eq!(of(&["--frob", "K"]).complaints, ["conf: unrecognized option '--frob'"]);
    }
}
