//! Files that people send each other: taken in as streams, named by what is in them, looked at, served.
//!
//! A file lies at `media/<firm>/<hash>`, the hash being the SHA-256 of its bytes; what may not be shown
//! lies in `media/<firm>/quarantine/<hash>`. It is written beside its place, synced, renamed, and its
//! folder synced; only then may a command name it, so a record never names bytes that a crash took away.
//! A crash in between leaves a file in `media/.incoming`, which the next start removes.
//!
//! Invariants: no file is ever whole in memory but a picture whose header was judged first; what a file
//! is, its own bytes say ([`sniff`]) and never the sender; two pictures are never decoded at once;
//! a file that no record names goes after a day, and never while a backup is made. Who may see a file is
//! asked of the record that names it: nothing is ever served by its hash.
//! Deliberately absent: records (each room keeps its own and answers [`Holders`]), and any unpacking of archives.

mod boxes;
mod convert;
mod examine;
mod files;
mod images;
mod names;
mod ogg;
mod process;
mod range;
mod scan;
mod serve;
mod sniff;
mod sweep;
#[cfg(test)]
mod tests;
mod webm;

pub use convert::{Converted, Converter};
pub use examine::{Claims, Landed, MediaStore, MediaTools};
pub use files::{Fault, Files, Incoming, MediaHash, Point};
pub use images::{Fit, fit, strip};
pub use names::{clean_name, disposition, ending_of};
pub use ogg::{BARS, Sound};
pub use scan::Scanner;
pub use serve::{Shown, serve};
pub use sniff::{Class, Found, Limits, Verdict};
pub use sweep::Holders;
pub use webm::to_ogg;
