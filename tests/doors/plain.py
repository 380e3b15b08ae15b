"""A browser without scripts: it reads the forms of a page, fills them in as somebody would, and sends what they hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.utils.translation import gettext, override

Held = dict[str, list[str]]


def says(english: str) -> str:
    """What the source says in English, as the cast reads it."""
    with override("pl"):
        words = gettext(english)
    assert words != english, f"no Polish for {english!r}"
    return words


@dataclass
class Form:
    """What it would send as it stands, and what may be typed and chosen in it."""

    action: str
    holds: Held = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)  # fields for words, of one line or of several
    offered: Held = field(default_factory=dict)  # by name: every choice there is, and what is hidden
    buttons: Held = field(default_factory=dict)

    def filled(self, **answers: str | list[str]) -> Held:
        unknown = answers.keys() - {*self.typed, *self.offered, *self.buttons}
        assert not unknown, f"{self.action} does not ask for {unknown}"
        return self.holds | {name: one if isinstance(one, list) else [one] for name, one in answers.items()}


class Page(HTMLParser):
    """A page as it came, with its words and its forms."""

    def __init__(self, answer: Any, address: str) -> None:
        super().__init__()
        self.status, self.address, self.words = answer.status_code, address, ""
        self.forms: list[Form] = []
        self.areas: list[str] = []  # what stands in fields of several lines
        self._form: Form | None = None
        self._area = False
        self._named = self._select = self._silent = ""
        self.html = answer.content.decode() if answer["Content-Type"].startswith("text/html") else ""
        self.feed(self.html)
        self.words = " ".join(self.words.split())

    def form(self, action: str = "", n: int = 0) -> Form:
        """The form that leads there; by default to this very page."""
        path = urlsplit(action or self.address).path
        found = [form for form in self.forms if urlsplit(form.action).path == path]
        assert found, (
            f"{self.address} has no form for {path}, only {[form.action for form in self.forms]}: {self.words}"
        )
        return found[n]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self._silent = tag if tag in {"script", "style", "title"} else ""
        if tag == "textarea":
            self.areas.append("")
            self._area = True
        if tag == "form" and said.get("method") == "post":
            self._form = Form(urljoin(self.address, said.get("action") or self.address))
            self.forms.append(self._form)
        if self._form is None:
            return
        match tag:
            case "input":
                _take_input(self._form, said)
            case "button" if said.get("name"):
                self._form.buttons.setdefault(said["name"], []).append(said.get("value", ""))
            case "textarea" if said.get("name"):
                self._named = said["name"]
                self._form.typed.append(self._named)
            case "select":
                self._select = said["name"]
                self._form.offered[self._select] = []
            case "option":
                offered = self._form.offered[self._select]
                if not offered or "selected" in said:
                    self._form.holds[self._select] = [said.get("value", "")]
                offered.append(said.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        self._silent = ""
        if tag == "form":
            self._form = None
        if tag == "textarea":
            self.areas[-1] = self.areas[-1].removeprefix("\n")  # as browsers do
            if self._form is not None and self._named:
                self._form.holds[self._named] = [self.areas[-1]]
            self._area, self._named = False, ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.areas[-1] += data
        if not self._silent:
            self.words += f" {data}"


def _take_input(form: Form, said: dict[str, str]) -> None:
    name, kind, value = said.get("name", ""), said.get("type", "text"), said.get("value", "")
    if not name:
        return
    if kind in {"radio", "checkbox"}:
        form.offered.setdefault(name, []).append(said.get("value", "on"))
        if "checked" in said:
            form.holds.setdefault(name, []).append(said.get("value", "on"))
        return
    if kind == "hidden":
        form.offered.setdefault(name, []).append(value)
    else:
        form.typed.append(name)
    form.holds[name] = [value]


@dataclass
class Browser:
    """Somebody at Django's test client. `ends_at` is the address of the last page."""

    client: Any

    def open(self, path: str) -> Page:
        return self._followed(self.client.get(path), path)

    def send(self, form: Form, **answers: str | list[str]) -> Page:
        return self.post(form.action, form.filled(**answers))

    def post(self, action: str, held: Held) -> Page:
        return self._followed(self.client.post(action, held), action)

    def _followed(self, answer: Any, path: str) -> Page:
        for _step in range(6):
            if answer.status_code not in {301, 302}:
                return Page(answer, path)
            path = urljoin(path, answer.url)
            answer = self.client.get(path)
        raise AssertionError(f"round and round at {path}")
