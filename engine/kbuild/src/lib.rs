//! A Kbuild tree seen from inside: which objects its makefiles name, what each depends on, what the next make would build
//! and why, and how vmlinux becomes bzImage.
//!
//! Kbuild is described in the kernel's Documentation/kbuild/makefiles.rst; what that leaves out was found by running make.
