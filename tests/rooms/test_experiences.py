"""What a person lived through: told, changed, taken back by its owner; each field seen by whom they chose."""

from __future__ import annotations

from datetime import date

import pytest

from nawzajem.experiences import acts, reads
from nawzajem.experiences.forms import ExperienceForm
from nawzajem.experiences.models import Experience
from nawzajem.ground import events
from nawzajem.ground.actor import NOBODY
from nawzajem.ground.refusals import Invalid, NotAllowed, NotFound, Stale
from nawzajem.people import acts as people
from nawzajem.programmes import acts as programmes
from nawzajem.programmes.models import Topic
from tests.cast import HOUSE
from tests.rooms.hostile import CODES, EMOJI, LONG, MARKS, NUL, WORDS

pytestmark = pytest.mark.django_db

others = pytest.mark.parametrize("name", ["bartek", "celina", "franek", "dawid"])


def must_agree_again(world):
    programmes.rewrite(world.actor("celina"), world.here, code="confidentiality", words={"en": "x"})


def paused(world):
    programmes.pause(world.actor("celina"), world.member("ania"))


# -- telling ----------------------------------------------------------------------------------------------------------


def test_somebody_tells_of_what_they_lived_through(world):
    told = world.experience("ania", "work.lost", words=WORDS)
    assert reads.words_of(world.actor("ania"), told) == WORDS
    assert events.last(told, "experience.added").facts == {}  # not even the topic: it may be shown to nobody


def test_nothing_is_shown_to_more_people_than_was_chosen(world):
    told = world.experience("ania")
    assert (told.see_topic, told.see_stage, told.see_when, told.see_words) == ("matched", "matched", "nobody", "nobody")


def test_the_same_is_told_once(world):
    world.experience("ania")
    with pytest.raises(Invalid) as refusal:
        world.experience("ania")
    assert "topic" in refusal.value.fields
    world.experience("bartek")


@pytest.mark.parametrize("how", [paused, must_agree_again])
def test_who_does_not_take_part_tells_nothing_and_takes_back_anything(world, how):
    told = world.experience("ania")
    how(world)
    with pytest.raises(NotAllowed):
        world.experience("ania", "lonely")
    with pytest.raises(NotAllowed):
        acts.change(world.actor("ania"), told, stage="in_it")
    acts.remove(world.actor("ania"), told)
    assert not Experience.objects.exists()


def test_a_stranger_or_somebody_who_left_tells_nothing(world):
    for name in ("dawid", "ewa"):
        with pytest.raises(NotAllowed):
            world.experience(name)


# -- changing and taking back -----------------------------------------------------------------------------------------


def test_its_owner_changes_it(world, clock):
    told = world.experience("ania", words=WORDS)
    now = clock(days=1)
    acts.change(world.actor("ania"), told, stage="coming_through", see_topic="members")
    kept = Experience.objects.get()
    assert (kept.stage, kept.see_topic, kept.words, kept.changed_at) == ("coming_through", "members", None, now)
    assert events.last(told, "experience.changed").facts == {}


@others
def test_nobody_else_changes_or_takes_it_back(world, name):
    told = world.experience("ania")
    for deed in (acts.change, acts.remove):
        with pytest.raises(NotAllowed):
            deed(world.actor(name), told)


def test_taken_back_nothing_of_it_is_left(world):
    told = world.experience("ania", words=WORDS)
    key = told.pk
    acts.remove(world.actor("ania"), told)
    assert not Experience.objects.filter(pk=key).exists()
    assert events.Event.objects.filter(kind="experience.removed", thing=key).count() == 1


def test_what_was_taken_back_in_another_window_is_not_written_anew(world):
    told = world.experience("ania")
    acts.remove(world.actor("ania"), Experience.objects.get())
    with pytest.raises(Stale):
        acts.change(world.actor("ania"), told, words=WORDS, stage="in_it")
    assert not Experience.objects.exists()


