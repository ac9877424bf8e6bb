"""Files in three steps, user groups and crowds: what the rehearsal takes and what it refuses."""

from collections.abc import Iterator

import httpx
import pytest
from slack_sdk.errors import SlackRequestError

from bot.sandbox.server import run
from tests.sandbox.stand import ADA, MANIFEST, MARY, Stand, TinyBot, refusal, setup

SCOPES = [*MANIFEST["oauth_config"]["scopes"]["bot"], "files:write", "usergroups:read"]


@pytest.fixture
def filing() -> Iterator[Stand]:
    """A stand whose bot may send files and read user groups."""
    bot = TinyBot()
    manifest = {**MANIFEST, "oauth_config": {"scopes": {"bot": SCOPES}}}
    with bot.listening() as request_url, run(setup(manifest=manifest)) as running:
        running.rehearsal.connect(request_url)
        with httpx.Client(base_url=running.url, trust_env=False) as http:
            yield Stand(running, bot, http)


def test_a_file_is_announced_sent_and_completed(filing: Stand) -> None:
    told = filing.slack.files_upload_v2(
        channel="D0ADA", filename="é.json", title="Yours", content="{}", initial_comment="Here", request_file_info=False
    )
    (message,) = filing.sees(ADA, "D0ADA")
    assert message["text"] == "Here"
    file = message["files"][0]
    assert (file["id"], file["name"], file["title"], file["size"]) == (told["files"][0]["id"], "é.json", "Yours", 2)
    answer = filing.http.get("/rehearsal/file", params={"person": ADA, "id": file["id"]})
    assert (answer.text, answer.headers["content-type"]) == ("{}", "application/json")
    assert filing.http.get("/rehearsal/file", params={"person": MARY, "id": file["id"]}).status_code == 404


def test_an_upload_url_works_once_and_for_as_much_as_was_announced(filing: Stand) -> None:
    begun = filing.slack.files_getUploadURLExternal(filename="a.txt", length=3)
    assert httpx.post(begun["upload_url"], content=b"four").status_code == 400
    assert httpx.post(begun["upload_url"], content=b"abc").status_code == 200
    assert httpx.post(begun["upload_url"], content=b"abc").status_code == 400
    done = [{"id": begun["file_id"], "title": "A"}]
    assert filing.slack.files_completeUploadExternal(files=done, channel_id="D0ADA")["ok"]
    again = refusal(filing.slack.files_completeUploadExternal, files=done, channel_id="D0ADA")
    assert again["error"] == "file_not_found"


def test_what_was_never_sent_is_not_found(filing: Stand) -> None:
    begun = filing.slack.files_getUploadURLExternal(filename="a.txt", length=3)
    done = [{"id": begun["file_id"], "title": "A"}]
    assert refusal(filing.slack.files_completeUploadExternal, files=done)["error"] == "file_not_found"


def test_an_empty_file_and_a_channel_without_us_are_refused(filing: Stand) -> None:
    empty = refusal(filing.slack.files_getUploadURLExternal, filename="a.txt", length=0)
    assert empty["error"] == "invalid_arguments"
    begun = filing.slack.files_getUploadURLExternal(filename="a.txt", length=1)
    httpx.post(begun["upload_url"], content=b"a")
    done = [{"id": begun["file_id"]}]
    elsewhere = refusal(filing.slack.files_completeUploadExternal, files=done, channel_id="C0GENERAL")
    assert elsewhere["error"] == "not_in_channel"


def test_files_and_groups_need_their_scopes(stand: Stand) -> None:
    missing = refusal(stand.slack.files_getUploadURLExternal, filename="a.txt", length=1)
    assert (missing["error"], missing["needed"]) == ("missing_scope", "files:write")
    assert refusal(stand.slack.usergroups_users_list, usergroup="S0TEACH")["needed"] == "usergroups:read"


def test_a_fault_of_an_upload_is_an_error_of_the_sdk(filing: Stand) -> None:
    filing.http.post("/rehearsal/faults", json={"method": "upload", "fault": "500"})
    with pytest.raises((SlackRequestError, OSError)):
        filing.slack.files_upload_v2(channel="D0ADA", filename="a.txt", content="a", request_file_info=False)
    assert filing.sees(ADA, "D0ADA") == []


def test_a_user_group_is_read_by_its_id(filing: Stand) -> None:
    assert filing.slack.usergroups_users_list(usergroup="S0TEACH")["users"] == ["U0GRACE", "U0MARY"]
    assert refusal(filing.slack.usergroups_users_list, usergroup="S0NONE")["error"] == "no_such_subteam"


def test_an_escaped_command_carries_people_channels_and_groups(filing: Stand) -> None:
    filing.do("say", person=ADA, channel="C0LEARN", text="/tag @mary #learning @teachers")
    assert filing.bot.last("/tag")["text"] == "<@U0MARY|mary> <#C0LEARN|learning> <!subteam^S0TEACH|@teachers>"


def test_a_crowd_counts_though_nobody_plays_it(filing: Stand) -> None:
    sizes = {one["name"]: one["num_members"] for one in filing.slack.conversations_list()["channels"]}
    assert sizes == {"general": 3012, "learning": 7}
