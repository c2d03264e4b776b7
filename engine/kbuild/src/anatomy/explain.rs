//! What each stage is for, in our own words.

use super::stage::Step;

/// A sentence or two on a stage. `packing`: the format where something is packed.
pub fn explain(target: &str, step: Step) -> String {
    let name = target.rsplit('/').next().unwrap_or(target);
    let top = !target.contains('/');
    let text = match step {
        Step::Archive if matches!(name, "vmlinux.a" | "built-in-fixup.a") => {
            "The list of all objects that are always linked, in the order of the link. The objects that must come first, such as the entry code, are moved to its front."
        }
        Step::Archive if top => {
            "The lists of all directories put together. A thin archive holds names only, so that no object is copied on its way up."
        }
        Step::Archive if name == "lib.a" => "Objects that are linked only if something needs a function of them.",
        Step::Archive => "The list of a directory's objects and of the lists below it. A thin archive holds names only.",
        Step::Join if name == "vmlinux.o" => {
            "All objects joined into one that can still be linked. The kernel is checked on it: for calls from code that stays into code that is given back after the start, and by objtool where the configuration asks for that."
        }
        Step::Join => "The objects of a directory joined into one that can still be linked.",
        Step::Pass => {
            "The kernel linked for a trial: only then are the addresses of its symbols known, which the table of their names needs. The table moves what lies behind it, so that this is done twice, or until nothing moves."
        }
        Step::Names => {
            "The names and addresses of the kernel's own symbols (kallsyms), packed, as an object to link in. The kernel prints them when it reports a fault."
        }
        Step::Link if name == "vmlinux" && top => {
            "The kernel: all objects at their final addresses, where the linker script puts them, with the table of symbol names. It is an ELF file that debuggers read; no boot loader starts it."
        }
        Step::Link if name == "vmlinux.unstripped" => {
            "The kernel: all objects at their final addresses, with the table of symbol names, and still with all that other steps need of it."
        }
        Step::Link if name == "vmlinux" => {
            "The program that unpacks the kernel: its own small start code, the decoder, and the packed kernel as a block of data. It can run at any address."
        }
        Step::Link if name == "setup.elf" => {
            "The real-mode part, 16-bit code: it holds the header that boot loaders read, asks the BIOS for memory and video modes, and switches the processor to protected mode."
        }
        Step::Link if name == "busybox_unstripped" => {
            "All applets in one program. A script tries which C libraries it can do without, and leaves a map of what the linker put where."
        }
        Step::Link => "Objects linked to a program.",
        Step::Strip if name == "busybox" => "The program without its symbol table and notes: what goes into the root file system.",
        Step::Strip if name == "vmlinux" => {
            "The kernel without what only other steps need: the relocations, which the boot code gets on its own, and what is known of modules that are built in."
        }
        Step::Strip => "The kernel without symbol table, debug information and comments: the image needs none of them.",
        Step::Flatten if name == "setup.bin" => "The real-mode part as plain bytes, as they lie in memory.",
        Step::Flatten => {
            "The bytes as they lie in memory, without the ELF headers around them: what a boot loader copies to memory and jumps into."
        }
        Step::Relocations => {
            "Every place in the kernel that holds an address. The boot code changes them when it puts the kernel elsewhere than it was linked for, as address randomisation does."
        }
        Step::Pack => {
            "The kernel packed, together with the list of relocations where there is one. For all formats but gzip the unpacked size stands in the last four bytes, where the unpacking code looks for it."
        }
        Step::Wrap => {
            "An assembler file of a few lines: it takes the packed kernel in as a block of data (.incbin) and names its start and its sizes."
        }
        Step::Compile if name == "piggy.o" => "The packed kernel as an object, which can be linked: it rides on the unpacking code's back.",
        Step::Compile => "A source file compiled or assembled.",
        Step::Numbers if name == "zoffset.h" => {
            "Addresses of the unpacking program, as numbers for the header of the image: only after it is linked is known where its entries and the payload lie."
        }
        Step::Numbers if name == "voffset.h" => {
            "Addresses of the kernel, as numbers for the code that unpacks it and must know how much memory it takes."
        }
        Step::Numbers => "Addresses out of a linked file, as numbers for source code.",
        Step::Preprocess => "The linker script after the preprocessor: what lies where depends on the configuration.",
        Step::Assemble => {
            "The image that boot loaders start: the real-mode part, filled up to whole sectors, and behind it the unpacking program with the kernel inside. Sizes and offsets are written into the header."
        }
        Step::Other => "Made by the command below.",
        Step::Unknown => "The file is there; what made it was not noted.",
    };
    text.to_owned()
}
