"""Starting, and staying small.

From the start of the process to the answer of a first signed request, on a database that knows its workspace and with
no Slack to reach, against a process that only imports the libraries the bot is made of. Then the catalog is asked for
without a pause, 16 at a time, and memory is read ten times: the slope is that of its second half. A quick run takes a
minute of traffic; HOMEROOM_BENCH_MINUTES=10 takes ten. The demo is started a second time, until its page can be got.

Of the memory 11 MB are Python's own, 18 SQLAlchemy's, 9 our tables and statements, 7 pydantic's and SQLModel's, 4
those of TLS; 9 come with the first statements, threads and pages of the database, and nothing much after that. One
more comes with the first lesson that is read, and with it what reads Markdown; here nobody reads one.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path
from statistics import linear_regression, median
from tempfile import TemporaryDirectory
from time import monotonic, sleep

import httpx

from tests.benchmarks import asking, load, servers
from tests.benchmarks.cores import SERVER, on_core
from tests.benchmarks.figures import Figure, at_most, ratios
from tests.benchmarks.rounds import interleave
from tests.benchmarks.school import Size, furnish

LOADED = """
import sys
from bot import cli, program, serving
ours = ("bot", "handlers", "models", "tests")
print(*(name for name in list(sys.modules) if name.partition(".")[0] not in (*ours, *sys.stdlib_module_names)))
"""
"""Names every module of others that the bot has loaded when it serves, in the order they were loaded."""
IMPORTING = """
import contextlib, importlib, sys
for name in sys.argv[1:]:
    with contextlib.suppress(ImportError):
        importlib.import_module(name)
"""
NOBODY = 9
"""A port where no Slack listens (discard, RFC 863)."""
READINGS = 10


def measure() -> list[Figure]:
    """The start, the memory, and the demo's second start."""
    minutes = float(os.environ.get("HOMEROOM_BENCH_MINUTES", "1"))
    with TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'school.db'}"
        furnish(url, Size())
        libraries = subprocess.run(
            [sys.executable, "-c", LOADED], cwd=servers.ROOT, check=True, capture_output=True, text=True
        ).stdout.split()
        took = interleave({"bot": lambda: _first_answer(url), "imports": lambda: _imports(libraries)}, 15)
        memory = _memory(url, folder, minutes)
        demo = _demo(folder)
    second = memory[len(memory) // 2 :]
    slope = linear_regression([at for at, _ in second], [megabytes for _, megabytes in second]).slope
    return [
        Figure(
            "start to first answer against bare imports, no network",
            ratios(took["bot"], took["imports"]),
            at_most(1.4),
            f"{median(took['bot']):.2f} s against {median(took['imports']):.2f} s",
        ),
        Figure(
            f"memory after {minutes:g} min of traffic",
            (max(megabytes for _, megabytes in memory),),
            at_most(90),
            f"{memory[0][1]:.0f} MB after the first requests",
            unit="MB",
        ),
        Figure("memory gained in a minute of traffic, second half", (max(slope, 0.0),), at_most(0.5), "", unit="MB"),
        Figure("`make demo`, second start to a page that can be used", tuple(demo), at_most(2), "", unit="s"),
    ]


def _first_answer(url: str) -> float:
    """Seconds until a new bot has answered the catalog."""
    body = asking.catalog(1)
    started = monotonic()
    with servers.homeroom(url, NOBODY) as bot:
        answer = httpx.post(f"http://127.0.0.1:{bot.port}/slack/events", content=body, headers=asking.signed(body))
        took = monotonic() - started
    assert answer.json()["blocks"]
    return took


def _imports(libraries: list[str]) -> float:
    """Seconds a process takes that only imports these."""
    started = monotonic()
    with on_core(SERVER):
        subprocess.run([sys.executable, "-c", IMPORTING, *libraries], check=True)
    return monotonic() - started


def _memory(url: str, folder: Path, minutes: float) -> list[tuple[float, float]]:
    """Minutes since the first requests, and the bot's megabytes then."""
    with servers.slack() as slack, servers.homeroom(url, slack.port) as bot:
        read = []
        asking.write(folder / "asked", asking.catalogs())
        load.run([bot.port], folder / "asked", 16, 5)
        started = monotonic()
        read.append((0.0, bot.resident_mb))
        for _ in range(READINGS):
            asking.write(folder / "asked", asking.catalogs())
            load.run([bot.port], folder / "asked", 16, max(1, round(minutes * 60 / READINGS)))
            read.append(((monotonic() - started) / 60, bot.resident_mb))
    return read


def _demo(folder: Path) -> list[float]:
    """Seconds of each second start of the demo."""
    kept, port = folder / "demo", servers.free_port()
    _until_its_page(kept, port)
    return [_until_its_page(kept, port) for _ in range(5)]


def _until_its_page(kept: Path, port: int) -> float:
    started = monotonic()
    command = [*servers.HOMEROOM, "demo", "--port", str(port), "--folder", str(kept), "--no-open"]
    process = subprocess.Popen(command, cwd=servers.ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not _has_page(port):
            assert process.poll() is None
            assert monotonic() - started < servers.STARTS_WITHIN
            sleep(0.01)
        return monotonic() - started
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _has_page(port: int) -> bool:
    """Whether the page is there, and the bot behind it has its people."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
