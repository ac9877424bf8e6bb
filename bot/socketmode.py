"""Socket Mode: Slack's payloads come over a connection that we open."""

import json

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.socket_mode.internals import build_headers
from slack_sdk import WebClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.answers import Answers
from bot.slack import following


class Socket(SocketModeHandler):
    """Socket Mode through the same app; what follows an answer begins after its ack is out."""

    def __init__(self, app: App, app_token: str, client: WebClient, answers: Answers, threads: int) -> None:
        super().__init__(app, app_token, web_client=client, concurrency=threads)
        self._answers = answers

    def handle(self, client: BaseSocketModeClient, req: SocketModeRequest) -> None:
        """Answer one envelope."""
        request = BoltRequest(mode="socket_mode", body=req.payload, headers=build_headers(req))
        self._answers.in_hand.add(request)
        try:
            answer = self.app.dispatch(request)
            # What is not answered with 200 Slack sends again.
            if answer.status == 200:
                client.send_message(_acknowledgment(req.envelope_id, answer))
            self._answers.begin(following(request))
        finally:
            self._answers.in_hand.discard(request)


def _acknowledgment(envelope_id: str, answer: BoltResponse) -> str:
    # Bolt's own way would read the JSON of a screen only to make it again.
    told = f'{{"envelope_id": {json.dumps(envelope_id)}'
    return f'{told}, "payload": {answer.body}}}' if answer.body else f"{told}}}"
