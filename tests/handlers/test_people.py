"""People, as admins look after them."""

from datetime import timedelta

from models import audit, grants, links, members, roles
from models.grants import Terms
from models.members import Profile
from tests.house import House
from tests.people import Person


def told(house: House, person: Person) -> str:
    """What somebody reads in their DM, once everything on its way has arrived."""
    house.program.sender.drain()
    house.quiet()
    person.goes_to("D" + person.id.removeprefix("U"))
    return person.screen()


def test_home_says_how_people_stand(house: House, radia: Person) -> None:
    later = house.clock() + timedelta(days=3)
    with house.program.database.write() as session:
        grants.give_user(session, "user_mary", roles.INSTRUCTOR, Terms("user_radia", later), house.clock())
    radia.goes_to("C0LEARN")
    radia.types("/roles grant @linus instructor")
    radia.opens_home()
    assert radia.sees("One person isn't linked yet.")
    assert "*Roles that wait for them to link*\n• <@U0LINUS>: instructor" in radia.screen()
    assert "*Roles that end*\n• <@U0MARY>: instructor, until" in radia.screen()


def test_only_admins_see_it(house: House, grace: Person) -> None:
    grace.opens_home()
    assert grace.sees("Browse courses") or grace.sees("Browse all courses")
    assert "People" not in grace.screen()


def test_an_admin_finds_everything_about_a_person(house: House, radia: Person, ada: Person) -> None:
    ada.types("/learn enroll python basics")
    radia.opens_home()
    assert radia.sees("Find a person")
    radia.clicks("Find a person")
    radia.picks_person("Ada Lovelace")
    assert radia.sees("<@U0ADA> is *Ada Lovelace*")
    assert "*Roles*\nLearner" in radia.screen()
    assert "• Python Basics: ▱▱▱▱▱▱▱▱▱▱ 0 of" in radia.screen()
    assert "I haven't sent them anything unasked." in radia.screen()


def test_the_same_by_command_with_what_they_were_sent(house: House, radia: Person, mary: Person) -> None:
    radia.goes_to("C0LEARN")
    radia.types("/roles grant @mary instructor for 14d")
    told(house, mary)
    radia.types("/roles @mary")
    assert radia.sees("*Roles*\nInstructor, until")
    assert "account note, sent" in radia.screen()


def test_somebody_not_linked_is_said_to_be(house: House, radia: Person) -> None:
    radia.types("/roles @linus")
    assert radia.sees("<@U0LINUS>: They aren't linked yet.")
    radia.types("/roles @gus")
    assert radia.sees("They are a guest, and guests can't link.")


def test_learners_find_nobody(house: House, ada: Person) -> None:
    ada.types("/roles @mary")
    assert ada.sees("That is for admins.")
    assert "Mary Jackson" not in ada.screen()


def test_who_is_not_linked_is_listed_in_pages(house: House, radia: Person) -> None:
    with house.program.database.write() as session:
        for number in range(25):
            members.remember(session, Profile("T0HOME", f"U9{number:02}", f"p{number}", f"P {number}"), house.clock())
    radia.opens_home()
    assert radia.sees("26 people aren't linked yet.")
    radia.clicks("Who isn't linked")
    assert radia.sees("• <@U0LINUS> (Linus Pauling)")
    assert "U0GUEST" not in radia.screen()
    assert "U0BOT" not in radia.screen()
    radia.clicks("See more")
    assert radia.sees("(P 24)")


def test_a_link_made_by_mistake_is_ended_and_both_hear_what_was_done(house: House, radia: Person, mary: Person) -> None:
    mary.types("/learn enroll python basics")
    mary.types("/learn continue")
    mary.presses("Mark complete")
    mary.closes()
    radia.types("/roles @mary")
    radia.clicks("Unlink")
    assert radia.sees("• Enrolled in Python Basics")
    assert "• Completed 1 lesson" in radia.screen()
    radia.submits(why="It was a mistake: this is somebody else's account")
    assert radia.sees("<@U0MARY> is no longer linked to *Mary Jackson*")
    heard = told(house, mary)
    assert "it went to somebody else's account by mistake" in heard
    assert "• Enrolled in Python Basics\n• Completed 1 lesson" in heard
    with house.program.database.read() as session:
        assert links.of(session, "T0HOME", "U0MARY") is None
        (entry,) = audit.latest(session, ["link.ended"], about=["user_mary"], before_id=None, most=5)
    assert (entry.actor, entry.because) == ("user_radia", "mistake")
    mary.types("/learn progress")
    assert mary.sees("I need to know who you are")


def test_an_unlinked_persons_home_changes_at_once(house: House, radia: Person, mary: Person) -> None:
    mary.opens_home()
    assert mary.sees("Welcome, Mary")
    assert "Link my account" not in mary.buttons()
    radia.types("/roles @mary")
    radia.clicks("Unlink")
    radia.submits(why="The link should just end")
    assert mary.sees("Link my account")


def test_a_link_that_is_gone_already_says_so(house: House, radia: Person) -> None:
    radia.types("/roles @mary")
    radia.clicks("Unlink")
    with house.program.database.write() as session:
        links.unlink(session, "T0HOME", "U0MARY")
    radia.presses("Unlink")
    assert radia.sees("They aren't linked any more, so there is nothing to end.")


def test_home_says_what_did_not_get_through_and_why(house: House, radia: Person) -> None:
    house.breaks("chat.postMessage", "user_not_found")
    radia.goes_to("C0LEARN")
    radia.types("/roles grant @mary instructor")
    house.program.sender.drain()
    radia.opens_home()
    assert radia.sees("*Did not get through in the last day*\n• 1: Slack doesn't know the person")
