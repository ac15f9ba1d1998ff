//! The table of what was measured, what it may be, and the ratio.

use std::fmt;
use std::time::Duration;

use super::process::Cost;

/// A quantity in the unit that people read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Quantity {
    Seconds(f64),
    Gigabytes(f64),
    Megabytes(f64),
    /// So many times something else.
    Times(f64),
}

/// One line.
#[derive(Debug)]
struct Row {
    what: String,
    measured: Quantity,
    limit: Option<Quantity>,
}

/// What was measured.
#[derive(Debug, Default)]
pub(super) struct Table(Vec<Row>);

impl Table {
    pub(super) fn add(&mut self, what: &str, measured: Quantity, limit: Quantity) {
        self.0.push(Row {
            what: what.to_owned(),
            measured,
            limit: Some(limit),
        });
    }

    pub(super) fn note(&mut self, what: &str, measured: Quantity) {
        self.0.push(Row {
            what: what.to_owned(),
            measured,
            limit: None,
        });
    }

    /// Time, and where they are known processor time and memory.
    pub(super) fn add_cost(&mut self, what: &str, cost: Cost, seconds: f64, gigabytes: Option<f64>) {
        self.add(what, cost.time.into(), Quantity::Seconds(seconds));
        if let Some(work) = cost.work {
            self.note("  processor time", work.into());
        }
        let memory = cost.memory.map(|bytes| Quantity::Gigabytes(bytes as f64 / 1e9));
        match (memory, gigabytes) {
            (Some(memory), Some(limit)) => self.add("  peak memory of one process", memory, Quantity::Gigabytes(limit)),
            (Some(memory), None) => self.note("  peak memory of one process", memory),
            (None, _) => {}
        }
    }
}

impl From<Duration> for Quantity {
    fn from(time: Duration) -> Self {
        Self::Seconds(time.as_secs_f64())
    }
}

impl Quantity {
    fn number(self) -> f64 {
        match self {
            Self::Seconds(number) | Self::Gigabytes(number) | Self::Megabytes(number) | Self::Times(number) => number,
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Seconds(seconds) => format!("{seconds:.1} s"),
            Self::Gigabytes(gigabytes) => format!("{gigabytes:.2} GB"),
            Self::Megabytes(megabytes) => format!("{megabytes:.2} MB"),
            Self::Times(times) => format!("{times:.2} ×"),
        };
        f.pad(&text)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<64}{:>10}{:>10}{:>8}", "", "measured", "at most", "ratio")?;
        for Row { what, measured, limit } in &self.0 {
            write!(f, "{what:<64}{measured:>10}")?;
            if let Some(limit) = limit {
                let ratio = measured.number() / limit.number();
                let verdict = if ratio > 1.0 { "  over" } else { "" };
                write!(f, "{limit:>10}{ratio:>8.2}{verdict}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_its_limit_is_marked() {
        let mut table = Table::default();
        table.add("quick", Quantity::Seconds(2.0), Quantity::Seconds(10.0));
        table.add("large", Quantity::Megabytes(7.5), Quantity::Megabytes(5.0));
        table.note("known", Quantity::Times(1.0));
        let lines: Vec<String> = table
            .to_string()
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(
            lines[1..],
            [
                "quick 2.0 s 10.0 s 0.20",
                "large 7.50 MB 5.00 MB 1.50 over",
                "known 1.00 ×"
            ]
        );
    }

    #[test]
    fn memory_that_the_system_does_not_tell_is_left_out() {
        let cost = Cost {
            time: Duration::from_secs(1),
            work: None,
            memory: None,
        };
        let mut table = Table::default();
        table.add_cost("check", cost, 10.0, Some(1.5));
        assert_eq!(table.0.len(), 1);
        table.add_cost(
            "check",
            Cost {
                memory: Some(1 << 30),
                ..cost
            },
            10.0,
            Some(1.5),
        );
        assert_eq!(table.0.len(), 3);
    }
}
