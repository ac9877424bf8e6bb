"""What a portal writes behind the triggers' backs, learners see right once the bot has looked."""

from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from models.database import Database
from tests.house import House, copied, open_house
from tests.people import Person


def miscounted(database: Database) -> None:
    with database.write() as session:
        session.connection().execute(text("UPDATE homeroom_workload SET lessons = 77"))


def test_what_no_trigger_heard_of_is_counted_anew(house: House, ada: Person, mary: Person) -> None:
    miscounted(house.program.database)
    ada.types("/learn courses")
    assert ada.sees("77 lessons")
    house.program.read_again()
    mary.types("/learn courses")
    assert mary.sees("2 lessons ·")
    assert "77 lessons" not in mary.screen()


def test_a_bot_looks_when_it_starts(furnished: Path, tmp_path: Path) -> None:
    url = copied(furnished, tmp_path)
    with closing(Database(url)) as database:
        miscounted(database)
    with open_house(url) as house:
        house.quiet()
        ada = house.person("U0ADA")
        ada.types("/learn courses")
        assert ada.sees("2 lessons ·")
        assert "77 lessons" not in ada.screen()
