use bootwright_kbuild::objects::{built::Comparison, *};
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let folder = std::path::Path::new(&a[1]);
    let tree = bootwright_kbuild::Tree::open(folder).unwrap();
    let source = &*tree.source;
    let auto = folder.join("include/config/auto.conf");
    let config = if auto.exists() && !source.join("libbb").exists() {
        Config::from_auto_conf(&std::fs::read_to_string(auto).unwrap())
    } else {
        Config::from_dot_config(&std::fs::read_to_string(folder.join(".config")).unwrap(), false)
    };
    let library = std::sync::Arc::default();
    let goals: Vec<&str> = a[2..].iter().map(|s| s.as_str()).collect();
    for _ in 0..3 {
        let t = std::time::Instant::now();
        let o = Objects::predict_with(&library, source, "x86_64", &config, &goals).unwrap();
        eprintln!("{:?} makes {} made {}", t.elapsed(), o.makes.len(), o.all.len());
    }
    let o = Objects::predict_with(&library, source, "x86_64", &config, &goals).unwrap();
    let c = Comparison::of(&o, folder);
    println!("built {} predicted {} recall {:.4} precision {:.4}", c.built, c.predicted, c.recall(), c.precision());
    println!("missed {:#?}", c.missed);
    println!("invented {:#?}", c.invented);
    println!("missing {:?}", &o.missing[..o.missing.len().min(40)]);
    println!("elsewhere {:?}", o.elsewhere);
    for p in o.problems.iter().take(30) {
        println!("{p:?}");
    }
    let mut kinds = std::collections::BTreeMap::new();
    for x in o.all.iter() {
        kinds.entry(x.kind).or_insert_with(Vec::new).push(x.path.clone());
    }
    for (k, v) in kinds {
        println!("{k:?} {} {:?}", v.len(), &v[..v.len().min(8)]);
    }
    for u in o.unanswered.iter().take(400) {
        println!("? {}:{} {}", u.file, u.line, u.text.chars().take(100).collect::<String>());
    }
}
