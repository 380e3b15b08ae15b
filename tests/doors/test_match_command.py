import csv
import io
import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from nawzajem.core.matching import STRATEGIES
from nawzajem.core.sheets import read_mapping
from nawzajem.programmes.blueprint import load

SHEET = """person,role,topics,until,hours,capacity,age
Ania,asks,grief.partner,,evenings,,25-34
Bartek,gives,grief.partner,2024-02,Mon-Fri 18-21,1,35-49
Celina,asks,grief,,any,,
Dawid,asks,work.lost,,any,,
Ewa,asks,love,,any,,
"""
MAPPING = """
[columns]
person = "who"
topics = "what"
[values.topics]
"lost a job" = "work.lost"
[asks]
when = { now = "yes" }
[offers]
when = { now = "no" }
"""


@pytest.fixture
def sheet(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(SHEET)
    return path


def run(*arguments, language="en"):
    out, err = io.StringIO(), io.StringIO()
    call_command("match", *map(str, arguments), "--language", language, stdout=out, stderr=err)
    return out.getvalue().splitlines(), err.getvalue().splitlines()


def test_a_sheet_is_matched_without_a_database(sheet):
    said, problems = run(sheet)
    assert said[:2] == ["people.csv. Rows: 5, people: 4, asks: 3, offers: 1, free places: 1", "Paired: 1 of 3 (33%)"]
    assert "1 without a pair: Nobody here knows anything close to it from their own life." in said
    assert "1 without a pair: Somebody would fit, and all their places went to others." in said
    assert problems == ["row 6, topics: “love” is no topic of this programme."]


def test_the_last_line_is_one_object_for_programs(sheet):
    said, _ = run(sheet, "--json")
    told = json.loads(said[-1])
    assert (told["asks"], told["offers"], told["paired"], told["unpaired"]) == (3, 1, 1, 2)
    assert told["why_unpaired"] == {"topic": 1, "others_first": 1}
    assert told["problems"] == {"unknown_topic": 1}
    assert told["total"] == told["mean"] == told["min"]
    assert 0.5 < told["mean"] < 1
    assert told["seconds"] > 0


def test_the_pairs_come_as_csv_with_scores_and_reasons(sheet, tmp_path):
    run(sheet, "--out", tmp_path / "pairs.csv")
    lines = list(csv.DictReader(io.StringIO((tmp_path / "pairs.csv").read_text("utf-8-sig"))))
    assert [(line["kind"], line["asker"], line["giver"]) for line in lines] == [
        ("pair", "Ania", "Bartek"),
        ("alone", "Celina", ""),
        ("alone", "Dawid", ""),
    ]
    assert (lines[0]["ask_row"], lines[0]["offer_row"], lines[0]["topic"]) == ("2", "3", "1.000")
    assert lines[0]["words"].startswith("Knows it from their own life: Losing a husband, wife or partner.")
    assert "for example Monday 18:00–21:00" in lines[0]["words"]
    assert lines[2]["words"] == "Nobody here knows anything close to it from their own life."


def test_the_best_for_each_ask_can_be_listed_too(sheet, tmp_path):
    run(sheet, "--out", tmp_path / "pairs.csv", "--top", "2")
    lines = list(csv.DictReader(io.StringIO((tmp_path / "pairs.csv").read_text("utf-8-sig"))))
    assert [(line["asker"], line["giver"]) for line in lines if line["kind"] == "suggestion"] == [
        ("Ania", "Bartek"),
        ("Celina", "Bartek"),
    ]


def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(tmp_path):
    (tmp_path / "people.csv").write_text('person,role,topics\n"=HYPERLINK(""x"")",asks,work\n+48,gives,work\n')
    run(tmp_path / "people.csv", "--out", tmp_path / "pairs.csv")
    line = (tmp_path / "pairs.csv").read_text("utf-8-sig").splitlines()[1]
    assert line.startswith('pair,2,"\'=HYPERLINK(""x"")",3,\'+48,')


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.addresses = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.addresses += [value for name, value in attrs if name in {"src", "href"}]


def test_the_page_needs_no_other_and_runs_nothing(sheet, tmp_path):
    sheet.write_text(SHEET.replace("Ania", "<script>alert(1)</script>"))
    run(sheet, "--explain", tmp_path / "report.html", "--top", "3")
    text = (tmp_path / "report.html").read_text()
    page = Page(text)
    assert "script" not in page.tags
    assert page.addresses == []
    assert "&lt;script&gt;alert(1)&lt;/script&gt; ⟷ Bartek" in text
    assert '<html lang="en">' in text
    assert "“love” is no topic of this programme" in text


def test_the_page_says_what_would_help_and_whom_to_look_for(tmp_path):
    (tmp_path / "people.csv").write_text(
        "person,role,topics,hours,forms,languages\n"
        "Ania,asks,grief,Tue 9-10,text,pl\n"
        "Bartek,gives,grief,Tue 18-19,text,pl\n"
        "Celina,asks,work,any,text,uk\n"
        "Dawid,asks,work,any,text,uk\n"
        "Ewa,asks,work,any,text,pl\n"
        "Franek,gives,work,any,text,pl\n"
    )
    said, _ = run(
        tmp_path / "people.csv", "--explain", tmp_path / "report.html", "--out", tmp_path / "out.csv", "--json"
    )
    text = (tmp_path / "report.html").read_text()
    helps = "What would help: 1 more hour a week on weekday evenings, for example Tuesday 18:00–19:00."
    assert helps in text
    assert helps in (tmp_path / "out.csv").read_text("utf-8-sig")
    assert "language: Ukrainian; time on weekday evenings; 1 place" in text
    assert "1 such person: 1 more ask finds somebody · 3 such people: 2 more asks find somebody" in text
    assert "1 of those without a pair would find somebody by a small change of the ask; the page says which." in said
    assert any(line.startswith("Whom to look for: has been through: ") for line in said)
    told = json.loads(said[-1])
    assert set(told["strategies"]) == set(STRATEGIES)
    assert told["strategies"]["best"]["paired"] == told["paired"] == 1
    assert told["changes"] == {"hours": 1}
    assert told["recruit"][0]["language"] == "uk"
    assert told["recruit"][0]["more"] == {"1": 1, "3": 2, "5": 2}
    assert [one["more"] for one in told["recruit_together"]] == [{"1": 1}, {"2": 2}, {"3": 3}]


def test_a_page_without_anybody_can_be_read(tmp_path):
    (tmp_path / "people.csv").write_text("person,role,topics\nBartek,gives,work\n")
    run(tmp_path / "people.csv", "--explain", tmp_path / "report.html")
    assert "Whom to look for" not in (tmp_path / "report.html").read_text()


def test_the_same_sheet_and_seed_give_the_same_pairs(tmp_path):
    rows = [f"a{n},asks,work,,any,," for n in range(30)] + [f"g{n},gives,work,2024,any,1," for n in range(20)]
    (tmp_path / "people.csv").write_text("\n".join([SHEET.splitlines()[0], *rows]))
    found = {}
    for name, seed in [("one", 1), ("again", 1), ("other", 2)]:
        run(tmp_path / "people.csv", "--out", tmp_path / name, "--seed", str(seed))
        found[name] = (tmp_path / name).read_text()
    assert found["one"] == found["again"]
    assert found["one"] != found["other"]


def test_a_foreign_sheet_is_matched_by_its_mapping(tmp_path):
    (tmp_path / "survey.csv").write_text("who;what;now\n1;lost a job;yes\n2;lost a job;no\n")
    (tmp_path / "map.toml").write_text(MAPPING)
    said, _ = run(tmp_path / "survey.csv", "--mapping", tmp_path / "map.toml", "--json")
    assert json.loads(said[-1])["paired"] == 1


def test_the_blueprint_decides_what_the_topics_are(tmp_path):
    topic = load("university").topics[0].code
    (tmp_path / "people.csv").write_text(
        f"person,role,topics\nAnia,asks,{topic}\nBartek,gives,{topic}\nEwa,asks,grief.pet\n"
    )
    said, problems = run(tmp_path / "people.csv", "--blueprint", "university", "--json")
    assert json.loads(said[-1])["paired"] == 1
    assert len(problems) == 1
    assert "grief.pet" in problems[0]


def test_a_slip_in_the_mapping_is_told_before_anything_is_read(sheet, tmp_path):
    (tmp_path / "map.toml").write_text('[colums]\nperson = "who"\n')
    with pytest.raises(CommandError, match="colums"):
        run(sheet, "--mapping", tmp_path / "map.toml")


def test_a_file_that_is_not_there_is_told_in_a_sentence(tmp_path):
    with pytest.raises(CommandError, match="Cannot read"):
        run(tmp_path / "nothing.csv")


def test_an_unknown_blueprint_is_told_with_those_there_are(sheet):
    with pytest.raises(CommandError, match="open-community"):
        run(sheet, "--blueprint", "nowhere")


def test_a_place_that_cannot_be_written_to_is_told(sheet, tmp_path):
    with pytest.raises(CommandError, match="Cannot write"):
        run(sheet, "--out", tmp_path / "no" / "such" / "folder.csv")


def test_a_file_of_which_nothing_can_be_read_fails_and_says_why(tmp_path):
    (tmp_path / "people.csv").write_text("a,b\n1,2\n")
    with pytest.raises(CommandError, match="Nothing in this file"):
        run(tmp_path / "people.csv")


def test_the_example_mapping_in_the_docs_is_a_mapping():
    mapping, problems = read_mapping((Path(__file__).parents[2] / "docs/examples/esconv.toml").read_text())
    assert problems == ()
    assert set(mapping.values["topics"].values()) <= {topic.code for topic in load(mapping.blueprint).topics}


def test_who_waited_longest_comes_first_where_that_is_asked_for(tmp_path):
    path, out = tmp_path / "people.csv", tmp_path / "pairs.csv"
    path.write_text(
        "person,role,topics,asked on\nAnia,asks,grief.partner,2026-05-31\nDawid,asks,grief,2020-01-01\n"
        "Bartek,gives,grief.partner,\n"
    )
    run(path, "--strategy", "fair", "--out", out)
    assert "Ania" in out.read_text()
    run(path, "--strategy", "fair", "--waiting-first", "--floor", 0.5, "--out", out)
    assert "Dawid" in out.read_text()
