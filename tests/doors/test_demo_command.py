"""The demo town: it moves in through acts, only where nobody is, and is worth a visit."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count, F
from django.test import Client
from django.utils import timezone

from nawzajem import chores
from nawzajem.asks.models import Ask
from nawzajem.conversations.forms import LONGEST
from nawzajem.conversations.models import Message
from nawzajem.conversations.reads import unread
from nawzajem.core.matching import hours
from nawzajem.experiences.models import Experience
from nawzajem.ground.models import Event, Mark, Turn
from nawzajem.management.demo import moments, script
from nawzajem.offers.models import Offer
from nawzajem.pairs.models import Pair, Proposal
from nawzajem.pairs.reads import checkins_due, to_answer
from nawzajem.people.models import PSEUDONYM, Person
from nawzajem.programmes import reads as programmes
from nawzajem.programmes.models import Invitation, Member, Programme
from nawzajem.safety.models import Block, Report

pytestmark = pytest.mark.django_db
SCRIPT = script.read()
TALKS = SCRIPT.talks.items()
WHOLE = connection.vendor == "sqlite"  # elsewhere half a minute of the same acts: the small one will do
CAST = [one.who for one in SCRIPT.town.cast]


def build(*words):
    told = StringIO()
    call_command("demo", *words, "--json", stdout=told, stderr=StringIO())
    return json.loads(told.getvalue().splitlines()[-1]), told.getvalue()


def leave_nobody():
    """Whoever was there steps aside; the transaction around it brings them back."""
    for kind in (Pair, Experience, Programme, Person, Event, Mark):
        kind.objects.all().delete()


def actor(name, slug):
    person, here = Person.objects.get(pseudonym=name), Programme.objects.get(slug=slug)
    return programmes.actor(person, here, programmes.membership(person, here), via="web", second_factor=lambda: True)


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker):
    """Nobody in it; afterwards everybody is back."""
    with django_db_blocker.unblock(), transaction.atomic():
        leave_nobody()
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def small(house):
    """The small town, built twice: what the first said and what the second is."""
    with transaction.atomic():
        first, _told = build("--small")
        transaction.set_rollback(True)
    second, told = build("--small")
    return {"first": first, "second": second, "told": told}


@pytest.fixture
def whole(house):
    with transaction.atomic():
        leave_nobody()
        build(*([] if WHOLE else ["--small"]))
        yield
        transaction.set_rollback(True)


# -- where it may live ------------------------------------------------------------------------------------------------


def test_it_refuses_to_move_in_beside_a_real_person(house):
    with transaction.atomic():
        Person.objects.create(pseudonym="Somebody Real")
        with pytest.raises(CommandError, match="not of the demo"):
            build("--small")
        assert not Programme.objects.exists()
        transaction.set_rollback(True)


def test_before_it_is_built_nobody_lives_there(house):
    for question in ("--who", "--code"):
        with pytest.raises(CommandError, match="no demo town"):
            call_command("demo", question, stdout=StringIO())


def test_it_does_not_move_in_twice(small):
    with pytest.raises(CommandError, match="here already"):
        build("--small")


def test_the_house_is_marked_so_that_pages_can_say_that_nothing_is_real(small):
    assert Mark.objects.filter(name="demo").exists()


# -- the small town ---------------------------------------------------------------------------------------------------


def test_it_is_the_same_town_every_time(small):
    kinds = ("people", "programmes", "pairs", "talks", "messages")
    assert [small["first"][one] for one in kinds] == [small["second"][one] for one in kinds]
    assert small["second"]["programmes"] == 3


def test_the_small_town_has_one_of_each_thing(small):
    assert set(Ask.objects.values_list("state", flat=True)) == set(Ask.State.values)
    assert set(Pair.objects.values_list("state", flat=True)) == set(Pair.State.values)
    assert {"raised", "taken"} <= set(Report.objects.values_list("state", flat=True))
    assert Block.objects.exists()
    assert Proposal.objects.out().exists()
    assert Member.objects.filter(state=Member.State.LEFT).exists()
    assert Invitation.objects.exclude(code="").exists()


def test_the_cast_signs_in_with_the_passphrase_that_is_told(small):
    assert small["second"]["passphrase"] in small["told"]
    assert Person.objects.get(pseudonym="Ania").check_password(small["second"]["passphrase"])
    assert Person.objects.values("password").distinct().count() == 1
    assert all(f"\n{one['name']} " in small["told"] for one in small["second"]["cast"])


def test_who_lives_there_is_told_again_at_any_time(small):
    told = StringIO()
    call_command("demo", "--who", stdout=told)
    assert all(one["name"] in told.getvalue() for one in small["second"]["cast"])


def test_the_code_that_is_told_opens_the_duty_that_needs_one(small):
    told = StringIO()
    call_command("demo", "--code", stdout=told)
    kept = Authenticator.objects.get(user__pseudonym="Jan")
    assert TOTP(kept).validate_code(told.getvalue().split()[0])
    needed = {one.slug: one.options.duties_need_second_factor for one in Programme.objects.all()}
    assert needed == {"krag": False, "kampus": False, "sluzba": True}


def test_ania_has_fresh_words_and_a_proposal_waiting(small):
    ania, bartek = actor("Ania", "krag"), actor("Bartek", "krag")
    assert sum(unread(ania).values()) == 2
    assert to_answer(ania).get().giver_says is True
    assert len(checkins_due(ania)) == 1
    assert to_answer(bartek).get().reasons
    assert set(Pair.objects.filter(giver=bartek.person).values_list("state", flat=True)) == {"active", "closing"}


def test_a_stranger_is_led_to_the_open_community(small):
    assert Client().get("/")["Location"] == "/p/krag/"


@pytest.mark.parametrize("place", ["krag", "kampus", "sluzba"])
def test_home_and_talks_open_for_the_cast(small, place):
    for name in [one["name"] for one in small["second"]["cast"] if one["place"] == place]:
        client, me = Client(), actor(name, place)
        client.force_login(Person.objects.get(pseudonym=name))
        assert client.get(f"/p/{place}/home/").status_code == 200
        for pair in Pair.objects.filter(programme=me.programme).filter(asker=me.person):
            assert client.get(f"/p/{place}/pairs/{pair.pk}/").status_code == 200


def test_the_worklist_has_something_under_each_heading(small):
    client = Client()
    client.force_login(Person.objects.get(pseudonym="Celina"))
    page = client.get("/p/krag/desk/").context
    assert all(len(page[heading]) for heading in ("asks", "lapsing", "silent", "reports"))


# -- the whole town ---------------------------------------------------------------------------------------------------


def test_the_whole_town(whole):
    """One build, looked at from all sides: it takes its time."""
    if WHOLE:
        _it_is_large_and_in_both_languages()
    _everything_has_happened_already()
    for pair in Pair.objects.select_related("ask__programme", "ask__person", "offer__person", "programme"):
        _these_two_may_meet(pair)
    assert not Offer.objects.filter(taken__gt=F("capacity")).exists()
    _the_house_has_nothing_left_to_do()


def _it_is_large_and_in_both_languages():
    assert Person.objects.count() >= 200
    assert set(Person.objects.values_list("language", flat=True)) == {"pl", "en"}
    in_two = Member.objects.values("person").annotate(places=Count("pk")).filter(places=2)
    assert Member.objects.filter(person__in=in_two.values("person")).values("called").distinct().count() == 2


def _everything_has_happened_already():
    now = timezone.now()
    assert not Event.objects.filter(at__gt=now).exists()
    assert list(Event.objects.order_by("pk").values_list("at", flat=True)) == sorted(
        Event.objects.values_list("at", flat=True)
    )
    assert Event.objects.earliest("at").at < now - timedelta(weeks=29)
    said = Message.objects.order_by("conversation", "seq").values_list("conversation", "at")
    assert list(said) == sorted(said)


def _these_two_may_meet(pair):
    """The hard rules once more, from the rows, for all whose door is not closed by now."""
    asker, giver = pair.ask, pair.offer
    who = {place.person_id: place for place in Member.objects.filter(programme=pair.programme)}
    assert pair.asker_id != pair.giver_id
    assert set(asker.languages) & set(giver.languages)
    assert set(asker.forms) & set(giver.forms)
    weeks = [hours.shift(one.hours, one.person.time_zone, timezone.now().date()) for one in (asker, giver)]
    assert hours.hours_in(hours.both(*weeks))
    asked = {topic.code.split(".")[0] for topic in asker.topics.all()}
    assert asked & {one.topic.code.split(".")[0] for one in giver.experiences.all()}
    lines_up = programmes.lines(pair.programme)
    _not_above(who[pair.giver_id], who[pair.asker_id], lines_up)
    _not_above(who[pair.asker_id], who[pair.giver_id], lines_up)
    closed = Block.objects.filter(by__in=who, of__in=who).values_list("by", "of")
    assert pair.ending == "blocked" or {pair.asker_id, pair.giver_id} not in [set(two) for two in closed]


def _not_above(one, other, lines_up):
    assert not (one.leads and other.unit_id and one.unit_id in lines_up[other.unit_id])


def _the_house_has_nothing_left_to_do():
    """Nobody is asked who is not in the script, and nothing lapses as soon as the house is opened."""
    last = Event.objects.latest("pk").pk
    Turn.objects.all().delete()
    chores.run_due()
    assert Counter(Event.objects.filter(pk__gt=last).values_list("kind", flat=True)) == {}


# -- what is written --------------------------------------------------------------------------------------------------


def spoken():
    return [(code, beat) for code, talk in TALKS for scene in talk.scenes() for beat in scene.beats]


def texts():
    """Everything that somebody wrote, wherever it stands."""
    yield from ((code, beat.text) for code, beat in spoken())
    yield from ((code, one.words) for code, one in TALKS)
    yield from ((one.who, one.words) for one in SCRIPT.town.asks)
    yield from ((one.by, one.words) for one in SCRIPT.town.reports)
    for here in SCRIPT.people.values():
        for name, one in here.items():
            yield from ((name, lived.words) for lived in one.lived)
            yield name, one.offer.words if one.offer else ""


def test_talks_are_told_in_both_languages_a_third_of_them_in_english():
    long = [talk for _code, talk in TALKS if sum(len(scene.beats) for scene in talk.scenes()) >= 6]
    count = Counter(talk.language for talk in long)
    assert len(long) >= 40
    assert 0.3 <= count["en"] / len(long) <= 0.37
    assert all(talk.about.pl and talk.about.en for _code, talk in TALKS)


def test_talks_have_six_to_thirty_messages_and_none_is_too_long():
    for code, talk in TALKS:
        assert sum(len(scene.beats) for scene in talk.scenes()) <= 30, code
    assert all(0 < len(beat.text) <= LONGEST for _code, beat in spoken())


def test_every_longer_talk_can_be_read_as_one_of_the_cast():
    for code, talk in TALKS:
        if sum(len(scene.beats) for scene in talk.scenes()) >= 6:
            assert {talk.asker, talk.giver} & set(CAST), code


def test_dashes_are_not_strewn_about():
    for where, text in texts():
        assert "—" not in text, where
        assert not re.search(r"\w–\w|\s--\s", text), where


def test_nobody_gives_away_a_way_to_reach_them():
    for where, text in texts():
        assert not re.search(r"@|https?:|www\.|\d{3}[ -]?\d{3}[ -]?\d{3}", text), where


def test_names_are_pseudonyms_each_its_own():
    names = [name for place, here in SCRIPT.people.items() for name in here]
    assert len(set(names)) >= 200
    assert {name for name, n in Counter(names).items() if n > 1} == {"Sasza"}
    for name in names:
        PSEUDONYM(name)


def test_what_happens_in_a_talk_happens_within_it():
    for code, talk in TALKS:
        said = sum(len(scene.beats) for scene in talk.scenes())
        after = [one.after for one in (talk.agreement, talk.ends, talk.rests) if one]
        assert all(0 < one <= said for one in after), code


NOW = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)  # a day that lacks an hour in Warsaw


@pytest.mark.parametrize("hour", [0, 3, 12, 23])
def test_messages_follow_each_other_and_end_when_they_should(hour):
    now = NOW.replace(hour=hour)
    for code, talk in TALKS:
        times = moments.said_at(talk, now=now, zone="Europe/Warsaw", seed=code)
        assert times == sorted(times), code
        assert times[-1] < now, code
        assert now - times[-1] < talk.last + timedelta(days=9), code


def test_last_words_are_said_while_there_is_still_time():
    for code, talk in TALKS:
        if talk.ends:
            times = moments.said_at(talk, now=NOW, zone="Europe/Warsaw", seed=code)
            assert times[-1] - times[talk.ends.after - 1] < timedelta(days=6), code


def test_time_never_runs_back():
    now, seen = timezone.now(), []

    def strand(*days):
        for day in days:
            yield now - timedelta(days=day)
            seen.append(timezone.now())

    moments.play([strand(9, 4, 1), strand(8, 8, 2), strand(3, -1)], until=now, told=lambda _moment: None)
    assert [(now - moment).days for moment in seen] == [9, 8, 8, 4, 3, 2, 1]
    assert timezone.now() >= now
