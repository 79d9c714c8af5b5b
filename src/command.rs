//! The command `emb`: tells which Python libemb finds, and runs programs with it.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use lexopt::prelude::{Long, Short, Value};

use crate::doctor;
use crate::failure::{Failure, Outcome};
use crate::python::find::{Named, Source};
use crate::python::{run, start};
use crate::thread;

const HELP: &str = "\
emb: the CPython that libemb finds for programs in other languages

    emb doctor [--json]            starts it here, and reports what was looked at, what was
                                   chosen and why, and how it was loaded
    emb run [script.py | -m module | -c code | -] [arguments]
                                   runs a program as that python itself would

    --python PATH    this one: an interpreter, or the folder of an environment
    --help           this text
    --version        the version of libemb

EMB_DEBUG=1 in the environment shows each step of the search and of the start.
";

/// What the command does that its arguments ask for.
struct Order {
    python: Option<PathBuf>,
    action: Action,
}

enum Action {
    Help,
    Version,
    Doctor { json: bool },
    Run(Vec<OsString>),
}

/// The command's main function; its status is 2 for a misuse, 1 where there is no Python, and
/// otherwise that of the program that was run.
pub fn main() -> ExitCode {
    let order = match parse(lexopt::Parser::from_env()) {
        Ok(order) => order,
        Err(error) => {
            complain(&format!("{error}; `emb --help` tells what there is"));
            return ExitCode::from(2);
        }
    };
    match order.action {
        Action::Help => print(HELP),
        Action::Version => print(concat!("libemb ", env!("CARGO_PKG_VERSION"), "\n")),
        Action::Doctor { json } => doctor(order.python, json),
        Action::Run(arguments) => {
            match run::main(order.python.as_deref().map(by_option), arguments) {
                // Python has ended itself; what is left is to say how.
                Ok(status) => std::process::exit(status),
                Err(failure) => fail(&failure),
            }
        }
    }
}

fn parse(mut parser: lexopt::Parser) -> Result<Order, lexopt::Error> {
    let mut python = None;
    while let Some(argument) = parser.next()? {
        let action = match argument {
            Long("python") => {
                python = Some(parser.value()?.into());
                continue;
            }
            Long("help") | Short('h') => Action::Help,
            Long("version") | Short('V') => Action::Version,
            Value(command) if command == "doctor" => Action::Doctor {
                json: json_wanted(&mut parser, &mut python)?,
            },
            Value(command) if command == "run" => Action::Run(to_be_run(&mut parser, &mut python)?),
            Value(command) => {
                let command = command.to_string_lossy();
                return Err(format!("unknown command '{command}'").into());
            }
            other => return Err(other.unexpected()),
        };
        return Ok(Order { python, action });
    }
    Err("what to do: doctor or run".into())
}

fn json_wanted(
    parser: &mut lexopt::Parser,
    python: &mut Option<PathBuf>,
) -> Result<bool, lexopt::Error> {
    let mut json = false;
    while let Some(argument) = parser.next()? {
        match argument {
            Long("json") => json = true,
            Long("python") => *python = Some(parser.value()?.into()),
            other => return Err(other.unexpected()),
        }
    }
    Ok(json)
}

/// Python's own arguments: all from the first that is not ours, as they are.
fn to_be_run(
    parser: &mut lexopt::Parser,
    python: &mut Option<PathBuf>,
) -> Result<Vec<OsString>, lexopt::Error> {
    let mut arguments: Vec<OsString> = parser.raw_args()?.collect();
    while let Some(first) = arguments.first() {
        let value = first
            .to_str()
            .and_then(|text| text.strip_prefix("--python="));
        if let Some(value) = value {
            *python = Some(value.into());
            arguments.remove(0);
        } else if first == OsStr::new("--python") {
            if arguments.len() < 2 {
                return Err("missing argument for option '--python'".into());
            }
            *python = Some(arguments.remove(1).into());
            arguments.remove(0);
        } else {
            break;
        }
    }
    Ok(arguments)
}

fn by_option(path: &Path) -> Named<'_> {
    let by = Source::Option;
    Named { path, by }
}

fn doctor(python: Option<PathBuf>, json: bool) -> ExitCode {
    let request = start::Request {
        python: python.as_deref().map(by_option),
        ..start::Request::default()
    };
    let started: Outcome<()> = thread::with(|thread| start::start(thread, &request));
    let report = thread::with(|thread| match json {
        true => doctor::json(thread) + "\n",
        false => doctor::text(thread),
    });
    let printed = print(&report);
    match started {
        Ok(()) => printed,
        // The report has said why.
        Err(_) => ExitCode::FAILURE,
    }
}

fn print(text: &str) -> ExitCode {
    // A reader that has gone away is no reason for more noise.
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn fail(failure: &Failure) -> ExitCode {
    complain(&failure.to_string());
    ExitCode::FAILURE
}

fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "emb: {text}");
}
