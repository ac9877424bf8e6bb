"""Somebody with a web browser: follows redirects, keeps cookies, and can press only the buttons a page has."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

from tests import plain


@dataclass
class _Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)
    """Label, name and value of each button."""


class _Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[_Form] = []
        self.words: list[str] = []
        self._button: tuple[str, str] | None = None
        self._label: list[str] = []
        self._silent = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(_Form(given.get("action", "")))
        elif tag == "input" and self.forms and given.get("name"):
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        elif tag == "button":
            self._button, self._label = (given.get("name", ""), given.get("value", "")), []
        self._silent = tag in ("style", "script")

    def handle_endtag(self, tag: str) -> None:
        self._silent = False
        if tag == "button" and self._button is not None and self.forms:
            self.forms[-1].buttons.append((" ".join(" ".join(self._label).split()), *self._button))
            self._button = None

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)
            self._label.append(data)


class Surfer:
    """One browser, with cookies of its own."""

    def __init__(self) -> None:
        self.http = plain.client(follow_redirects=True, timeout=20)
        self.answer = httpx.Response(200)

    @property
    def words(self) -> str:
        """Everything the page says."""
        return " ".join(" ".join(_Page(self.answer.text).words).split())

    def opens(self, url: str) -> "Surfer":
        """They open an address."""
        self.answer = self.http.get(url)
        return self

    def presses(self, label: str) -> "Surfer":
        """They press the first button whose label holds these words."""
        for form in _Page(self.answer.text).forms:
            for shown, name, value in form.buttons:
                if label in shown:
                    fields = form.fields | ({name: value} if name else {})
                    self.answer = self.http.post(urljoin(str(self.answer.url), form.action), data=fields)
                    return self
        raise AssertionError(f"There is no button {label!r}: {self.words}")

    def form(self) -> tuple[str, dict[str, str]]:
        """The address and the hidden fields of the page's first form."""
        found = _Page(self.answer.text).forms[0]
        return urljoin(str(self.answer.url), found.action), found.fields

    def closes(self) -> None:
        """They close the browser."""
        self.http.close()
