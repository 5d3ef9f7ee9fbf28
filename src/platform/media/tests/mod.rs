//! Files with faults, honest files, and hostile ones.

mod hostile;
mod made;
mod store;
