//! Why a server cannot start or cannot do what its own process asks of it.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use confab_protocol::WireError;

use crate::store::StoreOpenError;

/// A failure of the embedding process's calls; [`ServerError::code`] names it for the person in front of it.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Another program listens there.
    #[error("{address} is in use")]
    PortInUse {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// The address is none of this machine's, or may not be listened on.
    #[error("cannot listen on {address}")]
    CannotListen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The data directory cannot be made or written.
    #[error("cannot write to {}", path.display())]
    DataDirUnwritable {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another server works in the data directory.
    #[error("another server uses {}: stop it first", path.display())]
    DataDirLocked {
        /// The directory.
        path: PathBuf,
    },
    /// The data was written by a newer version.
    #[error("the data is of a newer form ({found}, this version knows {known}): update Confab")]
    NewerData {
        /// Level of the data.
        found: u32,
        /// Newest level known here.
        known: u32,
    },
    /// The data was written by an older version, which is running there.
    #[error(
        "the data is of an older form ({found}, this version knows {known}): restart the server that uses it"
    )]
    OlderData {
        /// Level of the data.
        found: u32,
        /// Newest level known here.
        known: u32,
    },
    /// A backup would be written over a file.
    #[error("{} exists: take another name, or say --force to replace it", path.display())]
    BackupExists {
        /// The file.
        path: PathBuf,
    },
    /// A backup cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    BackupUnwritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A backup cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    BackupUnreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is no backup, or not all of one.
    #[error("{} is not a whole backup ({reason}): take another one", path.display())]
    BackupDamaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A backup was written by a newer version.
    #[error("the backup is of a newer form ({found}, this version knows {known}): update Confab")]
    NewerBackup {
        /// Form of the backup.
        found: u32,
        /// Newest form known here.
        known: u32,
    },
    /// The database of a backup does not agree with itself.
    #[error("the backup fails its verification ({first}; {count} in all): take another one")]
    BackupDisagrees {
        /// The first finding.
        first: String,
        /// How many there are.
        count: u64,
    },
    /// A backup of one workspace would replace another one.
    #[error("{} holds another workspace than the backup: restore into another directory, or say --force", path.display())]
    OtherWorkspace {
        /// The directory.
        path: PathBuf,
    },
    /// A backup is being put into the directory.
    #[error("a backup is being restored to {}: wait for its end", path.display())]
    RestoreUnderWay {
        /// The directory.
        path: PathBuf,
    },
    /// Nothing was ever served from the directory.
    #[error("there is no workspace in {}", path.display())]
    NoWorkspace {
        /// The directory.
        path: PathBuf,
    },
    /// The server does not run, and nobody said where it will be.
    #[error("the server does not run: say where it will be reached (--advertise HOST:PORT)")]
    NoAddress,
    /// No room is left on the disk.
    #[error("the disk is full")]
    DiskFull,
    /// The database cannot be opened or is damaged.
    #[error("the database cannot be used: {0}")]
    Database(String),
    /// The key pair in the data directory cannot be read, or none can be made.
    #[error("the key pair cannot be used: {0}")]
    KeyPair(String),
    /// The server refused, as it would refuse a client.
    #[error(transparent)]
    Refused(#[from] WireError),
    /// The system has no thread or no runtime left for the server.
    #[error("the server's thread cannot start: {0}")]
    Thread(io::Error),
    /// The server is stopping or has stopped.
    #[error("the server has stopped")]
    Stopped,
}

impl ServerError {
    /// The code under which the interface has its sentence.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::PortInUse { .. } => "port_in_use",
            Self::CannotListen { .. } => "cannot_listen",
            Self::DataDirUnwritable { .. } => "data_dir_unwritable",
            Self::DataDirLocked { .. } => "data_dir_locked",
            Self::NewerData { .. } | Self::NewerBackup { .. } => "newer_data",
            Self::DiskFull => "disk_full",
            Self::Refused(error) => error.code.as_str(),
            Self::NoWorkspace { .. } | Self::NoAddress => "not_found",
            Self::Stopped | Self::RestoreUnderWay { .. } => "unavailable",
            Self::BackupExists { .. }
            | Self::BackupUnwritable { .. }
            | Self::BackupUnreadable { .. }
            | Self::BackupDamaged { .. }
            | Self::BackupDisagrees { .. }
            | Self::OtherWorkspace { .. }
            | Self::OlderData { .. }
            | Self::Database(_)
            | Self::KeyPair(_)
            | Self::Thread(_) => "internal",
        }
    }
}

impl From<StoreOpenError> for ServerError {
    fn from(error: StoreOpenError) -> Self {
        match error {
            StoreOpenError::Newer { found, known } => Self::NewerData { found, known },
            StoreOpenError::Older { found, known } => Self::OlderData { found, known },
            StoreOpenError::Full => Self::DiskFull,
            StoreOpenError::Unreadable(reason) => Self::Database(reason),
            StoreOpenError::Database(error) => Self::Database(error.to_string()),
        }
    }
}
