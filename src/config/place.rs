use std::fmt;

/// Where a table stands: its path is written out only where something is wrong in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) above: Option<&'a Self>,
    pub(super) name: &'static str,
    pub(super) index: Option<usize>,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(above) = &self.above {
            write!(formatter, "{above}.")?;
        }
        formatter.write_str(self.name)?;
        self.index.map_or(Ok(()), |index| write!(formatter, "[{index}]"))
    }
}
