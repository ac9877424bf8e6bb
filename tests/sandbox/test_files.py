"""Files in three steps, user groups and crowds: what the rehearsal takes and what it refuses."""

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from slack_sdk.errors import SlackRequestError

from bot.sandbox.server import run
from tests import plain
from tests.sandbox.stand import (
    ADA,
    MANIFEST,
    MARY,
    Stand,
    TinyBot,
    field_for,
    home,
    modal,
    refusal,
    setup,
    words,
)

SCOPES = [*MANIFEST["oauth_config"]["scopes"]["bot"], "files:read", "files:write", "usergroups:read"]


@pytest.fixture
def filing() -> Iterator[Stand]:
    """A stand whose bot may send files and read user groups."""
    bot = TinyBot()
    manifest = {**MANIFEST, "oauth_config": {"scopes": {"bot": SCOPES}}}
    with bot.listening() as request_url, run(setup(manifest=manifest)) as running:
        running.rehearsal.connect(request_url)
        with plain.client(base_url=running.url, trust_env=False) as http:
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
    assert plain.post(begun["upload_url"], content=b"four").status_code == 400
    assert plain.post(begun["upload_url"], content=b"abc").status_code == 200
    assert plain.post(begun["upload_url"], content=b"abc").status_code == 400
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
    plain.post(begun["upload_url"], content=b"a")
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


def uploaded(filing: Stand, name: str = "a.png", content: bytes = b"a picture") -> str:
    """The id of a file that Ada put into a form."""
    told = {"person": ADA, "name": name, "content": base64.b64encode(content).decode()}
    return str(filing.http.post("/rehearsal/upload", json=told).raise_for_status().json()["id"])


def form(filing: Stand, **element: Any) -> dict[str, Any]:
    filing.do("shortcut", person=ADA, callback_id="look.up")
    trigger_id = str(filing.bot.last("shortcut")["trigger_id"])
    asked = field_for("file", {"type": "file_input", "action_id": "file", **element})
    view = modal(asked, submit=words("Save"), callback_id="save")
    return dict(filing.slack.views_open(trigger_id=trigger_id, view=view)["view"])


def sends(filing: Stand, view: dict[str, Any], *ids: str) -> httpx.Response:
    values = {"file": {"file": list(ids)}}
    return filing.http.post("/rehearsal/submit", json={"person": ADA, "view": view["id"], "values": values})


def test_a_file_put_into_a_form_is_read_by_the_bot_and_nobody_else(filing: Stand) -> None:
    file_id = uploaded(filing, "Éa.PNG")
    sends(filing, form(filing), file_id).raise_for_status()
    (told,) = filing.bot.last("view_submission")["view"]["state"]["values"]["file"]["file"]["files"]
    assert (told["id"], told["name"], told["filetype"], told["size"]) == (file_id, "Éa.PNG", "png", 9)
    assert filing.slack.files_info(file=file_id)["file"]["url_private"] == told["url_private"]
    token = {"Authorization": f"Bearer {filing.slack.token}"}
    assert plain.get(told["url_private_download"], headers=token).content == b"a picture"
    page = plain.get(told["url_private_download"], headers={"Authorization": "Bearer xoxb-other"})
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert filing.http.get("/rehearsal/file", params={"person": MARY, "id": file_id}).status_code == 404


@pytest.mark.parametrize(
    ("element", "names", "why"),
    [
        ({"filetypes": ["pdf"]}, ["a.png"], "takes pdf"),
        ({"max_files": 1}, ["a.png", "b.png"], "takes 1 files at most"),
    ],
)
def test_a_form_takes_what_it_asks_for(filing: Stand, element: dict[str, Any], names: list[str], why: str) -> None:
    ids = [uploaded(filing, name) for name in names]
    answer = sends(filing, form(filing, **element), *ids)
    assert why in answer.json()["error"]
    assert not filing.bot.got("view_submission")


def test_a_form_takes_nobody_elses_file_and_none_that_never_came(filing: Stand) -> None:
    view = form(filing)
    mary = {"person": MARY, "name": "m.png", "content": base64.b64encode(b"m").decode()}
    hers = filing.http.post("/rehearsal/upload", json=mary).json()["id"]
    assert "Upload the file first" in sends(filing, view, hers).json()["error"]
    assert sends(filing, view).json()["errors"] == {"file": "Please complete this required field."}


@pytest.mark.parametrize("content", ["", "no base64", base64.b64encode(b"a" * (10 * 1024**2 + 1)).decode()])
def test_an_upload_is_base64_of_ten_megabytes_at_most(filing: Stand, content: str) -> None:
    answer = filing.http.post("/rehearsal/upload", json={"person": ADA, "name": "a", "content": content})
    assert answer.status_code == 400


def test_a_form_for_files_needs_the_scope_to_read_them(stand: Stand) -> None:
    stand.do("shortcut", person=ADA, callback_id="look.up")
    view = modal(field_for("file", {"type": "file_input", "action_id": "file"}), submit=words("Save"))
    trigger_id = stand.bot.last("shortcut")["trigger_id"]
    assert refusal(stand.slack.views_open, trigger_id=trigger_id, view=view)["error"] == "invalid_arguments"


def test_a_picture_slack_holds_is_seen_by_whom_it_is_shown(filing: Stand) -> None:
    file_id = uploaded(filing)
    url = filing.slack.files_info(file=file_id)["file"]["url_private"]
    for number, named in enumerate(({"id": file_id}, {"url": url})):
        block = {"type": "image", "slack_file": named, "alt_text": "A picture", "block_id": str(number)}
        filing.slack.chat_postMessage(channel="D0MARY", text="Look", blocks=[block])
    assert filing.http.get("/rehearsal/file", params={"person": MARY, "id": file_id}).content == b"a picture"
    filing.slack.views_publish(user_id="U0ADA", view=home(block))


@pytest.mark.parametrize("named", [{"id": "F0NONE"}, {"url": "https://x.example/a.png"}])
def test_a_picture_slack_does_not_hold_is_refused(filing: Stand, named: dict[str, str]) -> None:
    block = {"type": "image", "slack_file": named, "alt_text": "A picture"}
    refused = refusal(filing.slack.chat_postMessage, channel="D0ADA", text="Look", blocks=[block])
    assert refused["error"] == "invalid_blocks"
    text = uploaded(filing, "a.txt")
    block = {"type": "image", "slack_file": {"id": text}, "alt_text": "A picture"}
    assert refusal(filing.slack.views_publish, user_id="U0ADA", view=home(block))["error"] == "invalid_blocks"


def test_a_file_is_given_to_a_token_that_may_read_it(filing: Stand) -> None:
    assert refusal(filing.slack.files_info, file="F0NONE")["error"] == "file_not_found"
