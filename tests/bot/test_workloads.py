"""What a portal writes behind the triggers' backs, learners see right after the bot has looked."""

from sqlalchemy import text

from tests.house import House
from tests.people import Person


def test_what_no_trigger_heard_of_is_counted_anew(house: House, ada: Person, mary: Person) -> None:
    with house.program.database.write() as session:
        session.connection().execute(text("UPDATE homeroom_workload SET lessons = 77"))
    ada.types("/learn courses")
    assert ada.sees("77 lessons")
    assert house.program.mend_workloads() > 0
    mary.types("/learn courses")
    assert mary.sees("2 lessons ·")
    assert "77 lessons" not in mary.screen()
    assert house.program.mend_workloads() == 0
