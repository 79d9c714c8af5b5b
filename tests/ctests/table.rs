//! The table of bad arguments against the header.

use std::fs;

use super::common::{host, root, run};
use super::{LIMIT, program};

/// The table of bad arguments has every function of the header, with its parameters in their order.
#[test]
fn every_parameter_is_given_bad_arguments() {
    let ended = run(host(&program("fault_arguments"), None).arg("table"), LIMIT);
    assert!(ended.succeeded(), "{}", ended.describe());
    let table: Vec<_> = ended.output.lines().map(str::to_owned).collect();
    let header = fs::read_to_string(root().join("include/emb.h")).unwrap();
    let symbols = fs::read_to_string(root().join("tests/golden/symbols.txt")).unwrap();
    let declared: Vec<_> = symbols
        .lines()
        .map(|name| parameters(&header, name))
        .collect();
    let missing: Vec<_> = declared.iter().filter(|row| !table.contains(row)).collect();
    assert!(
        missing.is_empty(),
        "fault_arguments.c has no rows {missing:?}"
    );
    assert_eq!(table.len(), declared.len());
}

/// A function of the header with the names of its parameters: `emb_object_length(object, length)`.
fn parameters(header: &str, function: &str) -> String {
    // Prototypes begin in the first column.
    let prototype = ["emb_status ", "uint32_t ", "const char *"]
        .iter()
        .find_map(|returns| header.split_once(&format!("\n{returns}{function}(")));
    let (_, rest) = prototype.unwrap();
    let names: Vec<_> = rest[..rest.find(");").unwrap()]
        .split(',')
        .filter_map(|declared| declared.rsplit([' ', '*']).next())
        .map(|name| name.trim_end_matches('_')) // class_, which C++ has a meaning for
        .filter(|name| *name != "void")
        .collect();
    format!("{function}({})", names.join(", "))
}
