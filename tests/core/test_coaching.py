"""What the coach's rules notice, where; how a conversation is looked back at."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nawzajem.core.coaching import Help, Noticed, Pitfall, Turn, coach, look_back
from nawzajem.core.coaching.look_back import is_open
from nawzajem.core.coaching.noticed import Coached
from nawzajem.management import lessons


def codes(text, language="en", **more):
    return {one.code for one in coach(text, language, **more).pitfalls}


@pytest.mark.parametrize(
    ("text", "language", "pitfall"),
    [
        ("Na twoim miejscu zostawiłabym go jutro.", "pl", Pitfall.DIRECTIVE),
        ("If I were you I'd leave him.", "en", Pitfall.DIRECTIVE),
        ("Nie przesadzaj, inni mają gorzej.", "pl", Pitfall.MINIMISING),
        ("Honestly, could be worse.", "en", Pitfall.MINIMISING),
        ("Masz klasyczną depresję.", "pl", Pitfall.DIAGNOSING),
        ("He's a classic narcissist.", "en", Pitfall.DIAGNOSING),
        ("Zostanie między nami.", "pl", Pitfall.SECRECY),
        ("Your secret is safe with me.", "en", Pitfall.SECRECY),
        ("Dlaczego mu nie powiedziałaś? I czemu dopiero teraz?", "pl", Pitfall.INTERROGATING),
        ("Why didn't you tell him?", "en", Pitfall.INTERROGATING),
        ("Podaj numer konta, przeleję ci dziś.", "pl", Pitfall.PRIVATE),
        ("Here's my number, text me on WhatsApp.", "en", Pitfall.PRIVATE),
        ("Wstydź się.", "pl", Pitfall.JUDGING),
    ],
)
def test_plain_words_of_a_pitfall_are_noticed_without_carriers(text, language, pitfall):
    assert pitfall in codes(text, language)


def test_without_diacritics_and_in_capitals_it_is_the_same():
    assert codes("ZOSTANIE MIEDZY NAMI", "pl") == codes("zostanie między nami", "pl") == {Pitfall.SECRECY}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Jestem. Opowiesz, co się wydarzyło?", "pl"),
        ("That sounds heavy. What was the worst of it?", "en"),
        ("Słyszę, ile w tym bólu.", "pl"),
        ("To nie twoja wina.", "pl"),
        ("It matters to me a lot.", "en"),
        ("Tell me more, if you want to.", "en"),
        ("ok", "en"),
    ],
)
def test_being_there_is_no_pitfall(text, language):
    assert not codes(text, language)


@pytest.mark.parametrize("language", ["pl", "en"])
def test_what_the_rules_notice_in_the_sentences_is_nearly_always_there(language):
    of = [one for one in lessons.examples("coaching") if one.language == language and not one.bare]
    noticed = [one for one in of if codes(one.text, language, context=one.context)]
    assert len(noticed) > len(of) / 10
    assert sum(bool(one.item["pitfalls"]) for one in noticed) > 0.9 * len(noticed)


def test_advice_that_was_asked_for_is_no_pitfall():
    assert Pitfall.DIRECTIVE in codes("If I were you I'd ring the union.")
    assert not codes("If I were you I'd ring the union.", context="What would you do in my place?")
    assert not codes("Na twoim miejscu poszłabym z kimś.", "pl", context="Co byś zrobiła, co radzisz?")


def test_the_words_that_led_there_are_pointed_at():
    text = "Siedzę i czytam. To zostanie między nami, słowo."
    (found,) = coach(text, "pl").pitfalls
    assert text[found.start : found.end] == "między nami"


class Ear:
    """A carrier that hears only whether a word is in the text."""

    name, width = "ear", 2

    def encode(self, texts):
        return np.array([["sad" in text, "why" in text] for text in texts], np.float32).reshape(-1, 2)


def test_heads_of_another_carrier_are_not_believed():
    heard = coach("Why didn't you tell him?", "en", carrier=Ear())
    assert heard == coach("Why didn't you tell him?", "en")


@given(st.text(max_size=300), st.sampled_from(["pl", "en"]), st.text(max_size=80))
def test_whatever_is_written_is_looked_at_the_same_each_time_and_pointed_at_within_it(text, language, context):
    found = coach(text, language, context=context)
    assert found == coach(text, language, context=context)
    assert all(0 <= one.start < one.end <= len(text) for one in found.pitfalls)


def test_questions_that_leave_room_are_told_from_those_that_ask_for_a_yes():
    opened = ["Jak się z tym masz?", "Co było najtrudniejsze?", "What was it like?", "How are you with that?"]
    assert all(map(is_open, opened))
    assert not any(map(is_open, ["Czy jadłaś?", "Are you safe?", "Byłeś u lekarza?"]))


def test_a_conversation_looked_back_at_is_counts_and_places():
    asked = Coached((), (Noticed(Help.EXPLORATION, 0.9, 0, 5),), "v")
    said = [
        Turn(False, "hej"),
        Turn(True, "Co się stało?", asked),
        Turn(False, "tata wyszedł wczoraj i nie wrócił, całą noc siedzieliśmy z mamą w kuchni i nikt nic nie mówił"),
        Turn(True, "Śpicie coś?", Coached((Noticed(Pitfall.INTERROGATING, 0.9, 0, 4),), (), "v")),
    ]
    found = look_back(said)
    assert (found.mine, found.theirs, found.turns) == (2, 2, 3)
    assert (found.open_questions, found.closed_questions) == (1, 1)
    assert (found.helps, found.pitfalls) == ({Help.EXPLORATION: 1}, {Pitfall.INTERROGATING: 1})
    assert found.opened_up_after == (1,)
    assert 0 < found.my_share < 0.3


def test_nothing_said_is_nothing_looked_back_at():
    assert look_back([]).my_share == 0
