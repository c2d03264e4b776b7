//! `cargo bench -p bootwright --bench config -- TREE`: the page Configuration on a kernel's tree, as it scrolls, as it is
//! searched and as options are flipped. Without a tree, on one that is made up of 20,000 options.

use super::{Meter, figures};
use crate::studio::action::{Action, Tab};
use crate::studio::link::Incoming;
use crate::studio::link::desk::News;
use crate::studio::scene::Scene;
use crate::studio::state::config::{ConfigAction, ConfigNews};
use bootwright_build::config::{Editor, Site};
use bootwright_kconfig::rand::Rand;
use bootwright_kconfig::{SymId, SymbolKind};
use bootwright_model::ComponentId;
use egui::{Event, Pos2, Vec2};
use std::fmt::Write as _;
use std::path::PathBuf;

const FRAMES: usize = 600;
const FLIPS: usize = 1000;
/// Flips that are named.
const SLOWEST: usize = 5;

/// Two hundred menus with a hundred options each; an option depends on one before it, and some select others.
fn made_up() -> String {
    let mut text = "mainmenu \"Measured\"\n".to_owned();
    for menu in 0..200 {
        let _ = writeln!(text, "menu \"Menu {menu}\"");
        for i in 0..100 {
            let n = menu * 100 + i;
            let _ = writeln!(text, "config OPTION_{n}\n\tbool \"Option number {n} of the tree\"");
            if i > 0 && i % 3 == 0 {
                let _ = writeln!(text, "\tdepends on OPTION_{}", n - 1);
            }
            if i % 10 == 7 && n > 500 {
                let _ = writeln!(text, "\tselect OPTION_{}", n - 400);
            }
        }
        text.push_str("endmenu\n");
    }
    text
}

/// One flip: CPU milliseconds of the change and of the frame after it.
struct Flip {
    name: String,
    value: String,
    change: f64,
    frame: f64,
    effects: usize,
}

struct Bench {
    scene: Scene,
    meter: Meter,
}

impl Bench {
    fn frame(&mut self, events: Vec<Event>) -> f64 {
        self.meter.window(&mut self.scene, events)
    }

    fn act(&mut self, action: ConfigAction) {
        self.scene.studio.act(Action::Config(action));
    }

    fn scroll(&mut self) -> Vec<f64> {
        let at = Pos2::new(300.0, 400.0);
        let wheel = |i: usize| Event::MouseWheel {
            unit: egui::MouseWheelUnit::Line,
            delta: Vec2::new(0.0, if i < FRAMES / 2 { -40.0 } else { 30.0 }),
            phase: egui::TouchPhase::Move,
            modifiers: egui::Modifiers::NONE,
        };
        (0..FRAMES).map(|i| self.frame(vec![Event::PointerMoved(at), wheel(i)])).collect()
    }

    fn rows(&self) -> usize {
        self.scene.studio.state.config_page.sheet().map_or(0, |s| s.items.len())
    }
}

/// Prints the figures.
pub fn run(tree: Option<PathBuf>) -> Result<(), String> {
    let folder = std::env::temp_dir().join(format!("bootwright-bench-{}", std::process::id()));
    let result = measure(tree, &folder);
    let _ = std::fs::remove_dir_all(&folder); // a folder of the system's own for such things
    result
}

