"""Blueprints: the three that come with the house, and what somebody is told who wrote a bad one."""

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nawzajem.ground import toml
from nawzajem.ground.words import fold
from nawzajem.programmes.blueprint import SHIPPED, BadBlueprint, Blueprint, available, load

SMALL = """\
# A blueprint as small as can be.
blueprint = "garden"
[name]
pl = "Ogród"
en = "Garden"
[purpose]
pl = "Żeby rosło."
en = "So that it grows."
[options]
capacity = 3
joining = "invited"

[[kinds]]
code = "heard"
pl = "Wysłuchać"
en = "To be heard"
about.pl = "Ktoś słucha."
about.en = "Somebody listens."
[[kinds]]
code = "done"
pl = "Zrobić"
en = "To get it done"
about = { pl = "We dwoje.", en = "With two." }

[[conditions]]
code = "adult"
pl = "Mam 18 lat."
en = "I am 18."

[topics.grief]
pl = "Żałoba"
en = "Grief"
also.pl = ["strata",
  "śmierć"]
also.en = ["loss"]
[topics.grief.partner]
pl = "Śmierć męża"
en = "Losing a husband"
pl-formal = "Śmierć męża Pani"
[topics.work]
pl = "Praca"
en = "Work"

[texts.welcome]
pl = \"\"\"
Dzień dobry.

- po pierwsze\"\"\"
en = "Good day."
[texts.confidentiality]
pl = "Zostaje tutaj."
en = "It stays here."
[texts.rules]
pl = "Słuchamy."
en = "We listen."
"""


def written(folder: Path, text: str | bytes, name: str = "garden.toml") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def told(folder: Path, text: str | bytes) -> dict[int, str]:
    """What somebody is told, by line."""
    path = written(folder, text)
    with pytest.raises(BadBlueprint) as bad:
        load(path)
    assert str(bad.value).splitlines() == [f"{path}:{one.line}: {one.what}" for one in bad.value.problems]
    lines = {one.line for one in bad.value.problems}
    return {line: "; ".join(one.what for one in bad.value.problems if one.line == line) for line in lines}


def line_of(text: str, mark: str) -> int:
    return text[: text.index(mark)].count("\n") + 1


# A good one


def test_a_small_blueprint_is_read(tmp_path):
    garden = load(written(tmp_path, SMALL))
    assert (garden.code, garden.name.pl, garden.options.capacity) == ("garden", "Ogród", 3)
    assert garden.differing() == {"capacity": 3, "joining": "invited"}
    assert [(topic.code, topic.parent) for topic in garden.topics] == [
        ("grief", None),
        ("grief.partner", "grief"),
        ("work", None),
    ]
    assert garden.topics[0].also == {"pl": ["strata", "śmierć"], "en": ["loss"]}
    assert garden.backgrounds == []


def test_words_become_plain_dictionaries_for_the_database(tmp_path):
    garden = load(str(written(tmp_path, SMALL)))
    assert garden.kinds[1].plain() == {
        "code": "done",
        "words": {"pl": "Zrobić", "en": "To get it done"},
        "about": {"pl": "We dwoje.", "en": "With two."},
    }
    assert garden.conditions[0].plain() == {"code": "adult", "words": {"pl": "Mam 18 lat.", "en": "I am 18."}}
    assert garden.topics[1].plain() == {
        "pl": "Śmierć męża",
        "en": "Losing a husband",
        "pl-formal": "Śmierć męża Pani",
    }


def test_a_blueprint_does_not_change_once_read(tmp_path):
    garden = load(written(tmp_path, SMALL))
    with pytest.raises(ValueError, match="frozen"):
        garden.code = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    "bytes_of",
    [
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.replace('pl = "', '\tpl\t=\t"').encode(),
        lambda text: text.rstrip("\n").encode(),
    ],
    ids=["CRLF", "BOM", "tabs", "no line end at the end"],
)
def test_a_file_may_come_from_any_editor(tmp_path, bytes_of):
    assert load(written(tmp_path, bytes_of(SMALL))) == load(written(tmp_path, SMALL, "plain.toml"))


# A bad one: each row is what was there, what stands there now, where the complaint points, and what it says


