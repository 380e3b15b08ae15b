"""nawzajem words: the catalogue of Polish, kept in step with the source. For those who build the house.

English stands in the source. `locale/pl` holds all of it in Polish, to be read aloud; `locale/pl_Formal` holds only what
sounds different to somebody addressed as Pani or Pan, and is compiled together with the rest. `locale/en` holds what the
libraries say on pages that people see, in the words of this house.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import allauth
import django
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation.template import templatize

HOUSE = Path(__file__).resolve().parents[2]
PLAIN = HOUSE / "locale" / "pl" / "LC_MESSAGES" / "django.po"
ENGLISH = HOUSE / "locale" / "en" / "LC_MESSAGES" / "django.po"
FORMAL = HOUSE / "locale" / "pl_Formal" / "LC_MESSAGES" / "django.po"
LIBRARIES = [
    Path(django.__file__).parent / "conf" / "locale" / "pl" / "LC_MESSAGES" / "django.po",
    Path(django.__file__).parent / "contrib" / "auth" / "locale" / "pl" / "LC_MESSAGES" / "django.po",
    Path(allauth.__file__).parent / "locale" / "pl" / "LC_MESSAGES" / "django.po",
]
KEYWORDS: dict[str, Any] = {
    name: spec
    for names, spec in [
        (("gettext", "gettext_lazy", "gettext_noop", "_", "Chore"), None),
        (("ngettext", "ngettext_lazy"), (1, 2)),
        (("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
        (("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
    ]
    for name in names
}
PLURALS = (
    "nplurals=4; plural=(n==1 ? 0 : (n%10>=2 && n%10<=4) && (n%100<12 || n%100>14) ? 1 : "
    "n!=1 && (n%10>=0 && n%10<=1) || (n%10>=5 && n%10<=9) || (n%100>=12 && n%100<=14) ? 2 : 3);"
)
Key = tuple[str | None, str, str]  # context, singular, plural or ""


class Command(BaseCommand):
    help = "Brings the Polish catalogue in step with the source and compiles it; --check only says what is missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing; fail when something is missing or out of step"
        )

    def handle(self, *args: Any, check: bool = False, **options: Any) -> None:
        problems = list(in_step(found())) if check else renew(found())
        for problem in problems[:60]:
            self.stdout.write(problem)
        if problems and check:
            raise CommandError(f"{len(problems)} words are not in step.")
        self.stdout.write("The words are in step." if not problems else f"{len(problems)} words wait for their Polish.")


def found() -> dict[Key, list[str]]:
    """Every sentence of the source, and where it stands; and those of the libraries that we say in our own words."""
    sentences: dict[Key, list[str]] = {key: ["locale/en:1"] for key in _of_libraries()}
    for path in sorted([*HOUSE.rglob("*.py"), *HOUSE.rglob("*.html"), *HOUSE.rglob("templates/**/*.txt")]):
        if "migrations" in path.parts:
            continue
        for line, message, context in _sentences(path):
            one, many = (message, "") if isinstance(message, str) else (message[0], message[1])
            sentences.setdefault((context, one, many), []).append(f"{path.relative_to(HOUSE)}:{line}")
    return sentences


def _of_libraries() -> dict[Key, Any]:
    import polib

    return {_key(entry): entry for entry in polib.pofile(str(ENGLISH))}


def _sentences(path: Path) -> Iterator[tuple[int, Any, str | None]]:
    from babel.messages.extract import extract

    source = path.read_text()
    if path.suffix != ".py":
        source = re.sub(r"(?m)^[ \t]+", "", templatize(source))
    for line, message, _comments, context in extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS):
        yield line, message, context


def renew(sentences: dict[Key, list[str]]) -> list[str]:
    """New sentences are added empty, old ones dropped, and both catalogues compiled."""
    import polib

    known = {_key(entry): entry for entry in polib.pofile(str(PLAIN))} if PLAIN.exists() else {}
    fresh = polib.POFile(wrapwidth=120)
    fresh.metadata = {
        "Language": "pl",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURALS,
    }
    for key in sorted(sentences, key=lambda key: (sentences[key][0].rsplit(":", 1)[0], key[1])):
        entry = known.get(key) or _entry(key)
        entry.occurrences = [(place.rsplit(":", 1)[0], "") for place in dict.fromkeys(sentences[key])][:1]
        entry.flags = [flag for flag in entry.flags if flag == "fuzzy"] + (["python-format"] if "%(" in key[1] else [])
        fresh.append(entry)
    PLAIN.parent.mkdir(parents=True, exist_ok=True)
    fresh.save(str(PLAIN))
    for path, content in compiled().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return [f"{entry.occurrences[0][0]}: {entry.msgid}" for entry in fresh if not entry.translated()]


def _entry(key: Key) -> Any:
    import polib

    context, one, many = key
    plural = {"msgid_plural": many, "msgstr_plural": dict.fromkeys(range(4), "")} if many else {}
    return polib.POEntry(msgctxt=context, msgid=one, **plural)


def _key(entry: Any) -> Key:
    return entry.msgctxt, entry.msgid, entry.msgid_plural or ""


def compiled() -> dict[Path, bytes]:
    """Both compiled catalogues. The formal one holds everything: the libraries' Polish, ours, and then what differs."""
    import polib

    plain = polib.pofile(str(PLAIN))
    formal = polib.POFile()
    formal.metadata = plain.metadata
    everything: dict[Key, Any] = {}
    for path in [*LIBRARIES, PLAIN, *([FORMAL] if FORMAL.exists() else [])]:
        everything |= {_key(entry): entry for entry in polib.pofile(str(path)) if entry.translated()}
    formal.extend(sorted(everything.values(), key=lambda entry: (entry.msgctxt or "", entry.msgid)))
    catalogues = {ENGLISH: polib.pofile(str(ENGLISH)), PLAIN: plain, FORMAL: formal}
    return {path.with_suffix(".mo"): catalogue.to_binary() for path, catalogue in catalogues.items()}


def in_step(sentences: dict[Key, list[str]]) -> Iterator[str]:
    """What a check complains of."""
    import polib

    entries, libraries = {_key(entry): entry for entry in polib.pofile(str(PLAIN))}, _of_libraries()
    for key, places in sentences.items():
        if key not in entries or not entries[key].translated():
            yield f"{places[0]}: no Polish yet for: {key[1]}"
        elif "fuzzy" in entries[key].flags:
            yield f"{places[0]}: not certain: {key[1]}"
        elif _gaps(entries[key], libraries[key].msgstr if key in libraries and not key[2] else key[1] + key[2]):
            yield f"{places[0]}: other gaps than the English: {key[1]}"
    yield from (f"locale/pl: no longer in the source: {key[1]}" for key in entries.keys() - sentences.keys())
    formal = {_key(entry): entry for entry in polib.pofile(str(FORMAL))} if FORMAL.exists() else {}
    yield from (f"locale/pl_Formal: no longer in the source: {key[1]}" for key in formal.keys() - sentences.keys())
    for path, content in compiled().items():
        if not path.exists() or path.read_bytes() != content:
            yield f"{path.relative_to(HOUSE)}: not compiled; run `nawzajem words`"


def _gaps(entry: Any, english: str) -> bool:
    """Whether the Polish lacks or adds a %(name)s. A plural's singular may leave the number out."""
    wanted = _names(english)
    polish = entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]
    return any(_names(one) - wanted for one in polish) or (not entry.msgid_plural and _names(entry.msgstr) != wanted)


def _names(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]", text))
