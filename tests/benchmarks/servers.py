"""Servers: programs started for a benchmark, what they cost, and their end."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from tests.benchmarks.cores import LOAD, SERVER, on_core
from tests.benchmarks.school import SECRET, TOKEN

ROOT = Path(__file__).parents[2]
STARTS_WITHIN = 60


@dataclass(frozen=True, slots=True)
class Server:
    """A program that listens on a port of this machine."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def cpu_seconds(self) -> float:
        """Seconds of processor it has used, its own and the system's for it."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def resident_mb(self) -> float:
        """Megabytes of memory it holds now."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def started(
    command: Sequence[str | Path], port: int, *, core: int | None, env: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """A program while the block runs, from when it listens on its port."""
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("w+b") as log:
        with on_core(core):
            process = subprocess.Popen(
                command,
                cwd=folder,
                env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0", **(env or {})},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            try:
                _wait_for(port, process)
            except RuntimeError as error:
                log.seek(0)
                raise RuntimeError(f"{error}\n{log.read().decode()}") from None
            yield Server(process, port)
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def slack() -> Iterator[Server]:
    """A Slack that says yes to everything, on the core of the load."""
    port = free_port()
    with started([sys.executable, "-m", "tests.benchmarks.slack", str(port)], port, core=LOAD) as server:
        yield server


@contextmanager
def homeroom(
    url: str, slack_port: int, *, pinned: bool = True, core: int | None = SERVER, app_token: str = ""
) -> Iterator[Server]:
    """The bot as it is run, ``homeroom serve``."""
    port = free_port()
    env = environment(url, slack_port, port) | ({"SLACK_APP_TOKEN": app_token} if app_token else {})
    with started([*HOMEROOM, "serve"], port, core=core if pinned else None, env=env) as server:
        yield server


@contextmanager
def floor(path: Path, *, pinned: bool = True, socket_url: str = "") -> Iterator[Server]:
    """The least that can answer the same, on a SQLite file; a bare client of a socket where there is one."""
    port = free_port()
    command = (sys.executable, "-m", "tests.benchmarks.floor", str(port), path, *([socket_url] if socket_url else ()))
    with started(command, port, core=SERVER if pinned else None) as server:
        yield server


def environment(url: str, slack_port: int, port: int) -> dict[str, str]:
    """The settings of a bot on this database."""
    return {
        "DATABASE_URL": url,
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": f"http://127.0.0.1:{slack_port}/api/",
        "PORT": str(port),
    }


HOMEROOM = (sys.executable, "-m", "bot")
"""How the console script ``homeroom`` starts."""


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = monotonic() + STARTS_WITHIN
    while process.poll() is None and monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 0.5).close()
        except OSError:
            sleep(0.005)
        else:
            return
    raise RuntimeError("It did not start.")
