"""What a spreadsheet does to a CSV that somebody opens in it."""


def harmless(value: object) -> object:
    """A text that a spreadsheet would take for a formula, with an apostrophe before it; anything else as it is."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" else value
