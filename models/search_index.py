"""The search index: one row a course, kept right by triggers whoever writes.

On SQLite it is the FTS5 table ``homeroom_course_search``: ``rowid`` is the course's id and ``ORDER BY rank`` weighs a
title ten times and a description twice as much as a lesson's title. FTS5 is in the SQLite that Python and Prisma's
drivers ship; a neighbour whose SQLite lacks it can read courses but not write them. On PostgreSQL it is a table of
that name with ``course_id`` and a ``tsvector``, ``words``: title A, description B, lessons C. Only visible lessons
count.
"""

# ruff: noqa: S608 -- the SQL is put together from names of our own

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from models.triggersql import (
    LOCK_COURSES,
    Functions,
    course_of,
    differs,
    following,
    sqlite_trigger,
    trigger_function,
    when_courses_change,
)

TABLE = "homeroom_course_search"

_FORGET = f"DELETE FROM {TABLE} WHERE rowid"
_VISIBLE = """(SELECT group_concat(lesson.title, ' ') FROM lesson JOIN module ON module.id = lesson.module_id
        WHERE module.course_id = {course} AND lesson.removed_at IS NULL)"""
_SQLITE_ADD = f"""INSERT INTO {TABLE} (rowid, title, description, lessons)
    VALUES (NEW.id, NEW.title, NEW.description, {_VISIBLE.format(course="NEW.id")});"""


def sqlite_table() -> list[str]:
    """Statements that make SQLite's table and fill it."""
    return [
        f"""CREATE VIRTUAL TABLE {TABLE} USING fts5(
            title, description, lessons, tokenize='unicode61 remove_diacritics 2', prefix='2 3')""",
        f"INSERT INTO {TABLE} ({TABLE}, rank) VALUES ('rank', 'bm25(10.0, 2.0, 1.0)')",
        f"""INSERT INTO {TABLE} (rowid, title, description, lessons)
            SELECT id, title, description, {_VISIBLE.format(course="course.id")} FROM course""",
    ]


def sqlite_triggers() -> dict[str, str]:
    """SQLite's triggers that keep the table right, by name."""
    triggers = {
        # A neighbour's INSERT OR REPLACE deletes without telling triggers; so adding forgets first.
        "course_insert": ("INSERT ON course", "", f"{_FORGET} = NEW.id; {_SQLITE_ADD}"),
        "course_update": (
            "UPDATE OF id, title, description ON course",
            differs("id", "title", "description"),
            f"{_FORGET} IN (OLD.id, NEW.id); {_SQLITE_ADD}",
        ),
        "course_delete": ("DELETE ON course", "", f"{_FORGET} = OLD.id;"),
        # With foreign keys off a lesson may come before its module.
        "module_insert": (
            "INSERT ON module",
            "EXISTS (SELECT 1 FROM lesson WHERE module_id = NEW.id)",
            _sqlite_refresh("NEW.course_id"),
        ),
        "module_update": (
            "UPDATE OF id, course_id ON module",
            differs("id", "course_id"),
            _sqlite_refresh("OLD.course_id, NEW.course_id"),
        ),
        "module_delete": ("DELETE ON module", "", _sqlite_refresh("OLD.course_id")),
        "lesson_insert": ("INSERT ON lesson", "NEW.removed_at IS NULL", _sqlite_refresh(course_of("NEW.module_id"))),
        "lesson_update": (
            "UPDATE OF title, module_id, removed_at ON lesson",
            differs("title", "module_id", "removed_at"),
            _sqlite_refresh(course_of("OLD.module_id, NEW.module_id")),
        ),
        "lesson_delete": ("DELETE ON lesson", "OLD.removed_at IS NULL", _sqlite_refresh(course_of("OLD.module_id"))),
    }
    names = {event: f"homeroom_search_{event}" for event in triggers}
    return {names[event]: sqlite_trigger(names[event], *told) for event, told in triggers.items()}


def _sqlite_refresh(courses: str) -> str:
    return f"UPDATE {TABLE} SET lessons = {_VISIBLE.format(course=f'{TABLE}.rowid')} WHERE rowid IN ({courses});"


