"""Ways to be reached and money, noticed in what somebody writes; ordinary sentences left alone. All names are made up."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nawzajem.core.privacy.noticed import PATTERNS, noticed

CONTACT = [
    ("Napisz do mnie: ala.kot@example.org", "ala.kot@example.org"),
    ("mój numer to 600 123 456, dzwoń wieczorem", "600 123 456"),
    ("tel. +48 600-123-456", "+48 600-123-456"),
    ("call me on 07700 900123", "07700 900123"),
    ("zobacz https://example.org/ja", "https://example.org/ja"),
    ("jestem na www.example.org", "www.example.org"),
    ("my page is ala-kot.com", "ala-kot.com"),
    ("znajdziesz mnie jako @ala_kot_77", "@ala_kot_77"),
    ("insta: ala_kot", "insta: ala_kot"),
    ("Discord: ala#1234", "Discord: ala#1234"),
    ("mam Instagrama: ala.kot", "Instagrama: ala.kot"),
]
MONEY = [
    ("PL61 1090 1014 0000 0712 1981 2874", "PL61 1090 1014 0000 0712 1981 2874"),
    ("61109010140000071219812874", "61109010140000071219812874"),
    ("GB82 WEST 1234 5698 7654 32", "GB82 WEST 1234 5698 7654 32"),
    ("podasz mi kod blik?", "blik"),
    ("jaki masz numer konta?", "numer konta"),
    ("pożycz mi 200 zł do piątku", "pożycz mi"),
    ("przeslij mi coś na jedzenie", "przeslij mi"),
    ("could you lend me 50", "lend me 50"),
    ("please send me some money", "send me some money"),
    ("na PayPala albo paypal", "paypal"),
]
ORDINARY = [
    "Zadzwoń pod 116 123, tam ktoś odbierze o każdej porze.",
    "Call 999 or 112 if it gets worse tonight.",
    "To było 12.03.2021, a potem 2024-11-22 o 18:30.",
    "Mam 45 lat, dwoje dzieci i kredyt na 30 lat.",
    "Zarabiam 4 500 zł i ledwo starcza.",
    "Od rozwodu boję się o pieniądze, nie śpię przez długi.",
    "Widziałam jego zdjęcia na Facebooku i znowu płakałam.",
    "I quit Instagram last year and it helped.",
    "Przełam mi ten chleb.",
    "The bank closed at 5, I had to wait until Monday.",
    "Siedzę @ home i nic.",
    "It took me 10000 steps... or 12.5 km.",
    "Rozmawialiśmy 3-4 razy w tygodniu, po 20-30 minut.",
    "Nie pożyczam nikomu, bo się na tym sparzyłam.",
]


@pytest.mark.parametrize(("text", "what"), CONTACT)
def test_ways_to_be_reached_are_noticed_where_they_stand(text, what):
    assert [(text[one.start : one.end], one.kind) for one in noticed(text)] == [(what, "contact")]


@pytest.mark.parametrize(("text", "what"), MONEY)
def test_money_is_noticed_where_it_stands(text, what):
    found = [(text[one.start : one.end], one.kind) for one in noticed(text)]
    assert (what, "money") in found
    assert {kind for _words, kind in found} == {"money"}


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_sentences_and_help_lines_are_left_alone(text):
    assert [text[one.start : one.end] for one in noticed(text)] == []


@given(st.text(max_size=400))
def test_whatever_is_written_places_lie_within_it_in_order_and_apart(text):
    found = noticed(text)
    for one in found:
        assert 0 <= one.start < one.end <= len(text)
    assert all(one.end <= two.start for one, two in pairwise(found))


def test_the_patterns_are_ones_that_browsers_understand_too():
    """No looking back, no names of groups, no switches inside: and each has the one group that says where."""
    for every in PATTERNS.values():
        for one in every:
            assert not re.search(r"\(\?(?:<|P|[a-z]+\))", one), one
            assert re.compile(one).groups == 1, one
