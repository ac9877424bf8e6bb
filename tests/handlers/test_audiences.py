"""Who may do what: every route as every kind of person."""

import httpx
import pytest

from handlers import routes
from models import members
from tests.house import House
from tests.people import Person


def test_somebody_not_linked_may_browse_and_sees_one_way_in(linus: Person) -> None:
    linus.types("/learn courses python")
    assert linus.sees("Python Basics")
    linus.clicks("Enroll", beside="Python Basics")
    assert linus.sees("To do this I need to know who you are in Homeroom Academy.")
    linus.clicks("Link my account")
    assert linus.sees("Ask <@U0RADIA> to link you")
    assert linus.sees("member `U0LINUS`")


@pytest.mark.parametrize("verb", [name for name, route in routes.VERBS.items() if route.audience is routes.LINKED])
def test_every_verb_for_linked_people_asks_to_link_first(linus: Person, verb: str) -> None:
    linus.types(f"/learn {verb} python basics")
    assert linus.sees("I need to know who you are")


def test_an_unlinked_persons_home_welcomes_and_offers_to_link(linus: Person) -> None:
    linus.opens_home()
    assert linus.sees("Welcome, Linus")
    assert "Link my account" in linus.buttons()
    linus.clicks("Browse courses")
    assert linus.sees("Accessible Documents")


def test_a_guest_gets_nothing(house: House) -> None:
    guest = house.person("U0GUEST")
    guest.types("/learn courses")
    assert guest.sees("Homeroom is open to full members of this workspace.")
    assert "Python" not in guest.screen()


def test_a_guests_home_shows_nothing_either(house: House) -> None:
    guest = house.person("U0GUEST")
    guest.opens_home()
    assert guest.sees("Homeroom is for full members of this workspace.")
    assert "Python" not in guest.screen()


def test_somebody_from_another_organization_gets_nothing(house: House, ada: Person) -> None:
    ada.goes_to("C0LEARN")
    ada.types("/learn courses python")
    ada.clicks("Details")
    ada.clicks("Share to a channel")
    ada.submits(channel="C0LEARN")
    joined = {"person": "T0EVE:U0EVE", "channel": "C0LEARN", "joined": True}
    answer = house.http.post("/rehearsal/membership", json=joined)
    assert answer.status_code == httpx.codes.OK, answer.text
    eve = house.person("U0EVE", "T0EVE")
    eve.goes_to("C0LEARN")
    eve.clicks("Enroll", beside="Python Basics")
    assert eve.sees("Homeroom is open to full members of this workspace.")


def test_somebody_who_joined_today_is_known(house: House) -> None:
    newcomer = {"team": "T0HOME", "id": "U0NEW", "name": "Katherine Johnson", "handle": "katherine"}
    house.http.post("/rehearsal/people", json=newcomer).raise_for_status()
    house.quiet()
    katherine = house.person("U0NEW")
    katherine.types("/learn courses python")
    assert katherine.sees("Python Basics")


def test_somebody_deactivated_is_not_served(house: House, mary: Person) -> None:
    mary.types("/learn help")
    house.http.post("/rehearsal/people", json={"team": "T0HOME", "id": "U0MARY", "deleted": True}).raise_for_status()
    house.quiet()
    with house.program.database.read() as session:
        assert members.identify(session, "T0HOME", "U0MARY") is None
