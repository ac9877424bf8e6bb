"""Tokens that prove nothing, and a Clerk that can't be asked: nobody is linked, and the page says what to do."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bot.sandbox.clerk import Clerk
from models import links, roles
from models.users import User
from tests import plain
from tests.handlers.test_linking import gets_a_link, house, linked_house, linked_to, signs_in, surfer
from tests.house import House, copied, open_house
from tests.people import Person
from tests.surfer import Surfer

__all__ = ["house", "linked_house", "surfer"]

Claims = dict[str, Any]
Forgery = Callable[[Clerk, Claims], str]


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(clerk: Clerk, claims: Claims) -> str:
    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}."


def unsigned_with_our_key_id(clerk: Clerk, claims: Claims) -> str:
    header = jwt.get_unverified_header(clerk.sign(claims))
    return f"{part(header | {'alg': 'none'})}.{part(claims)}."


def signed_with_the_public_key(clerk: Clerk, claims: Claims) -> str:
    token = clerk.sign(claims)
    kid = jwt.get_unverified_header(token)["kid"]
    keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict({"keys": clerk.keys.published()}).keys}
    public = keys[kid].key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    body = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': kid})}.{part(claims)}"
    seal = base64.urlsafe_b64encode(hmac.new(public, body.encode(), hashlib.sha256).digest()).rstrip(b"=").decode()
    return f"{body}.{seal}"


def signed_by_somebody_else(clerk: Clerk, claims: Claims) -> str:
    kid = jwt.get_unverified_header(clerk.sign(claims))["kid"]
    stranger = rsa.generate_private_key(65537, 2048)
    return jwt.encode(claims, stranger, algorithm="RS256", headers={"kid": kid})


def with_a_key_nobody_published(clerk: Clerk, claims: Claims) -> str:
    return jwt.encode(claims, rsa.generate_private_key(65537, 2048), algorithm="RS256", headers={"kid": "ins_other"})


def with_claims(**changes: Any) -> Forgery:
    def forge(clerk: Clerk, claims: Claims) -> str:
        told = {**claims, **{name: value() if callable(value) else value for name, value in changes.items()}}
        return clerk.sign({name: value for name, value in told.items() if value is not None})

    return forge


FORGERIES: dict[str, Forgery] = {
    "alg none": unsigned,
    "alg none under our key's id": unsigned_with_our_key_id,
    "HS256 with the public key": signed_with_the_public_key,
    "another key under our key's id": signed_by_somebody_else,
    "an unknown key": with_a_key_nobody_published,
    "another audience": with_claims(aud="somebody-elses-app"),
    "another issuer": with_claims(iss="https://evil.example"),
    "another nonce": with_claims(nonce="replayed"),
    "no nonce": with_claims(nonce=None),
    "no expiry": with_claims(exp=None),
    "no subject": with_claims(sub=None),
    "expired": with_claims(exp=lambda: int(time.time()) - 60),
    "from the future": with_claims(iat=lambda: int(time.time()) + 600),
    "no token at all": lambda clerk, claims: "not a token",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_token_that_proves_nothing_links_nobody(house: House, linus: Person, surfer: Surfer, forgery: str) -> None:
    clerk = house.slack.rehearsal.clerk
    clerk.forge_id_token = lambda claims: FORGERIES[forgery](clerk, claims)
    signs_in(surfer, gets_a_link(linus))
    assert surfer.answer.status_code == 400
    assert "I couldn't make sure who you are. Type /learn link in Slack for a new link." in surfer.words
    assert linked_to(house, "U0LINUS") is None


def test_keys_may_rotate_in_the_middle(house: House, linus: Person, surfer: Surfer) -> None:
    clerk = house.slack.rehearsal.clerk
    surfer.opens(gets_a_link(linus)).presses("Linus Pauling")
    clerk.rotate_keys(retire=True)
    surfer.presses("Allow")
    assert "In Slack you are @linus" in surfer.words


def test_keys_that_can_not_be_had_are_a_clear_page(house: House, linus: Person, surfer: Surfer) -> None:
    house.breaks("clerk:jwks", "500", times=None)
    signs_in(surfer, gets_a_link(linus))
    assert surfer.answer.status_code == 503
    assert "The sign-in can't be reached just now." in surfer.words


def test_a_clerk_that_does_not_answer_is_a_clear_page(house: House, linus: Person, surfer: Surfer) -> None:
    house.breaks("clerk:token", "500", times=None)
    signs_in(surfer, gets_a_link(linus))
    assert surfer.answer.status_code == 503


def test_a_code_replayed_is_refused(house: House, linus: Person, surfer: Surfer) -> None:
    """The code of one sign-in is put into another's way back."""
    signs_in(surfer, gets_a_link(linus))
    used = httpx.URL(str(surfer.answer.url)).params["code"]
    surfer.http.follow_redirects = False
    out = surfer.http.get(gets_a_link(linus))
    state = httpx.URL(out.headers["location"]).params["state"]
    surfer.http.follow_redirects = True
    surfer.opens(f"{house.bot_url}/link/callback?state={state}&code={used}")
    assert "I couldn't make sure who you are." in surfer.words


