//! The few things the driver does to a disk, under a trait, so that tests can let each of them fail.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Whether a written file must survive a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sync {
    /// Before the call returns, it does.
    Now,
    /// Some time later: it can be made again from the facts.
    Later,
}

/// A disk.
pub trait Disk: Send {
    /// All bytes of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// Makes or overwrites a file; `mode` are its permissions, those of a new file when `None`.
    fn write(&self, path: &Path, bytes: &[u8], mode: Option<u32>, sync: Sync) -> io::Result<()>;

    /// Puts a file in the place of another one in the same folder, in one instant.
    fn rename(&self, from: &Path, to: &Path, sync: Sync) -> io::Result<()>;

    /// Removes a file. One that is not there is no error.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes a folder and its parents.
    fn make_folder(&self, path: &Path) -> io::Result<()>;
}

/// The disk of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemDisk;

impl Disk for SystemDisk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn write(&self, path: &Path, bytes: &[u8], mode: Option<u32>, sync: Sync) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
        if let Some(mode) = mode {
            file.set_permissions(Permissions::from_mode(mode))?;
        }
        file.write_all(bytes)?;
        match sync {
            Sync::Now => file.sync_all(),
            Sync::Later => Ok(()),
        }
    }

    fn rename(&self, from: &Path, to: &Path, sync: Sync) -> io::Result<()> {
        fs::rename(from, to)?;
        match (sync, to.parent()) {
            (Sync::Now, Some(folder)) => File::open(folder)?.sync_all(),
            (Sync::Now, None) | (Sync::Later, _) => Ok(()),
        }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }
}

/// Writes a file as a whole: readers see what was there or all of `bytes`. Symbolic links are followed, permissions
/// kept, missing folders made.
///
/// # Errors
/// Those of the disk; what was there is still there then.
pub fn replace(disk: &dyn Disk, path: &Path, bytes: &[u8], sync: Sync) -> io::Result<()> {
    let target = match fs::canonicalize(path) {
        Ok(target) => target,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if let Some(folder) = path.parent() {
                disk.make_folder(folder)?;
            }
            path.to_owned()
        }
        Err(error) => return Err(error),
    };
    let beside = beside(&target);
    let written =
        disk.write(&beside, bytes, mode_of(&target), sync).and_then(|()| disk.rename(&beside, &target, sync));
    if written.is_err() {
        // Best effort: what is left beside the file is overwritten by the next attempt.
        let _ = disk.remove(&beside);
    }
    written
}

/// Where a file's next content is put until it takes the file's place. There is one driver per project, so one name
/// per file is enough, and what a killed one left is overwritten.
pub(super) fn beside(target: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(".wavedeck-new");
    target.with_file_name(name)
}

/// Permissions of a file that is there.
pub(super) fn mode_of(path: &Path) -> Option<u32> {
    fs::metadata(path).ok().map(|metadata| metadata.permissions().mode() & 0o7777)
}

#[cfg(test)]
pub(super) mod faulty {
    //! A disk that breaks on command.

    use std::cell::Cell;
    use std::io;
    use std::path::Path;

    use super::{Disk, Sync, SystemDisk};

    /// What happens at the operation that breaks.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Fault {
        /// It fails; those that follow work again.
        Once,
        /// The process is gone: it and everything after it does nothing.
        Killed,
        /// As `Killed`, and the operation itself wrote half of its bytes.
        Torn,
    }

    /// Works until its `left` changing operations are used up.
    #[derive(Debug)]
    pub(crate) struct FaultyDisk {
        left: Cell<usize>,
        fault: Fault,
        broken: Cell<bool>,
    }

    impl FaultyDisk {
        pub(crate) fn after(operations: usize, fault: Fault) -> FaultyDisk {
            FaultyDisk { left: Cell::new(operations), fault, broken: Cell::new(false) }
        }

        pub(crate) fn broke(&self) -> bool {
            self.broken.get()
        }

        /// Whether the operation goes through; `Err` when it does not.
        fn pass(&self) -> io::Result<()> {
            let gone = self.broken.get() && self.fault != Fault::Once;
            let now = !self.broken.get() && self.left.get() == 0;
            if gone || now {
                self.broken.set(true);
                return Err(io::Error::from(io::ErrorKind::StorageFull));
            }
            self.left.set(self.left.get().saturating_sub(1));
            Ok(())
        }
    }

    impl Disk for FaultyDisk {
        fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
            SystemDisk.read(path)
        }

        fn write(&self, path: &Path, bytes: &[u8], mode: Option<u32>, sync: Sync) -> io::Result<()> {
            let was_broken = self.broken.get();
            self.pass().inspect_err(|_| {
                if self.fault == Fault::Torn && !was_broken {
                    SystemDisk.write(path, &bytes[..bytes.len() / 2], mode, sync).unwrap();
                }
            })?;
            SystemDisk.write(path, bytes, mode, sync)
        }

        fn rename(&self, from: &Path, to: &Path, sync: Sync) -> io::Result<()> {
            self.pass()?;
            SystemDisk.rename(from, to, sync)
        }

        fn remove(&self, path: &Path) -> io::Result<()> {
            self.pass()?;
            SystemDisk.remove(path)
        }

        fn make_folder(&self, path: &Path) -> io::Result<()> {
            self.pass()?;
            SystemDisk.make_folder(path)
        }
    }
}
