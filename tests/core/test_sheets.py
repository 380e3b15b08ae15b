import io
import re
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from nawzajem.core.matching import hours
from nawzajem.core.sheets import Vocabulary, matching_rows, problems, read_mapping, read_sheet
from nawzajem.core.sheets import table as tables
from nawzajem.core.sheets.problems import SENTENCES

WORDS = Vocabulary.of(
    [
        ("grief", ["Losing someone", "Żałoba"], ["pogrzeb"]),
        ("grief.partner", ["Losing a husband, wife or partner", "Śmierć męża, żony"], []),
        ("work", ["Work", "Praca"], []),
    ],
    [("heard", ["To be heard", "Żeby ktoś mnie wysłuchał"])],
    [("shifts", ["shift work", "praca na zmiany"])],
)


def read(text, mapping="", encoding="utf-8"):
    mapped, problems = read_mapping(mapping)
    assert not problems
    return read_sheet(text.encode(encoding) if isinstance(text, str) else text, WORDS, mapped)


def wrong(reading):
    return [(problem.code, problem.row, problem.column) for problem in reading.problems]


def workbook(*rows, name="Sheet", book=None):
    book = book or Workbook()
    book.active.title = name
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


# -- the plain format -------------------------------------------------------------------------------------------------


def test_a_row_that_asks_and_a_row_that_gives():
    reading = read(
        "pseudonym,role,topics,stage,since,until,languages,forms,hours,age,gender,unit,leads,capacity,words,not,kinds\n"
        'Ania,asks,grief.partner,now,2026,,pl; en,text,Mon 18-20,25-34,woman,Force / Team A,no,,"it is, well, hard",Bartek,heard\n'
        "Bartek,gives,Work; Żałoba,over,2020-02,2021-05-09,polski,pisanie|telefon,any,51,m,,,3,,,\n"
    )
    assert wrong(reading) == []
    ania, bartek = reading.people
    assert (ania.key, ania.age, ania.gender, ania.unit, ania.row) == ("Ania", "25_34", "woman", ("Force", "Team A"), 2)
    assert (bartek.key, bartek.age, bartek.gender, bartek.leads, bartek.row) == ("Bartek", "50_64", "man", False, 3)
    (ask,) = reading.asks
    assert (ask.person, ask.topics, ask.stage, ask.kinds) == ("Ania", ("grief.partner",), "in_it", ("heard",))
    assert (ask.words, ask.avoids, ask.languages) == ("it is, well, hard", ("Bartek",), ("pl", "en"))
    assert hours.hours_in(ask.hours) == (18, 19)
    (offer,) = reading.offers
    assert [(one.topic, one.stage, one.since, one.until) for one in offer.experiences] == [
        ("work", "been_through", "2020-02", "2021-05"),
        ("grief", "been_through", "2020-02", "2021-05"),
    ]
    assert (offer.capacity, offer.forms, offer.hours) == (3, ("text", "call"), hours.ANY)


def test_polish_headers_and_words_do_as_well():
    reading = read(
        "Osoba;Rola;Temat;Wiek;Płeć;Godziny;Nie z\nAnia;prosi;śmierć męża, żony;17;k;wieczorami;Bartek, Celina\n"
    )
    assert wrong(reading) == []
    assert reading.asks[0].topics == ("grief.partner",)
    assert reading.asks[0].avoids == ("Bartek", "Celina")
    assert (reading.people[0].age, reading.people[0].gender) == ("16_17", "woman")


def test_what_nobody_says_is_the_usual():
    reading = read("person,role,topics\nAnia,both,work\n")
    ask, offer = reading.asks[0], reading.offers[0]
    assert (ask.stage, offer.experiences[0].stage) == ("in_it", "been_through")
    assert (ask.languages, ask.forms, ask.hours, offer.capacity) == (("pl",), ("text",), hours.ANY, 1)


@pytest.mark.parametrize(
    ("years", "group"),
    [("13", "13_15"), ("15", "13_15"), ("16", "16_17"), ("17", "16_17"), ("18", "18_24"), ("65", "65_up")],
)
def test_years_fall_into_their_group(years, group):
    assert read(f"person,role,topics,age\nAnia,asks,work,{years}\n").people[0].age == group


