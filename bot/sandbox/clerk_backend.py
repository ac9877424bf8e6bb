"""Clerk's Backend API, as far as the bot uses it: one user, and finding users."""

import hmac
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.sandbox.clerk import Clerk
from bot.sandbox.clerk_people import ClerkUser, user_object
from bot.sandbox.clerk_refusals import BackendRefused

_LISTS = {"email_address", "user_id", "provider_user_id"}
_SINGLE = {"provider", "query", "banned", "limit", "offset"}
_MOST_VALUES = 100
_MOST_ROWS = 500

Fits = Callable[[ClerkUser], bool]


async def users(clerk: Clerk, request: Request) -> Response:
    """GET /users: those who fit every filter (https://clerk.com/docs/reference/backend-api/tag/users/get/users).

    A list is a parameter given several times, without brackets: Clerk does not know "email_address[]", passes over
    it and answers with everybody. Here that is refused, as is every filter not implemented. Raises BackendRefused.
    """
    _authorize(clerk, request)
    given = request.query_params
    lists = {name: given.getlist(name) for name in given}
    for name, values in lists.items():
        if name not in _LISTS | _SINGLE:
            raise BackendRefused(422, "form_param_unknown", f"{name} is not a parameter here.")
        if len(values) > (_MOST_VALUES if name in _LISTS else 1):
            raise BackendRefused(422, "form_param_value_invalid", f"{name} was given too many times.")
    if ("provider" in lists) != ("provider_user_id" in lists):
        raise BackendRefused(422, "form_param_missing", "provider and provider_user_id go together.")
    limit = _number(lists, "limit", 10, 1, _MOST_ROWS)
    offset = _number(lists, "offset", 0, 0, None)
    fits = _filters(lists)
    found = [user for user in clerk.users.values() if not user.deleted and all(fit(user) for fit in fits)]
    found.sort(key=lambda user: -user.created_at)
    return JSONResponse([user_object(user) for user in found[offset : offset + limit]])


async def user(clerk: Clerk, request: Request) -> Response:
    """GET /users/ID. Raises BackendRefused."""
    _authorize(clerk, request)
    found = clerk.users.get(request.path_params["id"])
    if found is None or found.deleted:
        raise BackendRefused(404, "resource_not_found", "There is no such user.")
    return JSONResponse(user_object(found))


def _authorize(clerk: Clerk, request: Request) -> None:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(key.encode(), clerk.setup.secret_key.encode()):
        raise BackendRefused(401, "authentication_invalid", "The secret key is missing or wrong.")


def _number(lists: dict[str, list[str]], name: str, default: int, least: int, most: int | None) -> int:
    text = lists.get(name, [str(default)])[0]
    if not text.isdecimal() or int(text) < least or (most is not None and int(text) > most):
        raise BackendRefused(422, "form_param_value_invalid", f"{name} is a whole number in range.")
    return int(text)


def _filters(lists: dict[str, list[str]]) -> list[Fits]:
    fits: list[Fits] = []
    if "email_address" in lists:
        addresses = {address.lower() for address in lists["email_address"]}
        fits.append(lambda user: any(address.lower() in addresses for address, _ in user.emails))
    if "user_id" in lists:
        fits.extend(_by_id(lists["user_id"]))
    if "provider" in lists:
        accounts = {(lists["provider"][0], account) for account in lists["provider_user_id"]}
        fits.append(lambda user: not accounts.isdisjoint(user.connected))
    if "query" in lists:
        words = lists["query"][0].lower()
        fits.append(lambda user: words in _searched(user))
    if "banned" in lists:
        is_banned = {"true": True, "false": False}.get(lists["banned"][0])
        if is_banned is None:
            raise BackendRefused(422, "form_param_value_invalid", "banned is true or false.")
        fits.append(lambda user: user.banned == is_banned)
    return fits


def _by_id(ids: list[str]) -> list[Fits]:
    """Those with one of these ids; an id with "-" before it is left out, one with "+" is as without."""
    without = {id.removeprefix("-") for id in ids if id.startswith("-")}
    among = {id.removeprefix("+") for id in ids if not id.startswith("-")}
    return [lambda user: user.id not in without, lambda user: not among or user.id in among]


def _searched(user: ClerkUser) -> str:
    parts: list[Any] = [user.id, user.name, *(address for address, _ in user.emails)]
    return "\n".join(parts).lower()
