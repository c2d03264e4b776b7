//! `cargo bench -p bootwright --bench inside`: artifacts of a hundred megabytes, opened on the desk and shown by the window.

use super::{Meter, cpu, figures};
use crate::studio::action::Action;
use crate::studio::link::desk::{Ask, News};
use crate::studio::link::{Incoming, look_inside};
use crate::studio::scene::Scene;
use crate::studio::state::inside::InsideAction;
use bootwright_kconfig::rand::Rand;
use egui::{Event, Pos2, Vec2};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

const SIZE: usize = 100_000_000;
const FRAMES: usize = 600;

/// Bytes of no format; a text; an archive of many files.
const KINDS: [&str; 3] = ["bytes", "text", "cpio"];

fn write(kind: &str, path: &Path) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    match kind {
        "bytes" => {
            let mut rand = Rand::new(7);
            for _ in 0..SIZE / 4 {
                out.write_all(&rand.next().to_le_bytes())?;
            }
        }
        "text" => {
            let mut line = 0;
            while line * 40 < SIZE {
                writeln!(out, "{line:09} some words of a long text here")?;
                line += 1;
            }
        }
        _ => {
            // newc, as the kernel's Documentation/driver-api/early-userspace/buffer-format.rst has it.
            let mut entry = |name: &str, mode: u32, data: &[u8]| -> std::io::Result<()> {
                let (size, named) = (data.len(), name.len() + 1);
                let header = format!("070701{:08x}{mode:08x}{:08x}{:08x}{:08x}{:08x}{size:08x}", 1, 0, 0, 1, 0);
                write!(out, "{header}{:08x}{:08x}{:08x}{:08x}{named:08x}{:08x}{name}\0", 0, 0, 0, 0, 0)?;
                let pad = |n: usize| vec![0_u8; n.wrapping_neg() % 4];
                out.write_all(&pad(110 + named))?;
                out.write_all(data)?;
                out.write_all(&pad(size))
            };
            for i in 0..SIZE / 10_000 {
                entry(&format!("lib/part-{}/file-{i}.bin", i % 100), 0o100_644, &[7; 9_850])?;
            }
            entry("TRAILER!!!", 0, &[])?;
        }
    }
    out.flush()
}

struct Bench {
    scene: Scene,
    meter: Meter,
    /// CPU milliseconds of what the desk did.
    desk: f64,
}

impl Bench {
    /// Does what the page asked for, as the desk's thread would.
    fn serve(&mut self) -> Result<(), String> {
        let asks: Vec<Ask> = self.scene.far.asks.try_iter().collect();
        let start = cpu();
        for ask in asks {
            let news = match ask {
                Ask::LookInside { from, name, others, asked, keep } => {
                    News::Looked { asked, keep, result: look_inside(&from, name, &others) }
                }
                Ask::ReadBytes { source, offset, len, part, shown } => {
                    News::Bytes { shown, part, result: source.window(offset, len).map_err(|e| e.to_string()) }
                }
                _ => continue,
            };
            self.scene.far.incoming.send(Incoming::Desk(news)).map_err(|e| e.to_string())?;
        }
        self.desk += cpu() - start;
        Ok(())
    }

    fn frame(&mut self, events: Vec<Event>) -> Result<f64, String> {
        let cost = self.meter.window(&mut self.scene, events);
        self.serve()?;
        Ok(cost)
    }
}

/// Prints the figures.
///
/// # Errors
/// If the files cannot be written.
pub fn run() -> Result<(), String> {
    let folder = std::env::temp_dir().join(format!("bootwright-inside-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
    let result = KINDS.iter().try_for_each(|kind| measure(kind, &folder.join(kind)));
    let _ = std::fs::remove_dir_all(&folder); // a folder of the system's own for such things
    result
}

fn measure(kind: &str, path: &Path) -> Result<(), String> {
    write(kind, path).map_err(|e| e.to_string())?;
    let mut bench = Bench { scene: Scene::open("musl")?, meter: Meter::new(Vec2::new(1280.0, 800.0)), desk: 0.0 };
    for _ in 0..30 {
        bench.frame(Vec::new())?;
    }
    bench.desk = 0.0;
    bench.scene.studio.act(Action::Inside(InsideAction::Open { name: kind.into(), path: path.into() }));
    let opening = (0..30).map(|_| bench.frame(Vec::new())).collect::<Result<Vec<f64>, String>>()?;
    println!("{kind}, 100 MB: the desk {:.1} ms of CPU, the window meanwhile: {}", bench.desk, figures(opening));
    let at = Pos2::new(300.0, 400.0);
    let wheel = |i: usize| Event::MouseWheel {
        unit: egui::MouseWheelUnit::Line,
        delta: Vec2::new(0.0, if i < FRAMES / 2 { -400.0 } else { 300.0 }),
        phase: egui::TouchPhase::Move,
        modifiers: egui::Modifiers::NONE,
    };
    let scrolled = (0..FRAMES).map(|i| bench.frame(vec![Event::PointerMoved(at), wheel(i)])).collect::<Result<Vec<f64>, String>>()?;
    println!("{kind}, scrolling, {FRAMES} frames: {}", figures(scrolled));
    Ok(())
}
