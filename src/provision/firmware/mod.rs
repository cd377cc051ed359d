//! Loads: the firmware of phones, as its vendor ships it.
//!
//! A load is a list of files (`<load>.loads`, [`Descriptor`]) and the files
//! that it names. Phones ask for all of them by their bare names, wherever an
//! operator has put them: [`Loads`] finds each in the tree of static files,
//! and knows which loads are there whole. [`stage`] and [`unpack`] copy a
//! folder or an archive into that tree; [`ladder`] knows which load must be run
//! between two others.
//!
//! Nothing here reads what is inside a part, nor changes a byte of it: phones
//! check their vendor's signature themselves.

mod descriptor;
mod ladder;
mod loads;
mod stage;
#[cfg(test)]
mod tests;
mod unpack;

pub use descriptor::{Descriptor, DescriptorError};
pub use ladder::{Ladder, LoadVersion};
pub(super) use loads::{Listed, single_files};
pub use loads::{Load, Loads, Part, Whole};
pub use stage::{StageError, Staged, stage};
