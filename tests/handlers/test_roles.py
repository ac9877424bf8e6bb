"""Roles in the channel: who gives and takes them, and who sees it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models import audit, grants, links, members, roles, users
from models.grants import Terms
from tests.house import House, copied, open_house
from tests.people import Person


@pytest.fixture
def house(furnished: Path, tmp_path: Path) -> Iterator[House]:
    """The house, with a channel of its admins."""
    with open_house(copied(furnished, tmp_path), admin_channel="C0PRIV") as running:
        yield running


def roles_of(house: House, slack_user_id: str) -> frozenset[str]:
    with house.program.database.read() as session:
        caller = members.identify(session, "T0HOME", slack_user_id)
    assert caller is not None
    return caller.roles


def public(person: Person, channel: str) -> str:
    """What everybody reads in a channel."""
    looking = Person(person.key, person.http)
    looking.goes_to(channel)
    return "\n".join(message["text"] for message in looking.messages() if not message.get("notice"))


def told(house: House, person: Person) -> str:
    """What somebody reads in their DM, once everything on its way has arrived."""
    house.program.sender.drain()
    house.quiet()
    person.goes_to("D" + person.id.removeprefix("U"))
    return person.screen()


def test_an_admin_makes_an_instructor_where_people_see_it(
    house: House, radia: Person, mary: Person, ada: Person
) -> None:
    radia.goes_to("C0LEARN")
    radia.types("/roles grant @mary instructor for 14d because she runs the <onboarding>")
    assert radia.sees("<@U0MARY> is an instructor now, until")
    assert radia.sees("They are told by direct message, and <#C0LEARN> sees it.")
    seen = public(ada, "C0LEARN")
    assert "<@U0RADIA> made <@U0MARY> an instructor, until" in seen
    assert "onboarding" not in seen
    assert "/roles grant" not in seen
    assert roles_of(house, "U0MARY") == {roles.STUDENT, roles.INSTRUCTOR}
    heard = told(house, mary)
    assert "You're an instructor now, until" in heard
    assert "<@U0RADIA> gave you the role" in heard
    assert "Because she runs the &lt;onboarding&gt;" in heard


def test_a_revocation_says_only_that_it_is_so(house: House, radia: Person, grace: Person, ada: Person) -> None:
    radia.goes_to("C0LEARN")
    radia.types("/roles revoke @grace instructor because of the budget")
    assert radia.sees("<@U0GRACE> is no longer an instructor.")
    seen = public(ada, "C0LEARN")
    assert "Grace Hopper is no longer an instructor." in seen
    assert "budget" not in seen
    assert "U0RADIA" not in seen
    assert roles.INSTRUCTOR not in roles_of(house, "U0GRACE")
    heard = told(house, grace)
    assert "You're no longer an instructor: <@U0RADIA> took the role back." in heard
    assert "Because of the budget" in heard


def test_a_large_channel_is_asked_about_first(house: House, radia: Person, ada: Person) -> None:
    radia.goes_to("C0GENERAL")
    radia.types("/roles grant @mary instructor")
    assert radia.sees("Make <@U0MARY> an instructor?")
    assert radia.sees("This will be seen by 3,012 people in #general.")
    assert roles.INSTRUCTOR not in roles_of(house, "U0MARY")
    assert "instructor" not in public(ada, "C0GENERAL")
    radia.clicks("Post here")
    assert radia.sees("<@U0MARY> is an instructor now.")
    assert "<@U0RADIA> made <@U0MARY> an instructor." in public(ada, "C0GENERAL")


def test_it_may_be_posted_among_admins_instead(house: House, radia: Person, ada: Person, grace: Person) -> None:
    radia.goes_to("C0GENERAL")
    radia.types("/roles grant @mary instructor")
    radia.clicks("Post in #learning-admins")
    assert radia.sees("and <#C0PRIV> sees it.")
    assert "instructor" not in public(ada, "C0GENERAL")
    assert "<@U0RADIA> made <@U0MARY> an instructor." in public(grace, "C0PRIV")


def test_cancel_changes_nothing(house: House, radia: Person) -> None:
    radia.goes_to("C0GENERAL")
    radia.types("/roles revoke @grace instructor")
    radia.clicks("Cancel")
    assert radia.sees("Nothing was changed.")
    assert roles.INSTRUCTOR in roles_of(house, "U0GRACE")


def test_quietly_is_for_the_admins_channel_only(house: House, radia: Person, ada: Person, grace: Person) -> None:
    radia.goes_to("C0LEARN")
    radia.types("/roles grant @mary instructor quietly")
    assert radia.sees("and <#C0PRIV> sees it.")
    assert "instructor" not in public(ada, "C0LEARN")
    assert "<@U0RADIA> made <@U0MARY> an instructor." in public(grace, "C0PRIV")


def test_quietly_needs_an_admins_channel(furnished: Path, tmp_path: Path) -> None:
    with open_house(copied(furnished, tmp_path)) as house:
        radia = house.person("U0RADIA")
        radia.goes_to("C0LEARN")
        radia.types("/roles grant @mary instructor quietly")
        assert radia.sees("There is no admins' channel yet. Set ADMIN_CHANNEL, or leave out “quietly”.")
        assert roles.INSTRUCTOR not in roles_of(house, "U0MARY")


def test_several_people_at_once_each_get_their_own_line(house: House, radia: Person, ada: Person) -> None:
    radia.goes_to("C0LEARN")
    radia.types("/roles grant @mary and @grace, @linus and @gus instructor")
    assert radia.sees("<@U0MARY> is an instructor now.")
    assert radia.sees("<@U0GRACE> was an instructor already; nothing changed.")
    assert radia.sees("<@U0LINUS> isn't linked yet: they become an instructor as soon as they link.")
    assert radia.sees("<@U0GUEST>: guests can't hold roles.")
    seen = public(ada, "C0LEARN")
    assert "<@U0RADIA> made <@U0MARY> an instructor." in seen
    assert "<@U0RADIA> made <@U0LINUS> an instructor, from when they link their account." in seen
    assert "U0GUEST" not in seen


def test_a_user_group_is_spelled_out_before_anything_is_done(house: House, radia: Person) -> None:
    radia.goes_to("C0LEARN")
    radia.types("/roles grant @teachers admin")
    assert radia.sees("Make <@U0GRACE>, <@U0MARY> an admin?")
    assert roles.ADMIN not in roles_of(house, "U0GRACE")
    radia.clicks("Post here")
    assert radia.sees("<@U0GRACE> is an admin now.")
    assert roles.ADMIN in roles_of(house, "U0MARY")


def test_a_group_slack_wont_tell_about_changes_nothing(house: House, radia: Person) -> None:
    house.breaks("usergroups.users.list", "plan_upgrade_required")
    radia.goes_to("C0LEARN")
    radia.types("/roles grant @teachers admin")
    assert radia.sees("Slack didn't tell me who is in that group.")
    assert roles.ADMIN not in roles_of(house, "U0GRACE")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("/roles grant @mary instrcutor", "I took “instrcutor” for instructor."),
        ("/roles grant @mary pilot", "I don't know the role “pilot”."),
        ("/roles grant @mary learner", "Everybody who links is a learner already"),
        ("/roles grant @mary instructor for ages", "I can't tell when “for ages” ends."),
        ("/roles grant @mary instructor for 3 fortnights", "I can't tell how long “for 3 fortnights” is."),
        ("/roles grant @mary instructor for 9999w", "That's more than three years."),
        ("/roles grant @mary instructor until 2020-01-01", "That time is over already."),
        ("/roles grant @mary instructor until 2027-02-30", "There is no day 2027-02-30."),
        ("/roles grant @mery instructor", "I don't know who @mery is"),
        ("/roles grant @mary instructor admin", "One role at a time"),
        ("/roles grant", "Who?"),
        ("/roles revoke @mary", "Who?"),
    ],
)
def test_what_is_not_clear_opens_a_form_with_what_was_understood(
    house: House, radia: Person, typed: str, says: str
) -> None:
    radia.goes_to("C0LEARN")
    radia.types(typed)
    assert radia.sees(says)
    assert radia.has_modal()
    assert roles_of(house, "U0MARY") == {roles.STUDENT}


def test_a_slip_is_put_right_in_the_form(house: House, radia: Person, ada: Person) -> None:
    radia.goes_to("C0LEARN")
    radia.types("/roles grant @mary instrcutor because she asked")
    radia.presses("Grant")
    assert radia.sees("<@U0MARY> is an instructor now.")
    assert "<@U0RADIA> made <@U0MARY> an instructor." in public(ada, "C0LEARN")
    with house.program.database.read() as session:
        (entry,) = audit.latest(session, ["role.granted"], about=["user_mary"], before_id=None, most=5)
    assert (entry.actor, entry.what, entry.place, entry.because) == ("user_radia", "Instructor", "C0LEARN", "she asked")


def test_the_form_too_asks_before_many_see_it(house: House, radia: Person, ada: Person) -> None:
    radia.goes_to("C0LEARN")
    radia.types("/roles grant @mary")
    radia.submits(where="C0GENERAL")
    assert radia.sees("This will be seen by 3,012 people in #general.")
    assert roles.INSTRUCTOR not in roles_of(house, "U0MARY")
    radia.presses("Grant and post")
    assert radia.sees("<@U0MARY> is an instructor now.")
    assert "made <@U0MARY> an instructor." in public(ada, "C0GENERAL")


def test_the_forms_mistakes_stay_in_the_form(house: House, radia: Person) -> None:
    radia.goes_to("C0LEARN")
    radia.types("/roles grant @mary")
    radia.submits(end=str(int((datetime.now(UTC) - timedelta(days=1)).timestamp())))
    assert radia.errors == {"end": "That time is over already. Choose one to come, or leave it empty."}
    assert radia.has_modal()


def test_in_the_dm_the_admins_channel_is_told(house: House, radia: Person, grace: Person) -> None:
    radia.types("/roles grant @mary instructor")
    assert radia.sees("and <#C0PRIV> sees it.")
    assert "<@U0RADIA> made <@U0MARY> an instructor." in public(grace, "C0PRIV")


def test_what_cannot_be_shown_is_done_and_said(house: House, radia: Person) -> None:
    house.breaks("chat.postMessage", "not_in_channel", times=1)
    radia.goes_to("C0LEARN")
    radia.types("/roles grant @mary instructor quietly")
    assert roles.INSTRUCTOR in roles_of(house, "U0MARY")
    radia.goes_to("D0RADIA")
    assert radia.sees("It's done, but I couldn't show it in <#C0PRIV>.")


def test_only_admins_grant(house: House, ada: Person, grace: Person) -> None:
    for person in (ada, grace):
        person.goes_to("C0LEARN")
        person.types("/roles grant @ada admin")
        assert person.sees("That is for admins.")
    assert roles_of(house, "U0ADA") == {roles.STUDENT}
    with house.program.database.read() as session:
        refused = audit.latest(session, ["access.refused"], about=None, before_id=None, most=5)
    assert [(one.actor, one.what) for one in refused] == [("user_grace", "roles.grant"), ("user_ada", "roles.grant")]


def test_a_revoked_admins_old_buttons_and_open_forms_are_refused(house: House, radia: Person, grace: Person) -> None:
    with house.program.database.write() as session:
        grants.give_user(session, "user_grace", roles.ADMIN, Terms(audit.CONSOLE), house.clock())
    grace.goes_to("C0GENERAL")
    grace.types("/roles grant @mary admin")
    assert grace.sees("This will be seen by")
    other = Person(grace.key, grace.http)
    other.opens_home()
    assert other.sees("Find a person")
    radia.goes_to("C0LEARN")
    radia.types("/roles revoke @grace admin")
    assert radia.sees("<@U0GRACE> is no longer an admin.")
    grace.clicks("Post here")
    assert grace.sees("That is for admins.")
    assert "Find a person" not in other.screen()
    assert roles.ADMIN not in roles_of(house, "U0MARY")


def test_a_revoked_admins_open_form_is_refused(house: House, radia: Person, grace: Person) -> None:
    with house.program.database.write() as session:
        grants.give_user(session, "user_grace", roles.ADMIN, Terms(audit.CONSOLE), house.clock())
    grace.goes_to("C0LEARN")
    grace.types("/roles grant @mary")
    radia.goes_to("C0LEARN")
    radia.types("/roles revoke @grace admin")
    grace.presses("Grant")
    assert grace.sees("That is for admins.")
    assert roles_of(house, "U0MARY") == {roles.STUDENT}


def test_the_last_admin_stays(house: House, radia: Person) -> None:
    radia.goes_to("C0LEARN")
    radia.types("/roles revoke @radia admin")
    assert radia.sees("<@U0RADIA>: Somebody has to be an admin, and this is the last one.")
    assert roles.ADMIN in roles_of(house, "U0RADIA")


def test_an_admin_for_a_while_does_not_count_as_the_last(house: House, radia: Person) -> None:
    radia.goes_to("C0LEARN")
    radia.types("/roles grant @grace admin for 2h")
    radia.types("/roles revoke @radia admin")
    assert radia.sees("Somebody has to be an admin, and this is the last one.")


def test_a_role_ends_by_itself_at_its_minute_and_both_hear(
    house: House, radia: Person, mary: Person, ada: Person
) -> None:
    now = datetime.now(UTC)
    house.turns_to(now)
    radia.goes_to("C0LEARN")
    radia.types("/roles grant @mary admin for 30 minutes")
    mary.opens_home()
    assert mary.sees("Find a person")
    house.turns_to(now + timedelta(minutes=29))
    house.program.scheduler.follow()
    assert roles.ADMIN in roles_of(house, "U0MARY")
    house.turns_to(now + timedelta(minutes=31))
    house.program.scheduler.follow()
    assert roles.ADMIN not in roles_of(house, "U0MARY")
    assert mary.sees_no_more("Find a person")
    assert "Your time as an admin is over" in told(house, mary)
    assert "<@U0MARY> is no longer an admin: the time you set is over." in told(house, radia)
    house.program.scheduler.follow()
    assert told(house, mary).count("Your time as an admin is over") == 1


def test_a_pending_role_comes_with_linking(house: House, radia: Person, linus: Person) -> None:
    radia.goes_to("C0LEARN")
    radia.types("/roles grant @linus instructor because he asked")
    heard = told(house, linus)
    assert "You'll be an instructor as soon as you link your Homeroom Academy account" in heard
    radia.types("/roles")
    assert radia.sees("Waiting for them to link")
    with house.program.database.write() as session:
        users.ensure(session, "user_linus", now=house.clock())
        links.link(session, "T0HOME", "U0LINUS", "user_linus", house.clock())
    assert roles_of(house, "U0LINUS") == {roles.STUDENT, roles.INSTRUCTOR}
    with house.program.database.read() as session:
        assert grants.waiting_or_ending(session, "T0HOME") == ()


def test_a_promise_by_somebody_no_longer_admin_lapses(house: House, radia: Person, grace: Person) -> None:
    with house.program.database.write() as session:
        grants.give_user(session, "user_grace", roles.ADMIN, Terms(audit.CONSOLE), house.clock())
    grace.goes_to("C0LEARN")
    grace.types("/roles grant @linus admin")
    radia.goes_to("C0LEARN")
    radia.types("/roles revoke @grace admin")
    with house.program.database.write() as session:
        users.ensure(session, "user_linus", now=house.clock())
        links.link(session, "T0HOME", "U0LINUS", "user_linus", house.clock())
    assert roles_of(house, "U0LINUS") == {roles.STUDENT}
    radia.types("/roles log @linus")
    assert radia.sees("did not become an admin: <@U0GRACE> had promised it, and is no longer an admin.")


def test_everybody_linked_sees_who_has_which_role(house: House, ada: Person, linus: Person) -> None:
    ada.types("/roles")
    assert ada.sees("*Admins*\n• <@U0RADIA>")
    assert "*Instructors*" in ada.screen()
    assert "• <@U0GRACE>" in ada.screen()
    assert "Grant a role" not in ada.buttons()
    linus.types("/roles")
    assert linus.sees("I need to know who you are")


def test_the_log_says_who_did_what_to_whom_and_why(house: House, radia: Person) -> None:
    radia.goes_to("C0LEARN")
    radia.types("/roles grant @mary instructor because she asked")
    radia.types("/roles revoke @mary instructor")
    radia.types("/roles log @mary")
    assert radia.sees("<@U0RADIA> took the role instructor from <@U0MARY>. In <#C0LEARN>.")
    assert radia.sees("<@U0RADIA> made <@U0MARY> an instructor, for good. In <#C0LEARN>.\n_Because she asked_")
    radia.types("/roles log @ada")
    assert radia.sees("Nothing has been done to roles there yet.")
    radia.types("/roles log mary")
    assert radia.sees("Name the person with an @")


def test_a_long_log_has_pages(house: House, radia: Person) -> None:
    with house.program.database.write() as session:
        for number in range(20):
            change = grants.give_user if number % 2 == 0 else grants.take_user
            change(
                session, "user_mary", roles.INSTRUCTOR, Terms(audit.CONSOLE, because=f"turn {number}"), house.clock()
            )
    radia.types("/roles log @mary")
    assert radia.sees("turn 19")
    assert "turn 4_" not in radia.screen()
    radia.clicks("Older")
    assert radia.sees("turn 4_")
    assert "Older" not in radia.buttons()


def test_a_word_roles_does_not_know_is_explained(radia: Person) -> None:
    radia.types("/roles grnat @mary instructor")
    assert radia.sees("I don't know *grnat &lt;@U0MARY|mary&gt; instructor*.")
    radia.clicks("Grant a role")
    assert radia.sees("Which role?")


def test_a_name_that_shouts_is_only_text(house: House, radia: Person, ada: Person) -> None:
    shouting = {"team": "T0HOME", "id": "U0GRACE", "name": "<!channel> *Grace*"}
    house.http.post("/rehearsal/people", json=shouting).raise_for_status()
    house.quiet()
    radia.goes_to("C0LEARN")
    radia.types("/roles revoke @grace instructor")
    seen = public(ada, "C0LEARN")
    assert "<!channel>" not in seen
    assert "&lt;!channel&gt;" in seen


def test_pressing_twice_grants_once(house: House, radia: Person, mary: Person, ada: Person) -> None:
    radia.goes_to("C0GENERAL")
    radia.types("/roles grant @mary instructor")
    again = Person(radia.key, radia.http, channel="C0GENERAL")
    state = again.messages()[-1]
    at = {"message": {"channel": "C0GENERAL", "ts": state["ts"]}}
    block = next(block for block in state["blocks"] if block["type"] == "actions")
    press = {"person": radia.key, **at, "block_id": block["block_id"], "action_id": block["elements"][0]["action_id"]}
    radia.clicks("Post here")
    radia.http.post("/rehearsal/click", json=press)
    house.quiet()
    assert public(ada, "C0GENERAL").count("made <@U0MARY> an instructor") == 1
    assert told(house, mary).count("You're an instructor now") == 1
