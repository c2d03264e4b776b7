//! What an archive has put down so far, kept in memory: every path is judged against it before the disk is touched.

use std::collections::HashMap;

/// Links followed while resolving one; the kernel gives up at the same count.
const MAX_LINKS: usize = 40;
const MAX_PATH: usize = 4096;

/// What stands in one folder.
type Names = HashMap<Vec<u8>, Node>;

#[derive(Debug)]
pub(crate) enum Node {
    Folder(Names),
    File,
    Link(Vec<u8>),
}

/// The tree below the scratch folder.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    root: Names,
}

/// Where a new member stands.
pub(crate) struct Place<'a> {
    /// How many leading folders are there already; the others have to be made.
    pub known: usize,
    /// What stands under this name already.
    pub present: Option<&'a Node>,
}

/// The components of a member's path. The error says why it is refused.
pub(crate) fn parts(path: &[u8]) -> Result<Vec<&[u8]>, String> {
    if path.len() > MAX_PATH {
        return Err("has a path longer than 4,096 bytes".into());
    }
    if path.starts_with(b"/") {
        return Err("has an absolute path".into());
    }
    if path.contains(&0) {
        return Err("has a path with a zero byte".into());
    }
    let parts: Vec<&[u8]> = path.split(|b| *b == b'/').filter(|p| !p.is_empty() && *p != b".").collect();
    if parts.contains(&&b".."[..]) {
        return Err("has a path that climbs out with “..”".into());
    }
    Ok(parts)
}

impl Tree {
    /// Looks where a member would go. Refuses one below a file, or through a link that stands in the archive: a later
    /// member written through an earlier link is how archives reach outside.
    pub fn place(&self, parts: &[&[u8]]) -> Result<Place<'_>, String> {
        let Some((name, folders)) = parts.split_last() else {
            return Ok(Place { known: 0, present: None });
        };
        let mut here = &self.root;
        for (known, folder) in folders.iter().enumerate() {
            match here.get(*folder) {
                None => return Ok(Place { known, present: None }),
                Some(Node::Folder(inner)) => here = inner,
                Some(Node::File) => return Err(format!("lies below “{}”, which is a file", text(folder))),
                Some(Node::Link(_)) => return Err(format!("would be written through “{}”, which is a symbolic link", text(folder))),
            }
        }
        Ok(Place { known: folders.len(), present: here.get(*name) })
    }

    /// Puts a node down, with the folders above it. [`Tree::place`] has agreed before.
    pub fn insert(&mut self, parts: &[&[u8]], node: Node) {
        let Some((name, folders)) = parts.split_last() else { return };
        let mut here = &mut self.root;
        for folder in folders {
            match here.entry(folder.to_vec()).or_insert_with(|| Node::Folder(HashMap::new())) {
                Node::Folder(inner) => here = inner,
                Node::File | Node::Link(_) => return,
            }
        }
        here.insert(name.to_vec(), node);
    }

    /// The name of the one folder that holds everything, if there is one.
    pub fn single_top(&self) -> Option<&[u8]> {
        let mut names = self.root.iter();
        match (names.next(), names.next()) {
            (Some((name, Node::Folder(_))), None) => Some(name),
            _ => None,
        }
    }

    /// Every link, followed as the kernel would, must stay in the tree: also by way of other links, and with the top
    /// folder gone. This comes last because a link may point at what the archive brings later.
    pub fn check_links(&self) -> Result<(), (String, String)> {
        let top = match self.single_top().and_then(|name| self.root.get(name)) {
            Some(Node::Folder(inner)) => inner,
            _ => &self.root,
        };
        let mut folders: Vec<(Vec<&[u8]>, &Names)> = vec![(Vec::new(), top)];
        while let Some((path, folder)) = folders.pop() {
            for (name, node) in folder {
                match node {
                    Node::File => {}
                    Node::Folder(inner) => folders.push((path.iter().copied().chain([&name[..]]).collect(), inner)),
                    Node::Link(target) => {
                        if !stays(top, path.clone(), target) {
                            let link = path.iter().copied().chain([&name[..]]).map(text).collect::<Vec<_>>().join("/");
                            return Err((link, format!("is a link to “{}”, which leaves the archive", text(target))));
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// Follows `target` from the folder `at`. False when it climbs above the top.
fn stays<'a>(top: &'a Names, mut at: Vec<&'a [u8]>, target: &'a [u8]) -> bool {
    if target.starts_with(b"/") {
        return false;
    }
    let mut todo: Vec<&[u8]> = target.split(|b| *b == b'/').rev().collect();
    let mut links = 0;
    while let Some(part) = todo.pop() {
        match part {
            b"" | b"." => {}
            b".." => {
                if at.pop().is_none() {
                    return false;
                }
            }
            name => match lookup(top, &at, name) {
                Some(Node::Link(target)) => {
                    links += 1;
                    if links > MAX_LINKS {
                        return true; // a loop leads nowhere, so it leads not outside
                    }
                    if target.starts_with(b"/") {
                        return false;
                    }
                    todo.extend(target.split(|b| *b == b'/').rev());
                }
                // what is missing leads nowhere today; a later “..” still counts against the way
                _ => at.push(name),
            },
        }
    }
    true
}

fn lookup<'a>(top: &'a Names, at: &[&[u8]], name: &[u8]) -> Option<&'a Node> {
    let mut here = top;
    for folder in at {
        match here.get(*folder) {
            Some(Node::Folder(inner)) => here = inner,
            _ => return None,
        }
    }
    here.get(name)
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(links: &[(&str, &str)], folders: &[&str]) -> Tree {
        let mut tree = Tree::default();
        for folder in folders {
            tree.insert(&parts(folder.as_bytes()).unwrap(), Node::Folder(HashMap::new()));
        }
        for (path, target) in links {
            tree.insert(&parts(path.as_bytes()).unwrap(), Node::Link(target.as_bytes().to_vec()));
        }
        tree
    }

    #[test]
    fn links_inside_are_fine() {
        let ok = tree(&[("t/a/up", "../b"), ("t/loop", "loop"), ("t/gone", "nowhere/x"), ("t/a/self", ".")], &["t/a", "t/b"]);
        assert!(ok.check_links().is_ok());
    }

    #[test]
    fn a_link_out_by_way_of_another_is_found() {
        // each is inside when read as text; the second leads above the top when followed
        let bad = tree(&[("t/a/b/s", "../.."), ("t/out", "a/b/s/..")], &["t/a/b"]);
        assert_eq!(bad.check_links().unwrap_err().0, "out");
        // one level deeper there is room for it
        let fine = tree(&[("t/a/b/s", ".."), ("t/in", "a/b/s/..")], &["t/a/b"]);
        assert!(fine.check_links().is_ok());
    }

    #[test]
    fn the_top_folder_is_the_border() {
        assert!(tree(&[("t/x", "../t/y")], &["t"]).check_links().is_err());
        assert!(tree(&[("t/x", "../u")], &["t", "u"]).check_links().is_ok()); // two tops: nothing is taken away
        assert!(tree(&[("t/x", "/etc")], &["t"]).check_links().is_err());
    }
}
