"""The manifest, the routes and the README say the same."""

import json
import re
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest

from bot import cli
from bot.manifest import manifest, manifest_for
from handlers import routes
from handlers.views.help import VERBS
from handlers.views.teaching import VERBS as TEACH_VERBS

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT.parent / "shared" / "slack" / "schemas_manifest.schema.2.0.0.json"


@pytest.fixture(params=["socket", "http", "videos"])
def made(request: pytest.FixtureRequest) -> dict[str, Any]:
    if request.param == "videos":
        return manifest_for("https://learn.example.com/", ["youtube.com"], "https://portal.example.com")
    return manifest() if request.param == "socket" else manifest_for("https://learn.example.com/")


def test_slack_would_take_it(made: dict[str, Any]) -> None:
    if not SCHEMA.exists():
        pytest.skip("Slack's manifest schema is not beside the project")
    jsonschema.validate(made, json.loads(SCHEMA.read_text()))


def test_its_commands_are_the_routes_commands() -> None:
    assert {command["command"] for command in manifest()["features"]["slash_commands"]} == routes.COMMANDS


def test_its_events_are_the_routes_events() -> None:
    events = manifest(portal_url="https://portal.example.com")["settings"]["event_subscriptions"]["bot_events"]
    subscribed = {name.partition(".")[0] for name in events}
    assert subscribed == set(routes.EVENTS) | routes.SPOKEN["event"] | set(routes.PROFILE_EVENTS)


def test_every_request_of_the_http_form_goes_to_the_same_door() -> None:
    made = manifest_for("https://learn.example.com/")
    door = "https://learn.example.com/slack/events"
    assert made["settings"]["socket_mode_enabled"] is False
    assert made["settings"]["event_subscriptions"]["request_url"] == door
    assert made["settings"]["interactivity"]["request_url"] == door
    assert made["settings"]["interactivity"]["message_menu_options_url"] == door
    assert [command["url"] for command in made["features"]["slash_commands"]] == [door] * 3


def test_videos_play_only_where_the_manifest_says_so() -> None:
    assert "links.embed:write" not in manifest()["oauth_config"]["scopes"]["bot"]
    allowed = manifest(["youtube.com"])
    assert "links.embed:write" in allowed["oauth_config"]["scopes"]["bot"]
    assert allowed["features"]["unfurl_domains"] == ["youtube.com"]


def test_links_are_heard_of_only_where_there_is_a_portal() -> None:
    assert not {"links:read", "links:write"} & set(manifest()["oauth_config"]["scopes"]["bot"])
    assert "link_shared" not in manifest()["settings"]["event_subscriptions"]["bot_events"]
    allowed = manifest(["youtube.com"], "https://portal.example.com/learn")
    assert {"links:read", "links:write"} <= set(allowed["oauth_config"]["scopes"]["bot"])
    assert allowed["features"]["unfurl_domains"] == ["portal.example.com", "youtube.com"]


def test_the_readme_the_help_and_the_hint_name_every_verb() -> None:
    readme = set(re.findall(r"^\| `/learn ([^`]+)`", (ROOT / "README.md").read_text(), re.MULTILINE))
    hint = set(manifest()["features"]["slash_commands"][0]["usage_hint"].split(" | "))
    assert readme == set(VERBS)
    assert {typed.partition(" ")[0] for typed in readme} == set(routes.VERBS)
    assert {typed.partition(" ")[0] for typed in hint} == set(routes.VERBS)


def test_the_readme_and_the_hint_name_what_can_follow_teach() -> None:
    readme = set(re.findall(r"^\| `/teach ([a-z]+)", (ROOT / "README.md").read_text(), re.MULTILINE))
    hint = {typed.partition(" ")[0] for typed in manifest()["features"]["slash_commands"][2]["usage_hint"].split(" | ")}
    assert readme == hint == set(TEACH_VERBS)
    assert {f"teach.{verb}" for verb in TEACH_VERBS} <= routes.TEACH.keys()


def test_the_readme_names_every_console_command() -> None:
    named = set(re.findall(r"`(?:homeroom )?([a-z]+)[^`]*`", console_table()))
    assert named == set(console().commands)


def console() -> click.Group:
    """The console script with every command on it."""
    cli.add_commands()
    return cli.homeroom


def console_table() -> str:
    """The first column of the README's table of commands."""
    readme = (ROOT / "README.md").read_text()
    table = readme[readme.index("## The console") : readme.index("## The map")]
    return "\n".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))


def test_the_readme_is_a_page() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 120
