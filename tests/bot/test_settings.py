"""Settings: what a newcomer forgot is one sentence that names it."""

import re
from pathlib import Path

import pytest

from bot.eventsettings import LrsSettings, WebhookSettings
from bot.settings import SettingsError, database_url, environment, read

GOOD = {"SLACK_BOT_TOKEN": "xoxb-secret", "SLACK_SIGNING_SECRET": "signing-secret"}
GOOD_SECRET = "whsec_" + "A" * 40
SECRET = {"WEBHOOK_SECRET": GOOD_SECRET}
HOME = {"PORTAL_URL": "https://learn.example.com/"}
EXAMPLE = Path(__file__).parents[2] / ".env.example"


def test_the_least_that_must_be_said_is_a_token_and_a_secret() -> None:
    settings = read(GOOD)
    assert settings.database_url == "sqlite:///homeroom.db"
    assert (settings.host, settings.port) == ("127.0.0.1", 3000)
    assert settings.slack_api_url == "https://slack.com/api/"
    assert not settings.is_socket_mode


def test_an_app_token_means_socket_mode_and_needs_no_signing_secret() -> None:
    assert read({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}).is_socket_mode


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN is missing"),
        ({"SLACK_BOT_TOKEN": "xoxp-wrong-kind"}, "SLACK_BOT_TOKEN should begin with xoxb-"),
        ({"SLACK_SIGNING_SECRET": ""}, "SLACK_SIGNING_SECRET is missing"),
        ({"SLACK_APP_TOKEN": "abc"}, "SLACK_APP_TOKEN should begin with xapp-"),
        ({"ADMIN_CHANNEL": "#learning-admins"}, "ADMIN_CHANNEL should be a channel's ID"),
        ({"ERASURE": "admin"}, "ERASURE should be self, or left out"),
        ({"MIRROR_ROLES": "yes"}, "MIRROR_ROLES should be clerk, or left out"),
        ({"PORT": "eighty"}, "PORT should be a number"),
        ({"PORT": "70000"}, "PORT should be a number"),
        ({"PORTAL_URL": "portal"}, "PORTAL_URL should be a web address"),
        ({"SLACK_API_URL": "ftp://slack"}, "SLACK_API_URL should be a web address"),
        ({"VIDEO_DOMAINS": "https://youtube.com"}, "VIDEO_DOMAINS should be up to five domains"),
        ({"CLERK_SECRET_KEY": "pk_test_1"}, "CLERK_SECRET_KEY should begin with sk_"),
        ({"MATCH_EMAIL_DOMAINS": "x.example"}, "CLERK_SECRET_KEY is missing"),
        ({"CLERK_SECRET_KEY": "sk_1", "MATCH_EMAIL_DOMAINS": "@x.example"}, "MATCH_EMAIL_DOMAINS should be domains"),
        ({"CLERK_SECRET_KEY": "sk_1", "MATCH_EMAIL_DOMAINS": "example"}, "MATCH_EMAIL_DOMAINS should be domains"),
        ({"CLERK_SECRET_KEY": "sk_1", "MATCH_EMAIL_DOMAINS": "*.example"}, "MATCH_EMAIL_DOMAINS should be domains"),
        ({"CLERK_API_URL": "api.clerk.com"}, "CLERK_API_URL should be a web address"),
        ({"MATCH_EMAIL": "yes"}, "MATCH_EMAIL should be off or ask"),
        ({"MATCH_EMAIL": "ask"}, "MATCH_EMAIL_DOMAINS is missing"),
        ({"WEBHOOK_URL": "http://portal.example"} | SECRET, "WEBHOOK_URL should be an https:// address"),
        ({"WEBHOOK_URL": "https://me:pw@portal.example"} | SECRET, "WEBHOOK_URL should be an https:// address"),
        ({"WEBHOOK_URL": "https://[half"} | SECRET, "WEBHOOK_URL should be an https:// address"),
        (SECRET, "WEBHOOK_URL should be an https:// address"),
        ({"WEBHOOK_URL": "https://portal.example"}, "WEBHOOK_SECRET should be whsec_"),
        ({"WEBHOOK_URL": "https://portal.example", "WEBHOOK_SECRET": "whsec_c2hvcnQ="}, "WEBHOOK_SECRET should be"),
        ({"WEBHOOK_URL": "https://portal.example", "WEBHOOK_SECRET": "whsec_!" + "A" * 40}, "WEBHOOK_SECRET should be"),
        ({"WEBHOOK_URL": "https://portal.example", "WEBHOOK_SECRET": "A" * 48}, "WEBHOOK_SECRET should be whsec_"),
        ({"WEBHOOK_URL": "https://portal.example"} | {"WEBHOOK_SECRET": f"{GOOD_SECRET} " * 3}, "WEBHOOK_SECRET"),
        ({"LRS_URL": "http://lrs.example", "LRS_KEY": "k", "LRS_SECRET": "s"} | HOME, "LRS_URL should be the https://"),
        ({"LRS_URL": "https://lrs.example", "LRS_KEY": "k"} | HOME, "LRS_KEY and LRS_SECRET go together"),
        ({"LRS_URL": "https://lrs.example", "LRS_KEY": "k:1", "LRS_SECRET": "s"} | HOME, "LRS_KEY and LRS_SECRET"),
        (
            {"LRS_URL": "https://lrs.example", "LRS_KEY": "k", "LRS_SECRET": "s"},
            "PORTAL_URL or CLERK_ISSUER is missing",
        ),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
        ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL"),
    ],
)
def test_a_mistake_is_a_sentence_that_names_the_variable(changed: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(named)):
        read(GOOD | changed)


