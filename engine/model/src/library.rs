//! The recipes, layouts, configuration fragments and explanations that come with the program.

use crate::file::parse;
use crate::{Change, Changes, Layout, Lesson, ModelError, Recipe};
use include_dir::{Dir, include_dir};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

static PRESETS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../presets");
static LESSONS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../assets/lessons");

#[derive(Clone, Debug, Default)]
pub struct Library {
    recipes: BTreeMap<String, Recipe>,
    layouts: Vec<Layout>,
    fragments: BTreeMap<String, String>,
    changes: Vec<Change>,
    lessons: Vec<Lesson>,
}

impl Library {
    /// The presets embedded in the program.
    pub fn embedded() -> Result<Self, ModelError> {
        let mut library = Self::default();
        for file in PRESETS.dirs().flat_map(|d| d.files()) {
            let path = PathBuf::from("presets").join(file.path());
            let text = file.contents_utf8().unwrap_or_default();
            let stem = file.path().file_stem().unwrap_or_default().to_string_lossy().into_owned();
            match file.path().parent().and_then(Path::to_str) {
                Some("recipes") => {
                    let recipe: Recipe = parse("recipe", &path, text)?;
                    library.recipes.insert(recipe.id.clone(), recipe);
                }
                Some("layouts") => library.layouts.push(parse("layout", &path, text)?),
                Some("config") => {
                    library.fragments.insert(stem, text.to_owned());
                }
                Some("changes") => library.changes.extend(parse::<Changes>("explanations", &path, text)?.changes),
                _ => {}
            }
        }
        for file in LESSONS.files() {
            let path = PathBuf::from("assets/lessons").join(file.path());
            library.lessons.push(parse("lesson", &path, file.contents_utf8().unwrap_or_default())?);
        }
        library.lessons.sort_by(|a, b| (&a.old, &a.new).cmp(&(&b.old, &b.new)));
        library.layouts.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(library)
    }

    /// A library of one's own, such as a test's.
    pub fn of(recipes: impl IntoIterator<Item = Recipe>, layouts: Vec<Layout>) -> Self {
        Self { recipes: recipes.into_iter().map(|r| (r.id.clone(), r)).collect(), layouts, ..Self::default() }
    }

    pub fn recipe(&self, id: &str) -> Option<&Recipe> {
        self.recipes.get(id)
    }

    /// All recipes, by id.
    pub fn recipes(&self) -> impl Iterator<Item = &Recipe> {
        self.recipes.values()
    }

    /// All preset layouts, by name.
    pub fn layouts(&self) -> &[Layout] {
        &self.layouts
    }

    pub fn layout(&self, name: &str) -> Option<&Layout> {
        self.layouts.iter().find(|l| l.name == name)
    }

    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    pub fn lessons(&self) -> &[Lesson] {
        &self.lessons
    }

    /// The configuration fragment `presets/config/NAME.config`.
    pub fn fragment(&self, name: &str) -> Option<&str> {
        self.fragments.get(name).map(String::as_str)
    }
}
