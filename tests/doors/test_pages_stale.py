"""A page that was open while the world went on: a sentence says so, the way leads to how things stand, and what was written
is on the page."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from django import forms
from django.test import Client

from nawzajem.asks import acts as asks
from nawzajem.offers import acts as offers
from nawzajem.pairs import acts as pairs
from nawzajem.pairs.models import CheckIn
from nawzajem.programmes import acts as programmes
from nawzajem.rights import acts as rights
from nawzajem.rulings import acts as rulings
from nawzajem.safety import acts as safety
from nawzajem.web.refusals import WORDS
from tests.cast import HOUSE
from tests.doors.deeds import PLACE
from tests.doors.plain import Browser, Page, says
from tests.house.test_rules_of_the_house import NAWZAJEM

pytestmark = pytest.mark.django_db

WRITTEN = "Nie śpię od tygodnia.\nNie wiem, od czego zacząć."


def house(world):
    return HOUSE.within(world.here.pk)


def keeps(page: Page, status: int, way: str = "") -> None:
    """A no with a sentence, everything that was written, and the way on."""
    assert page.status == status, page.words
    assert [area for area in page.areas if area == WRITTEN], page.words
    assert not way or f'href="{way}"' in page.html, f"no way to {way}: {page.words}"


# -- what was written is kept -----------------------------------------------------------------------------------------


def test_an_ask_changed_while_somebody_is_being_asked(world, comes):
    ask, offer = world.ask("ania"), world.offer("bartek")
    one = comes("ania")
    form = one.open(f"{PLACE}/asks/{ask.pk}/change/").form()
    pairs.put(world.actor("celina"), ask, offer, origin="coordinator")
    keeps(one.send(form, words=WRITTEN), 409, f"{PLACE}/asks/{ask.pk}/")


def test_an_ask_changed_after_it_was_taken_back(world, comes):
    ask = world.ask("ania")
    one = comes("ania")
    form = one.open(f"{PLACE}/asks/{ask.pk}/change/").form()
    pairs.take_back(world.actor("ania"), ask)
    keeps(one.send(form, words=WRITTEN), 410, f"{PLACE}/asks/{ask.pk}/")


def test_an_experience_changed_after_it_was_taken_back(world, comes):
    from nawzajem.experiences import acts as experiences

    told = world.experience("bartek")
    one = comes("bartek")
    form = one.open(f"{PLACE}/experiences/{told.pk}/").form()
    experiences.remove(world.actor("bartek"), told)
    keeps(one.send(form, words=WRITTEN), 404, f"{PLACE}/experiences/")


def test_an_experience_told_in_two_windows(world, comes):
    one = comes("bartek")
    form = one.open(f"{PLACE}/experiences/new/").form()
    world.experience("bartek", "lonely")
    page = one.send(form, topic="lonely", stage="in_it", words=WRITTEN)
    keeps(page, 422)
    assert says("You have told of this already. It is easy to change.") in page.words


def test_a_message_into_a_talk_that_has_just_ended(world, comes):
    pair = world.pair()
    one = comes("ania")
    form = one.open(f"{PLACE}/pairs/{pair.pk}/").form(f"{PLACE}/talks/{pair.conversation_id}/messages/")
    pairs.end(world.actor("bartek"), pair, at_once=True)
    page = one.send(form, text=WRITTEN)
    keeps(page, 410)
    assert says("This conversation has ended. What was said stays here to be read.") in page.words


def test_what_the_two_settle_after_the_end(world, comes):
    pair = world.pair()
    one = comes("ania")
    form = one.open(f"{PLACE}/pairs/{pair.pk}/agreement/").form()
    pairs.end(world.actor("bartek"), pair, at_once=True)
    keeps(one.send(form, aim=WRITTEN), 410, f"{PLACE}/pairs/{pair.pk}/")


def writes_an_ask(one: Browser) -> Any:
    return one.open(f"{PLACE}/asks/new/").form()


def test_somebody_signed_out_in_another_window(world, comes):
    one = comes("ania")
    form = writes_an_ask(one)
    one.client.logout()
    keeps(one.send(form, topics=["lonely"], words=WRITTEN), 403, "/accounts/login/?next=/p/here/asks/new/")


def test_somebody_signed_in_anew_in_another_window(world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.ania)
    one = Browser(client)
    form = writes_an_ask(one)
    client.cookies["csrftoken"] = "b" * 32
    page = one.send(form, topics=["lonely"], words=WRITTEN)
    keeps(page, 403, f"{PLACE}/asks/")
    assert not [form for form in page.forms if "asks" in form.action], (
        "what may come from elsewhere is not offered again"
    )


def test_the_text_on_confidentiality_changed_while_somebody_wrote(world, comes):
    one = comes("ania")
    form = writes_an_ask(one)
    programmes.rewrite(world.actor("celina"), world.here, code="confidentiality", words={"pl": "Nowe.", "en": "New."})
    keeps(one.send(form, topics=["lonely"], words=WRITTEN), 403, f"{PLACE}/agree/")


@pytest.mark.parametrize("joining", ["open", "invited"])
def test_somebody_left_in_another_window(world, comes, joining):
    programmes.choose(world.actor("celina"), world.here, joining=joining)
    one = comes("ania")
    form = writes_an_ask(one)
    rights.leave(world.actor("ania"), world.member("ania"))
    keeps(one.send(form, topics=["lonely"], words=WRITTEN), 403 if joining == "open" else 404)


def test_somebody_was_paused_while_they_wrote(world, comes):
    one = comes("ania")
    form = writes_an_ask(one)
    programmes.pause(world.actor("celina"), world.member("ania"))
    keeps(one.send(form, topics=["lonely"], words=WRITTEN), 403, f"{PLACE}/asks/")


def test_every_field_in_which_people_write_is_known():
    written = {
        name
        for path in NAWZAJEM.glob("*/forms.py")
        for one in vars(importlib.import_module(f"nawzajem.{path.parent.name}.forms")).values()
        if isinstance(one, type) and issubclass(one, forms.BaseForm)
        for name, field in getattr(one, "base_fields", {}).items()
        if isinstance(field.widget, forms.Textarea)
    }
    assert written == set(WORDS)


# -- how it stands now ------------------------------------------------------------------------------------------------


def test_a_draft_sent_after_it_was_taken_back(world, comes):
    ask = world.draft("ania")
    one = comes("ania")
    form = one.open(f"{PLACE}/asks/{ask.pk}/").form(f"{PLACE}/asks/{ask.pk}/send/")
    pairs.take_back(world.actor("ania"), ask)
    page = one.send(form)
    assert (page.status, page.address) == (200, f"{PLACE}/asks/{ask.pk}/")
    assert says("This is over and cannot be changed any more.") in page.words
    assert says("You took this back.") in page.words


def test_a_second_ask_where_one_waits(world, comes):
    programmes.choose(world.actor("celina"), world.here, open_asks=1)
    ask = world.draft("ania")
    one = comes("ania")
    form = one.open(f"{PLACE}/asks/{ask.pk}/").form(f"{PLACE}/asks/{ask.pk}/send/")
    world.ask("ania", "lonely")
    page = one.send(form)
    assert page.status == 422
    assert f'href="{PLACE}/asks/{ask.pk}/"' in page.html


def test_somebody_chosen_whose_place_has_just_gone(world, comes):
    ask, offer = world.ask("ania"), world.offer("bartek", capacity=1)
    one = comes("ania")
    form = one.open(f"{PLACE}/asks/{ask.pk}/").form(f"{PLACE}/asks/{ask.pk}/choose/")
    world.add("gosia")
    pairs.put(world.actor("gosia"), world.ask("gosia"), offer, origin="chosen")
    page = one.send(form)
    assert (page.status, page.address) == (200, f"{PLACE}/asks/{ask.pk}/")
    assert says("This place has just been taken. Somebody else may fit as well.") in page.words


def test_a_yes_to_an_ask_that_had_lapsed_opens_nothing_and_says_so(world, comes):
    ask = world.ask("ania")
    one = comes("ania")
    form = one.open(f"{PLACE}/asks/{ask.pk}/").form(f"{PLACE}/asks/{ask.pk}/confirm/")
    asks.lapse(house(world), ask, ending="unconfirmed")
    page = one.send(form)
    assert says("Ask again") in page.words
    assert page.address == f"{PLACE}/asks/{ask.pk}/"


@pytest.mark.parametrize(
    ("meanwhile", "words"),
    [
        (lambda world, put: pairs.lapse(house(world), put), "It did not come about this time."),
        (
            lambda world, put: pairs.take_back(world.actor("ania"), put.ask),
            "It is no longer needed. Thank you for being there.",
        ),
    ],
)
def test_a_yes_to_a_proposal_that_is_over(world, comes, meanwhile, words):
    put = world.proposal()
    one = comes("bartek")
    form = one.open(f"{PLACE}/proposals/{put.pk}/").form(f"{PLACE}/proposals/{put.pk}/answer/")
    meanwhile(world, put)
    page = one.send(form, yes="1")
    assert (page.status, page.address) == (200, f"{PLACE}/proposals/{put.pk}/")
    assert says(words) in page.words
    assert says("Yes, I would like to talk") not in page.words, "nothing to answer any more"


def on_the_pair(one, pair, button):
    return one.open(f"{PLACE}/pairs/{pair.pk}/").form(f"{PLACE}/pairs/{pair.pk}/{button}/")


def test_an_agreement_that_the_other_has_just_changed_is_read_once_more(world, comes):
    pair = world.pair()
    pairs.suggest_agreement(world.actor("bartek"), pair, aim="Przetrwać święta.")
    one = comes("ania")
    form = on_the_pair(one, pair, "agree")
    pairs.suggest_agreement(world.actor("bartek"), pair, aim="Przetrwać zimę.")
    page = one.send(form)
    assert says("The other has just changed something. Please read it once more.") in page.words
    assert "Przetrwać zimę." in page.words
    pair.refresh_from_db()
    assert not pair.is_agreed


def test_a_break_taken_while_the_other_wishes_to_end(world, comes):
    pair = world.pair()
    one = comes("ania")
    form = on_the_pair(one, pair, "rest")
    pairs.end(world.actor("bartek"), pair)
    page = one.send(form)
    assert (page.status, page.address) == (200, f"{PLACE}/pairs/{pair.pk}/")
    assert says("The other wishes to end this. There are some days left for last words.") in page.words


@pytest.mark.parametrize("where", ["agreement", "end"])
def test_what_could_only_be_refused_is_not_shown(world, comes, where):
    pair = world.pair()
    pairs.end(world.actor("bartek"), pair, at_once=True)
    assert comes("ania").open(f"{PLACE}/pairs/{pair.pk}/{where}/").address == f"{PLACE}/pairs/{pair.pk}/"


def test_how_it_was_is_not_asked_before_the_end(world, comes):
    pair = world.pair()
    assert comes("ania").open(f"{PLACE}/pairs/{pair.pk}/rating/").address == f"{PLACE}/pairs/{pair.pk}/"


def test_a_check_in_after_the_end(world, comes):
    pair = world.pair()
    one = comes("ania")
    form = one.open(f"{PLACE}/check-ins/{CheckIn.objects.filter(pair=pair)[0].pk}/").form()
    pairs.end(world.actor("bartek"), pair, at_once=True)
    page = one.send(form, how="well")
    assert (page.status, page.address) == (200, f"{PLACE}/pairs/{pair.pk}/")


def test_the_text_on_confidentiality_changed_while_somebody_read_it(world, comes):
    one = comes("dawid")
    form = one.open(f"{PLACE}/join/").form()
    programmes.rewrite(world.actor("celina"), world.here, code="confidentiality", words={"pl": "Nowe.", "en": "New."})
    page = one.send(form, agreed="on", age="35_49", conditions=["lives_here"])
    assert says("The text has changed in the meantime. Please read it once more.") in page.words
    assert (page.address, "Nowe." in page.words) == (f"{PLACE}/join/", True)


# -- at the desk ------------------------------------------------------------------------------------------------------


def at_the_desk(one, page, button):
    return one.open(f"{PLACE}/desk/{page}/").form(f"{PLACE}/desk/{page}/{button}/")


def test_a_proposal_by_hand_for_an_ask_that_was_taken_back(world, comes):
    world.offer("bartek")
    ask = world.ask("ania")
    one = comes("celina")
    form = at_the_desk(one, f"asks/{ask.pk}", "propose")
    pairs.take_back(world.actor("ania"), ask)
    page = one.send(form)
    assert (page.status, page.address) == (200, f"{PLACE}/desk/asks/{ask.pk}/")
    assert says("This is over and cannot be changed any more.") in page.words


def test_a_proposal_by_hand_of_somebody_who_has_just_been_given_another(world, comes):
    offer, ask = world.offer("bartek", capacity=1), world.ask("ania")
    one = comes("celina")
    form = at_the_desk(one, f"asks/{ask.pk}", "propose")
    world.add("gosia")
    pairs.put(world.actor("gosia"), world.ask("gosia"), offer, origin="chosen")
    page = one.send(form)
    assert says("This place has just been taken. Somebody else may fit as well.") in page.words
    assert page.address == f"{PLACE}/desk/asks/{ask.pk}/"


def test_a_pause_for_somebody_who_has_just_left(world, comes):
    member = world.member("bartek")
    one = comes("celina")
    form = at_the_desk(one, f"people/{member.pk}", "pause")
    rights.leave(world.actor("bartek"), member)
    page = one.send(form)
    assert (page.status, f'href="{PLACE}/desk/people/"' in page.html) == (404, True)


def test_an_offer_that_its_owner_has_just_laid_to_rest(world, comes):
    offer, member = world.offer("bartek"), world.member("bartek")
    one = comes("celina")
    form = at_the_desk(one, f"people/{member.pk}", "pause-offer")
    offers.retire(world.actor("bartek"), offer)
    page = one.send(form)
    assert (page.status, page.address) == (200, f"{PLACE}/desk/people/{member.pk}/")


def test_a_report_that_another_has_just_taken(world, comes):
    raised = safety.report(world.actor("ania"), world.bartek, reason="other")
    one = comes("celina")
    form = at_the_desk(one, f"reports/{raised.pk}", "take")
    rulings.take(world.actor("franek"), raised)
    page = one.send(form)
    assert (page.status, "ktoś się tym zajmuje (Franek)" in page.words) == (200, True)


def test_the_last_coordinator_reads_why_the_duty_stays(world, comes):
    duty = world.member("celina").duties.get()
    one = comes("celina")
    page = one.send(one.open(f"{PLACE}/desk/people/{duty.member_id}/").form(f"{PLACE}/desk/duties/{duty.pk}/lay-down/"))
    assert page.status == 422
    assert f'href="{PLACE}/desk/"' in page.html
