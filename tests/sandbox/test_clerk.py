"""Signing in at the local Clerk: as unforgiving as the real one."""

import base64
import hashlib
import time
from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import pytest

from bot.sandbox.server import run
from tests import plain
from tests.sandbox.portal import (
    CALLBACK,
    CLIENT,
    CLIENT_SECRET,
    VERIFIER,
    Portal,
    challenge_of,
    clerk_setup,
    refused,
    told,
)
from tests.sandbox.stand import Stand, TinyBot, setup


@pytest.fixture(scope="module")
def running_portal() -> Iterator[Portal]:
    with run(setup(clerk=clerk_setup())) as running, plain.client(base_url=running.url, trust_env=False) as http:
        yield Portal(Stand(running, TinyBot(), http))


@pytest.fixture
def portal(running_portal: Portal) -> Portal:
    running_portal.stand.do("reset")
    return running_portal


def published(portal: Portal) -> jwt.PyJWKSet:
    return jwt.PyJWKSet.from_dict(portal.stand.http.get("/clerk/.well-known/jwks.json").json())


def verified(portal: Portal, token: str, **more: Any) -> dict[str, Any]:
    key = published(portal)[jwt.get_unverified_header(token)["kid"]]
    return jwt.decode(token, key, algorithms=["RS256"], issuer=portal.running.clerk_issuer, **more)


def test_a_person_signs_in_from_discovery_to_userinfo(portal: Portal) -> None:
    about = portal.stand.http.get("/clerk/.well-known/openid-configuration").json()
    assert about == portal.stand.http.get("/clerk/.well-known/oauth-authorization-server").json()
    assert about["issuer"] == portal.running.clerk_issuer == f"{portal.running.url}/clerk"
    assert about["code_challenge_methods_supported"] == ["S256"]
    assert about["response_types_supported"] == ["code"]
    assert about["token_endpoint_auth_methods_supported"] == ["client_secret_basic", "none"]

    with portal.browser() as browser:
        page = browser.ask()
        assert page.url.copy_with(query=None) == about["authorization_endpoint"]
        assert "<h1>Sign in to Homeroom Academy</h1>" in page.text
        assert "ada@academy.example" in page.text
        browser.press("sign-in", user="user_ada")
        browser.follow()
        assert "<h1>Homeroom wants to know who you are</h1>" in browser.page
        assert "Ada Lovelace" in browser.page
        back = browser.press("consent", answer="allow")
    assert back.headers["location"].startswith(f"{CALLBACK}&code=")
    assert told(back)["state"] == "the state"

    answer = portal.exchange(told(back)["code"]).json()
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 86_400)
    claims = verified(portal, answer["id_token"], audience=CLIENT, options={"require": ["exp", "iat", "sub"]})
    digest = hashlib.sha256(answer["access_token"].encode()).digest()[:16]
    assert claims == {
        "iss": about["issuer"],
        "aud": CLIENT,
        "sub": "user_ada",
        "iat": claims["iat"],
        "exp": claims["iat"] + 86_400,
        "at_hash": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "nonce": "the nonce",
        "email": "ada@academy.example",
        "email_verified": True,
        "name": "Ada Lovelace",
        "given_name": "Ada",
        "family_name": "Lovelace",
    }
    assert abs(claims["iat"] - time.time()) < 10
    assert portal.userinfo(answer["access_token"]).json()["email"] == "ada@academy.example"


def test_only_what_was_asked_for_is_told(portal: Portal) -> None:
    answer = portal.exchange(portal.code(scope="openid", nonce=None)).json()

    claims = verified(portal, answer["id_token"], audience=CLIENT)
    assert claims.keys() == {"iss", "aud", "sub", "iat", "exp", "at_hash"}
    assert portal.userinfo(answer["access_token"]).json() == {"sub": "user_ada"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "another-client"},
        {"client_id": None},
        {"redirect_uri": None},
        {"redirect_uri": "http://127.0.0.1:9/link/callback"},
        {"redirect_uri": f"{CALLBACK}/"},
        {"redirect_uri": f"{CALLBACK}#here"},
        {"redirect_uri": CALLBACK.replace("127.0.0.1", "localhost")},
        {"redirect_uri": "https://evil.example/"},
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_registered(portal: Portal, wrong: dict[str, str | None]) -> None:
    with portal.browser() as browser:
        page = browser.ask(**wrong)

    assert page.status_code == 400
    assert "This sign-in can&#x27;t go on" in page.text
    assert "location" not in page.headers
    assert "evil" not in page.text


