"""`homeroom import` and `homeroom export`: what an operator types, sees and is asked."""

import os
import pty
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlmodel import select

from bot.coursecommands import export_course, import_courses
from models import Course, Lesson, Progress, courseplans
from models.coursefiles import read
from models.database import Database
from models.errors import DomainError
from tests.models.test_coursefiles import FILE, NOW
from tests.school import a_course, a_user, completed, enrolled, lessons_of

ROOT = Path(__file__).parents[2]
CLOVE = FILE[FILE.index("      - key: clove") : FILE.index("  - key: more")]


@dataclass
class Bench:
    """A console with the test's database."""

    opened: Database

    def database(self) -> Database:
        """The database at head."""
        return self.opened


@pytest.fixture
def school(database: Database) -> Database:
    """A database that knows Grace, who teaches."""
    with database.write() as session:
        a_user(session, "grace", "Instructor")
    return database


def wrote(tmp_path: Path, text: str = FILE, name: str = "knots.yaml") -> Path:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def importing(school: Database, *words: object) -> Result:
    return CliRunner().invoke(import_courses, [str(word) for word in words], obj=Bench(school))


def refused(result: Result) -> list[str]:
    """The lines somebody reads who is refused."""
    assert isinstance(result.exception, DomainError), result.output
    return str(result.exception).splitlines()


def titles(database: Database) -> list[str]:
    with database.read() as session:
        return sorted(session.exec(select(Course.title)))


def body_of(database: Database, key: str) -> str | None:
    with database.read() as session:
        return session.exec(select(Lesson).where(Lesson.key == key)).one().body


def at_a_terminal(words: Iterable[object], answer: str, url: str) -> tuple[int, str]:
    """Run the console script at a terminal and type the answer: its exit code, and what was on the screen."""
    master, slave = pty.openpty()
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATABASE_URL": url, "TERM": "xterm"}
    command = [sys.executable, "-m", "bot", *(str(word) for word in words)]
    os.write(master, f"{answer}\n".encode())
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=env)
    os.close(slave)
    screen = b""
    while True:
        try:
            screen += os.read(master, 65536)
        except OSError:  # the terminal is closed from the other side
            break
    os.close(master)
    return process.wait(60), screen.decode()


# Mistakes


def test_all_mistakes_of_all_files_are_told_and_nothing_is_imported(school: Database, tmp_path: Path) -> None:
    good = wrote(tmp_path, FILE.replace("course: knots", "course: good"), "good.yaml")
    bad = wrote(tmp_path, FILE.replace("minutes: 3", "minutes: x").replace("type: video", "type: film"), "bad.yaml")
    stranger = wrote(tmp_path, FILE.replace("course: knots", "course: other").replace("grace@", "x@"), "stranger.yaml")
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(FILE.replace("Tie", "T\xefe").encode("latin-1"))
    twice = wrote(tmp_path, FILE.replace("course: knots", "course: good"), "twice.yaml")
    large = wrote(tmp_path, FILE + "#" * (2 - len(FILE) % 2) + "é" * 1024 * 1024, "large.yaml")
    told = refused(importing(school, good, bad, stranger, latin, twice, large, "--yes"))
    assert [line.split(":")[0].removeprefix(f"{tmp_path}/") for line in told] == [
        "bad.yaml, line 16",
        "bad.yaml, line 23",
        "stranger.yaml, line 4",
        "latin.yaml, line 3",
        "twice.yaml, line 1",
        "large.yaml, line 1",
        "Nothing was imported.",
    ]
    assert "larger than 2 MB" in told[5]
    assert "the portal knows nobody as x@example.org" in told[2]
    assert "Save the file as UTF-8" in told[3]
    assert f"good is the course of {good} too" in told[4]
    assert titles(school) == []


def test_a_file_that_is_not_there_is_misuse(school: Database, tmp_path: Path) -> None:
    for words in ((tmp_path / "none.yaml",), (tmp_path,), ()):
        assert importing(school, *words, "--yes").exit_code == 2


def test_a_mistake_exits_2_and_is_read_on_standard_error(url: str, tmp_path: Path) -> None:
    file = wrote(tmp_path, "course: x\n")
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATABASE_URL": url}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "import", str(file), "--yes"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[0] == f"{file}, line 1: the file needs the field title."
    assert done.stderr.splitlines()[-1] == "Nothing was imported."


