"""docs/portal.md shows the portal that is tested."""

import re

from tests.neighbours.neighbour import ROOT

PAGE = (ROOT / "docs" / "portal.md").read_text(encoding="utf-8")
PORTAL = (ROOT / "tests" / "neighbours" / "portal.py").read_text(encoding="utf-8")
TEST = (ROOT / "tests" / "neighbours" / "test_fastapi_portal.py").read_text(encoding="utf-8")


def test_the_code_shown_is_the_code_tested() -> None:
    shown = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert len(shown) == PAGE.count("```python")
    assert [block for block in shown if block not in PORTAL] == []


def test_it_is_started_as_it_says() -> None:
    (start,) = re.findall(r"^    uvicorn (.+) portal:portal$", PAGE, re.MULTILINE)
    assert f'"uvicorn", "{start}", "tests.neighbours.portal:portal"' in TEST
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == re.findall(r'environ\["(\w+)"\]', PORTAL)
