"""The console: what an operator types, and what they are told."""

import json
from pathlib import Path

import pytest
from sqlmodel import select

from models import Course, User, links, roles
from models.database import Database
from tests.console import run
from tests.house import open_house
from tests.models.test_coursefiles import FILE
from tests.school import a_user


@pytest.fixture
def knots(tmp_path: Path, database: Database) -> Path:
    """A course file whose instructor the portal knows."""
    with database.write() as session:
        a_user(session, "grace", "Instructor")
    file = tmp_path / "knots.yaml"
    file.write_text(FILE)
    return file


def courses(database: Database) -> list[str]:
    with database.read() as session:
        return [course.title for course in session.exec(select(Course))]


def test_importing_without_a_terminal_needs_yes(knots: Path, url: str, database: Database) -> None:
    asked = run("import", str(knots), url=url)
    assert asked.returncode == 2
    assert "run it again with --yes" in asked.stderr
    assert courses(database) == []
    done = run("import", str(knots), "--yes", url=url)
    assert done.returncode == 0, done.stderr
    assert "new course: Knots, 3 lessons in 2 modules" in done.stdout
    assert courses(database) == ["Knots"]


def test_one_mistake_in_one_file_imports_nothing(knots: Path, url: str, database: Database) -> None:
    other = knots.with_name("other.yaml")
    other.write_text(FILE.replace("course: knots", "course: other").replace("minutes: 3", "minutes: x"))
    done = run("import", str(knots), str(other), "--yes", url=url)
    assert done.returncode == 2
    assert "other.yaml, line 16: minutes" in done.stderr
    assert "Nothing was imported." in done.stderr
    assert courses(database) == []


def test_an_export_imports_back_unchanged(knots: Path, url: str, tmp_path: Path) -> None:
    run("import", str(knots), "--yes", url=url)
    out = tmp_path / "out.yaml"
    assert run("export", "knots", "-o", str(out), url=url).returncode == 0
    assert "Nothing to do." in run("import", str(out), url=url).stdout
    assert run("export", "nothing", url=url).returncode == 2


def test_granting_makes_a_user_nobody_described_yet(url: str, database: Database) -> None:
    assert run("grant", "user_new", "instructor", url=url).stdout == "user_new is an Instructor now.\n"
    assert run("grant", "user_new", "Instructor", url=url).stdout == "user_new is an Instructor already.\n"
    with database.read() as session:
        user = session.get(User, "user_new")
        assert user is not None
        assert user.email == "user_new@placeholder.invalid"
        assert roles.of(session, "user_new") == {"Instructor"}


def test_the_last_admin_stays(url: str) -> None:
    run("grant", "user_radia", "admin", url=url)
    refused = run("revoke", "user_radia", "admin", url=url)
    assert refused.returncode == 2
    assert "admin" in refused.stderr
    run("grant", "user_grace", "admin", url=url)
    assert run("revoke", "user_radia", "admin", url=url).stdout == "user_radia is no longer an Admin.\n"


def test_linking_by_hand_and_taking_it_back(url: str, database: Database) -> None:
    done = run("link", "T1", "U1", "user_ada", url=url)
    assert done.returncode == 0, done.stderr
    assert "U1 in T1" in done.stdout
    assert "user_ada (nobody has described them yet)" in done.stdout
    with database.read() as session:
        assert links.of(session, "T1", "U1") == "user_ada"
        assert roles.of(session, "user_ada") == {"Student"}
    assert run("unlink", "T1", "U1", "user_mary", url=url).returncode == 2
    assert run("unlink", "T1", "U1", "user_ada", url=url).returncode == 0
    with database.read() as session:
        assert links.of(session, "T1", "U1") is None


