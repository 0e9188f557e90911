//! Sorting, in few bytes: the standard library's sorts are several kilobytes for each type.

use std::cmp::Ordering;

/// The numbers from 0 to `count`, in this order. (Heapsort: Williams 1964; no order of the input is slow.)
pub fn order(count: usize, by: &dyn Fn(usize, usize) -> Ordering) -> Vec<u32> {
    let mut all: Vec<u32> = (0..count as u32).collect();
    // Of equals the first stays the first.
    let after = |a: u32, b: u32| by(a as usize, b as usize).then(a.cmp(&b)) == Ordering::Greater;
    for step in (0..count + count / 2).rev() {
        // First the parents, from the last on, then the largest of what is left goes behind it.
        let (mut at, end) = if step >= count { (step - count, count) } else { (0, step) };
        if step < count {
            all.swap(0, step);
        }
        while 2 * at + 1 < end {
            let mut child = 2 * at + 1;
            if child + 1 < end && after(all[child + 1], all[child]) {
                child += 1;
            }
            if after(all[at], all[child]) {
                break;
            }
            all.swap(at, child);
            at = child;
        }
    }
    all
}

/// A pair of neighbours in this order of which `same` holds.
pub fn twins(order: &[u32], same: &dyn Fn(usize, usize) -> bool) -> Option<(usize, usize)> {
    let mut pairs = order.windows(2).map(|two| (two[0] as usize, two[1] as usize));
    pairs.find(|&(a, b)| same(a, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_standard_library_sorts() {
        let mut state = 7u32;
        for count in 0..200 {
            let values: Vec<u32> = (0..count)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    state >> 27
                })
                .collect();
            let mut expected: Vec<u32> = (0..count).collect();
            expected.sort_by_key(|&i| values[i as usize]);
            assert_eq!(order(count as usize, &|a, b| values[a].cmp(&values[b])), expected);
        }
    }
}