def test_several_rows_of_one_person_make_one_offer_and_many_asks():
    reading = read(
        "person,role,topics,age,capacity\nAnia,gives,work,23,2\nania,gives,grief,,\nAnia,asks,grief.partner,,\nANIA,asks,work,,\n"
    )
    assert wrong(reading) == []
    assert [(one.key, one.age) for one in reading.people] == [("Ania", "18_24")]
    assert [one.topic for one in reading.offers[0].experiences] == ["work", "grief"]
    assert reading.offers[0].capacity == 2
    assert len(reading.asks) == 2


def test_where_rows_disagree_the_first_holds_and_a_note_says_so():
    reading = read("person,role,topics,age,capacity\nAnia,gives,work,23,2\nAnia,gives,grief,40,3\n")
    assert sorted(wrong(reading)) == [("differs", 3, "age"), ("differs", 3, "capacity")]
    assert reading.clean
    assert (reading.people[0].age, reading.offers[0].capacity) == ("18_24", 2)
    assert {problem.facts["kept"] for problem in reading.problems} == {"23", "2"}


# -- what is wrong, row by row ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("topics", "love", "unknown_topic"),
        ("topics", "grief.partnr", "near_topic"),
        ("topics", "pogrzeb", "near_topic"),
        ("stage", "later", "unknown"),
        ("role", "sleeps", "unknown"),
        ("forms", "telepathy", "unknown"),
        ("hours", "soon", "hours"),
        ("languages", "xx", "unknown"),
        ("languages", "klingon", "unknown"),
        ("age", "old", "unknown"),
        ("age", "7", "number"),
        ("gender", "yes", "unknown"),
        ("capacity", "many", "number"),
        ("capacity", "21", "number"),
        ("since", "long ago", "month"),
        ("since", "2024-13", "month"),
        ("until", "1999", "ends_before"),
        ("zone", "Warsaw", "zone"),
        ("zone", "../../etc/passwd", "zone"),
        ("leads", "perhaps", "unknown"),
        ("kinds", "money", "unknown"),
        ("backgrounds", "rich", "unknown"),
        ("asked_on", "yesterday", "day"),
        ("person", "", "missing"),
        ("person", "x" * 41, "too_long"),
        ("topics", "", "missing"),
        ("role", "", "missing"),
    ],
)
def test_a_cell_that_cannot_be_read_is_told_with_its_place_and_the_row_is_left_out(column, cell, code):
    row = {"person": "Ania", "role": "both", "topics": "work", "since": "2020", column: cell}
    reading = read(f"{','.join(row)},\n{','.join(row.values())},\nBartek,asks,work,,\n")
    assert wrong(reading) == [(code, 2, column)]
    assert not reading.clean
    assert [one.key for one in reading.people] == ["Bartek"]
    assert all(str(problem) for problem in reading.problems)


def test_all_that_is_wrong_with_a_row_is_told_at_once():
    reading = read("person,role,topics,age,hours\nAnia,asks,love,old,soon\n")
    assert sorted(code for code, _, _ in wrong(reading)) == ["hours", "unknown", "unknown_topic"]


def test_what_would_be_right_is_said():
    said = [str(problem) for problem in read("person,role,topics,gender\nAnia,asks,grief.partnr,yes\n").problems]
    assert "row 2, topics: “grief.partnr” is no topic of this programme. Perhaps “grief.partner” is meant." in said
    assert "row 2, gender: “yes” is not known here. It can be: woman, man, other." in said


def test_own_words_are_never_quoted_back():
    reading = read(f"person,role,topics,words\nAnia,asks,work,{'a secret ' * 600}\n")
    assert wrong(reading) == [("too_long", 2, "words")]
    assert "secret" not in str(reading.problems[0])


