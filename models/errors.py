"""Why something can't be done, each error its own sentence for the person who asked."""


class DomainError(Exception):
    """A refusal. ``str(error)`` is the sentence a person reads; it says what to do next."""


class Gone(DomainError):
    """What a button or a command named is no longer there."""


class Unavailable(DomainError):
    """The database can't answer just now: locked, stopped or out of reach. Nothing was changed."""

    def __init__(self) -> None:
        super().__init__("I can't reach my records just now, and nothing was changed. Try again in a minute.")
