use bootwright_kbuild::objects::*;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let tree = bootwright_kbuild::Tree::open(std::path::Path::new(&a[1])).unwrap();
    let folder = &tree.object;
    let auto = folder.join("include/config/auto.conf");
    let config = if auto.exists() && !tree.source.join("libbb").exists() {
        Config::from_auto_conf(&std::fs::read_to_string(auto).unwrap())
    } else {
        Config::from_dot_config(&std::fs::read_to_string(folder.join(".config")).unwrap(), false)
    };
    let o = Objects::predict(&tree.source, "x86_64", &config).unwrap();
    let t = std::time::Instant::now();
    let mut none = Vec::new();
    let mut n = 0;
    for x in o.objects() {
        n += 1;
        let w = o.why(x);
        if w.iter().any(|s| s.lines.is_empty()) {
            none.push((x.path.clone(), w.iter().filter(|s| s.lines.is_empty()).map(|s| s.what.clone()).collect::<Vec<_>>()));
        }
    }
    println!("why of {n} in {:?}; {} with a step without a line", t.elapsed(), none.len());
    for (p, w) in none.iter().take(60) {
        println!("  {p} {w:?}");
    }
    for p in &a[2..] {
        if let Some(x) = p.strip_prefix("CONFIG_") {
            let l = o.of_option(x);
            println!("{p}: {} {:?}", l.len(), l.iter().map(|o| &o.path).take(20).collect::<Vec<_>>());
            for (n, l) in o.off_by(x) {
                println!("   off {n} {}:{}", l.file, l.line)
            }
            continue;
        }
        let x = o.get(p).unwrap();
        println!("{p} {:?} from {:?} into {:?} {} {:?}", x.kind, x.source, x.into, x.command, x.rule);
        for s in o.why(x) {
            println!("   {}", s.what);
            for l in s.lines {
                println!(
                    "       {}:{} {} {:?} {:?}",
                    l.file,
                    l.line,
                    l.variable,
                    l.options,
                    l.conditions.iter().map(|c| (c.line, c.options.clone(), c.otherwise)).collect::<Vec<_>>()
                );
            }
        }
    }
}