def test_every_problem_that_may_be_found_has_its_sentence():
    source = "".join(path.read_text() for path in Path(problems.__file__).parent.glob("*.py"))
    assert set(re.findall(r'(?:Problem|Unreadable)\(\s*"(\w+)"', source)) == set(SENTENCES)


# -- headers ----------------------------------------------------------------------------------------------------------


def test_of_two_columns_of_one_name_the_first_is_read_and_that_is_told():
    reading = read("person,role,topics,Topics\nAnia,asks,work,grief\n")
    assert wrong(reading) == [("twice", 1, "Topics")]
    assert reading.asks[0].topics == ("work",)


def test_of_two_columns_that_a_mapping_names_the_first_is_read():
    mapping = '[columns]\nperson = "id"\ntopics = "topic"\n[defaults]\nrole = "asks"\n'
    assert read("id,topic,topic\nAnia,work,grief\n", mapping).asks[0].topics == ("work",)


def test_an_unknown_column_is_told_and_does_no_harm():
    reading = read("person,role,topics,shoe size,langauges\nAnia,asks,work,38,pl\n")
    assert wrong(reading) == [("unknown_column", 1, "shoe size"), ("near_column", 1, "langauges")]
    assert reading.clean
    assert len(reading.asks) == 1


def test_without_a_column_for_who_or_for_what_nothing_is_guessed():
    assert wrong(read("topics\nwork\n")) == [("no_person", 1, ""), ("no_role", 1, "")]


# -- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1250", "iso8859_2", "utf-16"])
def test_separators_and_letters_are_found_out(separator, encoding):
    text = "osoba,rola,temat\nŻółw,prosi,Żałoba\nĄźćś,daje,Praca\n".replace(",", separator)
    reading = read(text, encoding=encoding)
    assert wrong(reading) == []
    assert [one.key for one in reading.people] == ["Żółw", "Ąźćś"]


def test_a_separator_may_be_said_in_the_first_line():
    assert len(read("sep=;\nperson;role;topics\nAnia;asks;work\n").asks) == 1


def test_commas_and_lines_within_quotation_marks_part_nothing():
    reading = read('person,role,topics,words\nAnia,asks,work,"one, two\nthree ""four"""\nEwa,asks,work,\n')
    assert reading.asks[0].words == 'one, two\nthree "four"'
    assert [one.row for one in reading.asks] == [2, 3]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\n\n  \n,,\n", "empty"),
        (b"person,role,topics\n", "no_rows"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not_text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_excel"),
        (b"PK\x03\x04 and then nothing", "broken_workbook"),
        (b'person,role,topics\nAnia,asks,"' + b"x" * 140_000, "quotes"),
    ],
)
def test_a_file_of_which_nothing_can_be_read_is_told_kindly(data, code):
    reading = read_sheet(data, WORDS)
    assert [problem.code for problem in reading.problems] == [code]
    assert not reading.people


def test_a_file_with_a_few_broken_letters_is_read_and_they_are_pointed_out():
    text = "osoba,rola,temat\nŻółw,prosi,Żałoba\nEwa,prosi,Praca\n".encode()
    reading = read_sheet(text.replace(b"Ewa", b"Ew\xe6a"), WORDS)
    assert wrong(reading) == [("bad_letters", 3, "osoba")]
    assert [one.key for one in reading.people] == ["Żółw"]


def test_a_row_longer_than_the_header_is_not_guessed_at():
    reading = read("person,role,topics\nAnia,asks,work,grief\nEwa,asks,work,\n")
    assert wrong(reading) == [("more_cells", 2, "")]
    assert [one.key for one in reading.people] == ["Ewa"]


def test_a_file_too_big_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(tables, "MOST_BYTES", 20)
    assert wrong(read("person,role,topics\nAnia,asks,work\n")) == [("too_big", None, "")]


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr(tables, "MOST_ROWS", 2)
    assert len(read("person,role,topics\n" + "Ania,asks,work\n" * 2).asks) == 2
    assert wrong(read("person,role,topics\n" + "Ania,asks,work\n" * 3)) == [("too_big", None, "")]


