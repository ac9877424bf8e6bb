"""The SQL that triggers on courses are made of."""

Functions = dict[str, tuple[str, str, str]]
"""PostgreSQL's functions, by name: signature with what it returns, attributes, body."""
LOCK_COURSES = "PERFORM 1 FROM homeroom_workload WHERE course_id = ANY (courses) ORDER BY course_id FOR UPDATE;"
"""What a refresh on PostgreSQL begins with, whatever it refreshes. It then reads the lessons in a statement of its own:
of two transactions that change one course the later one sees what the earlier one wrote."""


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


def following(name: str, *seen: str) -> Functions:
    """PostgreSQL's functions for the triggers of `when_courses_change`: they call ``homeroom_NAME_refresh`` with the
    courses whose lessons changed, as far as what is ``seen`` of a lesson is concerned and whether it is visible."""
    lessons = f"SELECT {', '.join(('id', 'module_id', 'removed_at IS NULL', *seen))} FROM"
    moved = f"(({lessons} old_rows EXCEPT {lessons} new_rows) UNION ({lessons} new_rows EXCEPT {lessons} old_rows))"
    courses = "SELECT course_id FROM module WHERE id IN (SELECT module_id FROM {})"
    changed = {
        "lesson_insert": courses.format("new_rows"),
        "lesson_delete": courses.format("old_rows"),
        "lesson_update": courses.format(f"{moved} AS moved"),
        # Where references are looked at only when a transaction ends, a lesson may come before its module.
        "module_insert": "SELECT course_id FROM new_rows WHERE id IN (SELECT module_id FROM lesson)",
        "module_delete": "SELECT course_id FROM old_rows",
        "module_update": """SELECT unnest(ARRAY[old_rows.course_id, new_rows.course_id])
        FROM old_rows JOIN new_rows USING (id) WHERE old_rows.course_id <> new_rows.course_id""",
    }
    return {
        f"homeroom_{name}_{event}": trigger_function(f"PERFORM homeroom_{name}_refresh(ARRAY({these}));")
        for event, these in changed.items()
    }


def when_courses_change(name: str) -> dict[str, str]:
    """PostgreSQL's triggers that fire once for each statement that changed lessons or modules, by name."""
    tables = {
        "lesson_insert": ("INSERT ON lesson", "NEW TABLE AS new_rows"),
        "lesson_update": ("UPDATE ON lesson", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
        "lesson_delete": ("DELETE ON lesson", "OLD TABLE AS old_rows"),
        "module_insert": ("INSERT ON module", "NEW TABLE AS new_rows"),
        "module_update": ("UPDATE ON module", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
        "module_delete": ("DELETE ON module", "OLD TABLE AS old_rows"),
    }
    return {
        f"homeroom_{name}_{event}": f"CREATE TRIGGER homeroom_{name}_{event} AFTER {told} REFERENCING {rows}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION homeroom_{name}_{event}()"
        for event, (told, rows) in tables.items()
    }
