"""What somebody's phone fetches before it shows the first page, as a real house sends it: little, and from nowhere else."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from tests.doors.processes import HOUSE, House, Reply, ask, environment, house
from tests.tables import Tables

MOST = 60_000  # bytes over the wire, heads included, for a browser that knows no more than gzip
FETCHED = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src", "use": "href"}
IN_FILES = {
    ".js": re.compile(r"""\b(?:from|import)\b\s*\(?\s*["']([^"']+)["']"""),
    ".css": re.compile(r"""(?:@import\s+(?:url\()?|\burl\()\s*["']?([^"')\s]+)"""),
}


@pytest.fixture(scope="module")
def open_community(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """With the longest list of topics of those that come with the house."""
    data = tmp_path_factory.mktemp("first-page")
    tables.begin(data)
    create = [sys.executable, "-m", "nawzajem", "programme", "create", "--blueprint", "open-community"]
    subprocess.run(create, env=environment(data), cwd=HOUSE, check=True, capture_output=True)
    with house(data) as one:
        yield one.until_open()


class Fetched(HTMLParser):
    """What a browser asks for on its own, having read a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if (wanted := FETCHED.get(tag)) and said.get(wanted):
            self.addresses.append(said[wanted] or "")


def fetch(port: int, path: str, language: str = "pl") -> Reply:
    return ask(port, "GET", path, Accept_Encoding="gzip", Accept_Language=language)


def words_of(reply: Reply) -> str:
    return (gzip.decompress(reply.body) if reply.header("content-encoding") == ["gzip"] else reply.body).decode()


def weight(reply: Reply) -> int:
    return (
        len(reply.body)
        + sum(len(f"{name}: {value}\r\n") for name, value in reply.headers)
        + len("HTTP/1.1 200 OK\r\n\r\n")
    )


def visited(one: House, language: str) -> dict[str, Reply]:
    """The first page, and all that it asks for, and that those ask for."""
    front = fetch(one.port, "/", language).header("location")[0]
    page = fetch(one.port, front, language)
    got, wanted = {front: page}, [urljoin(front, each) for each in Fetched(words_of(page)).addresses]
    while wanted:
        address = wanted.pop()
        assert not urlsplit(address).netloc, f"{address} is somewhere else"
        path = urlsplit(address).path
        if path not in got and not address.startswith("data:"):
            got[path] = fetch(one.port, path)
            assert got[path].status == 200, path
            within = IN_FILES.get(Path(path).suffix)
            wanted += [urljoin(path, each) for each in within.findall(words_of(got[path]))] if within else []
    return got


@pytest.mark.parametrize("language", ["pl", "en"])
def test_the_first_page_is_light_and_asks_nobody_else(open_community: House, language: str) -> None:
    got = visited(open_community, language)
    assert {Path(path).suffix for path in got} >= {".css", ".js", ".svg"}, "not all was found that a page asks for"
    assert f'lang="{language}"' in words_of(next(iter(got.values())))
    assert sum(map(weight, got.values())) < MOST, {path: weight(reply) for path, reply in got.items()}


def test_pages_and_files_are_sent_compressed(open_community: House) -> None:
    got = visited(open_community, "pl")
    long = {path: reply for path, reply in got.items() if len(words_of(reply)) > 1000}
    assert {path for path, reply in long.items() if reply.header("content-encoding") != ["gzip"]} == set()
    assert all("Accept-Encoding" in ", ".join(reply.header("vary")) for reply in long.values())


def test_files_are_asked_for_once_and_kept(open_community: House) -> None:
    front, *files = visited(open_community, "pl").items()
    for path, reply in files:
        assert "immutable" in reply.header("cache-control")[0], path
    assert not front[1].header("cache-control") or "immutable" not in front[1].header("cache-control")[0]


def test_files_of_the_house_fetch_nothing_from_elsewhere() -> None:
    """Also those that the first page does not need."""
    own = [path for path in (HOUSE / "nawzajem" / "static").rglob("*") if path.suffix in {".js", ".css", ".svg"}]
    assert len(own) > 10
    found = {path.name: hosts for path in own if (hosts := _hosts(path))}
    assert found == {}


def _hosts(path: Path) -> list[str]:
    namespace = "http://www.w3.org/2000/svg"  # a name, not an address
    return re.findall(r"(?:https?:)?//[\w.-]+\.[a-z]{2,}", path.read_text().replace(namespace, ""))


def test_words_for_the_search_come_apart_and_are_kept(open_community: House) -> None:
    front = fetch(open_community.port, "/").header("location")[0]
    page = fetch(open_community.port, front)
    address = re.search(r'<nz-topics[^>]* data-words="([^"]+)"', words_of(page))
    assert address
    words = fetch(open_community.port, address.group(1))
    assert "max-age" in words.header("cache-control")[0]
    assert "wdowa" in json.loads(words_of(words))["grief.partner"]
    assert "wdowa" not in words_of(page)
