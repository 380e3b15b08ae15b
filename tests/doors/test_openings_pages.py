"""From a sign of danger to what two people open together: a second factor shown a moment ago each time, and whom it concerns told."""

from __future__ import annotations

import pytest

from nawzajem.conversations import acts as conversations
from nawzajem.ground.actor import CHORE
from nawzajem.safety.concerns import acts as concerns
from nawzajem.safety.openings.models import Opening
from tests.doors.deed import PLACE
from tests.doors.factors import has_shown, with_second_factors
from tests.doors.plain import says

pytestmark = pytest.mark.django_db

DESK = f"{PLACE}/desk"
WRITTEN = "Nie mam już siły, kołdra jest z ołowiu."


@pytest.fixture
def concern(world):
    """Ania wrote something that was taken for a sign; Franek has taken it up."""
    with_second_factors(world)
    pair = world.pair()
    said = conversations.send(world.actor("ania"), pair.conversation, text=WRITTEN, client_key="abcdefghjkmn")
    place = f"message:{pair.conversation_id}:{said.seq}"
    raised = concerns.raise_concern(
        CHORE.within(world.here.pk), world.ania, origin="screening", tier=3, talk=pair.conversation_id, place=place
    )
    return concerns.take(world.actor("franek"), raised)


def asks(world, comes, concern, address="?concern={}"):
    one = has_shown(comes("franek"), world.franek)
    page = one.open(f"{DESK}/openings/new/{address.format(concern.pk)}")
    return one.send(page.form(), words="Trzeba wiedzieć, czy jest bezpieczna.")


def test_from_a_sign_the_talk_around_it_is_opened_by_two_and_both_who_talk_read_of_it(world, comes, concern):
    on_it = comes("franek").open(f"{DESK}/concerns/{concern.pk}/")
    assert f"openings/new/?concern={concern.pk}" in on_it.html
    assert WRITTEN not in on_it.html
    asks(world, comes, concern)
    opening = Opening.objects.get()
    assert (opening.reason, opening.because, opening.seq) == ("danger", f"concern:{concern.pk}", 1)
    path = f"{DESK}/openings/{opening.pk}/"
    celina = has_shown(comes("celina"), world.celina)
    celina.send(celina.open(path).form(f"{path}answer/"), yes="1")
    assert WRITTEN in celina.send(celina.open(path).form(f"{path}look/")).words
    for name in ("ania", "bartek"):
        told = comes(name).open("/me/looks/")
        assert says("somebody's life or health may be in danger") in told.words
        assert WRITTEN not in told.words


def test_who_somebody_is_can_be_asked_for_from_a_sign(world, comes, concern):
    asks(world, comes, concern, "?concern={}&who")
    assert (Opening.objects.get().kind, Opening.objects.get().thing) == ("identity", world.member("ania").pk)


@pytest.mark.parametrize("name", ["celina", "ania"])
def test_from_a_sign_only_somebody_who_sees_signs_asks(world, comes, concern, name):
    assert has_shown(comes(name), world.people[name]).open(f"{DESK}/openings/new/?concern={concern.pk}").status == 404


@pytest.mark.parametrize("ago", [None, 11 * 60])
def test_a_second_factor_of_some_time_ago_opens_nothing(world, comes, concern, ago):
    def late(name):
        one = comes(name)
        return one if ago is None else has_shown(one, world.people[name], ago=ago)

    assert "/2fa/reauthenticate/" in late("franek").client.get(f"{DESK}/openings/new/?concern={concern.pk}").url
    words = {"reason": "danger", "words": "Trzeba."}
    refused = late("franek").client.post(f"{DESK}/openings/new/?concern={concern.pk}", words)
    assert (refused.status_code, Opening.objects.count()) == (403, 0)
    assert "Trzeba." in refused.content.decode()
    asks(world, comes, concern)
    path = f"{DESK}/openings/{Opening.objects.get().pk}/"
    assert "/2fa/reauthenticate/" in late("celina").client.post(f"{path}answer/", {"yes": "1"}).url
    assert Opening.objects.get().state == "asked"
    celina = has_shown(comes("celina"), world.celina)
    celina.send(celina.open(path).form(f"{path}answer/"), yes="1")
    assert "/2fa/reauthenticate/" in late("franek").client.post(f"{path}look/").url


def test_no_factor_is_needed_to_say_no(world, comes, concern):
    asks(world, comes, concern)
    path = f"{DESK}/openings/{Opening.objects.get().pk}/"
    celina = comes("celina")
    celina.send(celina.open(path).form(f"{path}answer/"), no="1")
    assert Opening.objects.get().state == "refused"