WRONG = [
    ('blueprint = "garden"', 'blueprint = "Garden!"', "Garden!", "a to z, digits and hyphens"),
    ('blueprint = "garden"\n', "", "# A blueprint", "blueprint is missing"),
    ('en = "Garden"\n', "", "[name]", "name.en is missing"),
    ('pl = "Ogród"', 'pl = ""', 'pl = ""', "name.pl is empty"),
    ('pl = "Ogród"', 'pl = "   "', 'pl = "   "', "name.pl is empty"),
    ('pl = "Ogród"', "pl = 5", "pl = 5", "name.pl should be words in quotation marks"),
    ('pl = "Ogród"', 'pl = "Ogród"\nde = "Garten"', "de =", "there is no 'name.de'"),
    ("[purpose]", "[porpose]", "[porpose]", "did you mean 'purpose'?"),
    ("capacity = 3", "capacity = 30", "capacity = 30", "options.capacity should be 20 or less"),
    ("capacity = 3", "capacity = 0", "capacity = 0", "options.capacity should be 1 or more"),
    ("capacity = 3", 'capacity = "3"', 'capacity = "3"', "should be a whole number"),
    ("capacity = 3", "capcity = 3", "capcity", "did you mean 'capacity'?"),
    ("capacity = 3", "weight_topic = true", "weight_topic", "should be a number"),
    ("capacity = 3", 'ages = ["18_24", "teens"]', "ages", "'13_15', '16_17'"),
    ('"invited"', '"closed"', '"closed"', "should be 'open' or 'invited'"),
    ('"invited"', '"invited"\nasks_unit = "yes"', "asks_unit", "should be true or false"),
    ('code = "done"', 'code = "heard"', 'code = "heard"\npl = "Zrobić"', "'heard' stands twice under kinds"),
    ('code = "done"\n', "", "[[kinds]]\npl", "kinds.code is missing"),
    ('about.en = "Somebody listens."\n', "", "about.pl", "kinds.about.en is missing"),
    ('about = { pl = "We dwoje.", en = "With two." }', 'about = "We dwoje."', 'about = "We', "should be a table"),
    ("[[conditions]]", "[conditions]", "[conditions]", "should be a list"),
    ('en = "I am 18."', 'en = "I am 18."\nwhy = "law"', "why", "there is no 'conditions.why'"),
    ("also.en", "alsoo.en", "alsoo.en", "did you mean 'also'?"),
    ("also.en", "also.de", "also.de", "write it under pl or en"),
    ('also.en = ["loss"]', 'also.en = "loss"', "also.en", "should be a list"),
    ('also.en = ["loss"]', 'also.en = ["loss", 5]', "also.en", "should be words in quotation marks"),
    ('also.en = ["loss"]', 'also.en = ["loss", ""]', "also.en", "is empty"),
    ('en = "Losing a husband"\n', "", "[topics.grief.partner]", "topics.grief.partner.en is missing"),
    ('en = "Losing a husband"', 'en = "Losing a husband"\ncode = "x"', 'code = "x"', "no 'topics.grief.partner.code'"),
    ("[topics.work]", '[topics."żal"]', "żal", "a to z, digits and hyphens"),
    ("[topics.work]", "[topics.Work]", "Work]", "a to z, digits and hyphens"),
    ("[topics.work]", f"[topics.work.{'x' * 60}]", "[topics.work", "at most 60"),
    ("[topics.work]", "[topics.work.lost]", "[topics.work.lost]", "topics.work.pl is missing"),
    ("[texts.rules]", "[texts.ruls]", "[texts.ruls]", "did you mean 'rules'?"),
    ('[texts.rules]\npl = "Słuchamy."\nen = "We listen."\n', "", "[texts.welcome]", "texts.rules is missing"),
]


@pytest.mark.parametrize(("was", "now", "mark", "says"), WRONG)
def test_a_wrong_meaning_is_told_with_its_line(tmp_path, was, now, mark, says):
    assert SMALL.count(was) == 1
    text = SMALL.replace(was, now)
    assert says in told(tmp_path, text)[line_of(text, mark)]


