//! The report on what was found, what runs, and how clashing names were kept apart.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::platform::{Method, Os, Platform, Twice};
use crate::python::find::fit::{self, Build, Misfit};
use crate::python::find::{Search, Verdict};
use crate::python::identity;
use crate::python::runtime::{self, Runtime};
use crate::python::start::{self, Record};
use crate::thread::Thread;

/// The report as JSON.
pub(crate) fn json(thread: &Thread) -> String {
    let misfits = misfits(thread);
    start::with_record(|record| report(record, &misfits)).to_string()
}

fn report(record: &Record, misfits: &[Misfit]) -> Value {
    let search = record.search.as_ref();
    json!({
        "libemb": env!("CARGO_PKG_VERSION"),
        "abi": crate::api::runtime::EMB_ABI_VERSION,
        "state": state(),
        "error": record.error,
        "version": record.version,
        "beside": record.beside,
        "in_place": runtime::loaded().map(Runtime::in_place),
        "python": search.and_then(|search| search.result.as_ref().ok()),
        "candidates": search.map(|search| &search.candidates),
        "misfits": misfits,
        "clash": record.clash.as_ref().map(|report| json!({
            "method": method(&report.method),
            "names": report.names,
            "hosts": report.hosts,
            "libraries": report.libraries,
            "extensions": Os::extensions_bound(),
        })),
        "twice": Os::loaded_twice(),
    })
}

fn state() -> &'static str {
    match runtime::state() {
        runtime::IDLE => "idle",
        runtime::ENDED => "ended",
        runtime::FORKED => "forked",
        _ if runtime::loaded().is_some_and(|runtime| runtime.attached) => "attached",
        _ => "running",
    }
}

fn method(method: &Method) -> &'static str {
    match method {
        Method::Global => "global",
        Method::Stub => "stub",
        Method::Mend => "mend",
    }
}

/// The report for people.
pub(crate) fn text(thread: &Thread) -> String {
    let misfits = misfits(thread);
    start::with_record(|record| {
        let mut text = format!(
            "libemb {} (ABI {}), {}\n",
            env!("CARGO_PKG_VERSION"),
            crate::api::runtime::EMB_ABI_VERSION,
            state()
        );
        // Writing to a String cannot fail.
        let _ = write_python(&mut text, record);
        let _ = write_candidates(&mut text, record);
        let _ = write_misfits(&mut text, &misfits);
        let _ = write_clash(&mut text, record);
        let _ = write_twice(&mut text);
        text
    })
}

fn write_python(text: &mut String, record: &Record) -> std::fmt::Result {
    if let Some(version) = &record.version {
        writeln!(text, "Python {version}")?;
    }
    if let Some(host) = &record.beside {
        writeln!(text, "  beside the host's Python {host}")?;
    }
    if let Some(Ok(python)) = record.search.as_ref().map(|search| &search.result) {
        writeln!(text, "  interpreter  {}", python.executable.display())?;
        writeln!(text, "  library      {}", python.libpython.display())?;
        writeln!(text, "  prefix       {}", python.prefix.display())?;
        writeln!(text, "  packages     {}", python.packages.display())?;
    }
    if let Some(runtime) = runtime::loaded() {
        writeln!(text, "  in place     {}", runtime.in_place().join(", "))?;
    }
    if let Some(error) = &record.error {
        writeln!(text, "{error}")?;
    }
    Ok(())
}

fn write_candidates(text: &mut String, record: &Record) -> std::fmt::Result {
    let failed = |search: &Search| search.result.is_err();
    if record.search.as_ref().is_some_and(failed) {
        return Ok(()); // the error has told of them
    }
    for candidate in record.search.iter().flat_map(|search| &search.candidates) {
        let verdict = match &candidate.verdict {
            Verdict::Taken => "taken".to_string(),
            Verdict::Refused(why) => format!("refused: {why}"),
            Verdict::Skipped(why) => format!("skipped: {why}"),
        };
        writeln!(
            text,
            "  {} ({}): {verdict}",
            candidate.path.display(),
            candidate.source
        )?;
    }
    Ok(())
}

/// Packages in reach that were built for other versions of Python.
fn misfits(thread: &Thread) -> Vec<Misfit> {
    let found = start::with_record(|record| {
        let search = record.search.as_ref()?;
        search.result.as_ref().ok().map(Build::from)
    });
    let build = found.or_else(|| identity::build_of_host(thread));
    build.as_ref().map_or_else(Vec::new, fit::misfits)
}

fn write_misfits(text: &mut String, misfits: &[Misfit]) -> std::fmt::Result {
    if misfits.is_empty() {
        return Ok(());
    }
    writeln!(
        text,
        "Packages that were built for another Python, and have to be installed for this one:"
    )?;
    for misfit in misfits {
        writeln!(text, "  {misfit}")?;
    }
    Ok(())
}

fn write_clash(text: &mut String, record: &Record) -> std::fmt::Result {
    let Some(report) = &record.clash else {
        return Ok(());
    };
    writeln!(text, "{report}")?;
    write_extensions(text)
}

fn write_extensions(text: &mut String) -> std::fmt::Result {
    let count = Os::extensions_bound();
    writeln!(text, "  extension modules bound so far: {count}")
}

fn write_twice(text: &mut String) -> std::fmt::Result {
    let twice = Os::loaded_twice();
    if twice.is_empty() {
        return writeln!(text, "No library is loaded twice.");
    }
    writeln!(
        text,
        "Loaded more than once, each with variables of its own; what one has made, another must not \
         be given:"
    )?;
    for Twice { library, files } in twice {
        writeln!(text, "  {library}")?;
        for file in files {
            writeln!(text, "    {file}")?;
        }
    }
    Ok(())
}
