//! Bytes of images: what ELF files need, which libraries close over them, newc cpio archives and their compression.
//!
//! Nothing here knows a recipe or starts a process. Every function takes paths or bytes and gives data or an [`Error`]
//! that names the file, the reason and the remedy; no input makes it panic.
//!
//! | module | idea |
//! |---|---|
//! | [`elf`] | one ELF file: target, kind, interpreter, needed libraries, defined dynamic symbols |
//! | [`closure`] | the libraries a set of programs needs, found in given folders only |
//! | [`nss`] | what looking up host names needs beyond that |
//! | [`cpio`] | the archive format of an initramfs: write, pack a tree, read |
//! | [`compress`] | gzip and xz as the kernel reads them, both ways |

pub mod closure;
pub mod compress;
pub mod cpio;
pub mod elf;
mod error;
pub mod nss;

pub use error::{Error, Missing};