GRAMMAR = [
    ('pl = "Ogród"', 'pl = "Ogród', 'pl = "Ogród', "quotation marks"),
    ('pl = "Ogród"', "pl = „Ogród”", "pl = „", "straight quotation marks"),
    ('pl = "Ogród"', "pl = Ogród", "pl = Ogród", "words stand in straight quotation marks"),
    ('pl = "Ogród"', 'pl : "Ogród"', "pl :", 'key = "value"'),
    ('pl = "Ogród"', "pl =", "pl =\n", "words stand in"),
    ('pl = "Ogród"', 'pl = "Ogród" 2', '" 2', "one thing on a line"),
    ('pl = "Ogród"', r'pl = "a\b\c"', "pl =", "backslash"),
    ('pl = "Ogród"', 'pl = "Ogród"\npl = "Sad"', 'pl = "Sad"', "twice; keep one"),
    ("[purpose]", "[name]", '[name]\npl = "Ż', "there already"),
    ("[purpose]", "[purpose", "[purpose", "close the heading"),
    ('- po pierwsze"""', "- po pierwsze", 'pl = """', "three on each side"),
    ('"śmierć"]', '"śmierć"', "also.en", "close the list"),
    ("[topics.work]", "[topics.grief.pl]", "[topics.grief.pl]", "twice; keep one"),
    ("# A blueprint", "A blueprint", "A blueprint", 'key = "value"'),
]


@pytest.mark.parametrize(("was", "now", "mark", "says"), GRAMMAR)
def test_a_slip_in_the_grammar_is_told_with_its_line_and_what_would_be_right(tmp_path, was, now, mark, says):
    assert SMALL.count(was) == 1
    text = SMALL.replace(was, now)
    ((line, what),) = told(tmp_path, text).items()
    assert says in what
    assert line == line_of(text, mark)


def test_all_that_is_wrong_is_told_at_once(tmp_path):
    text = (
        SMALL.replace("capacity = 3", "capcity = 3").replace('en = "Grief"\n', "").replace("texts.rules", "texts.rule")
    )
    assert len(told(tmp_path, text)) == 4  # one for the rule that nobody reads, one for the rules that are missed


def test_lines_are_counted_alike_with_carriage_returns_and_a_byte_order_mark(tmp_path):
    text = SMALL.replace("capacity = 3", "capcity = 3")
    as_saved_on_windows = b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
    assert told(tmp_path, as_saved_on_windows) == told(tmp_path, text)


def test_letters_that_are_not_utf8_are_told_with_their_line(tmp_path):
    ((line, what),) = told(tmp_path, SMALL.encode("iso-8859-2")).items()
    assert (line, "UTF-8" in what) == (line_of(SMALL, "Ogród"), True)
    assert "UTF-8" in told(tmp_path, SMALL.encode("utf-16"))[1]


def test_an_empty_file_is_told_all_it_needs(tmp_path):
    with pytest.raises(BadBlueprint) as bad:
        load(written(tmp_path, ""))
    missed = {one.what.split()[0] for one in bad.value.problems}
    assert missed == {"blueprint", "name", "purpose", "kinds", "topics", "texts"}


@pytest.mark.parametrize("text", ["topics = 5", "[[topics]]\npl = 'a'", "[topics]\npl = 'a'", "[topics]\ngrief = 'a'"])
def test_topics_that_are_no_tree_are_told_so(tmp_path, text):
    bare = SMALL[: SMALL.index("[topics.grief]")] + text + "\n" + SMALL[SMALL.index("[texts.welcome]") :]
    if text == "topics = 5":
        bare = text + "\n" + bare.replace(text, "")
    assert any("[topics." in what for what in told(tmp_path, bare).values())


def test_a_folder_a_missing_file_and_an_unknown_name_get_a_sentence(tmp_path):
    with pytest.raises(BadBlueprint, match="this is a folder"):
        load(tmp_path)
    with pytest.raises(BadBlueprint, match="cannot be read"):
        load(tmp_path / "nowhere.toml")
    with pytest.raises(BadBlueprint, match="did you mean 'university'"):
        load("univercity")
    with pytest.raises(BadBlueprint, match="there are open-community, police-rescue, school, university"):
        load("x")


FRAGMENTS = st.one_of(
    st.sampled_from(SMALL.splitlines()),
    st.sampled_from(
        ["[[topics]]", "topics = 1", "[kinds]", "kinds = [1]", "[[texts]]", "about = 1", "[topics.a.b.c]", '"""']
    ),
    st.text(max_size=40),
)


@settings(max_examples=300, deadline=None)
@given(rows=st.lists(FRAGMENTS, max_size=4), start=st.integers(0, 60), end=st.integers(0, 60))
def test_whatever_stands_in_a_file_there_is_a_blueprint_or_a_sentence(tmp_path_factory, rows, start, end):
    before, after = SMALL.splitlines()[:start], SMALL.splitlines()[end:]
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes("\n".join([*before, *rows, *after]).encode("utf-8", "surrogatepass"))
    assert read_or_told(path)


