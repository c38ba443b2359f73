//! The disk as SQLite wants it.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlite_vfs::wip::{WalIndex, WalIndexLock};
use sqlite_vfs::{DatabaseHandle, LockKind, OpenAccess, OpenOptions, Vfs};

use crate::disk::Shared;

/// The size of a region of the index of a write-ahead log, as SQLite asks for it.
const REGION: usize = 32 * 1024;

/// The files of a disk.
pub(crate) struct Files(pub(crate) Arc<Shared>);

impl Vfs for Files {
    type Handle = Handle;

    fn open(&self, name: &str, options: OpenOptions) -> io::Result<Handle> {
        let life = self.0.with(|disk| {
            disk.powered(disk.life)?;
            let is_there = disk.files.contains_key(name);
            match options.access {
                OpenAccess::CreateNew if is_there => return Err(io::ErrorKind::AlreadyExists.into()),
                OpenAccess::Read | OpenAccess::Write if !is_there => {
                    return Err(io::ErrorKind::NotFound.into());
                }
                _ => drop(disk.files.entry(name.to_owned()).or_default()),
            }
            io::Result::Ok(disk.life)
        })?;
        Ok(Handle { shared: Arc::clone(&self.0), name: name.to_owned(), life, lock: LockKind::None })
    }

    fn delete(&self, name: &str) -> io::Result<()> {
        self.0.with(|disk| {
            disk.spend(disk.life)?;
            disk.files.remove(name).map(drop).ok_or_else(|| io::ErrorKind::NotFound.into())
        })
    }

    fn exists(&self, name: &str) -> io::Result<bool> {
        Ok(self.0.with(|disk| disk.files.contains_key(name)))
    }

    fn temporary_name(&self) -> String {
        static NAMES: AtomicU64 = AtomicU64::new(0);
        format!("temporary-{}", NAMES.fetch_add(1, Ordering::Relaxed))
    }

    fn random(&self, buffer: &mut [i8]) {
        buffer.iter_mut().for_each(|byte| *byte = fastrand::i8(..));
    }

    fn sleep(&self, duration: Duration) -> Duration {
        std::thread::sleep(duration);
        duration
    }
}

/// An open file. One connection at a time: what it locks nobody else wants.
pub(crate) struct Handle {
    shared: Arc<Shared>,
    name: String,
    life: u64,
    lock: LockKind,
}

impl DatabaseHandle for Handle {
    type WalIndex = Index;

    fn size(&self) -> io::Result<u64> {
        self.shared.with(|disk| {
            disk.powered(self.life)?;
            Ok(disk.file(&self.name)?.len())
        })
    }

    fn read_exact_at(&mut self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.shared.with(|disk| {
            disk.powered(self.life)?;
            disk.file(&self.name)?.read(buffer, offset)
        })
    }

    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.shared.with(|disk| {
            disk.room(&self.name, offset + bytes.len() as u64)?;
            let done = disk.spend(self.life);
            // Also the write with which the power goes may have reached the disk.
            if disk.life == self.life && (done.is_ok() || disk.left == Some(0)) {
                disk.file(&self.name)?.write(bytes, offset)?;
            }
            done
        })
    }

    fn sync(&mut self, _data_only: bool) -> io::Result<()> {
        self.shared.with(|disk| {
            disk.spend(self.life)?;
            disk.syncs += 1;
            disk.file(&self.name)?.sync();
            Ok(())
        })
    }

    fn set_len(&mut self, length: u64) -> io::Result<()> {
        self.shared.with(|disk| {
            disk.spend(self.life)?;
            disk.file(&self.name)?.set_len(length)
        })
    }

    fn lock(&mut self, lock: LockKind) -> io::Result<bool> {
        self.lock = lock;
        Ok(true)
    }

    fn reserved(&mut self) -> io::Result<bool> {
        Ok(false)
    }

    fn current_lock(&self) -> io::Result<LockKind> {
        Ok(self.lock)
    }

    fn wal_index(&self, _readonly: bool) -> io::Result<Index> {
        Ok(Index)
    }
}

/// The index of a write-ahead log: memory of the one connection, gone with it, and built anew from the log by the next.
pub(crate) struct Index;

impl WalIndex for Index {
    fn map(&mut self, _region: u32) -> io::Result<[u8; REGION]> {
        Ok([0; REGION])
    }

    fn lock(&mut self, _locks: Range<u8>, _lock: WalIndexLock) -> io::Result<bool> {
        Ok(true)
    }

    fn delete(self) -> io::Result<()> {
        Ok(())
    }
}