def test_linking_many_is_all_or_none(url: str, database: Database, tmp_path: Path) -> None:
    many = tmp_path / "people.csv"
    many.write_text("team_id,slack_user_id,clerk_id\nT1,U1,user_1\nT1,U2,user_2\nT1,U3,user_1\n")
    refused = run("link", "--file", str(many), url=url)
    assert refused.returncode == 2
    with database.read() as session:
        assert links.of(session, "T1", "U2") is None
    many.write_text("team_id,slack_user_id,clerk_id\nT1,U1,user_1\nT1,U2,user_2\n")
    assert run("link", "--file", str(many), url=url).stdout.endswith("Linked 2.\n")
    many.write_text("team,who\nT1,U1\n")
    assert "should name the columns" in run("link", "--file", str(many), url=url).stderr


def test_a_database_nobody_migrated_is_refused_with_the_command(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    refused = run("grant", "user_x", "admin", url=url)
    assert refused.returncode == 2
    assert "Run `homeroom migrate`" in refused.stderr
    assert run("migrate", url=url).stdout.startswith("The database is at ")
    assert run("migrate", url=url).stdout == "The database is up to date already.\n"
    assert run("grant", "user_x", "admin", url=url).returncode == 0


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({}, "SLACK_BOT_TOKEN"),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_SIGNING_SECRET"),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s", "PORT": "x"}, "PORT"),
        ({"DATABASE_URL": "oracle://x"}, "DATABASE_URL"),
    ],
)
def test_serving_without_a_setting_is_one_sentence_and_exit_code_2(
    env: dict[str, str], named: str, url: str, tmp_path: Path
) -> None:
    refused = run("serve", cwd=tmp_path, url=url, env=env)
    assert refused.returncode == 2
    assert named in refused.stderr
    assert "Traceback" not in refused.stderr


def test_slack_out_of_reach_the_first_time_is_a_sentence(url: str) -> None:
    env = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s", "SLACK_API_URL": "http://127.0.0.1:9/api/"}
    refused = run("serve", url=url, env=env)
    assert refused.returncode == 2
    assert "Slack can't be reached" in refused.stderr
    checked = run("check", url=url, env=env)
    assert checked.returncode == 1
    assert "ok    Database" in checked.stdout
    assert "wrong Slack: it can't be reached" in checked.stdout


def test_the_manifest_prints_in_both_forms() -> None:
    assert "socket_mode_enabled: true" in run("manifest").stdout
    assert "request_url: https://x.example/slack/events" in run("manifest", "--url", "https://x.example").stdout
    assert run("manifest", "--url", "x.example").returncode == 2


def test_somebody_linked_before_anybody_described_them_is_described_on_first_contact(
    url: str, database: Database
) -> None:
    assert run("link", "T0HOME", "U0LINUS", "user_linus", url=url).returncode == 0
    with open_house(url) as house:
        linus = house.person("U0LINUS")
        linus.types("/learn link")
        assert linus.sees("You're linked to *Linus Pauling*")
    with database.read() as session:
        user = session.get(User, "user_linus")
        assert user is not None
        assert (user.first_name, user.last_name) == ("Linus", "Pauling")
        assert not user.email.endswith("placeholder.invalid")


def test_what_the_console_did_is_in_the_audit_log(url: str, knots: Path) -> None:
    run("import", str(knots), "--yes", url=url)
    run("grant", "user_new", "instructor", url=url)
    run("link", "T1", "U1", "user_new", "--yes", url=url)
    run("unlink", "T1", "U1", "user_new", url=url)
    run("revoke", "user_new", "instructor", url=url)
    run("revoke", "user_new", "instructor", url=url)
    lines = run("audit", url=url).stdout.splitlines()
    assert [line.split("  ")[2] for line in lines] == [
        "course.imported",
        "role.granted",
        "link.made",
        "link.ended",
        "role.revoked",
    ]
    assert "console" in lines[1]
    assert "user_new  Instructor" in lines[1]
    told = run("audit", "--whom", "user_new", "--action", "link", "--json", url=url).stdout.splitlines()
    assert [json.loads(line)["what"] for line in told] == ["T1/U1", "T1/U1"]
    rows = run("audit", "--since", "2000-01-01", "--until", "2100-01-01", "--csv", url=url).stdout.splitlines()
    assert rows[0].startswith("id,at,actor,action,whom")
    assert len(rows) == 6
    assert run("audit", "--since", "yesterday", url=url).returncode == 2