def postgresql_table() -> list[str]:
    """Statements that make PostgreSQL's table and fill it; they need `postgresql_functions`."""
    return [
        f"""CREATE TABLE {TABLE} (
            course_id integer PRIMARY KEY REFERENCES course (id) ON DELETE CASCADE, words tsvector NOT NULL)""",
        f"CREATE INDEX ix_{TABLE}_words ON {TABLE} USING gin (words)",
        f"INSERT INTO {TABLE} SELECT id, homeroom_course_words(id) FROM course",
    ]


def allow_unaccent(connection: Connection) -> None:
    """Create PostgreSQL's ``unaccent`` extension where that is allowed.

    Without it the accents which Unicode can take apart (é, ż) still fold; letters it can't (ø, ß, ł) stay as they are.
    """
    attempt = connection.begin_nested()
    try:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS unaccent"))
    except DBAPIError:
        attempt.rollback()
    else:
        attempt.commit()


def postgresql_functions(connection: Connection) -> Functions:
    """PostgreSQL's functions that keep the table right.

    ``homeroom_fold(text)`` gives lower case without accents, ASCII punctuation turned to spaces: fold a query with it
    too, so that "Node.js" is two words on either side.
    """
    return {
        "homeroom_fold": ("(words text) RETURNS text", "LANGUAGE sql STABLE STRICT PARALLEL SAFE", _fold(connection)),
        "homeroom_course_words": (
            "(wanted integer) RETURNS tsvector",
            "LANGUAGE sql STABLE",
            """SELECT setweight(to_tsvector('pg_catalog.simple', homeroom_fold(left(title, 50000))), 'A')
        || setweight(to_tsvector('pg_catalog.simple', homeroom_fold(left(description, 50000))), 'B')
        || setweight(to_tsvector('pg_catalog.simple', homeroom_fold(left(coalesce((
            SELECT string_agg(lesson.title, ' ') FROM lesson JOIN module ON module.id = lesson.module_id
            WHERE module.course_id = wanted AND lesson.removed_at IS NULL), ''), 50000))), 'C')
    FROM course WHERE id = wanted""",
        ),
        "homeroom_search_refresh": (
            "(courses integer[]) RETURNS void",
            "LANGUAGE plpgsql",
            f"""BEGIN
    {LOCK_COURSES}
    UPDATE {TABLE} SET words = homeroom_course_words(course_id) WHERE course_id = ANY (courses);
END""",
        ),
        "homeroom_search_course": trigger_function(
            f"""IF TG_OP = 'INSERT' THEN
        INSERT INTO {TABLE} VALUES (NEW.id, homeroom_course_words(NEW.id)) ON CONFLICT DO NOTHING;
    ELSE
        PERFORM homeroom_search_refresh(ARRAY[NEW.id]);
    END IF;"""
        ),
    } | following("search", "title")


def postgresql_triggers() -> dict[str, str]:
    """PostgreSQL's triggers that keep the table right, by name."""
    return {
        "homeroom_search_course": "CREATE TRIGGER homeroom_search_course AFTER INSERT OR UPDATE OF title, description"
        " ON course FOR EACH ROW EXECUTE FUNCTION homeroom_search_course()",
    } | when_courses_change("search")


def _fold(connection: Connection) -> str:
    """The body of ``homeroom_fold``, with what this server offers: Unicode, ``unaccent``, ICU's lower case."""
    folded = "words"
    if connection.scalar(text("SELECT getdatabaseencoding()")) == "UTF8":
        folded = f"regexp_replace(normalize({folded}, NFD), '[\\u0300-\\u036f]', '', 'g')"
    unaccent = connection.scalar(
        text(
            "SELECT quote_ident(nspname) FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace"
            " WHERE extname = 'unaccent'"
        )
    )
    if unaccent:
        folded = f"{unaccent}.unaccent('{unaccent}.unaccent'::regdictionary, {folded})"
    # In the C locale plain lower() knows ASCII only.
    if connection.scalar(
        text(
            "SELECT 1 FROM pg_collation WHERE collname = 'und-x-icu'"
            " AND collencoding IN (-1, pg_char_to_encoding(getdatabaseencoding()))"
        )
    ):
        folded = f'{folded} COLLATE "und-x-icu"'
    punctuation = "!\"#$%&''()*+,-./:;<=>?@[\\]^_`{|}~"
    return f"SELECT translate(lower({folded}), '{punctuation}', repeat(' ', {len(punctuation) - 1}))"
