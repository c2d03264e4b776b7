//! CPU milliseconds a frame of the diagram: ui and tessellation, at 12, 200 and 2,000 boxes; and of the comparison.

fn main() {
    for n in [12, 200, 2000] {
        let Some(f) = bootwright::bench::diagram::figures(n, [716.0, 555.0]) else {
            eprintln!("{n} boxes: no layout");
            std::process::exit(1);
        };
        println!("{} boxes, {} wires; layout after {:.2} s", f.boxes, f.wires, f.layout);
        for x in &f.frames {
            println!("  {:<44} {:6.2} ms  (ui {:.2}, tessellation {:.2})", x.what, x.ui + x.tessellation, x.ui, x.tessellation);
        }
    }
    for (name, n) in [("mll-2015 with mll-2016", None), ("200 boxes with every second wire moved", Some(200))] {
        match bootwright::bench::compare::figures(n) {
            Ok(figures) => {
                println!("comparison: {name}");
                for f in figures {
                    println!("  {:<44} {:6.2} ms  (worst {:.2})", f.what, f.mean, f.worst);
                }
            }
            Err(why) => {
                eprintln!("comparison: {name}: {why}");
                std::process::exit(1);
            }
        }
    }
}