def test_a_second_redirect_uri_is_a_dead_end(portal: Portal) -> None:
    with portal.browser() as browser:
        asked = str(browser.ask().url)
        for twice in (f"{asked}&redirect_uri=https://evil.example/", asked.replace("?", "?redirect_uri=x&", 1)):
            page = browser.http.get(twice)
            assert (page.status_code, "location" in page.headers) == (400, False)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": VERIFIER, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"state": None}, "invalid_request"),
        ({"state": ""}, "invalid_request"),
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "email"}, "invalid_scope"),
        ({"scope": "openid private_metadata"}, "invalid_scope"),
        ({"request": "ey"}, "request_not_supported"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_a_request_out_of_order_goes_back_as_an_error(portal: Portal, wrong: dict[str, str | None], error: str) -> None:
    with portal.browser() as browser:
        answer = browser.ask(**wrong)

    assert answer.headers["location"].startswith(f"{CALLBACK}&error=")
    assert told(answer)["error"] == error
    assert told(answer).get("state") == (wrong.get("state", "the state") or None)
    assert "code" not in told(answer)


def test_saying_no_gives_nothing(portal: Portal) -> None:
    with portal.browser() as browser:
        browser.sign_in("user_ada")
        answer = browser.press("consent", answer="deny")

    assert (told(answer)["error"], told(answer)["state"]) == ("access_denied", "the state")
    assert "code" not in told(answer)


def test_who_is_signed_in_is_remembered_and_still_asked(portal: Portal) -> None:
    with portal.browser() as browser:
        browser.code("user_ada")
        assert "Ada Lovelace" in browser.ask().text
        assert "wants to know who you are" in browser.page
        assert "Sign in to" in browser.ask(prompt="login").text

        browser.ask()
        browser.press("sign-out")
        assert "Sign in to" in browser.follow().text
        assert "Sign in to" in browser.ask().text
        browser.press("sign-in", user="user_mary")
        browser.follow()
        code = told(browser.press("consent", answer="allow"))["code"]
    claims = verified(portal, portal.exchange(code).json()["id_token"], audience=CLIENT)
    assert claims["sub"] == "user_mary"


def test_the_cookie_is_its_own_and_changes_on_sign_in(portal: Portal) -> None:
    with portal.browser() as browser:
        cookie = browser.ask().headers["set-cookie"]
        before = dict(browser.http.cookies)
        browser.press("sign-in", user="user_ada")
        assert dict(browser.http.cookies) != before
    assert {"Path=/clerk", "HttpOnly", "SameSite=lax"} <= set(cookie.split("; "))


def test_a_page_answers_only_in_the_browser_it_was_shown_in_and_once(portal: Portal) -> None:
    with portal.browser() as adas, portal.browser() as eves:
        eves.sign_in("user_eve")
        adas.sign_in("user_ada")
        planted, adas.page = adas.page, eves.page
        assert adas.press("consent", answer="allow").status_code == 400
        adas.page = planted
        assert told(adas.press("consent", answer="allow"))["code"]
        adas.page = planted
        assert adas.press("consent", answer="allow").status_code == 400


def test_pages_cannot_be_framed_and_tell_nobody_where_they_are(portal: Portal) -> None:
    with portal.browser() as browser:
        headers = browser.ask().headers

    policy = headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "frame-ancestors 'none'", "form-action 'self' http://127.0.0.1:9"} <= set(policy)
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


def test_what_comes_in_is_shown_as_text(portal: Portal) -> None:
    portal.stand.do("clerk/users", id="user_odd", first_name="<script>", email='"><b>@x.example')

    with portal.browser() as browser:
        page = browser.sign_in("user_odd").text

    assert "&lt;script&gt;" in page
    assert "<b>" not in page


def test_a_code_works_once_and_a_second_use_takes_everything_back(portal: Portal) -> None:
    code = portal.code()
    token = portal.exchange(code).json()["access_token"]
    assert portal.userinfo(token).status_code == 200

    assert refused(portal.exchange(code)) == (400, "invalid_grant")
    assert refused(portal.userinfo(token)) == (401, "invalid_token")


