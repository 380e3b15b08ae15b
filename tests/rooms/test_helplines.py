"""Help lines: that each can be dialled, was read somewhere, and is there when somebody needs it."""

import os
import re
import unicodedata
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from nawzajem.safety import helplines
from nawzajem.safety.helplines import SHIPPED, BadHelplines, Country, Line, countries, lines_for, read

ALL: list[tuple[str, Line]] = [
    *((country.code, line) for country in countries() for line in country.lines),
    *(("EU", line) for line in read().union.lines),
    *(("elsewhere", line) for line in read().elsewhere.lines),
]
each_line = pytest.mark.parametrize(("code", "line"), ALL, ids=[f"{code} {line.name.en}" for code, line in ALL])


# Every line


@each_line
def test_a_line_names_the_page_it_was_read_on_and_the_day(code, line):
    assert re.match(r"https?://", line.source)
    assert date(2026, 1, 1) <= line.checked <= datetime.now(UTC).date()


@each_line
def test_a_line_can_be_reached_with_one_touch(code, line):
    links = [link for link in (line.tel_link, line.sms_link) if link]
    assert links or line.web
    for link in links:
        assert re.fullmatch(r"(tel|sms):\+?\d{3,15}", link)


@each_line
def test_a_line_speaks_of_itself_in_both_languages(code, line):
    for words in (line.name, line.whom, *([line.open] if line.open else [])):
        for text in (words.pl, words.en):
            assert text
            assert "!" not in text
            assert all("LATIN" in unicodedata.name(c) for c in text if c.isalpha())
    assert line.whom.pl != line.whom.en


@each_line
def test_languages_are_two_small_letters(code, line):
    assert all(re.fullmatch(r"[a-z]{2}", language) for language in line.languages)


def test_a_number_stands_once_in_a_country():
    for country in countries():
        numbers = [line.tel_link for line in country.lines if line.tel]
        assert len(set(numbers)) == len(numbers), country.code


def test_numbers_of_life_and_death_are_as_they_were_read():
    """Typed a second time, so that a slip of the finger in the list cannot pass."""
    assert {(country.code, line.tel_link) for country in countries() for line in country.lines if line.tel} == {
        ("PL", "tel:112"),
        ("PL", "tel:116123"),
        ("PL", "tel:800702222"),
        ("PL", "tel:116111"),
        ("PL", "tel:800121212"),
        ("PL", "tel:800120002"),
        ("PL", "tel:800199990"),
        ("PL", "tel:800108108"),
        ("UA", "tel:103"),
        ("UA", "tel:102"),
        ("UA", "tel:112"),
        ("UA", "tel:7333"),
        ("UA", "tel:1547"),
        ("UA", "tel:116111"),
        ("DE", "tel:112"),
        ("DE", "tel:08001110111"),
        ("DE", "tel:116016"),
        ("GB", "tel:999"),
        ("GB", "tel:111"),
        ("GB", "tel:116123"),
        ("GB", "tel:08082000247"),
        ("IE", "tel:112"),
        ("IE", "tel:116123"),
        ("US", "tel:911"),
        ("US", "tel:988"),
        ("US", "tel:18007997233"),
        ("CZ", "tel:112"),
        ("CZ", "tel:116123"),
        ("CZ", "tel:116111"),
        ("CZ", "tel:116006"),
        ("FR", "tel:112"),
        ("FR", "tel:3114"),
        ("ES", "tel:112"),
        ("ES", "tel:024"),
        ("NL", "tel:112"),
        ("NL", "tel:113"),
    }


# Every country


def test_every_country_begins_with_its_emergency_number_and_has_somebody_to_talk_to():
    for country in countries():
        kinds = [line.kind for line in country.lines]
        assert kinds[0] == "emergency", country.code
        assert "crisis" in kinds, country.code


def test_poland_comes_first_with_help_for_adults_children_violence_addiction_and_grief():
    first = countries()[0]
    assert first.code == "PL"
    assert {line.kind for line in first.lines} == {"emergency", "crisis", "children", "violence", "addiction", "grief"}


def test_somewhere_in_every_country_somebody_answers_day_and_night():
    for country in countries():
        assert any(line.always for line in country.lines), country.code


def test_a_country_is_found_however_its_letters_are_typed():
    assert lines_for("pl") == lines_for(" PL ") == lines_for("PL")


def test_a_country_of_the_union_without_lines_of_its_own_still_has_112():
    italy = lines_for("IT")
    assert (italy.code, italy.lines[0].tel_link) == ("", "tel:112")
    assert [line.kind for line in italy.lines[1:]] == ["directory", "directory"]
    assert len(read().union.members) == 27