# Asking


def test_with_nobody_to_ask_the_changes_are_shown_and_nothing_is_imported(school: Database, tmp_path: Path) -> None:
    done = importing(school, wrote(tmp_path))
    assert done.stdout == "Knots (knots)\n  + new course: Knots, 3 lessons in 2 modules\n"
    assert refused(done) == ["Nobody is here to ask. Look at the changes above, then run it again with --yes."]
    assert titles(school) == []


def test_somebody_at_a_terminal_is_asked(school: Database, url: str, tmp_path: Path) -> None:
    file = wrote(tmp_path)
    code, screen = at_a_terminal(["import", file], "n", url)
    assert "new course: Knots, 3 lessons in 2 modules" in screen
    assert "Import this? [y/N]: " in screen
    assert "Reading" not in screen
    assert (code, titles(school)) == (130, [])
    code, screen = at_a_terminal(["import", file], "y", url)
    assert "Imported 1 course." in screen
    assert (code, titles(school)) == (0, ["Knots"])


def test_a_terminal_has_colour_and_a_progress_bar_for_many_files(school: Database, url: str, tmp_path: Path) -> None:
    files = [wrote(tmp_path, FILE.replace("course: knots", f"course: k{n}"), f"{n}.yaml") for n in range(6)]
    code, screen = at_a_terminal(["import", *files], "y", url)
    assert code == 0
    assert "\x1b[32m  + new course" in screen
    assert "Reading" in screen
    assert "Importing" in screen
    assert "Imported 6 courses." in screen
    assert len(titles(school)) == 6


def test_yes_is_not_asked(school: Database, tmp_path: Path) -> None:
    files = [wrote(tmp_path, FILE.replace("course: knots", f"course: k{n}"), f"{n}.yaml") for n in range(6)]
    done = importing(school, *files, "--yes")
    assert done.exit_code == 0
    assert done.stdout.endswith("Imported 6 courses.\n")
    assert "\x1b" not in done.stdout
    assert "Reading" not in done.stdout


def test_a_dry_run_shows_and_stops(school: Database, tmp_path: Path) -> None:
    done = importing(school, wrote(tmp_path), "--dry-run", "--yes")
    assert (done.exit_code, done.exception) == (0, None)
    assert "+ new course: Knots" in done.stdout
    assert titles(school) == []


def test_nothing_to_do_needs_no_asking(school: Database, tmp_path: Path) -> None:
    importing(school, wrote(tmp_path), "--yes")
    done = importing(school, wrote(tmp_path))
    assert (done.exit_code, done.stdout) == (0, "Knots (knots)\n  Nothing changes.\nNothing to do.\n")


# What is shown


def test_the_difference_and_what_it_means_for_learners_are_shown(school: Database, tmp_path: Path) -> None:
    long = FILE.replace("body: A loop that holds.", "body: |\n" + "".join(f"          Line {n}\n" for n in range(30)))
    importing(school, wrote(tmp_path, long), "--yes")
    with school.write() as session:
        ada = a_user(session, "ada")
        course = session.exec(select(Course)).one()
        enrolled(session, ada, course)
        completed(session, ada, lessons_of(session, course)[1])
    changed = long.replace(CLOVE, "").replace("Line 3\n", "Line three\n").replace("Line", "The line")
    done = importing(school, wrote(tmp_path, changed), "--dry-run")
    assert done.stdout.splitlines()[:6] == [
        "Knots (knots)",
        "  ~ text of lesson “Bowline” changes",
        "      @@ -1,30 +1,30 @@",
        "      -Line 0",
        "      -Line 1",
        "      -Line 2",
    ]
    assert done.stdout.splitlines()[14:] == [
        "      and 49 more lines",
        "  - lesson “Clove hitch” goes away",
        "  1 person is enrolled. Nobody has finished.",
        "  1 person has completed a lesson that goes away. It is kept with their progress, and no longer counts.",
    ]
    importing(school, wrote(tmp_path, changed), "--yes")
    with school.read() as session:
        assert session.exec(select(Progress)).one().completed


