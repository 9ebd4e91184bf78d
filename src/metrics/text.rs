use std::cmp::Ordering;
use std::fmt::Write;

use serde_json::{Map, Value};

use super::histogram::place_of_bound;
use super::series::{Kind, METRICS, MOST_SERIES, Metric};

/// Series as a text for Prometheus (exposition format 0.0.4): grouped by metric, at most
/// [`MOST_SERIES`], and only those of [`METRICS`].
#[must_use]
pub fn text(series: &Map<String, Value>) -> String {
    let mut text = String::new();
    let mut left = MOST_SERIES;
    for metric in METRICS {
        let is_own = |(key, value): &(&String, &Value)| value.is_number() && is_of(&metric, key);
        let mut own: Vec<_> = series.iter().filter(is_own).collect();
        own.sort_by(|(one, _), (other, _)| compared(one, other));
        own.truncate(left);
        left = left.saturating_sub(own.len());
        if own.is_empty() {
            continue;
        }
        let kind = match metric.kind {
            Kind::Counter => "counter",
            Kind::Histogram => "histogram",
            Kind::Summary => "summary",
            Kind::Gauge => "gauge",
        };
        let Metric { name, help, .. } = metric;
        // Writing to a string does not fail.
        let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
        for (key, value) in own {
            let _ = writeln!(text, "{key} {value}");
        }
    }
    text
}

/// Whether a series belongs to a metric.
fn is_of(metric: &Metric, key: &str) -> bool {
    let Some(rest) = key.strip_prefix(metric.name) else { return false };
    let is_total = ["_sum", "_count"].contains(&rest);
    match metric.kind {
        Kind::Summary => is_total,
        Kind::Histogram => is_total || rest.starts_with("_bucket{"),
        Kind::Counter | Kind::Gauge => rest.is_empty() || rest.starts_with('{'),
    }
}

/// Buckets from the lowest bound upward, then the count and the sum.
fn compared(one: &str, other: &str) -> Ordering {
    let [one, other] = [one, other].map(|key| key.split_once('{').unwrap_or((key, "")));
    one.0.cmp(other.0).then(place(one.1).cmp(&place(other.1))).then(one.1.cmp(other.1))
}

/// The place of a bucket among all.
fn place(labels: &str) -> usize {
    let bound = labels.split_once("le=\"").and_then(|(_, bound)| bound.split_once('"'));
    bound.map_or(0, |(bound, _)| place_of_bound(bound))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::super::{Counters, DecisionOutcome, RouteClass};
    use super::*;
    use crate::revocation::RevocationLevel;

    fn counted() -> Counters {
        let mut counters = Counters::default();
        let route = (RouteClass::Authenticated, RevocationLevel::Bounded);
        for millis in [0, 5, 6, 20_000] {
            counters.add_decision(DecisionOutcome::Passed, route, Duration::from_millis(millis));
        }
        counters.add_decision(
            DecisionOutcome::Refused,
            (RouteClass::None, RevocationLevel::Off),
            Duration::ZERO,
        );
        counters.add_refusal("route_not_found");
        counters.add_refusal("route_not_found");
        counters.add_refusal("token_expired");
        counters
    }

    #[test]
    fn decisions_are_counted_by_outcome_route_and_level() {
        let series = counted().to_series();
        let key = "edgeward_decisions_total{outcome=\"passed\",route=\"authenticated\",revocation=\"bounded\"}";
        assert_eq!(series.get(key), Some(&json!(4)));
        let key = "edgeward_decisions_total{outcome=\"refused\",route=\"none\",revocation=\"off\"}";
        assert_eq!(series.get(key), Some(&json!(1)));
        assert_eq!(
            series.keys().filter(|key| key.starts_with("edgeward_decisions_total")).count(),
            2
        );
        assert_eq!(
            series.get("edgeward_refusals_total{code=\"route_not_found\"}"),
            Some(&json!(2))
        );
    }

    #[test]
    fn a_duration_counts_in_its_bucket_and_in_all_above() {
        let series = counted().to_series();
        let bucket = |bound: &str| {
            series.get(&format!("edgeward_decision_seconds_bucket{{le=\"{bound}\"}}")).cloned()
        };
        let found = ["0", "0.005", "0.01", "10", "+Inf"].map(bucket);
        assert_eq!(found, [2, 3, 4, 4, 5].map(|count| Some(json!(count))));
        assert_eq!(series.get("edgeward_decision_seconds_count"), Some(&json!(5)));
        assert_eq!(series.get("edgeward_decision_seconds_sum"), Some(&json!(20.011)));
    }

    #[test]
    fn the_text_groups_series_and_orders_buckets() {
        let shown = text(&counted().to_series());
        let lines: Vec<_> = shown.lines().collect();
        assert_eq!(
            lines.first(),
            Some(
                &"# HELP edgeward_decisions_total Decisions by outcome, class of the route and revocation level."
            )
        );
        assert_eq!(lines.get(1), Some(&"# TYPE edgeward_decisions_total counter"));
        let buckets: Vec<_> = lines.iter().filter(|line| line.contains("le=\"")).collect();
        assert!(buckets.first().is_some_and(|line| line.contains("le=\"0\"")), "{buckets:?}");
        assert!(buckets.last().is_some_and(|line| line.contains("+Inf")), "{buckets:?}");
        assert!(shown.ends_with('\n'));
    }

    #[test]
    fn what_is_no_metric_is_not_shown_and_no_more_than_the_most_series() {
        let mut series = Map::new();
        series.insert("other_total".to_owned(), json!(1));
        series.insert("edgeward_refusals_total_more".to_owned(), json!(1));
        series.insert("edgeward_decision_seconds_sum_more".to_owned(), json!(1));
        series.insert("edgeward_decision_seconds_bucket".to_owned(), json!(1));
        series.insert("edgeward_refusals_total".to_owned(), json!("1"));
        assert_eq!(text(&series), "");
        series.insert("edgeward_isolates".to_owned(), json!(7));
        for n in 0..1000 {
            series.insert(format!("edgeward_refusals_total{{code=\"c{n}\"}}"), json!(n));
        }
        let shown = text(&series);
        assert!(shown.contains("\nedgeward_isolates 7\n"), "an alert depends on it");
        assert_eq!(shown.lines().filter(|line| !line.starts_with('#')).count(), MOST_SERIES);
    }
}
