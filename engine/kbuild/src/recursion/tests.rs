//! Archives as GNU ar makes them.

use super::archive::read;
use super::members;
use proptest::prelude::*;
use std::process::Command;

#[test]
fn the_members_of_thin_and_whole_archives_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    std::fs::create_dir_all(root.join("d/sub")).unwrap();
    for name in ["d/one.o", "d/sub/a_rather_long_name_for_an_object.o", "d/two.o"] {
        std::fs::write(root.join(name), name).unwrap();
    }
    let ar = |arguments: &[&str]| assert!(Command::new("ar").args(arguments).current_dir(root).status().unwrap().success());
    ar(&["cDPrST", "d/sub/built-in.a", "d/sub/a_rather_long_name_for_an_object.o"]);
    ar(&["cDPrST", "d/built-in.a", "d/one.o", "d/sub/built-in.a", "d/two.o"]);
    assert_eq!(members(root, "d/built-in.a").unwrap(), ["d/one.o", "d/sub/a_rather_long_name_for_an_object.o", "d/two.o"]);
    ar(&["cDrS", "d/lib.a", "d/two.o", "d/sub/a_rather_long_name_for_an_object.o"]);
    assert_eq!(members(root, "d/lib.a").unwrap(), ["d/two.o", "d/a_rather_long_name_for_an_object.o"]);
    ar(&["cDPrST", "d/sub/empty.a"]);
    assert_eq!(members(root, "d/sub/empty.a").unwrap(), [""; 0]);
    assert_eq!(members(root, "d/none.a"), None);
    assert_eq!(members(root, "d/one.o"), None);
}

proptest! {
    #[test]
    fn no_bytes_are_a_panic(start in "(!<thin>\n|!<arch>\n)", bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut whole = start.into_bytes();
        whole.extend(bytes);
        let _ = read("d/built-in.a", &whole);
    }
}
