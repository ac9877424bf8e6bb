"""docs/performance.md and its picture, made from everything measured so far, which docs/performance.json keeps."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.benchmarks.figures import Figure, Goal, told

DOCS = Path(__file__).parents[2] / "docs"
KEPT, PAGE, PICTURE = DOCS / "performance.json", DOCS / "performance.md", DOCS / "performance.png"
INK, PAPER, GOOD, SHORT = "#1d1c1d", "#f7f5f0", "#1f6f5c", "#b4553a"
INTRODUCTION = """# Performance

`make bench` measures all of this again and writes this page; `.venv/bin/python -m tests.benchmarks NAME…` measures some
of it and leaves the rest as it was. A ratio is taken within a round, and the variants take turns round by round in one
run, so that a machine that slows down slows both sides. What counts is the median; the spread is the lowest and the
highest round.

![How far each figure is from its goal](performance.png)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One benchmark's figures, and where and when they were measured."""

    measured_on: str
    machine: str
    figures: tuple[Figure, ...]


def keep(name: str, figures: Sequence[Figure]) -> None:
    """Put a benchmark's new figures in the place of its older ones."""
    runs = kept() | {name: Run(f"{datetime.now(UTC):%Y-%m-%d}", _machine(), tuple(figures))}
    told_of = {name: asdict(run) for name, run in sorted(runs.items())}
    KEPT.write_text(json.dumps(told_of, indent=1, ensure_ascii=False) + "\n")


def kept() -> dict[str, Run]:
    """Every benchmark's figures as last measured, by its name."""
    if not KEPT.exists():
        return {}
    return {name: _run(run) for name, run in json.loads(KEPT.read_text()).items()}


def write(benchmarks: Sequence[ModuleType]) -> None:
    """The page: a section for each of these that was ever measured, introduced by the module's own words."""
    runs = kept()
    sections = []
    shown = []
    for benchmark in benchmarks:
        run = runs.get(name_of(benchmark))
        if run is None:
            continue
        shown += [figure for figure in run.figures if figure.goal is not None]
        title, _, how = (benchmark.__doc__ or "").partition("\n")
        when = f"Measured on {run.measured_on}, on {run.machine}."
        sections.append(
            f"## {title.rstrip('.')}\n\n{how.strip()}\n\n{table(run.figures)}\n\n{when}\n".replace("\n\n\n\n", "\n\n")
        )
    PAGE.write_text("\n".join([INTRODUCTION, *sections]))
    _draw(shown)


def name_of(benchmark: ModuleType) -> str:
    """What a benchmark is called on the command line and in the file: its module without ``bench_``."""
    return benchmark.__name__.rpartition(".")[2].removeprefix("bench_")


def table(figures: Sequence[Figure]) -> str:
    """Figures as a Markdown table."""
    lines = ["| what | measured | spread | must reach | behind it |", "|---|---|---|---|---|"]
    lines += [f"| {' | '.join(_cells(figure))} |" for figure in figures]
    return "\n".join(lines)


def _cells(figure: Figure) -> tuple[str, ...]:
    median, goal = figure.median, figure.goal
    measured = told(median, figure.unit)
    if goal is not None and not goal.reached_by(median):
        measured = f"**{measured}, short**"
    count = len(figure.rounds)
    low, high = told(min(figure.rounds), ""), told(max(figure.rounds), "")
    return (
        figure.what,
        measured,
        f"{low} to {high} in {count} rounds" if count > 1 else "one run",
        _must(goal, figure.unit) if goal is not None else "reported",
        figure.behind,
    )


def _must(goal: Goal, unit: str) -> str:
    value = f"{goal.bound} {goal.value:g}{unit if unit == '×' else f' {unit}'}"
    return f"{value}, {goal.also}" if goal.also else value


def _run(run: Mapping[str, Any]) -> Run:
    figures = [
        Figure(**one | {"rounds": tuple(one["rounds"]), "goal": Goal(**one["goal"]) if one["goal"] else None})
        for one in run["figures"]
    ]
    return Run(run["measured_on"], run["machine"], tuple(figures))


def _machine() -> str:
    return f"{len(os.sched_getaffinity(0))} cores, {platform.system()}, Python {platform.python_version()}"


def _draw(figures: Sequence[Figure]) -> None:
    """How many times better than its goal each figure is, its rounds as a line and its median as a dot."""
    from matplotlib.figure import Figure as Canvas
    from matplotlib.ticker import FuncFormatter

    canvas = Canvas(figsize=(11, 1.2 + 0.34 * len(figures)), dpi=110, facecolor=PAPER, layout="constrained")
    axes = canvas.subplots()
    axes.set_facecolor(PAPER)
    axes.axvspan(1e-9, 1, color="#eadfd5", zorder=0)
    axes.axvline(1, color=INK, linewidth=1, zorder=1)
    ends = [1.0]
    for place, figure in enumerate(figures):
        assert figure.goal is not None
        margins = sorted(figure.goal.margin(one) for one in figure.rounds)
        middle = figure.goal.margin(figure.median)
        color = GOOD if middle >= 1 else SHORT
        axes.plot([margins[0], margins[-1]], [place, place], color=color, linewidth=3, alpha=0.45, zorder=2)
        axes.plot([middle], [place], "o", color=color, markersize=7, zorder=3)
        ends += [margins[0], margins[-1]]
    axes.set_xscale("log")
    axes.set_xlim(min(ends) / 1.3, max(ends) * 1.3)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}×"))
    axes.xaxis.set_minor_formatter("")
    axes.set_yticks(range(len(figures)), [f"{_short(figure.what)}  " for figure in figures])
    axes.invert_yaxis()
    axes.tick_params(colors=INK, length=0, which="both")
    axes.set_title("Times better than the goal: median (dot) and all rounds (line)", color=INK, fontsize=11, loc="left")
    for side in axes.spines.values():
        side.set_visible(False)
    canvas.savefig(PICTURE, format="png")


def _short(text: str, limit: int = 72) -> str:
    text = text.replace("`", "").replace("$", r"\$")
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
