"""Socket Mode: Slack's payloads come over a connection that we open."""

from time import time

from slack_bolt import App, BoltRequest
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.socket_mode.internals import build_headers, send_response
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
        started = time()
        request = BoltRequest(mode="socket_mode", body=req.payload, headers=build_headers(req))
        self._answers.in_hand.add(request)
        try:
            send_response(client, req, self.app.dispatch(request), started)
            self._answers.begin(following(request))
        finally:
            self._answers.in_hand.discard(request)
