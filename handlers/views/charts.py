"""Pictures of a course's numbers, drawn so that they read on a light and on a dark Slack."""

import io
from collections.abc import Sequence

from models.stats import Funnel, InAll, Week

INK, PAPER, MAIN, SECOND, LOST = "#1d1c1d", "#f7f5f0", "#1f6f5c", "#d08a2c", "#b4553a"
"""Opaque paper under dark ink: a transparent picture would lose its words on a dark Slack."""
MOST_STEPS = 30
LONGEST_LABEL = 28


def course(title: str, weeks: Sequence[Week], funnel: Funnel) -> bytes:
    """A PNG: who enrolled and finished, week by week, above how far people come, lesson by lesson."""
    steps = funnel.steps[:MOST_STEPS]
    height = 3.6 + 0.32 * max(len(steps), 3)
    figure = _figure(height)
    over_time, by_lesson = figure.subplots(2, 1, height_ratios=[2.6, max(height - 3.6, 1.2)])
    _over_time(over_time, weeks)
    names = [f"{_short(step.title)}  " for step in steps]
    places = range(len(steps))
    bars = by_lesson.barh(places, [step.done for step in steps], color=MAIN)
    labels = [f"{step.done:,}" for step in steps]
    if funnel.dropoff is not None and funnel.dropoff[0] in steps:
        step, lost = funnel.dropoff
        at = steps.index(step)
        gone = by_lesson.barh([at], [lost], left=[step.done], color="none", edgecolor=LOST, hatch="////", linewidth=1)
        by_lesson.bar_label(gone, labels=[f"{step.done:,}: {lost:,} stop before it"], padding=4, color=LOST)
        labels[at] = ""
    by_lesson.set_yticks(places, names)
    by_lesson.invert_yaxis()
    by_lesson.bar_label(bars, labels=labels, padding=4, color=INK)
    by_lesson.set_xlim(0, max(funnel.learners, 1) * 1.35)
    _bare(by_lesson, f"Completed each lesson, of {funnel.learners:,}")
    by_lesson.xaxis.set_visible(False)
    return _png(figure, _short(title, 60))


def all_courses(weeks: Sequence[Week], courses: Sequence[InAll]) -> bytes:
    """A PNG: who enrolled and finished anywhere, week by week, above the largest courses."""
    shown = courses[:10]
    height = 3.6 + 0.42 * max(len(shown), 3)
    figure = _figure(height)
    over_time, by_course = figure.subplots(2, 1, height_ratios=[2.6, max(height - 3.6, 1.2)])
    _over_time(over_time, weeks)
    places = range(len(shown))
    by_course.barh(places, [one.learners for one in shown], color="#cfd8d3")
    bars = by_course.barh(places, [min(one.finished, one.learners) for one in shown], color=MAIN)
    by_course.bar_label(bars, labels=[f"{one.finished:,} of {one.learners:,}" for one in shown], padding=4, color=INK)
    by_course.set_yticks(places, [f"{_short(one.title)}  " for one in shown])
    by_course.invert_yaxis()
    by_course.xaxis.set_visible(False)
    _bare(by_course, "Finished, of those enrolled")
    return _png(figure, "All courses")


def _figure(height: float):  # type: ignore[no-untyped-def]
    # Half a second and forty megabytes, which only whoever asks for a picture should cost.
    from matplotlib.figure import Figure

    return Figure(figsize=(9, height), dpi=120, facecolor=PAPER, layout="constrained")


def _over_time(axes, weeks: Sequence[Week]) -> None:  # type: ignore[no-untyped-def]
    places = range(len(weeks))
    axes.bar([place - 0.2 for place in places], [week.enrolled for week in weeks], 0.38, color=MAIN, label="enrolled")
    axes.bar([place + 0.2 for place in places], [week.finished for week in weeks], 0.38, color=SECOND, label="finished")
    axes.set_xticks(places, [f"{week.begins_at.day} {week.begins_at:%b}" for week in weeks])
    axes.tick_params(axis="x", labelsize=8)
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.legend(frameon=False, labelcolor=INK, loc="upper left", ncols=2)
    axes.margins(y=0.25)
    _bare(axes, "Each of the last twelve weeks")


def _bare(axes, title: str) -> None:  # type: ignore[no-untyped-def]
    axes.set_facecolor(PAPER)
    axes.set_title(title, color=INK, fontsize=11, loc="left")
    axes.tick_params(colors=INK, length=0)
    for side in axes.spines.values():
        side.set_visible(False)


def _png(figure, title: str) -> bytes:  # type: ignore[no-untyped-def]
    figure.suptitle(title, color=INK, fontsize=15, fontweight="bold", x=0.02, ha="left")
    figure.get_layout_engine().set(w_pad=0.2, h_pad=0.15, hspace=0.06)
    written = io.BytesIO()
    figure.savefig(written, format="png")
    return written.getvalue()


def _short(text: str, limit: int = LONGEST_LABEL) -> str:
    text = text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
    # matplotlib takes what stands between two dollar signs for a formula.
    return text.replace("$", r"\$")
