//! Rectangles with areas in proportion to sizes, close to squares.
//!
//! Algorithm: M. Bruls, K. Huizing, J. J. van Wijk, "Squarified Treemaps" (2000). Rows are laid along the shorter side of
//! what is left, and a row takes another size as long as that makes its worst rectangle less elongated.

/// A rectangle; units are those of the area that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Rect {
    pub fn new(x: f64, y: f64, width: f64, height: f64) -> Rect {
        Rect { x, y, width, height }
    }

    pub fn area(&self) -> f64 {
        self.width * self.height
    }
}

/// A rectangle for each size, in the order of the sizes. They fill the area and do not overlap; a size of 0 has a rectangle
/// of no area. Where all sizes are 0 or the area is none, all rectangles have no area.
///
/// The result is best when the sizes come largest first.
pub fn layout(sizes: &[u64], area: Rect) -> Vec<Rect> {
    let none = Rect::new(area.x, area.y, 0.0, 0.0);
    let mut rects = vec![none; sizes.len()];
    let total: f64 = sizes.iter().map(|s| *s as f64).sum();
    let sides = [area.x, area.y, area.width, area.height];
    if total <= 0.0 || sides.iter().any(|s| !s.is_finite()) || area.width <= 0.0 || area.height <= 0.0 {
        return rects;
    }
    let scale = area.area() / total;
    let mut left = area;
    let mut todo: Vec<(usize, f64)> = sizes.iter().enumerate().filter(|(_, s)| **s > 0).map(|(i, s)| (i, *s as f64 * scale)).collect();
    while !todo.is_empty() {
        let side = left.width.min(left.height);
        let mut row = 1;
        let mut sum = todo.first().map_or(0.0, |t| t.1);
        let (mut least, mut most) = (sum, sum);
        let mut worst = elongation(sum, least, most, side);
        for (_, next) in todo.iter().skip(1) {
            let (s, l, m) = (sum + next, least.min(*next), most.max(*next));
            let with = elongation(s, l, m, side);
            if with > worst {
                break;
            }
            (sum, least, most, worst, row) = (s, l, m, with, row + 1);
        }
        let rest = todo.split_off(row);
        put(&todo, sum, &mut left, rest.is_empty(), &mut rects);
        todo = rest;
    }
    rects
}

/// The worst ratio of long to short side in a row of that sum, laid along a side.
fn elongation(sum: f64, least: f64, most: f64, side: f64) -> f64 {
    let (side, sum) = (side * side, sum * sum);
    (side * most / sum).max(sum / (side * least))
}

/// Lays a row along the shorter side of what is left, and takes it off.
fn put(row: &[(usize, f64)], sum: f64, left: &mut Rect, last: bool, rects: &mut [Rect]) {
    let upright = left.width >= left.height; // a column at the left
    let (length, across) = if upright { (left.height, left.width) } else { (left.width, left.height) };
    // The last row takes all that is left, so that rounding leaves no seam.
    let thick = if last { across } else { (sum / length).min(across) };
    let mut at = 0.0;
    for (i, (index, area)) in row.iter().enumerate() {
        let long = if i + 1 == row.len() { length - at } else { (area / sum * length).min(length - at) };
        let rect = if upright { Rect::new(left.x, left.y + at, thick, long) } else { Rect::new(left.x + at, left.y, long, thick) };
        if let Some(place) = rects.get_mut(*index) {
            *place = rect;
        }
        at += long;
    }
    if upright {
        left.x += thick;
        left.width = (left.width - thick).max(0.0);
    } else {
        left.y += thick;
        left.height = (left.height - thick).max(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The example of the paper: 6 by 4, areas 6 6 4 3 2 2 1.
    #[test]
    fn the_papers_example() {
        let rects = layout(&[6, 6, 4, 3, 2, 2, 1], Rect::new(0.0, 0.0, 6.0, 4.0));
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
        let expected =
            [(0.0, 0.0, 3.0, 2.0), (0.0, 2.0, 3.0, 2.0), (3.0, 0.0, 12.0 / 7.0, 7.0 / 3.0), (33.0 / 7.0, 0.0, 9.0 / 7.0, 7.0 / 3.0)];
        for (rect, (x, y, width, height)) in rects.iter().zip(expected) {
            assert!(near(rect.x, x) && near(rect.y, y) && near(rect.width, width) && near(rect.height, height), "{rect:?}");
        }
    }

    #[test]
    fn nothing_to_lay_out_gives_no_area() {
        assert!(layout(&[], Rect::new(0.0, 0.0, 1.0, 1.0)).is_empty());
        assert_eq!(layout(&[0, 0], Rect::new(2.0, 3.0, 1.0, 1.0)), vec![Rect::new(2.0, 3.0, 0.0, 0.0); 2]);
        assert_eq!(layout(&[5], Rect::new(0.0, 0.0, 0.0, 1.0))[0].area(), 0.0);
        assert_eq!(layout(&[5], Rect::new(0.0, 0.0, f64::NAN, 1.0))[0].area(), 0.0);
    }

    proptest! {
        #[test]
        fn areas_are_in_proportion_and_nothing_overlaps(
            mut sizes in prop::collection::vec(prop_oneof![0..50_u64, 0..1_000_000_u64], 1..40),
            width in 1.0..2000.0_f64, height in 1.0..2000.0_f64, sorted: bool,
        ) {
            if sorted { sizes.sort_unstable_by(|a, b| b.cmp(a)); }
            let area = Rect::new(10.0, 20.0, width, height);
            let rects = layout(&sizes, area);
            let total: u64 = sizes.iter().sum();
            prop_assume!(total > 0);
            let slack = 1e-6 * (width + height);
            for (size, rect) in sizes.iter().zip(&rects) {
                let wanted = *size as f64 / total as f64 * area.area();
                prop_assert!((rect.area() - wanted).abs() <= 1e-6 * area.area(), "{size} of {total}: {rect:?}");
                prop_assert!(rect.x >= area.x - slack && rect.x + rect.width <= area.x + width + slack);
                prop_assert!(rect.y >= area.y - slack && rect.y + rect.height <= area.y + height + slack);
            }
            for (i, a) in rects.iter().enumerate() {
                for b in rects.iter().skip(i + 1) {
                    let across = (a.x + a.width).min(b.x + b.width) - a.x.max(b.x);
                    let down = (a.y + a.height).min(b.y + b.height) - a.y.max(b.y);
                    prop_assert!(across <= slack || down <= slack, "{a:?} {b:?}");
                }
            }
        }
    }
}
