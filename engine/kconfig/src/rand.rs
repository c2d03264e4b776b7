//! The C library's `srand` and `rand` (glibc, random(3), TYPE_3): the same seeds give the same configurations.

/// The additive feedback generator x³¹ + x³ + 1.
#[derive(Debug)]
pub struct Rand {
    state: [i32; 31],
    front: usize,
    rear: usize,
}

impl Rand {
    pub fn new(seed: u32) -> Self {
        let seed = if seed == 0 { 1 } else { seed };
        let mut state = [0i32; 31];
        let mut word = seed as i32;
        state[0] = word;
        for s in state.iter_mut().skip(1) {
            // 16807 · word mod 2³¹-1, without leaving 32 bits (Schrage)
            let (high, low) = (word / 127773, word % 127773);
            word = 16807 * low - 2836 * high;
            if word < 0 {
                word += i32::MAX;
            }
            *s = word;
        }
        let mut rand = Self { state, front: 3, rear: 0 };
        for _ in 0..310 {
            rand.next();
        }
        rand
    }

    /// From 0 to 2³¹-1.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> u32 {
        let sum = self.state[self.front].wrapping_add(self.state[self.rear]);
        self.state[self.front] = sum;
        self.front = (self.front + 1) % 31;
        self.rear = (self.rear + 1) % 31;
        (sum as u32) >> 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_glibcs() {
        let mut r = Rand::new(1);
        assert_eq!([r.next(), r.next(), r.next(), r.next()], [1804289383, 846930886, 1681692777, 1714636915]);
        let mut r = Rand::new(0);
        assert_eq!(r.next(), 1804289383);
        let mut r = Rand::new(42);
        assert_eq!([r.next(), r.next()], [71876166, 708592740]);
    }
}
