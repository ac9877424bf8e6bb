"""A rehearsal for every test of the sandbox: one server a worker, set back to its start for each test."""

from collections.abc import Iterator

import pytest

from bot.sandbox.server import run
from tests import plain
from tests.sandbox.stand import Stand, TinyBot, nothing, setup


@pytest.fixture(scope="session")
def running_stand() -> Iterator[Stand]:
    bot = TinyBot()
    with bot.listening() as request_url, run(setup(ack_limit=0.5)) as running:
        running.rehearsal.connect(request_url)
        with plain.client(base_url=running.url, trust_env=False, timeout=10) as client:
            yield Stand(running, bot, client)


@pytest.fixture
def stand(running_stand: Stand) -> Stand:
    """A rehearsal at its start, with a bot that answers nothing yet."""
    running_stand.bot.answer = nothing
    running_stand.quiet()
    running_stand.do("reset")
    running_stand.bot.received.clear()
    return running_stand