def test_who_is_paused_here_changes_nothing_here_by_way_of_another_programme(world):
    told = world.experience("ania")
    world.join("ania", world.elsewhere)
    paused(world)
    with pytest.raises(NotAllowed):
        acts.change(world.actor("ania", world.elsewhere), told, stage="in_it")


def test_the_house_tells_for_people_who_have_not_come_yet_and_for_nobody_else(world):
    house = HOUSE.within(world.here.pk)
    waiting = people.prepare(house, accounts=[{"pseudonym": "Osoba 17"}])[0]
    told = {"topic": world.topic("lonely"), "stage": "in_it", "words": WORDS}
    made = acts.announce(house, [(waiting, told)])[0]
    assert reads._unsealed(made) == WORDS
    assert events.last(made, "experience.added").facts == {}
    for actor, person in ((house, world.ania), (world.actor("celina"), waiting)):
        with pytest.raises(NotAllowed):
            acts.announce(actor, [(person, told)])


# -- who sees what ----------------------------------------------------------------------------------------------------


@others
def test_nobody_else_reads_it_as_its_owner_does(world, name):
    told = world.experience("ania", see_topic="members", see_words="members", words=WORDS)
    with pytest.raises(NotFound):
        reads.experience(world.actor(name), told.pk)
    with pytest.raises(NotFound):
        reads.words_of(world.actor(name), told)
    assert not reads.mine(world.actor(name))


def test_nobody_reads_nothing(world):
    told = world.experience("ania", see_topic="members")
    assert not reads.mine(NOBODY)
    assert not Experience.objects.visible_to(NOBODY)
    with pytest.raises(NotFound):
        reads.words_of(NOBODY, told)


def test_members_know_of_it_where_its_topic_is_shown_to_members(world):
    told = world.experience("ania", see_topic="members")
    world.experience("ania", "lonely", see_topic="matched")
    world.experience("ania", "work.lost", see_topic="nobody")
    assert list(Experience.objects.visible_to(world.actor("bartek"))) == [told]
    assert not Experience.objects.visible_to(world.actor("dawid"))
    assert Experience.objects.visible_to(world.actor("ania")).count() == 3
    programmes.pause(world.actor("celina"), world.member("bartek"))
    assert not Experience.objects.visible_to(world.actor("bartek"))


FIELDS = {"see_topic": "topic", "see_stage": "stage", "see_when": "since", "see_words": "words"}
SEES = {("nobody", "member"): False, ("nobody", "matched"): False, ("matched", "member"): False}


@pytest.mark.parametrize("to", ["member", "matched"])
@pytest.mark.parametrize("sight", ["nobody", "matched", "members"])
@pytest.mark.parametrize("field", ["see_stage", "see_when", "see_words"])
def test_each_field_is_seen_by_whom_its_owner_chose(world, field, sight, to):
    told = world.experience("ania", words=WORDS, **{"see_topic": "members", field: sight})
    seen = reads.shown(told, to=to)
    assert seen
    assert bool(getattr(seen, FIELDS[field])) is SEES.get((sight, to), True)


@pytest.mark.parametrize("to", ["member", "matched"])
@pytest.mark.parametrize("sight", ["nobody", "matched", "members"])
def test_nothing_is_seen_of_it_where_its_topic_is_hidden(world, sight, to):
    told = world.experience("ania", words=WORDS, see_topic=sight, see_words="members", see_when="members")
    assert (reads.shown(told, to=to) is not None) is SEES.get((sight, to), True)


# -- how many have been there -----------------------------------------------------------------------------------------


def test_people_are_counted_and_not_their_stories(world):
    world.experience("ania", "grief.partner")
    world.experience("ania", "grief.parent")
    world.experience("bartek", "grief.parent")
    world.experience("celina", "grief", see_topic="nobody")
    assert reads.been_there(world.here.pk, ["grief"]) == 2
    assert reads.been_there(world.here.pk, ["grief.partner"]) == 1
    assert reads.been_there(world.here.pk, ["grief.parent", "grief.partner"]) == 2
    assert reads.been_there(world.elsewhere.pk, ["grief"]) == 0