@pytest.mark.parametrize("url", ["https://portal.example/hook", "http://localhost:8000", "http://[::1]:9"])
def test_events_go_where_nobody_reads_them_on_the_way(url: str) -> None:
    settings = read(GOOD | HOME | {"WEBHOOK_URL": url, "WEBHOOK_SECRET": f"{GOOD_SECRET} {GOOD_SECRET[:-8]}"})
    assert settings.webhook == WebhookSettings(url, (GOOD_SECRET, GOOD_SECRET[:-8]))
    settings = read(GOOD | HOME | {"LRS_URL": url, "LRS_KEY": "key", "LRS_SECRET": "pass:word"})
    assert settings.lrs == LrsSettings(url.rstrip("/") + "/", "key", "pass:word", "https://learn.example.com")
    assert "pass:word" not in repr(settings)
    assert (read(GOOD).webhook, read(GOOD).lrs) == (None, None)


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as told:
        read({"PORT": "0", "DATABASE_URL": "mysql://x"})
    said = str(told.value)
    assert all(name in said for name in ("PORT", "DATABASE_URL", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"))


def test_secrets_do_not_show() -> None:
    matching = {"CLERK_SECRET_KEY": "sk_secret", "MATCH_EMAIL_DOMAINS": "x.example"}
    told = GOOD | matching | {"DATABASE_URL": "postgresql://u:hunter2@db/x", "SLACK_APP_TOKEN": "xapp-secret"}
    told |= HOME | SECRET | {"WEBHOOK_URL": "https://portal.example/?key=hook-secret"}
    told |= {"LRS_URL": "https://lrs.example", "LRS_KEY": "lrs-key", "LRS_SECRET": "lrs-secret"}
    shown = repr(read(told))
    secrets = ("xoxb-secret", "signing-secret", "hunter2", "xapp-secret", "sk_secret", GOOD_SECRET)
    assert not any(secret in shown for secret in ("hook-secret", "lrs-key", "lrs-secret"))
    assert not any(secret in shown for secret in secrets)
    assert "x.example" in shown


def test_matching_is_off_until_domains_are_named() -> None:
    assert read(GOOD).match is None
    assert read(GOOD | {"CLERK_SECRET_KEY": "sk_1"}).match is None
    told = {"CLERK_SECRET_KEY": "sk_1", "MATCH_EMAIL_DOMAINS": " X.example, y.example ,"}
    matching = read(GOOD | told).match
    assert matching is not None
    assert matching.domains == {"x.example", "y.example"}
    assert (matching.api_url, matching.asks) == ("https://api.clerk.com/v1", False)
    asking = read(GOOD | told | {"MATCH_EMAIL": "ask", "CLERK_API_URL": "http://127.0.0.1:1/clerk/v1/"}).match
    assert asking is not None
    assert (asking.api_url, asking.asks) == ("http://127.0.0.1:1/clerk/v1", True)


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("PORT=1234\nHOST=0.0.0.0\nPORTAL_NAME=\n")
    monkeypatch.setenv("PORT", "4321")
    env = environment(tmp_path)
    assert (env["PORT"], env["HOST"]) == ("4321", "0.0.0.0")
    assert "PORTAL_NAME" not in env


def test_a_postgresql_url_is_understood_however_it_is_spelled() -> None:
    for url in ("postgres://u@h/d", "postgresql://u@h/d", "postgresql+psycopg://u@h/d"):
        assert database_url({"DATABASE_URL": url}) == url


def test_the_example_names_every_setting_and_no_other() -> None:
    room = Path(__file__).parents[2] / "bot"
    source = "".join((room / name).read_text() for name in ("settings.py", "eventsettings.py"))
    endings = "URL|TOKEN|SECRET|NAME|DOMAINS|EMOJI|ISSUER|ID|ROLES|ADMINS|CHANNEL|KEY|EMAIL"
    asked = set(re.findall(rf'"([A-Z]+(?:_[A-Z]+)*_(?:{endings})|HOST|PORT|HOLIDAYS|ERASURE)"', source))
    named = set(re.findall(r"^([A-Z_]+)=", EXAMPLE.read_text(), re.MULTILINE))
    assert named == asked
