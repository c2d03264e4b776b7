//! The newc cpio format, in which the kernel takes an initramfs: writing, packing a folder tree, reading.
//!
//! Format: the kernel's `Documentation/driver-api/early-userspace/buffer-format.rst`. An entry is a header of 110 bytes, all
//! ASCII (the magic `070701`, then thirteen numbers of eight hexadecimal digits), the name with a NUL, zeros up to a multiple
//! of 4, the data, zeros up to a multiple of 4. An entry named `TRAILER!!!` ends the archive.

mod list;
mod read;
mod tree;
mod write;

pub use list::list;
pub use read::{Archive, Entry, EntryKind, read};
pub(crate) use tree::device_numbers;
pub use tree::{Device, Packed, pack_tree};
pub use write::Writer;

/// Bytes of an entry's header, magic included.
const HEADER_SIZE: usize = 110;
/// Magic of an entry without a checksum.
const MAGIC: &[u8; 6] = b"070701";
/// Magic of an entry whose last number is the sum of its data's bytes.
const MAGIC_SUMMED: &[u8; 6] = b"070702";
/// Name of the entry that ends an archive.
const TRAILER: &[u8] = b"TRAILER!!!";
/// Longest name or link target the kernel unpacks, NUL included: `PATH_MAX`. It passes over longer ones in silence.
const NAME_LIMIT: usize = 4096;

// The kinds of file in a mode, by inode(7).
const S_IFMT: u32 = 0o170_000;
const S_IFSOCK: u32 = 0o140_000;
const S_IFLNK: u32 = 0o120_000;
const S_IFREG: u32 = 0o100_000;
const S_IFBLK: u32 = 0o060_000;
const S_IFDIR: u32 = 0o040_000;
const S_IFCHR: u32 = 0o020_000;
const S_IFIFO: u32 = 0o010_000;

/// Whether a device node is read byte by byte or block by block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeviceKind {
    /// A character device, as `/dev/console`.
    Char,
    /// A block device, as `/dev/sr0`.
    Block,
}
