"""Values of the host that Python gets as its own: classes, enumerations, dates, named tuples."""
