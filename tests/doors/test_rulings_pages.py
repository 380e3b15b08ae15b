"""Somebody who is paused by a decision finds what was decided, the way to answer, help and the way out; and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from nawzajem.ground import clock
from nawzajem.people import acts as people
from nawzajem.rulings import acts
from nawzajem.rulings.models import Ruling
from nawzajem.safety import acts as safety
from nawzajem.safety.models import Report
from tests.doors.plain import says

pytestmark = pytest.mark.django_db

PLACE = "/p/here"
CLOSED = ("home", "asks", "ask_write", "offer", "pairs", "experiences", "place", "growth", "now")
OPEN = ("rulings", "reported", "report_keeper", "texts", "leave", "care", "worried")


@pytest.fixture
def decision(world) -> Ruling:
    world.pair()
    report = safety.report(world.actor("ania"), world.bartek, reason="pressure", words="Nie dawał mi spokoju.")
    until = clock.house_day() + timedelta(days=20)
    said = {"reason": "pressure", "words": "Naciski mimo sprzeciwu.", "until": until, "urgent": True}
    return acts.rule(world.actor("franek"), acts.take(world.actor("franek"), report), kind="pause", **said)


def test_there_is_nothing_to_decide_about_somebody_who_has_left_or_who_is_still_to_answer(world, enter):
    world.pair()
    report = safety.report(world.actor("ania"), world.bartek, reason="pressure", words="Nie dawał mi spokoju.")
    acts.take(world.actor("franek"), report)
    desk, page = enter("franek"), f"{PLACE}/desk/reports/{report.pk}/"
    assert desk.get(f"{page}decide/").status_code == 200
    acts.rule(world.actor("franek"), report, kind="removal", reason="pressure", words="Naciski mimo sprzeciwu.")
    assert desk.get(f"{page}decide/").headers["Location"] == page
    Ruling.objects.all().delete()
    assert desk.get(f"{page}decide/").status_code == 200
    Report.objects.update(about=None)
    assert desk.get(f"{page}decide/").headers["Location"] == page


@pytest.mark.parametrize("name", CLOSED)
def test_other_pages_lead_to_what_was_decided(decision, enter, name):
    answer = enter("bartek").get(reverse(name, args=["here"]))
    assert (answer.status_code, answer.headers.get("Location")) == (302, f"{PLACE}/decisions/")


@pytest.mark.parametrize("name", OPEN)
def test_help_answering_and_the_way_out_stay_open(decision, enter, name):
    assert enter("bartek").get(reverse(name, args=["here"])).status_code == 200


def test_the_talk_is_closed_to_them_on_the_page_in_a_fragment_and_for_programs(world, decision, enter):
    pair = world.bartek.pairs_giving.get()
    talk = pair.conversation_id
    browser = enter("bartek")
    assert browser.get(f"{PLACE}/pairs/{pair.pk}/").status_code == 302
    assert browser.get(f"{PLACE}/talks/{talk}/messages/", headers={"HX-Request": "true"}).status_code == 403
    assert browser.post(f"{PLACE}/asks/new/", {}).status_code == 403
    _token, secret = people.make_token(
        world.actor("bartek"), world.bartek, name="x", scopes=["read", "talk"], expires_on=None
    )
    asked = Client(headers={"Authorization": f"Bearer {secret}"}).get(f"/api/v1/p/here/conversations/{talk}/messages")
    assert (asked.status_code, asked.json()["code"]) == (403, "paused")


def test_the_letter_says_what_why_until_when_and_how_to_answer(world, decision, comes):
    page = comes("bartek").open(f"{PLACE}/decisions/{decision.pk}/")
    for words in ("Naciski mimo sprzeciwu.", says("putting somebody under pressure, or not taking a no").capitalize()):
        assert words in page.words
    assert page.form(f"{PLACE}/decisions/{decision.pk}/reply/")
    assert page.form(f"{PLACE}/decisions/{decision.pk}/appeal/")
    for private in ("Ania", "Franek", "Nie dawał mi spokoju."):
        assert private not in page.words


def test_whoever_reported_reads_what_came_of_it_and_no_more(world, decision, comes):
    page = comes("ania").open(f"{PLACE}/reported/")
    assert says("It was looked into. The person does not take part for some time.") in page.words
    assert "Naciski mimo sprzeciwu." not in page.words


def test_the_other_of_the_pair_is_told_gently(world, decision, comes):
    pair = world.ania.pairs_asking.get()
    page = comes("ania").open(f"{PLACE}/pairs/{pair.pk}/")
    told = "%(name)s cannot take part for now, and does not read here. "
    told += "It has nothing to do with you. You can wait, end it, or ask for somebody else."
    assert says(told).replace("%(name)s", "Bartek") in page.words
    assert "Naciski" not in page.words


def test_the_queue_shows_each_filter_its_own(world, decision, comes):
    grave = safety.report(world.actor("ania"), world.bartek, reason="threat", words="x")
    here = f"{PLACE}/desk/reports/"
    franek = comes("franek")
    assert f"{here}{grave.pk}/" in franek.open(here).html
    for which, shown in (("grave", True), ("free", True), ("mine", False), ("closed", False)):
        assert (f"{here}{grave.pk}/" in franek.open(f"{here}?which={which}").html) is shown, which
    assert franek.open(f"{here}?which=none-such").status == 404


def test_at_most_one_desk_page_in_a_quarter_of_an_hour_is_one_line_in_the_book(world, decision, comes):
    franek = comes("franek")
    for _twice in range(2):
        franek.open(f"{PLACE}/desk/decisions/{decision.pk}/")
    looks = comes("bartek").open("/me/looks/").words
    assert looks.lower().count(says("a decision about you, and what you said to it").lower()) == 1
