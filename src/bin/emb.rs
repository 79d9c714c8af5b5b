//! The command `emb`.

use std::process::ExitCode;

fn main() -> ExitCode {
    emb::command::main()
}
