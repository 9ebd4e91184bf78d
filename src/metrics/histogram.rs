use std::time::Duration;

use super::series::Series;

/// The upper bounds of the buckets, in milliseconds, with the text of each in seconds.
const BOUNDS: [(u128, &str); 12] = [
    (0, "0"),
    (5, "0.005"),
    (10, "0.01"),
    (25, "0.025"),
    (50, "0.05"),
    (100, "0.1"),
    (250, "0.25"),
    (500, "0.5"),
    (1000, "1"),
    (2500, "2.5"),
    (5000, "5"),
    (10_000, "10"),
];

/// The place of a bucket with this upper bound, the one without a bound last.
pub(super) fn place_of_bound(text: &str) -> usize {
    BOUNDS.iter().position(|(_, bound)| *bound == text).unwrap_or(BOUNDS.len())
}

/// Durations by size, in fixed buckets.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    /// How many durations fell into each bucket, and into none.
    counts: [u64; BOUNDS.len() + 1],
    millis: u64,
}

impl Histogram {
    pub(super) fn add(&mut self, duration: Duration) {
        let millis = duration.as_millis();
        let bucket = BOUNDS.iter().position(|(bound, _)| millis <= *bound).unwrap_or(BOUNDS.len());
        if let Some(count) = self.counts.get_mut(bucket) {
            *count = count.saturating_add(1);
        }
        self.millis = self.millis.saturating_add(u64::try_from(millis).unwrap_or(u64::MAX));
    }

    /// The series of a histogram (Prometheus): cumulative buckets, the sum in seconds and the count.
    pub(super) fn write(&self, name: &str, series: &mut Series) {
        let total = self.counts.iter().fold(0, |all: u64, count| all.saturating_add(*count));
        if total == 0 {
            return;
        }
        let mut below: u64 = 0;
        for (count, (_, bound)) in self.counts.iter().zip(BOUNDS) {
            below = below.saturating_add(*count);
            series.count(&format!("{name}_bucket"), &[("le", bound)], below);
        }
        series.count(&format!("{name}_bucket"), &[("le", "+Inf")], total);
        series.seconds(&format!("{name}_sum"), &[], Duration::from_millis(self.millis));
        series.count(&format!("{name}_count"), &[], total);
    }
}
