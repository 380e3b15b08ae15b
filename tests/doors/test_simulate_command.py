"""`nawzajem simulate`: asks and seats by a seed, from a sheet of arrivals, or from what a programme has seen."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from nawzajem.asks.models import Ask
from nawzajem.core.matching.over_time import FIGURES, POLICIES
from nawzajem.management import past, simulation
from nawzajem.offers.models import Offer
from nawzajem.pairs.models import Pair, Proposal

FEW = ("--asks", "40", "--runs", "2", "--days", "30")


def run(*arguments, language="en"):
    out = io.StringIO()
    call_command("simulate", *map(str, arguments), "--language", language, stdout=out)
    return out.getvalue().splitlines()


def test_every_policy_is_told_in_words_and_figures():
    said = run(*FEW, "--json")
    told = json.loads(said[-1])
    assert said[0] == "Asks: 40, played 2 times"
    assert list(told["policies"]) == list(POLICIES) == list(simulation.policy_words())
    for figures in told["policies"].values():
        assert list(figures) == list(FIGURES)
        assert 0 <= figures["never"]["mean"] <= 1
        assert 0 < figures["worth"]["mean"] <= figures["share"]["mean"] <= 1
    with override("en"):
        assert f"Best: {simulation.policy_words()[told['best'][0]]}." in said
    assert sum(line.startswith("Perhaps as good") for line in said) == len(told["best"]) - 1


def test_a_seed_gives_the_same_figures_and_another_seed_others():
    one, same, other = (run(*FEW, "--policy", "at_once", "--seed", seed, "--json")[-1] for seed in (1, 1, 5))
    assert one == same != other


def test_it_speaks_polish():
    said = run(*FEW, "--policy", "at_once", language="pl")
    assert said[0] == "Prośby: 40, rozegrane 2 razy"
    assert said[1].startswith("kiedy pytać")
    assert re.search(r" 0,\d\d ", said[2])
    assert not re.search(r"\d\.\d", said[2])


def test_the_picture_has_words_that_can_be_read(tmp_path):
    run(*FEW, "--policy", "at_once", "--policy", "rounds_24", "--plot", tmp_path / "p.svg", language="pl")
    root = ElementTree.parse(tmp_path / "p.svg").getroot()
    words = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "w rundzie raz dziennie" in words
    assert "dni do początku pary" in words
    with pytest.raises(CommandError, match="Cannot write"):
        run(*FEW, "--policy", "at_once", "--plot", tmp_path / "no" / "p.svg")


@pytest.mark.parametrize("apart", [",", ";"])
def test_arrivals_come_from_a_sheet_in_any_order(tmp_path, apart):
    path = tmp_path / "a.csv"
    rows = ["2026-05-02 10:00,2026-05-03 10:00", "2026-05-01T10:00+02:00,", "2026-05-02,"]
    path.write_text("\n".join(["arrives,leaves", *rows]).replace(",", apart))
    came, left = simulation.arrivals(path)
    assert came.tolist() == [0, 16, 26]
    assert left[2] == 24
    assert all(left[:2] != left[:2])  # unknown
    assert json.loads(run(path, "--runs", "1", "--policy", "at_once", "--json")[-1])["asks"] == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("arrives\n", "no line"),
        ("other\n1\n", "line 2"),
        ("arrives\n1\nsoon\n", "line 3"),
        ("arrives\nnan\n", "no hour"),
        ("arrives,leaves\n5,4\n", "before they come"),
    ],
)
def test_a_sheet_that_cannot_be_is_refused_with_its_line(tmp_path, content, said):
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(CommandError, match=said):
        run(path)


@pytest.mark.parametrize("wrong", [("--runs", 0), ("--load", 0), ("--half", -1), ("a.csv", "--programme", "x")])
def test_what_makes_no_sense_is_refused(wrong):
    with pytest.raises(CommandError):
        run(*wrong)


@pytest.mark.django_db
def test_a_programme_is_learned_from_by_its_times_alone(world, clock):
    """Twenty asks in twenty days, of which some left; one offer, one pair that ended, two answers."""
    here, ania = world.here, world.ania
    offer = world.offer("bartek")
    Ask.objects.filter(programme=here).delete()
    begin = clock() - timedelta(days=40)
    Offer.objects.filter(pk=offer.pk).update(made_at=begin + timedelta(days=1))
    asks = [
        Ask.objects.create(
            programme=here, person=ania, state="lapsed" if day % 4 == 0 else "open", words=None,
            forms=["text"], languages=["pl"], opened_at=begin + timedelta(days=day), state_since=begin + timedelta(days=day + 5),
        )
        for day in range(20)
    ]  # fmt: skip
    for ask, state, hours in ((asks[0], "accepted", 6), (asks[1], "declined", 12)):
        put = begin + timedelta(days=2)
        Proposal.objects.create(
            programme=here, ask=ask, offer=offer, origin="next", answer_by=put, put_at=put, state=state,
            state_since=put + timedelta(hours=hours),
        )  # fmt: skip
    seen = past.seen(here)
    assert seen.arrives.tolist() == [24.0 * day for day in range(20)]
    assert seen.left.tolist() == [day % 4 == 0 for day in range(20)]
    assert seen.waited[0] == 120
    assert seen.waited[1] == 39 * 24
    assert sorted(seen.answers) == [6, 12]
    assert sorted(seen.yes.tolist()) == [False, True]
    assert (seen.opens >= 0).all()
    assert len(seen.edges.demand) == 20
    assert len(seen.going) == Pair.objects.filter(programme=here).count()
    told = json.loads(run("--programme", here.slug, "--runs", "2", "--policy", "at_once", "--json")[-1])
    assert told["asks"] == 20
    Ask.objects.filter(pk=asks[0].pk).delete()
    with pytest.raises(CommandError, match="Too few"):
        run("--programme", here.slug)