@settings(max_examples=150)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_no_bytes_whatever_raise_anything(data):
    for start in (b"", b"person,role,topics\n", b"PK\x03\x04", b"\xff\xfe"):
        reading = read_sheet(start + data, WORDS)
        assert all(str(problem) for problem in reading.problems)


# -- workbooks --------------------------------------------------------------------------------------------------------

HEADER = ["person", "role", "topics", "since", "asked_on", "capacity", "leads", "unit"]


def test_a_workbook_says_dates_numbers_and_yes_as_text():
    row = ["Ania", "both", "work", datetime(2024, 5, 17), date(2026, 2, 1), 2.0, True, "Force"]  # noqa: DTZ001
    reading = read(workbook(HEADER, row))
    assert wrong(reading) == []
    assert (reading.offers[0].experiences[0].since, reading.asks[0].asked_on) == ("2024-05", "2026-02-01")
    assert (reading.offers[0].capacity, reading.people[0].leads) == (2, True)


def test_empty_rows_of_a_workbook_count_in_the_numbering_and_are_left_out():
    reading = read(workbook([], HEADER, [None] * 8, ["Ania", "asks", "work"], ["Ewa", "asks", "love"]))
    assert wrong(reading) == [("unknown_topic", 5, "topics")]
    assert [one.row for one in reading.people] == [4]


def test_a_formula_that_came_to_nothing_and_an_error_are_pointed_out():
    reading = read(workbook(HEADER, ["Ania", "asks", "=A1"], ["Ewa", "asks", "#REF!"], ["Iza", "asks", "work"]))
    assert wrong(reading) == [("formula", 2, "topics"), ("cell_error", 3, "topics")]
    assert [one.key for one in reading.people] == ["Iza"]


def test_a_hidden_sheet_is_passed_over_and_any_may_be_named():
    book = Workbook()
    book.create_sheet("People").append(HEADER)
    book["People"].append(["Ania", "asks", "work"])
    book.active.sheet_state = "hidden"
    data = workbook(["nothing"], name="Old", book=book)
    assert [one.key for one in read(data).people] == ["Ania"]
    assert wrong(read(data, 'sheet = "Young"')) == [("no_sheet", None, "")]
    assert ("no_rows", None, "") in wrong(read(data, 'sheet = "Old"'))


def test_a_workbook_that_would_unpack_to_fill_the_disk_is_refused(monkeypatch):
    from nawzajem.core.sheets import workbook as workbooks

    monkeypatch.setattr(workbooks, "MOST_UNPACKED", 1000)
    assert wrong(read(workbook(HEADER))) == [("too_big", None, "")]


def test_a_zip_that_is_no_workbook_is_told_so():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("readme.txt", "hello")
    assert wrong(read(file.getvalue())) == [("broken_workbook", None, "")]


# -- for matching -----------------------------------------------------------------------------------------------------


def test_records_become_rows_as_things_stand_on_a_day():
    reading = read(
        "person,role,topics,until,known as,not,unit,leads,asked on,hours,zone,capacity,taken\n"
        "Ania,asks,work,,17,Bartek; 99,A / B,yes,2026-05-01,18-19,Europe/London,,\n"
        "Bartek,gives,work,2025-03,,,,,,any,,3,1\n"
        "Celina,gives,grief,2025,99,,,,,any,,1,\n"
        "Dawid,gives,work,,,,,,,any,,1,\n"
    )
    assert wrong(reading) == []
    (ask,), offers = matching_rows(reading, on=date(2026, 5, 11), zone="Europe/Warsaw")
    assert ask.waited_hours == 240
    assert ask.units == ("A", "A/B")
    assert (ask.leads, ask.prints, ask.not_prints) == (True, {"ania", "17"}, {"bartek", "99"})
    assert hours.hours_in(ask.hours)[0] == 19  # Warsaw is an hour ahead of London
    assert [offer.prints & ask.not_prints != frozenset() for offer in offers] == [True, True, False]
    assert [offer.experiences[0].months for offer in offers] == [14, 11, None]
    assert (offers[0].capacity, offers[0].taken) == (3, 1)
