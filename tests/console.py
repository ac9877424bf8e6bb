"""The console as a person at a shell has it: each command a process of its own, forked from one that has loaded it.

Loading takes a second of a processor and would be most of what these tests do.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from bot import cli
from bot.loading import loading

ROOT = Path(__file__).parents[1]


def run(
    *words: str, url: str = "", cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run ``homeroom`` with these words, with nobody at the terminal."""
    given = {"PATH": os.environ["PATH"], "DATABASE_URL": url} | dict(env or {})
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        asked = {"words": words, "env": given, "cwd": str(cwd or ROOT), "out": str(out), "err": str(err)}
        parent = _parent()
        assert parent.stdin is not None
        assert parent.stdout is not None
        parent.stdin.write(json.dumps(asked) + "\n")
        parent.stdin.flush()
        code = int(parent.stdout.readline())
        return subprocess.CompletedProcess(["homeroom", *words], code, out.read_text(), err.read_text())


@lru_cache
def _parent() -> "subprocess.Popen[str]":
    """The process that commands are forked from; it ends with this one, whose end closes its input."""
    command = [sys.executable, "-m", "tests.console"]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )


def _fork(asked: Mapping[str, Any]) -> int:
    """Run one command in a child; its exit code."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    try:
        os.environ.clear()
        os.environ.update(asked["env"])
        os.chdir(asked["cwd"])
        for number, path, how in ((0, os.devnull, os.O_RDONLY), (1, asked["out"], _WRITES), (2, asked["err"], _WRITES)):
            os.dup2(os.open(path, how, 0o600), number)
        sys.argv = ["homeroom", *asked["words"]]
        code = _main()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


_LOADED_LATE = ("bot.checks", "bot.manifest", "bot.matching", "bot.program", "models.migrations", "rich.console")
"""What commands load only when they need it."""
_WRITES = os.O_WRONLY | os.O_CREAT


def _main() -> int:
    try:
        cli.main()
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else int(done.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def _serve() -> None:
    with loading():
        cli.add_commands()
        for name in _LOADED_LATE:
            import_module(name)
    for line in sys.stdin:
        print(_fork(json.loads(line)), flush=True)


if __name__ == "__main__":
    _serve()
