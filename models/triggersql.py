"""The SQL that triggers on courses are made of."""

Functions = dict[str, tuple[str, str, str]]
"""PostgreSQL's functions, by name: signature with what it returns, attributes, body."""
LOCK_COURSES = "PERFORM 1 FROM homeroom_workload WHERE course_id = ANY (courses) ORDER BY course_id FOR UPDATE;"
"""What a function on PostgreSQL begins with that reads the lessons of ``courses`` anew."""


def sqlite_trigger(name: str, event: str, condition: str, body: str) -> str:
    """A trigger on SQLite that fires after an event, for the rows that fulfil the condition if there is one."""
    return f"""CREATE TRIGGER {name} AFTER {event}
{f"WHEN {condition}" if condition else ""}
BEGIN
    {body}
END"""


def differs(*columns: str) -> str:
    """Whether one of these columns was changed, on SQLite."""
    return " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in columns)


def course_of(modules: str) -> str:
    """The courses of these modules."""
    return f"SELECT course_id FROM module WHERE id IN ({modules})"  # noqa: S608 -- of columns


def trigger_function(statements: str) -> tuple[str, str, str]:
    """A trigger function on PostgreSQL that runs these statements."""
    return ("() RETURNS trigger", "LANGUAGE plpgsql", f"BEGIN\n    {statements}\n    RETURN NULL;\nEND")