def test_an_unverified_e_mail_is_not_taken_for_one(house: House, linus: Person, surfer: Surfer) -> None:
    clerk = house.slack.rehearsal.clerk
    clerk.users["user_linus"].email_verified = False
    signs_in(surfer, gets_a_link(linus))
    assert "linus@academy.example" not in surfer.words
    surfer.presses("Yes, link")
    house.quiet()
    linus.clicks("Yes, that's me")
    with house.program.database.read() as session:
        assert links.of(session, "T0HOME", "U0LINUS") == "user_linus"
        email = session.connection().exec_driver_sql("SELECT email FROM user WHERE id = 'user_linus'").scalar_one()
        assert email != "linus@academy.example"


def test_what_a_browser_adds_to_the_link_or_the_form_counts_for_nothing(
    house: House, linus: Person, surfer: Surfer
) -> None:
    """Whose account, which workspace and which roles come from the token and our own row, never from the request."""
    more = {
        "clerk_id": "user_ada",
        "user_id": "user_ada",
        "sub": "user_ada",
        "team_id": "T0OTHER",
        "slack_user_id": "U0ADA",
        "role": "Admin",
        "roles": "Admin",
        "email": "ada@academy.example",
        "intent": "/roles grant @linus admin",
        "next": "https://attacker.example",
    }
    signs_in(surfer, f"{gets_a_link(linus)}?{urlencode(more)}")
    address, fields = surfer.form()
    answered = surfer.http.post(address, params=more, data={**more, **fields, "answer": "yes"})
    assert answered.status_code == 200
    house.quiet()
    linus.clicks("Yes, that's me")
    assert linus.sees("You're in, as *Linus Pauling* of Homeroom Academy.")
    assert linked_to(house, "U0LINUS") == "user_linus"
    assert linked_to(house, "U0ADA") == "user_ada"
    with house.program.database.read() as session:
        assert roles.of(session, "user_linus") == {roles.STUDENT}
        assert session.get_one(User, "user_linus").email == "linus@academy.example"


def test_a_link_leads_nowhere_but_to_the_portal(house: House, linus: Person) -> None:
    url = gets_a_link(linus)
    answer = plain.get(f"{url}?redirect_uri=https://evil.example&next=https://evil.example", follow_redirects=False)
    assert answer.headers["location"].startswith(f"{house.slack.clerk_issuer}/oauth/authorize?")
    assert "evil.example" not in answer.headers["location"]


@pytest.mark.parametrize("strange", ["x" * 5000, "..%2f..", "%00", "callback2"])
def test_a_link_that_is_none_gets_a_page(house: House, strange: str) -> None:
    answer = plain.get(f"{house.bot_url}/link/{strange}")
    assert answer.status_code in (400, 404)
    assert "Traceback" not in answer.text


@pytest.fixture
def portal_house(furnished: Path, tmp_path: Path) -> Iterator[House]:
    """The house with a Clerk, and a portal whose pages may vouch for people."""
    with open_house(copied(furnished, tmp_path), with_clerk=True, portal_url="https://portal.example") as running:
        yield running


SESSIONS: dict[str, dict[str, Any]] = {
    "another party": {"azp": "https://elsewhere.example"},
    "no party": {"azp": None},
    "a pending session": {"sts": "pending"},
    "an impersonated session": {"act": {"sub": "user_admin"}},
    "expired": {"exp": 1_700_000_000},
    "another issuer": {"iss": "https://evil.example"},
    "no subject": {"sub": None},
    "no session": {"sid": None},
}


def test_a_portal_page_vouches_and_slack_is_still_asked(portal_house: House) -> None:
    linus = portal_house.person("U0LINUS")
    token = gets_a_link(linus).rsplit("/", 1)[1]
    bearer = portal_house.slack.rehearsal.clerk.session_token("user_linus", azp="https://portal.example")
    answer = plain.post(
        f"{portal_house.bot_url}/link/session", json={"token": token}, headers={"authorization": f"Bearer {bearer}"}
    )
    assert answer.status_code == 200
    assert "go back to Slack" in answer.json()["next"]
    assert linked_to(portal_house, "U0LINUS") is None
    portal_house.quiet()
    linus.clicks("Yes, that's me")
    assert linked_to(portal_house, "U0LINUS") == "user_linus"


@pytest.mark.parametrize("flaw", SESSIONS)
def test_a_session_that_proves_nothing_is_refused(portal_house: House, flaw: str) -> None:
    linus = portal_house.person("U0LINUS")
    token = gets_a_link(linus).rsplit("/", 1)[1]
    given = {"azp": "https://portal.example", **SESSIONS[flaw]}
    bearer = portal_house.slack.rehearsal.clerk.session_token("user_linus", **given)
    answer = plain.post(
        f"{portal_house.bot_url}/link/session", json={"token": token}, headers={"authorization": f"Bearer {bearer}"}
    )
    assert answer.status_code == 401
    assert not any("Somebody signed in" in message["text"] for message in linus.messages())
