"""Help lines: that each can be dialled, was read somewhere, and is there when somebody needs it."""

import os
import re
import unicodedata
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.utils import translation

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
    numbers = [number for number in (line.dial, line.sms_dial) if number]
    assert numbers or line.address
    assert all(re.fullmatch(r"\+?\d{3,15}", number) for number in numbers)
    assert bool(line.number) == bool(line.dial)


@each_line
def test_a_line_speaks_of_itself_in_both_languages(code, line):
    for words in (line.name, line.whom, *([line.hours] if line.hours else [])):
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
        numbers = [line.dial for line in country.lines if line.number]
        assert len(set(numbers)) == len(numbers), country.code


def test_numbers_of_life_and_death_are_as_they_were_read():
    """Typed a second time, so that a slip of the finger in the list cannot pass."""
    assert {(country.code, line.dial) for country in countries() for line in country.lines if line.number} == {
        ("PL", "112"),
        ("PL", "116123"),
        ("PL", "800702222"),
        ("PL", "116111"),
        ("PL", "800121212"),
        ("PL", "800120002"),
        ("PL", "800199990"),
        ("PL", "800108108"),
        ("UA", "103"),
        ("UA", "102"),
        ("UA", "112"),
        ("UA", "7333"),
        ("UA", "1547"),
        ("UA", "116111"),
        ("DE", "112"),
        ("DE", "08001110111"),
        ("DE", "116016"),
        ("GB", "999"),
        ("GB", "111"),
        ("GB", "116123"),
        ("GB", "08082000247"),
        ("IE", "112"),
        ("IE", "116123"),
        ("US", "911"),
        ("US", "988"),
        ("US", "18007997233"),
        ("CZ", "112"),
        ("CZ", "116123"),
        ("CZ", "116111"),
        ("CZ", "116006"),
        ("FR", "112"),
        ("FR", "3114"),
        ("ES", "112"),
        ("ES", "024"),
        ("NL", "112"),
        ("NL", "113"),
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


def test_the_emergency_number_is_told_apart_and_missing_where_it_is_not_known():
    assert [lines_for(code).emergency for code in ("PL", "GB", "US", "UA", "IT", "JP")] == [
        "112",
        "999",
        "911",
        "103",
        "112",
        "",
    ]


def test_words_are_said_in_the_language_of_whoever_reads():
    blue_line = next(line for line in lines_for("PL").lines if line.kind == "violence")
    with translation.override("pl"):
        assert (str(blue_line.name), str(blue_line.hours)) == ("Niebieska Linia", "całą dobę, codziennie")
    with translation.override("en"):
        assert (str(blue_line.name), str(blue_line.hours)) == (
            "Blue Line: violence at home",
            "day and night, every day",
        )


def test_a_country_is_found_however_its_letters_are_typed():
    assert lines_for("pl") == lines_for(" PL ") == lines_for("PL")


def test_a_country_of_the_union_without_lines_of_its_own_still_has_112():
    italy = lines_for("IT")
    assert (italy.code, italy.lines[0].dial) == ("", "112")
    assert [line.kind for line in italy.lines[1:]] == ["directory", "directory"]
    assert len(read().union.members) == 27


@pytest.mark.parametrize("code", ["JP", "", "XX", "Polska", "../PL"])
def test_anywhere_else_there_is_a_way_to_find_help(code):
    assert lines_for(code) == read().elsewhere
    assert all(line.address for line in lines_for(code).lines)


def test_what_is_not_known_is_not_told():
    grief = next(line for line in lines_for("PL").lines if line.kind == "grief")
    assert grief.hours == ""
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
number = "22 000 00 00"
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
    assert lines_for("PL", own).lines[0].told_hours.en == "8:00 to 16:00"
    assert lines_for("DE", own).lines[0].number == "112"
    assert len(countries()) > 1


def test_without_a_list_of_ones_own_the_shipped_one_is_shown(tmp_path):
    assert lines_for("PL", tmp_path / "helplines.toml") == lines_for("PL")


def test_a_changed_list_is_read_again(tmp_path):
    own = own_list(tmp_path)
    assert lines_for("PL", own).lines[0].number == "22 000 00 00"
    own_list(tmp_path, (OWN + REST).replace("22 000 00 00", "22 111 11 11"))
    os.utime(own, ns=(1, 1))
    assert lines_for("PL", own).lines[0].number == "22 111 11 11"


def test_a_broken_list_leaves_nobody_without_a_number(tmp_path, caplog):
    own = own_list(tmp_path, OWN.replace('kind = "crisis"', 'kind = "crysis"') + REST)
    assert lines_for("PL", own) == lines_for("PL")
    assert f"{own}:6" in caplog.text


def test_the_list_is_read_from_the_disk_once(tmp_path, monkeypatch):
    own = own_list(tmp_path)
    lines_for("PL", own)
    monkeypatch.setattr(helplines.toml, "read", None)  # would fail if it were read again
    assert lines_for("PL", own).lines[0].number == "22 000 00 00"


WRONG = [
    ('number = "22 000 00 00"', 'number = "dwa dwa"', "number =", "as one dials it"),
    ('number = "22 000 00 00"', "number = 220000000", "number =", "words in quotation marks"),
    ('number = "22 000 00 00"\n', "", "[[countries.PL.lines]]", "nobody could reach it"),
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