def test_what_is_kept_is_shown_and_the_file_can_be_preferred(school: Database, tmp_path: Path) -> None:
    importing(school, wrote(tmp_path), "--yes")
    with school.write() as session:
        session.exec(select(Lesson).where(Lesson.key == "bowline")).one().body = "From the portal."
    done = importing(school, wrote(tmp_path), "--yes")
    assert done.stdout.splitlines() == [
        "Knots (knots)",
        "  Nothing changes.",
        "  Kept, since it was changed in Slack or the portal (--prefer-file takes the file's instead):",
        "  = text of lesson “Bowline”: “From the portal.”; the file says “A loop that holds.”",
        "Nothing to do.",
    ]
    assert body_of(school, "bowline") == "From the portal."
    importing(school, wrote(tmp_path), "--yes", "--prefer-file")
    assert body_of(school, "bowline") == "A loop that holds."


def test_what_an_author_may_have_overlooked_is_noted(school: Database, tmp_path: Path) -> None:
    with school.write() as session:
        a_course(session, "Knots", ["Bowline"])
    assert "  Note: There is a course called Knots already" in importing(school, wrote(tmp_path), "--dry-run").stdout


def test_text_in_a_file_can_not_give_the_terminal_orders(school: Database, tmp_path: Path) -> None:
    text = FILE.replace("title: Knots", r'title: "\e[31mKnots [bold]x[/bold] :wave:"')
    done = importing(school, wrote(tmp_path, text), "--dry-run")
    assert "\x1b" not in done.stdout
    assert "[bold]x[/bold] :wave:" in done.stdout
    odd = wrote(tmp_path, FILE.replace("title: Knots", r'"\e[31mtitle": Knots'))
    assert "\x1b" not in "".join(refused(importing(school, odd)))


# All or nothing


def test_what_changes_while_somebody_reads_the_plan_is_not_run_over(school: Database, tmp_path: Path) -> None:
    importing(school, wrote(tmp_path), "--yes")
    with school.read() as session:
        text = FILE.replace("minutes: 3", "minutes: 4")
        looked_at = courseplans.plan(session, read(text, "knots.yaml"))
        other = courseplans.plan(session, read(FILE.replace("course: knots", "course: other"), "other.yaml"))
    with school.write() as session:
        session.exec(select(Course)).one().title = "Meanwhile"

    def apply_both() -> None:
        with school.write() as session:
            courseplans.apply(session, other, NOW + timedelta(days=1))
            courseplans.apply(session, looked_at, NOW + timedelta(days=1))

    with pytest.raises(DomainError, match="changed while you looked"):
        apply_both()
    assert titles(school) == ["Meanwhile"]


# Out


def test_an_export_is_printed_or_written_and_imports_unchanged(school: Database, tmp_path: Path) -> None:
    importing(school, wrote(tmp_path, FILE.replace("A loop that holds.", "Ça tient. 🪢")), "--yes")
    out = tmp_path / "out.yaml"
    printed = CliRunner().invoke(export_course, ["knots"], obj=Bench(school))
    written = CliRunner().invoke(export_course, ["knots", "-o", str(out)], obj=Bench(school))
    assert (written.stdout, written.stderr) == (f"Wrote {out}.\n", "")
    assert printed.stdout_bytes == out.read_bytes()
    assert "body: Ça tient. 🪢" in printed.stdout
    assert importing(school, out).stdout.endswith("Nothing to do.\n")


def test_a_course_of_the_portal_gets_names_and_its_export_says_so(school: Database) -> None:
    with school.write() as session:
        number = a_course(session, "Made elsewhere", ["A"]).id
    done = CliRunner().invoke(export_course, [str(number)], obj=Bench(school))
    assert done.stdout.startswith("course: made-elsewhere\n")
    assert "the course is made-elsewhere now" in done.stderr
    with school.read() as session:
        assert session.exec(select(Course)).one().slug == "made-elsewhere"
        assert session.exec(select(Lesson)).one().key == "a"


def test_what_can_not_be_exported_is_a_sentence(school: Database, tmp_path: Path) -> None:
    importing(school, wrote(tmp_path), "--yes")
    nowhere = tmp_path / "none" / "x.yaml"
    for words, said in ((["nothing"], "There is no course nothing."), (["knots", "-o", str(nowhere)], "Name another")):
        (line,) = refused(CliRunner().invoke(export_course, words, obj=Bench(school)))
        assert said in line
