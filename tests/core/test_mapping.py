from nawzajem.core.matching import hours
from nawzajem.core.sheets import Vocabulary, read_mapping, read_sheet

WORDS = Vocabulary.of([("work", ["Work"], []), ("grief", ["Grief"], [])])
SHEET = b"id,experience,topic,second,text\n1,current,job crisis,,hm\n2,past,loss,job crisis,\n3,never,loss,,\n4,PAST,other,,\n"
MAPPING = """
blueprint = "open-community"

[columns]
person = "id"
topics = ["topic", "second"]
words = "text"

[values.topics]
"job crisis" = "work"
"Loss" = ["grief"]
"other" = ""

[defaults]
languages = ["en", "pl"]

[asks]
when = { experience = "current" }

[offers]
when = { experience = ["past", "long past"] }
capacity = 3
"""


def test_a_foreign_sheet_is_read_by_its_mapping():
    mapping, problems = read_mapping(MAPPING)
    assert problems == ()
    assert mapping.blueprint == "open-community"
    reading = read_sheet(SHEET, WORDS, mapping)
    assert [(one.person, one.topics, one.words, one.languages) for one in reading.asks] == [
        ("1", ("work",), "hm", ("en", "pl"))
    ]
    (offer,) = reading.offers
    assert (offer.person, [one.topic for one in offer.experiences], offer.capacity) == ("2", ["grief", "work"], 3)


def test_rows_that_mean_nothing_by_the_mapping_are_told():
    reading = read_sheet(SHEET, WORDS, read_mapping(MAPPING)[0])
    assert [(one.code, one.row, one.column, one.note) for one in reading.problems] == [
        ("left_out", 4, "", True),
        ("missing", 5, "topic", False),
    ]


def test_a_column_that_is_not_there_is_named_and_nothing_is_read():
    reading = read_sheet(b"id,topic\n1,work\n", WORDS, read_mapping(MAPPING)[0])
    assert [(one.code, one.column) for one in reading.problems] == [
        ("no_column", "second"),
        ("no_column", "text"),
        ("no_column", "experience"),
    ]
    assert not reading.people


def test_a_mapping_may_give_everybody_one_role():
    mapping, _ = read_mapping('[columns]\nperson = "id"\ntopics = "topic"\n[defaults]\nrole = "gives"\n')
    reading = read_sheet(b"id,topic\n1,work\n", WORDS, mapping)
    assert [one.person for one in reading.offers] == ["1"]


def test_a_row_that_asks_and_gives_is_read_as_each_side_is_told():
    mapping, _ = read_mapping(
        '[columns]\nperson = "id"\ntopics = "topic"\n'
        '[asks]\nwhen = { now = "y" }\nhours = "Mon 8-9"\n'
        '[offers]\nwhen = { now = "y" }\ncapacity = 3\nhours = "Tue 8-9"\n'
    )
    reading = read_sheet(b"id,topic,now\n1,work,y\n", WORDS, mapping)
    (ask,), (offer,) = reading.asks, reading.offers
    assert (ask.stage, hours.hours_in(ask.hours)) == ("in_it", (8,))
    assert (offer.experiences[0].stage, offer.capacity, hours.hours_in(offer.hours)) == ("been_through", 3, (32,))


def test_a_mapping_of_defaults_alone_leaves_the_plain_headers():
    mapping, _ = read_mapping("[offers]\ncapacity = 4\n")
    assert read_sheet(b"person,role,topics\nAnia,gives,work\n", WORDS, mapping).offers[0].capacity == 4


def test_every_slip_in_a_mapping_is_told():
    _, problems = read_mapping(
        'colums = 1\n[columns]\nwho = "id"\nperson = 1.5\n[values]\ntopics = "x"\n[asks]\nwhen = "now"\n'
    )
    told = {(one.code, one.facts["found"]) for one in problems}
    assert told == {
        ("mapping_key", "colums"),
        ("mapping_key", "columns.who"),
        ("mapping_value", "columns.person"),
        ("mapping_value", "values.topics"),
        ("mapping_value", "asks.when"),
    }
    assert all(str(one) for one in problems)


def test_a_mapping_that_is_no_toml_says_where():
    _, (problem,) = read_mapping("[columns\n")
    assert problem.code == "mapping_broken"
    assert "line 1" in str(problem)


def test_brackets_without_end_are_told_and_not_followed():
    _mapping, problems = read_mapping("a = " + "[" * 20_000)
    assert [one.code for one in problems] == ["mapping_broken"]