def test_a_code_is_good_for_ten_minutes_of_the_workspaces_time(portal: Portal) -> None:
    in_time, late = portal.code(), portal.code()

    portal.stand.do("clock", advance=590)
    assert portal.exchange(in_time).status_code == 200
    portal.stand.do("clock", advance=11)
    assert refused(portal.exchange(late)) == (400, "invalid_grant")


def test_an_access_token_is_good_for_a_day(portal: Portal) -> None:
    token = portal.exchange(portal.code()).json()["access_token"]

    portal.stand.do("clock", advance=86_300)
    assert portal.userinfo(token).status_code == 200
    portal.stand.do("clock", advance=101)
    assert refused(portal.userinfo(token)) == (401, "invalid_token")
    assert refused(portal.userinfo("oat_made_up")) == (401, "invalid_token")
    assert portal.stand.http.get("/clerk/oauth/userinfo").headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"code_verifier": "w" * 43}, (400, "invalid_grant")),
        ({"code_verifier": challenge_of(VERIFIER)}, (400, "invalid_grant")),
        ({"code_verifier": None}, (400, "invalid_request")),
        ({"redirect_uri": "http://127.0.0.1:9/other"}, (400, "invalid_grant")),
        ({"redirect_uri": None}, (400, "invalid_request")),
        ({"code": "made-up"}, (400, "invalid_grant")),
        ({"grant_type": "refresh_token"}, (400, "unsupported_grant_type")),
        ({"grant_type": None}, (400, "invalid_request")),
        ({"auth": (CLIENT, "wrong")}, (401, "invalid_client")),
        ({"auth": ("another-client", CLIENT_SECRET)}, (401, "invalid_client")),
        ({"auth": None}, (401, "invalid_client")),
        ({"auth": None, "client_id": CLIENT}, (401, "invalid_client")),
        ({"auth": None, "client_id": CLIENT, "client_secret": CLIENT_SECRET}, (401, "invalid_client")),
        ({"client_id": "another-client"}, (401, "invalid_client")),
        ({"client_secret": CLIENT_SECRET}, (401, "invalid_client")),
    ],
)
def test_the_token_endpoint_refuses(portal: Portal, wrong: dict[str, Any], expected: tuple[int, str]) -> None:
    code = portal.code()

    assert refused(portal.exchange(wrong.pop("code", code), **wrong)) == expected


def test_an_attempt_with_the_wrong_verifier_uses_the_code_up(portal: Portal) -> None:
    code = portal.code()
    portal.exchange(code, code_verifier="w" * 43)

    assert refused(portal.exchange(code)) == (400, "invalid_grant")


def test_the_wrong_secret_leaves_the_code_alone(portal: Portal) -> None:
    code = portal.code()
    assert portal.exchange(code, auth=(CLIENT, "wrong")).headers["www-authenticate"].startswith("Basic")

    assert portal.exchange(code).status_code == 200


def test_a_public_client_has_its_name_and_pkce() -> None:
    with (
        run(setup(clerk=clerk_setup(client_secret=""))) as running,
        plain.client(base_url=running.url, trust_env=False) as http,
    ):
        public = Portal(Stand(running, TinyBot(), http))
        code = public.code()
        assert refused(public.exchange(code, auth=None)) == (401, "invalid_client")
        assert public.exchange(code, auth=None, client_id=CLIENT).status_code == 200


def test_who_is_banned_or_deleted_gets_no_further(portal: Portal) -> None:
    code = portal.code("user_ada")
    token = portal.exchange(portal.code("user_mary")).json()["access_token"]
    with portal.browser() as browser:
        browser.sign_in("user_grace")
        for user, change in (("user_ada", "banned"), ("user_mary", "deleted"), ("user_grace", "banned")):
            portal.stand.do("clerk/users", id=user, **{change: True})

        assert browser.press("consent", answer="allow").headers["location"].startswith("/clerk/sign-in?")
        assert "Grace Hopper" not in browser.ask().text
        assert browser.press("sign-in", user="user_grace").status_code == 400
    assert refused(portal.exchange(code)) == (400, "invalid_grant")
    assert refused(portal.userinfo(token)) == (401, "invalid_token")