@pytest.mark.parametrize("code", ["gri", "grief.", "%", "_", "", *[one for one in CODES if "\x00" not in one]])
def test_half_a_code_counts_nobody(world, code):
    world.experience("ania", "grief.partner")
    assert reads.been_there(world.here.pk, [code]) == 0
    assert reads.been_there(world.here.pk, []) == 0


def test_who_has_left_is_not_here(world):
    world.experience("ania")
    programmes.leave(world.actor("ania"), world.member("ania"))
    assert reads.been_there(world.here.pk, ["grief"]) == 0


@pytest.mark.parametrize(
    ("stage", "since", "until", "months"),
    [
        ("been_through", "2024", "2025-11", 12),
        ("been_through", "2024-01", "", 34),
        ("been_through", "2024", "2025", 17),  # within a year that was not told closer: its middle
        ("been_through", "", "", 0),
        ("been_through", "2026-11", "2026-12", 0),
        ("in_it", "2020", "", 0),
        ("coming_through", "2020", "2021", 0),
    ],
)
def test_how_long_ago_it_ended(stage, since, until, months):
    lived = Experience(stage=stage, since=since, until=until)
    assert lived.months_since_end(date(2026, 11, 22)) == months


# -- what may be typed ------------------------------------------------------------------------------------------------

GOOD = {
    "topic": "lonely",
    "stage": "in_it",
    "see_topic": "matched",
    "see_stage": "matched",
    "see_when": "nobody",
    "see_words": "nobody",
}


def form_of(world, **typed):
    return ExperienceForm(GOOD | typed, programme=world.here)


@pytest.mark.parametrize(
    ("since", "until"), [("", ""), ("2024", ""), ("2024-05", "2024"), ("2024", "2024-01"), ("1950", "2026-11")]
)
def test_years_and_months_are_typed_as_close_as_somebody_likes(world, monkeypatch, since, until):
    monkeypatch.setattr("nawzajem.ground.clock.today", lambda zone=None: date(2026, 11, 22))
    form = form_of(world, since=since, until=until, words=EMOJI + MARKS)
    assert form.is_valid(), form.errors
    assert acts.add(world.actor("ania"), **form.cleaned_data)


@pytest.mark.parametrize(
    ("since", "until", "wrong"),
    [
        ("2026-12", "", "since"),
        ("2999", "", "since"),
        ("2020", "2027", "until"),
        ("2024-05", "2023", "until"),
        ("2024-05", "2024-04", "until"),
        ("2024-13", "", "since"),
        ("24", "", "since"),
        ("", "2024-5", "until"),
        (NUL, "", "since"),
        ("", LONG, "until"),
    ],
)
def test_no_other_time_is_taken(world, monkeypatch, since, until, wrong):
    monkeypatch.setattr("nawzajem.ground.clock.today", lambda zone=None: date(2026, 11, 22))
    assert wrong in form_of(world, since=since, until=until).errors


@pytest.mark.parametrize("field", ["topic", "stage", "see_topic", "see_stage", "see_when", "see_words"])
@pytest.mark.parametrize("typed", CODES)
def test_no_other_choice_is_taken(world, field, typed):
    assert field in form_of(world, **{field: typed}).errors


def test_a_topic_of_another_programme_is_no_topic(world):
    Topic.objects.create(programme=world.elsewhere, code="secret", words={"en": "x"})
    assert "topic" in form_of(world, topic="secret").errors


@pytest.mark.parametrize("typed", [NUL, LONG])
def test_words_have_an_end(world, typed):
    assert "words" in form_of(world, words=typed).errors


def test_the_topic_is_not_changed_afterwards(world):
    told = world.experience("ania")
    form = ExperienceForm(GOOD, programme=world.here, instance=told)
    assert form.is_valid()
    assert "topic" not in form.cleaned_data