def read_or_told(path: Path) -> bool:
    try:
        return isinstance(load(path), Blueprint)
    except BadBlueprint as bad:
        last = path.read_bytes().count(b"\n") + 1
        return bool(bad.problems) and all(1 <= one.line <= last and one.what for one in bad.problems)


# The line of every key, checked the slow way


@cache
def document_of(name: str) -> toml.Document:
    return toml.read(SHIPPED / f"{name}.toml")


@pytest.mark.parametrize("name", available())
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_the_line_of_a_key_is_where_its_statement_begins(name, data):
    document = document_of(name)
    where = data.draw(st.sampled_from(sorted(document.lines, key=str)))
    line = document.line(where)
    rows = document.text.split("\n")
    assert not holds("\n".join(rows[: line - 1]), where), "it is there before its line"
    end = next(end for end in range(line, len(rows) + 1) if parses("\n".join(rows[:end])))
    assert holds("\n".join(rows[:end]), where), "it is not there after its statement"


def parses(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def holds(text: str, where: toml.Where) -> bool:
    found = tomllib.loads(text)
    for step in where:
        try:
            found = found[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            return False
    return True


# The three that come with the house


@pytest.fixture(params=available())
def shipped(request) -> Blueprint:
    return load(request.param)


def everything_said(blueprint: Blueprint) -> list[str]:
    words = [blueprint.name, blueprint.purpose, *blueprint.kinds, *(kind.about for kind in blueprint.kinds)]
    words += [*blueprint.conditions, *blueprint.backgrounds, *blueprint.topics]
    words += [blueprint.texts.welcome, blueprint.texts.confidentiality, blueprint.texts.rules]
    said = [text for one in words for text in (one.pl, one.en, one.formal or one.pl)]
    return said + [text for topic in blueprint.topics for texts in topic.also.values() for text in texts]


def test_four_blueprints_come_with_the_house():
    assert available() == ["open-community", "police-rescue", "school", "university"]


def test_a_shipped_blueprint_is_called_as_its_file(shipped):
    assert (SHIPPED / f"{shipped.code}.toml").is_file()


def test_a_shipped_blueprint_has_what_a_programme_needs(shipped):
    assert len(shipped.topics) >= 35
    assert {"heard", "lived", "done"} <= {kind.code for kind in shipped.kinds}
    takes_minors = bool({"13_15", "16_17"} & set(shipped.options.ages))
    assert takes_minors != ("adult" in {condition.code for condition in shipped.conditions})
    assert shipped.backgrounds


def test_every_topic_can_be_found_by_other_words_in_both_languages(shipped):
    thin = [topic.code for topic in shipped.topics if min(len(topic.also.get(key, [])) for key in ("pl", "en")) < 5]
    assert not thin


def test_no_word_stands_twice_with_one_topic(shipped):
    for topic in shipped.topics:
        for key, words in topic.also.items():
            assert len(set(words)) == len(words), f"{topic.code} {key}: {[w for w in words if words.count(w) > 1]}"


def test_topics_of_one_blueprint_are_not_called_alike(shipped):
    for names in ([topic.pl for topic in shipped.topics], [topic.en for topic in shipped.topics]):
        assert len(set(names)) == len(names)


def test_every_topic_lies_within_one_that_is_there_before_it(shipped):
    codes: list[str] = []
    for topic in shipped.topics:
        assert topic.parent is None or topic.parent in codes
        assert topic.code not in codes
        codes.append(topic.code)


def test_no_letter_of_another_alphabet_has_crept_in(shipped):
    strange = {
        c for text in everything_said(shipped) for c in text if c.isalpha() and "LATIN" not in unicodedata.name(c)
    }
    assert not strange


def test_nobody_shouts_and_nothing_is_marked_up_beyond_the_three_signs(shipped):
    for text in everything_said(shipped):
        assert "!" not in text
        for line in text.splitlines():
            assert not re.match(r"\s|[*>|`+]|#(?!# )|-(?! )|\d+[.)] ", line), line


def test_paragraphs_lists_and_headings_stand_apart(shipped):
    """A blank line before a heading and before a list, none within a list: the pages rely on it."""
    texts = shipped.texts
    for words in (texts.welcome, texts.confidentiality, texts.rules):
        for text in filter(None, (words.pl, words.en, words.formal)):
            for block in text.split("\n\n"):
                kinds = {line[:2] if line.startswith(("- ", "##")) else "" for line in block.splitlines()}
                assert len(kinds) == 1, block


FIGURES = {"pl": r"(\d+) dniach", "en": r"(\d+) days"}


def test_the_days_that_are_promised_are_the_days_that_are_kept(shipped):
    options = shipped.options
    kept = [options.keep_closed_conversations, options.keep_closed_asks, options.keep_events]
    words = shipped.texts.confidentiality
    for text, figure in ((words.pl, "pl"), (words.formal, "pl"), (words.en, "en")):
        assert [int(days) for days in re.findall(FIGURES[figure], text or "")] == kept


def test_the_smallest_number_that_is_told_is_the_one_promised(shipped):
    words = shipped.texts.confidentiality
    for text in (words.pl, words.formal, words.en):
        said = re.findall(r"mniejszych niż (\d+)|number below (\d+)", text or "")
        assert [int(a or b) for a, b in said] == [shipped.options.small_group]


def test_whoever_is_addressed_formally_finds_formal_words(shipped):
    """Where the informal text says Ty, there is another for Państwo; and that one never slips back."""
    familiar = re.compile(
        r"\b(jesteś|możesz|musisz|masz|piszesz|napiszesz|pokazujesz|Ci|Cię|Twój|Twoje|Twoich|Twojego|Tobie|Tobą)\b"
    )
    for words in (shipped.texts.welcome, shipped.texts.confidentiality, shipped.texts.rules):
        if familiar.search(words.pl):
            assert words.formal
        assert not familiar.search(words.formal or "")


def test_in_a_service_nobody_comes_uninvited_and_units_are_asked():
    options = load("police-rescue").options
    assert (options.joining, options.address, options.asks_unit, options.asks_known_as) == (
        "invited",
        "formal",
        True,
        True,
    )
    assert options.keep_closed_conversations < load("open-community").options.keep_closed_conversations


def test_in_a_school_guardians_consent_and_no_adult_comes_near_a_minor_unchecked():
    options = load("school").options
    assert (options.joining, options.guardian_consent, options.guardian_proof) == ("invited", True, "paper")
    assert set(options.checks) == {"register", "commission", "record"}
    assert options.forms == ["text"]
    assert options.duties_need_second_factor
    assert not options.ask_now


TYPED = [
    ("open-community", "pl", "rozwod", "separation.divorce"),
    ("open-community", "pl", "po rozwodzie", "separation.divorce"),
    ("open-community", "pl", "zmarl maz", "grief.partner"),
    ("open-community", "pl", "pije maz", "addiction.near"),
    ("open-community", "pl", "poronilam", "grief.pregnancy"),
    ("open-community", "pl", "nie chce zyc", "mind.dark"),
    ("open-community", "pl", "depresja", "mind.low"),
    ("open-community", "pl", "zwolnili mnie", "work.lost"),
    ("open-community", "pl", "komornik", "money"),
    ("open-community", "pl", "tesknie za domem", "abroad"),
    ("open-community", "en", "my dog died", "grief.pet"),
    ("open-community", "en", "laid off", "work.lost"),
    ("open-community", "en", "husband hits me", "violence.home"),
    ("university", "pl", "oblalam", "study.failing"),
    ("university", "pl", "promotor", "doctorate.supervisor"),
    ("university", "en", "roommate", "home.dormitory"),
    ("school", "pl", "matma", "study.maths"),
    ("school", "pl", "dokuczaja mi", "class.bullied"),
    ("school", "pl", "tata pije", "home.drinks"),
    ("school", "en", "cyberbullying", "class.online"),
    ("school", "en", "my dog died", "loss.animal"),
    ("police-rescue", "pl", "smierc dziecka", "scene.child"),
    ("police-rescue", "pl", "nocki", "service.shifts"),
    ("police-rescue", "en", "internal affairs", "inquiry"),
]


@pytest.mark.parametrize(("name", "language", "query", "code"), TYPED)
def test_what_people_type_leads_to_the_topic(name, language, query, code):
    """Every word typed begins some word of the topic, with no regard to diacritics."""
    found = [
        topic.code for topic in load(name).topics if all(begins(part, topic, language) for part in fold(query).split())
    ]
    assert code in found


def begins(part: str, topic, language: str) -> bool:
    said = " ".join([getattr(topic, language), *topic.also.get(language, [])])
    return any(word.startswith(part) for word in re.split(r"\W+", fold(said)))