def test_redirects_may_be_registered_later(portal: Portal) -> None:
    rehearsal, before = portal.running.rehearsal, portal.clerk.redirect_uris
    rehearsal.clerk_redirects("http://127.0.0.1:10/late")
    with portal.browser() as browser:
        assert browser.ask().status_code == 400
        assert browser.ask(redirect_uri="http://127.0.0.1:10/late").status_code == 200
    rehearsal.clerk_redirects(*before)


def test_keys_rotate_and_the_old_ones_stay_until_they_are_retired(portal: Portal) -> None:
    before = portal.clerk.session_token("user_ada")
    kid = portal.stand.do("clerk/rotate")["kid"]
    after = portal.clerk.session_token("user_ada")
    assert jwt.get_unverified_header(after)["kid"] == kid
    assert verified(portal, before)["sub"] == verified(portal, after)["sub"] == "user_ada"
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(before, published(portal)[kid], algorithms=["RS256"])

    portal.clerk.rotate_keys(retire=True)

    assert len(published(portal).keys) == 1
    with pytest.raises(KeyError):
        verified(portal, after)
    answer = portal.exchange(portal.code()).json()
    assert verified(portal, answer["id_token"], audience=CLIENT)["sub"] == "user_ada"


def test_a_session_token_is_the_portals_own(portal: Portal) -> None:
    token = portal.clerk.session_token("user_ada", "https://portal.example", act={"sub": "user_eve"}, sts=None)

    claims = verified(portal, token, options={"require": ["exp", "iat", "nbf", "sid"]})

    assert claims["exp"] - claims["iat"] == 60
    assert (claims["sub"], claims["azp"], claims["v"]) == ("user_ada", "https://portal.example", 2)
    assert claims["act"] == {"sub": "user_eve"}
    assert "sts" not in claims


def test_an_id_token_may_be_forged_for_the_asking(portal: Portal) -> None:
    portal.clerk.forge_id_token = lambda claims: portal.clerk.sign({**claims, "aud": "another-client"}, {"typ": "odd"})

    forged = portal.exchange(portal.code()).json()["id_token"]

    assert verified(portal, forged, audience="another-client")["sub"] == "user_ada"
    assert jwt.get_unverified_header(forged)["typ"] == "odd"


def test_trouble_meets_clerk_only_when_it_is_meant(portal: Portal) -> None:
    jwks, http = "/clerk/.well-known/jwks.json", portal.stand.http
    portal.stand.do("faults", method="*", fault="500", times=None)
    assert http.get(jwks).status_code == 200
    portal.stand.do("faults", method="clerk:jwks", fault="503")
    assert [http.get(jwks).status_code for _ in range(2)] == [503, 200]

    portal.stand.do("faults", method="clerk:jwks", fault="drop")
    with pytest.raises(httpx.RemoteProtocolError):
        http.get(jwks)
    portal.stand.do("faults", method="clerk:jwks", fault="slow", seconds=0.2)
    started = time.perf_counter()
    assert http.get(jwks).status_code == 200
    assert time.perf_counter() - started >= 0.2
    portal.stand.do("faults", method="clerk:jwks", fault="timeout")
    with pytest.raises(httpx.ReadTimeout):
        http.get(jwks, timeout=0.1)

    portal.stand.do("faults", method="clerk:token", fault="temporarily_unavailable")
    code = portal.code()
    assert refused(portal.exchange(code)) == (400, "temporarily_unavailable")
    assert portal.exchange(code).status_code == 200
    portal.stand.do("faults", method="clerk:*", fault="429", retry_after=7)
    limited = portal.users()
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "7")


def test_traffic_names_the_calls_and_shows_no_secret(portal: Portal) -> None:
    answer = portal.exchange(portal.code()).json()

    entries = portal.stand.tell("traffic")["entries"]
    assert [(entry["what"], entry["status"]) for entry in entries] == [("clerk:token", 200)]
    assert answer["access_token"] not in str(entries)


def test_a_rehearsal_without_a_clerk_has_none(stand: Stand) -> None:
    assert stand.http.get("/clerk/.well-known/jwks.json").status_code == 404
    assert stand.do("clerk/rotate") == {"ok": False, "error": "This rehearsal has no Clerk."}
