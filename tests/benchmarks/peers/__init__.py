"""The same catalog as others would write it: Bolt as its guide has it, in Python and in JavaScript."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.cores import SERVER
from tests.benchmarks.servers import Server, environment, free_port, started

HERE = Path(__file__).parent / "javascript"


@contextmanager
def naive(path: Path, slack_port: int, *, pinned: bool = True) -> Iterator[Server]:
    """Bolt for Python in its default mode, behind its Starlette adapter."""
    port = free_port()
    env = environment(f"sqlite:///{path}", slack_port, port)
    with started(
        [sys.executable, "-m", "tests.benchmarks.peers.naive"], port, core=SERVER if pinned else None, env=env
    ) as server:
        yield server


@contextmanager
def javascript(program: str, path: Path, slack_port: int, *, pinned: bool = True) -> Iterator[Server]:
    """Bolt for JavaScript on better-sqlite3: ``guide`` as the guides write it, ``tuned`` asking what Homeroom asks by
    statements prepared once. Its packages are installed the first time.

    Raises RuntimeError where there is no Node.
    """
    if shutil.which("node") is None:
        raise RuntimeError("The peers in JavaScript need Node 20 or newer, with npm.")
    if not (HERE / "node_modules").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=HERE, check=True, stdout=subprocess.DEVNULL)
    port = free_port()
    env = environment(str(path), slack_port, port)
    with started(["node", HERE / f"{program}.js"], port, core=SERVER if pinned else None, env=env) as server:
        yield server