fn measure(tree: Option<PathBuf>, folder: &std::path::Path) -> Result<(), String> {
    std::fs::create_dir_all(folder).map_err(|e| e.to_string())?;
    let source = match tree {
        Some(tree) => tree,
        None => {
            std::fs::write(folder.join("Kconfig"), made_up()).map_err(|e| e.to_string())?;
            folder.to_path_buf()
        }
    };
    let kernel = ComponentId::try_from("kernel").map_err(|e| e.to_string())?;
    let start = super::cpu();
    let editor = Editor::open(Site::all_no(kernel.clone(), source, folder.join("scratch"))).map_err(|e| e.to_string())?;
    println!("opening, on the desk: {:.0} ms of CPU on its thread", super::cpu() - start);
    let mut bench = Bench { scene: Scene::open("mll-2016")?, meter: Meter::new(Vec2::new(1280.0, 800.0)) };
    bench.scene.studio.act(Action::ShowTab(Tab::Configuration));
    let news = News::Config(kernel, ConfigNews::Opened(Ok(Box::new(editor))));
    bench.scene.far.incoming.send(Incoming::Desk(news)).map_err(|e| e.to_string())?;
    for _ in 0..60 {
        bench.frame(Vec::new());
    }
    println!("1280x800, {FRAMES} frames each");
    println!("at rest, {} rows: {}", bench.rows(), figures((0..FRAMES).map(|_| bench.frame(Vec::new())).collect()));
    bench.act(ConfigAction::ShowInvisible(true));
    bench.act(ConfigAction::UnfoldAll(true));
    println!("scrolling, {} rows: {}", bench.rows(), figures(bench.scroll()));
    let mut times = Vec::new();
    for words in ["u", "us", "usb", "usb s", "usb serial", "option 77", "ext4", "preempt", ""] {
        let start = super::cpu();
        bench.act(ConfigAction::Search(words.into()));
        let change = super::cpu() - start;
        let frame = bench.frame(Vec::new());
        // The details of the first hit come a frame later.
        let details = bench.frame(Vec::new());
        println!("    {words:?}: the change {change:.2} ms, its frame {frame:.2} ms, the details {details:.2} ms, {} rows", bench.rows());
        times.push(change + frame);
    }
    println!("a letter of a search, with its frame: {}", figures(times));
    let symbols: Vec<SymId> = {
        let Some(sheet) = bench.scene.studio.state.config_page.sheet() else { return Err("nothing is open".into()) };
        let editor = sheet.editor.borrow();
        editor.symbols().filter(|s| editor.solver.tree.symbol(*s).kind != SymbolKind::String).collect()
    };
    for all in [false, true] {
        bench.act(ConfigAction::UnfoldAll(all));
        bench.act(ConfigAction::ShowInvisible(all));
        let mut rand = Rand::new(11);
        let (mut times, mut most, mut tried) = (Vec::new(), 0, 0);
        let mut slow: Vec<Flip> = Vec::new();
        while times.len() < FLIPS && tried < 100 * FLIPS {
            tried += 1;
            let symbol = symbols[rand.next() as usize % symbols.len()];
            let value = {
                let Some(sheet) = bench.scene.studio.state.config_page.sheet() else { break };
                let mut editor = sheet.editor.borrow_mut();
                let to = if editor.value(symbol) == "n" { "y" } else { "n" };
                if !editor.obstacles(symbol, to).is_empty() || editor.solver.choice_of(symbol).is_some() {
                    continue;
                }
                to.to_owned()
            };
            let start = super::cpu();
            bench.act(ConfigAction::Set { symbol, value: value.clone() });
            let change = super::cpu() - start;
            let frame = bench.frame(Vec::new());
            times.push(change + frame);
            let Some(sheet) = bench.scene.studio.state.config_page.sheet() else { break };
            most = most.max(sheet.effects.len());
            let name = sheet.editor.borrow().solver.tree.name(symbol).to_owned();
            slow.push(Flip { name, value, change, frame, effects: sheet.effects.len() });
            slow.sort_by(|a, b| (b.change + b.frame).total_cmp(&(a.change + a.frame)));
            slow.truncate(SLOWEST);
        }
        let what = if all { "all unfolded" } else { "menus folded" };
        println!("{} flips, each with its frame, {what}, at most {most} effects: {}", times.len(), figures(times));
        for f in slow {
            println!("    {} to {}: the change {:.2} ms, its frame {:.2} ms, {} effects", f.name, f.value, f.change, f.frame, f.effects);
        }
    }
    Ok(())
}
