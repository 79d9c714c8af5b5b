"""Lists, dicts and sets that both sides change."""
