//! Bytes of images: what ELF files need, which libraries close over them, newc cpio archives and their compression, ISO 9660.
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
//! | [`iso`] | ISO 9660 images: files under each naming system, boot catalogue, partition table |
//! | [`kernel`] | a bzImage: its header field by field, and the kernel packed inside it |
//! | [`source`] | bytes read in windows: of a file, of parts of one, of what one unpacks to |
//! | [`tree`] | what is in an archive, an image or a folder, as entries |
//! | [`look`] | what a file is, and what is inside it and inside that |

pub mod closure;
pub mod compress;
pub mod cpio;
pub mod elf;
mod error;
pub mod iso;
pub mod kernel;
pub mod look;
pub mod nss;
pub mod source;
pub mod tree;

pub use error::{Error, Missing};
