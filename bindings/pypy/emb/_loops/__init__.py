"""What goes on while something is awaited: coroutines, windows and figures."""
