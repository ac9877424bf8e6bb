"""What we keep of Slack's user objects."""

from typing import Any

import pytest

from handlers.profiles import profile

ADA: dict[str, Any] = {"id": "U1", "name": "ada", "team_id": "T1", "profile": {"email": "ada@x.example"}}


@pytest.mark.parametrize(
    ("told", "is_guest"),
    [
        ({}, False),
        ({"is_restricted": True}, True),
        ({"is_ultra_restricted": True}, True),
        ({"is_stranger": True}, True),
        ({"team_id": "T2"}, True),
        ({"team_id": "T2", "enterprise_user": {"teams": ["T3"]}}, True),
        ({"team_id": "T2", "enterprise_user": {"teams": ["T2", "T1"]}}, False),
        ({"team_id": None}, False),
    ],
)
def test_people_of_other_organizations_are_guests_whatever_slack_calls_them(
    told: dict[str, Any], is_guest: bool
) -> None:
    assert profile("T1", ADA | told).is_guest is is_guest


@pytest.mark.parametrize(("told", "is_confirmed"), [(True, True), (False, False), (None, False), ("yes", False)])
def test_an_address_is_confirmed_only_where_slack_says_so(told: object, is_confirmed: bool) -> None:
    assert profile("T1", ADA | {"is_email_confirmed": told}).is_email_confirmed is is_confirmed
    assert not profile("T1", ADA).is_email_confirmed