@pytest.mark.parametrize("code", ["JP", "", "XX", "Polska", "../PL"])
def test_anywhere_else_there_is_a_way_to_find_help(code):
    assert lines_for(code) == read().elsewhere
    assert all(line.web for line in lines_for(code).lines)


def test_what_is_not_known_is_not_told():
    grief = next(line for line in lines_for("PL").lines if line.kind == "grief")
    assert grief.open is None
    assert lines_for("UA").lines[3].free is None


# A list of one's own


OWN = """\
[countries.PL]
name.pl = "Polska"
name.en = "Poland"

[[countries.PL.lines]]
kind = "crisis"
name.pl = "Psycholog dyżurny"
name.en = "Psychologist on call"
tel = "22 000 00 00"
whom.pl = "pracownicy"
whom.en = "staff"
hours.pl = "8–16"
hours.en = "8:00 to 16:00"
languages = ["pl"]
source = "https://example.org/help"
checked = 2026-11-22

"""
REST = SHIPPED.read_text(encoding="utf-8")
REST = REST[REST.index("[union]") :]


def own_list(folder: Path, text: str = OWN + REST) -> Path:
    path = folder / "helplines.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_organisations_own_list_replaces_the_shipped_one(tmp_path):
    own = own_list(tmp_path)
    assert [country.code for country in countries(own)] == ["PL"]
    assert lines_for("PL", own).lines[0].open.en == "8:00 to 16:00"
    assert lines_for("DE", own).lines[0].tel == "112"
    assert len(countries()) > 1


def test_without_a_list_of_ones_own_the_shipped_one_is_shown(tmp_path):
    assert lines_for("PL", tmp_path / "helplines.toml") == lines_for("PL")


def test_a_changed_list_is_read_again(tmp_path):
    own = own_list(tmp_path)
    assert lines_for("PL", own).lines[0].tel == "22 000 00 00"
    own_list(tmp_path, (OWN + REST).replace("22 000 00 00", "22 111 11 11"))
    os.utime(own, ns=(1, 1))
    assert lines_for("PL", own).lines[0].tel == "22 111 11 11"


def test_a_broken_list_leaves_nobody_without_a_number(tmp_path, caplog):
    own = own_list(tmp_path, OWN.replace('kind = "crisis"', 'kind = "crysis"') + REST)
    assert lines_for("PL", own) == lines_for("PL")
    assert f"{own}:6" in caplog.text


def test_the_list_is_read_from_the_disk_once(tmp_path, monkeypatch):
    own = own_list(tmp_path)
    lines_for("PL", own)
    monkeypatch.setattr(helplines.toml, "read", None)  # would fail if it were read again
    assert lines_for("PL", own).lines[0].tel == "22 000 00 00"


WRONG = [
    ('tel = "22 000 00 00"', 'tel = "dwa dwa"', "tel =", "as one dials it"),
    ('tel = "22 000 00 00"', "tel = 220000000", "tel =", "words in quotation marks"),
    ('tel = "22 000 00 00"\n', "", "[[countries.PL.lines]]", "nobody could reach it"),
    ('kind = "crisis"', 'kind = "crysis"', "kind", "should be 'emergency'"),
    ('whom.en = "staff"\n', "", "whom.pl", "whom.en is missing"),
    ('hours.pl = "8–16"', 'always = true\nhours.pl = "8–16"', "[[countries", "keep one of the two"),
    ("https://example.org/help", "example.org", "source", "begins with https://"),
    ("checked = 2026-11-22\n\n", "\n", "[[countries", "checked is missing"),
    ("checked = 2026-11-22\n\n", 'checked = "lately"\n\n', "checked", "a day such as"),
    ('languages = ["pl"]', 'languages = "pl"', "languages", "should be a list"),
    ('languages = ["pl"]', 'languages = ["pl"]\nlangs = 1', "langs", "no 'countries.PL.lines.langs'"),
    ("[[countries.PL.lines]]", "[[countries.pl.lines]]", "[[countries.pl", "two capital letters"),
]


@pytest.mark.parametrize(("was", "now", "mark", "says"), WRONG)
def test_a_wrong_list_is_told_with_its_line(tmp_path, was, now, mark, says):
    assert (OWN).count(was) >= 1
    text = OWN.replace(was, now) + REST
    with pytest.raises(BadHelplines) as bad:
        read(own_list(tmp_path, text))
    line = text[: text.index(mark)].count("\n") + 1
    assert any(one.line == line and says in one.what for one in bad.value.problems), str(bad.value)


def test_a_country_does_not_change_once_read():
    country: Country = lines_for("PL")
    with pytest.raises(ValueError, match="frozen"):
        country.code = "DE"  # type: ignore[misc]
