//! Short news that goes by itself.

use std::time::{Duration, Instant};

/// Long enough to read a line twice.
const LIFE: Duration = Duration::from_secs(5);
const MOST: usize = 4;

#[derive(Default)]
pub struct Toasts {
    list: Vec<(Instant, String)>,
}

impl Toasts {
    pub fn add(&mut self, text: String) {
        if self.list.len() == MOST {
            self.list.remove(0);
        }
        self.list.push((Instant::now(), text));
    }

    /// Those that are still to be seen, and when the next of them goes.
    pub fn current(&mut self, now: Instant) -> (impl Iterator<Item = &str>, Option<Duration>) {
        self.list.retain(|(since, _)| now - *since < LIFE);
        let next = self.list.first().map(|(since, _)| LIFE - (now - *since));
        (self.list.iter().map(|(_, text)| text.as_str()), next)
    }
}
