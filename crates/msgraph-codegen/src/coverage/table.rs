//! The table for people.

use std::fmt;

use super::Coverage;

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<12}{:>10}{:>10}{:>10}", "", "metadata", "specs", "code")?;
        for (what, counts) in &self.counts {
            writeln!(
                f,
                "{what:<12}{:>10}{:>10}{:>10}",
                counts.metadata, counts.specs, counts.code
            )?;
        }
        if let Some(catalogue) = &self.catalogue {
            writeln!(f, "\nthe catalogue's {} rows", catalogue.rows)?;
            for (count, what) in catalogue.lines() {
                writeln!(f, "{count:>8}  {what}")?;
            }
        }
        writeln!(f, "\nleft out (specs/v1.0/skipped.json has the rows)")?;
        for skipped in &self.skipped {
            writeln!(f, "{:>8}  {}: {}", skipped.count, skipped.what, skipped.reason)?;
        }
        Ok(())
    }
}
