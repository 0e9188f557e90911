//! What the program ends with when something is wrong.

use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use copywright::copy::brief::BriefError;
use copywright::engine::EngineError;
use copywright::error::Kind;
use copywright::generate::GenerateError;
use copywright::gpu::GpuError;
use copywright::selfcheck::SelfCheckError;
use copywright::writer::WriteError;

pub type Result<T> = std::result::Result<T, Failure>;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub enum Failure {
    /// The command line is wrong.
    Usage(String),
    /// The work failed; under the name that a page would see.
    Work(Kind, String),
    /// Standard output takes nothing any more.
    Output(io::Error),
}

impl Failure {
    /// Work that failed.
    pub fn work(kind: Kind, why: impl Display) -> Self {
        Self::Work(kind, why.to_string())
    }

    /// The same, and what it is about.
    #[must_use]
    pub fn about(self, what: &str) -> Self {
        match self {
            Self::Work(kind, why) if !what.is_empty() => Self::Work(kind, format!("{what}: {why}")),
            other => other,
        }
    }

    /// Says it on standard error; 2 for a wrong command line, 1 for all else.
    #[expect(clippy::print_stderr, reason = "the one place that speaks to standard error of failures")]
    pub fn report(&self) -> ExitCode {
        match self {
            Self::Usage(why) => {
                eprintln!("copywright: {why}; `copywright help` says what there is");
                return ExitCode::from(2);
            }
            Self::Work(kind, why) => eprintln!("copywright: {}: {why}", kind.name()),
            // Whoever read us has seen enough (`| head`): nothing to tell them.
            Self::Output(why) if why.kind() == io::ErrorKind::BrokenPipe => {}
            Self::Output(why) => eprintln!("copywright: standard output: {why}"),
        }
        ExitCode::FAILURE
    }
}

impl From<io::Error> for Failure {
    fn from(why: io::Error) -> Self {
        Self::Output(why)
    }
}

/// Each room's error knows its kind.
macro_rules! work {
    ($($error:ty),*) => {
        $(impl From<$error> for Failure {
            fn from(e: $error) -> Self {
                Self::work(e.kind(), e)
            }
        })*
    };
}
work!(WriteError, BriefError, EngineError, GpuError, SelfCheckError, GenerateError);
