//! The arguments, as data for clap.

use bootwright_model::ComponentId;
use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Parser)]
#[command(
    name = "bootwright",
    version,
    about = "Builds a small bootable Linux from source and shows how it is put together",
    after_help = "P is a preset's name (see `bootwright presets`) or the path of a project file.

Examples:
  bootwright                              open the studio
  bootwright my.ron                       open the studio with a project
  bootwright build mll-2016 --setup       install what is missing, fetch, build the ISO image
  bootwright boot mll-2016                its serial console in this terminal (Ctrl-A x ends it)
  bootwright boot mll-2016 --check        boot it and try it out
  bootwright artifacts mll-2016 iso.iso   look inside the ISO image
  bootwright compare mll-2015 mll-2016    what changed on 03-Apr-2016"
)]
pub struct Args {
    /// A preset or project file to open in the studio
    pub project: Option<String>,
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Common {
    /// The work folder, some 3 GB: sources, work trees, results [default: $BOOTWRIGHT_WORK, or bootwright in the cache folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub work: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the layouts that come with the program
    Presets {
        #[arg(long)]
        json: bool,
    },
    /// Look at this machine and at what was built for the risks of a layout
    #[command(after_help = "Exit code 1 where a check found a fault.\n\nExample: bootwright check mll-2015")]
    Check {
        /// A preset, or the path of a project file
        #[arg(value_name = "P")]
        project: String,
        #[arg(long)]
        json: bool,
    },
    /// Install the host packages that a project needs and that are missing
    #[command(after_help = "Examples:\n  bootwright setup mll-2016\n  bootwright setup --dry-run      all presets, show the commands only")]
    Setup {
        /// All presets where none is named
        #[arg(value_name = "P")]
        project: Option<String>,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
        /// Show the commands and run none
        #[arg(long)]
        dry_run: bool,
    },
    /// Show the steps, which of them would run, and why
    #[command(after_help = "Example: bootwright plan mll-2016 --set kernel.config=defconfig")]
    Plan {
        /// A preset, or the path of a project file
        #[arg(value_name = "P")]
        project: String,
        #[arg(long, value_name = "COMPONENT")]
        target: Option<ComponentArg>,
        #[arg(long, value_name = "COMPONENT.OPTION=VALUE")]
        set: Vec<String>,
        #[arg(long)]
        json: bool,
    },
    /// Build a project's target
    Build(Build),
    /// Boot the image of a project that was built
    Boot(Boot),
    /// List what the steps of a project left, or look inside it
    Artifacts(Artifacts),
    /// Show which needs have another provider in another layout, what that meant, and what was measured of both
    Compare(Compare),
    /// Look at and change the configuration of a component that Kconfig configures
    Config(Config),
    /// Look into a tree of Kbuild: a kernel's or BusyBox's sources and what was built of them
    Kbuild(Kbuild),
    /// Write the component diagram, or what would be typed to build it by hand
    #[command(
        after_help = "Examples:\n  bootwright export mll-2016 --format svg -o mll-2016.svg\n  bootwright export musl --format script -o musl.sh && bash musl.sh"
    )]
    Export {
        /// A preset, or the path of a project file
        #[arg(value_name = "P")]
        project: String,
        #[arg(long, value_enum)]
        format: Format,
        /// A file; standard output where none is named
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Show an earlier run from its journal
    Replay(Replay),
    /// Look after the store of results
    Store {
        #[command(subcommand)]
        command: Store,
    },
    /// Boot checks for another run of this program
    #[command(hide = true)]
    Guest,
    /// Write a completion script for a shell
    #[command(after_help = "Example: bootwright completions bash > ~/.local/share/bash-completion/completions/bootwright")]
    Completions { shell: clap_complete::Shell },
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  bootwright build mll-2016 --setup
  bootwright build mll-2016 --set kernel.config=defconfig
  bootwright build musl --target busybox --jobs 4")]
pub struct Build {
    /// A preset, or the path of a project file
    #[arg(value_name = "P")]
    pub project: String,
    /// A component to build instead of the project's target
    #[arg(long, value_name = "COMPONENT")]
    pub target: Option<ComponentArg>,
    /// Jobs of all compilers together [default: the project's, or one a core]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub jobs: Option<u32>,
    /// Set an option of a component
    #[arg(long, value_name = "COMPONENT.OPTION=VALUE")]
    pub set: Vec<String>,
    /// Where sources come from: url, apt or file
    #[arg(long, value_name = "KIND", value_parser = ["url", "apt", "file"])]
    pub provider: Option<String>,
    /// A folder's address that is asked for archives before upstream; can be repeated
    #[arg(long, value_name = "URL")]
    pub mirror: Vec<String>,
    /// Install missing host packages first; asks on a terminal
    #[arg(long)]
    pub setup: bool,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// Run what the project file adds to the built-in recipes without asking
    #[arg(long)]
    pub trust: bool,
    /// Print every event as a line of JSON on standard output
    #[arg(long)]
    pub events: bool,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  bootwright config mll-2016 kernel search virtio network
  bootwright config mll-2016 kernel why E1000
  bootwright config mll-2016 kernel fix E1000E=y
  bootwright config mll-2016 kernel set HZ_1000=y --output mine.ron
  bootwright config mine.ron kernel diff
  bootwright config mine.ron kernel save kernel.config")]
pub struct Config {
    /// A preset, or the path of a project file
    #[arg(value_name = "P")]
    pub project: String,
    /// Such as kernel or busybox
    #[arg(value_name = "COMPONENT")]
    pub component: ComponentArg,
    /// Set an option of a component
    #[arg(long, value_name = "COMPONENT.OPTION=VALUE")]
    pub set: Vec<String>,
    /// Run what the project file adds to the built-in recipes without asking
    #[arg(long, global = true)]
    pub trust: bool,
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Get and unpack the component's source, where it is not there yet
    Fetch,
    /// Show values; all of them where none is named
    Get {
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Give options values, as lines of the project file
    Set {
        #[arg(value_name = "NAME=VALUE", required = true)]
        assignments: Vec<String>,
        /// Leave out what cannot be, instead of stopping there
        #[arg(long)]
        skip_refused: bool,
        /// The project file to write, where P is a preset
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Take lines of options out of the project file again
    Unset {
        #[arg(value_name = "NAME", required = true)]
        names: Vec<String>,
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Show why an option has its value, and what keeps it from others
    Why {
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Find what else to change so that an option can have a value
    Fix {
        /// NAME alone means NAME=y
        #[arg(value_name = "NAME=VALUE")]
        wish: String,
        /// Make the changes of the fix with this number
        #[arg(long, value_name = "N")]
        apply: Option<usize>,
        #[arg(long, short, value_name = "FILE", requires = "apply")]
        output: Option<PathBuf>,
    },
    /// Find options by name, prompt and help, the likeliest first
    Search {
        #[arg(value_name = "WORD", required = true)]
        words: Vec<String>,
        #[arg(long, default_value_t = 30, value_name = "N")]
        most: usize,
    },
    /// Show the project's lines, and all that they change
    Diff,
    /// Write the `.config` that the build will use
    Save {
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Replace a file that is there
        #[arg(long)]
        force: bool,
    },
    /// Take a `.config` over as lines of the project file
    Load {
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Add the file's lines to those of the project, instead of taking it for the whole configuration
        #[arg(long)]
        add: bool,
        /// Show what would become of it and write nothing
        #[arg(long)]
        dry_run: bool,
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  bootwright kbuild ~/linux objects                       what make will build, and by which options
  bootwright kbuild ~/linux objects --option EXT4_FS      which files does this option build
  bootwright kbuild ~/linux objects --file fs/ext4/acl.c  which option builds this file
  bootwright kbuild ~/linux objects --check               against what was built
  bootwright kbuild ~/linux tree --depth 2                the folders that make descends into
  bootwright kbuild ~/linux stale                         what the next make would build again
  bootwright kbuild ~/linux why kernel/fork.o             what an object depends on
  bootwright kbuild ~/linux impact FUTEX=n                what an option would build again
  bootwright kbuild ~/linux impact --file include/linux/sched.h
  bootwright kbuild ~/linux reach --most 10
  bootwright kbuild ~/linux image                         how vmlinux becomes bzImage
  bootwright kbuild ~/linux sizes                         whose each byte of vmlinux is
  bootwright kbuild ~/new sizes --against ~/linux --by option   what an option costs
  bootwright kbuild ~/linux sizes --keep before.json      to compare with once it is built again
  bootwright kbuild ~/linux fixdep")]
pub struct Kbuild {
    /// The folder that the tree is built in, which is its source folder unless it was built with O=
    #[arg(value_name = "TREE")]
    pub tree: PathBuf,
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: KbuildCommand,
}

#[derive(Debug, Subcommand)]
pub enum KbuildCommand {
    /// Show what make will build, and which makefile lines and options bring it in, without running make
    Objects {
        /// What hangs on this option, or would if it were on
        #[arg(long, value_name = "NAME", conflicts_with = "file")]
        option: Option<String>,
        /// What is built from this source file, or this object, and why
        #[arg(long, value_name = "FILE")]
        file: Option<String>,
        /// Hold it against what was built; exit code 1 where they differ
        #[arg(long, conflicts_with_all = ["option", "file"])]
        check: bool,
        /// As make is asked for them, such as bzImage [default: all that make builds by itself]
        #[arg(long = "goal", value_name = "GOAL")]
        goals: Vec<String>,
    },
    /// Show the folders that make descends into, and what their archives collect
    Tree {
        /// Levels to show
        #[arg(long, value_name = "N")]
        depth: Option<usize>,
        /// As make is asked for them, such as bzImage [default: all that make builds by itself]
        #[arg(long = "goal", value_name = "GOAL")]
        goals: Vec<String>,
    },
    /// Show what the next make would build again, and why, without running make
    #[command(after_help = "Exit code 0 where it would build nothing, 1 where it would or where that is not known.")]
    Stale,
    /// Show what an object depends on: files, options and its command; and what is made from it
    Why {
        /// Such as kernel/fork.o
        #[arg(value_name = "OBJECT")]
        object: String,
    },
    /// Show what a change that has not happened yet would build again
    Impact {
        /// Options with their values to be
        #[arg(value_name = "NAME=VALUE", required_unless_present = "file")]
        options: Vec<String>,
        /// A file that would be changed
        #[arg(long, value_name = "FILE")]
        file: Vec<String>,
        /// Take the options as they are, without asking Kconfig what follows from them and the makefiles what comes and goes
        #[arg(long)]
        quick: bool,
    },
    /// Show the options and headers that reach most targets, first the options that reach them for nothing
    Reach {
        #[arg(long, default_value_t = 20, value_name = "N")]
        most: usize,
    },
    /// Show the way from objects to the image, the kernel's sections, the image's header and the kernel inside it
    Image,
    /// Show whose each byte of vmlinux is, or what another build has more and less
    Sizes {
        /// directory, object, symbol or option
        #[arg(long, default_value = "directory", value_name = "WHAT")]
        by: ByArg,
        /// Compare with the build in another tree, or with a file of --keep, which is the older one
        #[arg(long, value_name = "TREE")]
        against: Option<PathBuf>,
        /// Write the sizes to a file too: once the tree is built again they can be compared with
        #[arg(long, value_name = "FILE")]
        keep: Option<PathBuf>,
        /// Rows of a list
        #[arg(long, default_value_t = 40, value_name = "N")]
        most: usize,
    },
    /// Hold every list of files and options that is there against what fixdep would write today
    Fixdep {
        /// linux, linux-6.1 or busybox [default: the tree's own]
        #[arg(long, value_name = "DIALECT", value_parser = ["linux", "linux-6.1", "busybox"])]
        dialect: Option<String>,
    },
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  bootwright boot mll-2016              Ctrl-A x ends it
  bootwright boot mll-2016 --check      exit code 1 where a check failed
  bootwright boot --list                the finished images of the work folder
  bootwright boot other.iso             any image")]
pub struct Boot {
    /// A project, or an ISO image (a path that ends in .iso)
    #[arg(value_name = "P", required_unless_present = "list")]
    pub project: Option<String>,
    /// List the finished images, and boot none
    #[arg(long, conflicts_with_all = ["check", "project"])]
    pub list: bool,
    /// Run the project's boot checks in the guest
    #[arg(long)]
    pub check: bool,
    #[arg(long)]
    pub json: bool,
    /// Memory of the guest in MiB
    #[arg(long, default_value_t = 256, value_name = "MIB", value_parser = clap::value_parser!(u32).range(64..=65536))]
    pub memory: u32,
    /// Set an option of a component
    #[arg(long, value_name = "COMPONENT.OPTION=VALUE")]
    pub set: Vec<String>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Values of a layout that is not built here are an em dash.

Examples:
  bootwright compare mll-2015 mll-2016
  bootwright compare mll-2015 my.ron --json
  bootwright compare mll-2015 mll-2016 -o april-2016.png      both, side by side
  bootwright compare mll-2015 mll-2016 -o half.svg --at 50    on the way from one to the other")]
pub struct Compare {
    #[arg(value_name = "A")]
    pub old: String,
    #[arg(value_name = "B")]
    pub new: String,
    #[arg(long)]
    pub json: bool,
    /// Draw it too, as the file's ending says: .svg or .png
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Draw one picture, this many percent of the way from A to B [default: A and B side by side]
    #[arg(long, value_name = "PERCENT", requires = "output", value_parser = percent)]
    pub at: Option<f32>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  bootwright artifacts mll-2016                                      what there is
  bootwright artifacts mll-2016 iso.iso                              the image's boot catalogue and files
  bootwright artifacts mll-2016 iso.iso/rootfs.gz/bin/busybox        the BusyBox in the initramfs in the image
  bootwright artifacts musl iso.iso/isolinux.cfg --text
  bootwright artifacts musl iso.iso/rootfs.gz --save rootfs.gz")]
pub struct Artifacts {
    /// A preset, or the path of a project file
    #[arg(value_name = "P")]
    pub project: String,
    /// COMPONENT.OUTPUT, and a path inside it, through archives within archives
    #[arg(value_name = "ARTIFACT[/PATH]")]
    pub artifact: Option<String>,
    #[arg(long)]
    pub json: bool,
    /// Names of an ISO image: rockridge, joliet or plain [default: the first of them that it has]
    #[arg(long, value_name = "SYSTEM", requires = "artifact")]
    pub names: Option<NamesArg>,
    /// Print its bytes as they are
    #[arg(long, requires = "artifact", conflicts_with_all = ["json", "hex"])]
    pub text: bool,
    /// Print its bytes in hexadecimal
    #[arg(long, requires = "artifact", conflicts_with = "json")]
    pub hex: bool,
    /// Write a copy to a file
    #[arg(long, value_name = "FILE", requires = "artifact", conflicts_with_all = ["json", "hex", "text"])]
    pub save: Option<PathBuf>,
    /// Set an option of a component
    #[arg(long, value_name = "COMPONENT.OPTION=VALUE")]
    pub set: Vec<String>,
}

/// How sizes are put together.
#[derive(Clone, Copy, Debug)]
pub struct ByArg(pub bootwright_kbuild::sizes::view::By);

impl std::str::FromStr for ByArg {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        use bootwright_kbuild::sizes::view::By;
        match s {
            "directory" => Ok(Self(By::Directory)),
            "object" => Ok(Self(By::Object)),
            "symbol" => Ok(Self(By::Symbol)),
            "option" => Ok(Self(By::Option)),
            _ => Err("write directory, object, symbol or option".into()),
        }
    }
}

/// How the files of an ISO image are named.
#[derive(Clone, Copy, Debug)]
pub struct NamesArg(pub bootwright_image::iso::Names);

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  bootwright replay                          the newest run of the work folder
  bootwright replay ~/w/runs/1795274935-1/journal.ron --json
  bootwright replay --trace run.json         for https://ui.perfetto.dev")]
pub struct Replay {
    /// A journal, a run's folder, or the name of a run in the work folder [default: the newest run]
    #[arg(value_name = "JOURNAL")]
    pub journal: Option<String>,
    #[arg(long)]
    pub json: bool,
    /// Write the run as Chrome trace JSON, which Perfetto opens
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Store {
    /// List the results
    Ls {
        #[arg(long)]
        json: bool,
    },
    /// Remove results that no project's latest build uses, and work trees nobody needs
    Gc,
    /// Read everything again and compare it with its hash
    Verify,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    Svg,
    Dot,
    Mermaid,
    Json,
    /// What would be typed to build it by hand, as a shell script that runs
    Script,
}

fn percent(text: &str) -> Result<f32, String> {
    let found = text.trim_end_matches('%').parse().ok().filter(|p| (0.0..=100.0).contains(p));
    found.ok_or_else(|| "write a number from 0 to 100".into())
}

/// Checked while the arguments are read.
#[derive(Clone, Debug)]
pub struct ComponentArg(pub ComponentId);

impl std::str::FromStr for ComponentArg {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        ComponentId::try_from(s).map(Self)
    }
}
