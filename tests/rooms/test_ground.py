"""Act, actor, event, move, refusal, clock, words, week: what every room stands on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection, connections, transaction
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from nawzajem.asks.models import Ask
from nawzajem.core.matching import hours
from nawzajem.ground import bus, clock, events, sizes, words
from nawzajem.ground.act import act
from nawzajem.ground.actor import CHORE, NOBODY, Actor
from nawzajem.ground.events import emit
from nawzajem.ground.models import ALPHABET, Event, Mark, new_id
from nawzajem.ground.refusals import Closed, Invalid, NotAllowed, NotFound, Refusal, Stale, TooMany
from nawzajem.ground.states import move
from nawzajem.ground.week import WeekField
from tests.rooms.hostile import CODES, LONG

# -- act --------------------------------------------------------------------------------------------------------------


@act(may=lambda actor, name: name != "forbidden")
def write(actor: Actor, name: str, *, then: type[Exception] | None = None) -> str:
    Mark.objects.create(name=name)
    if then:
        raise then
    return name


def test_an_act_does_what_its_rule_allows(db):
    assert write(NOBODY, "allowed") == "allowed"
    assert Mark.objects.filter(name="allowed").exists()


def test_an_act_that_the_rule_forbids_writes_nothing(db):
    with pytest.raises(NotAllowed):
        write(NOBODY, "forbidden")
    assert not Mark.objects.exists()


def test_an_act_that_breaks_half_way_leaves_nothing_behind(db):
    with pytest.raises(ZeroDivisionError):
        write(NOBODY, "half", then=ZeroDivisionError)
    assert not Mark.objects.exists()


def test_the_rule_of_an_act_can_be_found(db):
    assert vars(write)["may"](NOBODY, "allowed")


def test_of_two_who_write_the_same_once_the_second_was_too_late(db):
    write(NOBODY, "same")
    with pytest.raises(Stale):
        write(NOBODY, "same")


def test_a_mistake_in_a_row_is_not_told_as_somebody_being_faster(world):
    @act(may=lambda actor: True)
    def forget(actor: Actor) -> None:
        Ask.objects.create(person=None, programme=world.here)

    with pytest.raises(Exception, match=r"(?i)null"):
        forget(NOBODY)


# -- actor ------------------------------------------------------------------------------------------------------------


def test_the_house_goes_from_programme_to_programme_and_a_person_does_not():
    assert CHORE.within("p1").programme == "p1"
    for actor in (Actor(person="a", via="chore"), NOBODY):
        with pytest.raises(AssertionError):
            actor.within("p1")


@pytest.mark.parametrize(
    ("actor", "is_house"),
    [
        (CHORE, True),
        (Actor(via="command"), True),
        (NOBODY, False),
        (Actor(via="api"), False),
        (Actor(person="a", via="command"), False),
    ],
)
def test_only_chores_and_commands_without_a_person_are_the_house(actor, is_house):
    assert actor.is_house is is_house


def test_an_actor_cannot_be_changed():
    with pytest.raises(AttributeError):
        NOBODY.takes_part = True  # type: ignore[misc]


# -- events -----------------------------------------------------------------------------------------------------------


def test_an_event_tells_who_what_and_when(world, clock):
    now = clock()
    mark = Mark.objects.create(name="m")
    made = emit(world.actor("ania"), "mark.made", mark, count=3, code="a.b:c", yes=True, none=None)
    assert (made.at, made.by, made.programme, made.via) == (now, world.ania.pk, world.here.pk, "web")
    assert (made.thing_kind, made.thing) == ("mark", "m")
    assert made.facts == {"count": 3, "code": "a.b:c", "yes": True, "none": None}
    assert list(events.of(mark)) == [made]
    assert events.last(mark, "mark.made") == made


@pytest.mark.parametrize("fact", ["two words", "żal", "a\n", "x" * 41, "a\x00", "!"])
def test_a_sentence_is_no_fact(db, fact):
    with pytest.raises(ValueError, match=r"mark\.made: said"):
        emit(NOBODY, "mark.made", Mark(name="m"), said=fact)
    assert not Event.objects.filter(kind="mark.made").exists()


def write_and_wake(then: type[Exception]) -> None:
    with transaction.atomic():
        emit(NOBODY, "mark.made", Mark(name="m"), wakes=["person:1"])
        raise then


def test_nobody_is_woken_when_nothing_is_kept(for_real):
    heard = []
    stop = bus.listen(lambda channels, _brought: heard.append(channels), lambda _channel: False)
    try:
        with pytest.raises(ZeroDivisionError):
            write_and_wake(then=ZeroDivisionError)
        assert heard == []
        with transaction.atomic():
            emit(NOBODY, "mark.made", Mark(name="m"), wakes=["person:1"])
            assert heard == []
        assert heard == [("person:1",)]
    finally:
        stop()


def test_nobody_listening_harms_nobody(for_real, monkeypatch, tmp_path):
    monkeypatch.setenv(bus.ADDRESS, str(tmp_path / "nobody.sock"))
    bus.wake("person:1")


# -- moves ------------------------------------------------------------------------------------------------------------


def test_a_thing_moves_and_remembers_since_when(world, clock):
    ask = world.draft("ania")
    now = clock(hours=1)
    move(ask, Ask.State.OPEN, ending="x")
    for seen in (ask, Ask.objects.get(pk=ask.pk)):
        assert (seen.state, seen.state_since, seen.ending) == (Ask.State.OPEN, now, "x")


def test_what_was_moved_meanwhile_is_stale(world):
    ask = world.draft("ania")
    move(Ask.objects.get(pk=ask.pk), Ask.State.OPEN)
    with pytest.raises(Stale):
        move(ask, Ask.State.WITHDRAWN)


def test_what_went_there_and_back_meanwhile_is_stale_too(world, clock):
    ask = world.ask("ania")
    other = Ask.objects.get(pk=ask.pk)
    for state in (Ask.State.PROPOSED, Ask.State.OPEN):
        clock(seconds=1)
        move(other, state)
    with pytest.raises(Stale):
        move(ask, Ask.State.PROPOSED)


def test_what_is_not_there_any_more_is_stale(world):
    ask = world.draft("ania")
    Ask.objects.filter(pk=ask.pk).delete()
    with pytest.raises(Stale):
        move(ask, Ask.State.OPEN)


def test_a_move_that_does_not_exist_is_refused(world):
    ask = world.draft("ania")
    with pytest.raises(Stale):
        move(ask, Ask.State.MET)


def test_what_has_ended_moves_no_more(world):
    ask = world.draft("ania")
    move(ask, Ask.State.WITHDRAWN)
    with pytest.raises(Closed):
        move(ask, Ask.State.OPEN)
    assert set(Ask.ends()) == {Ask.State.MET, Ask.State.WITHDRAWN, Ask.State.LAPSED}


# -- refusals ---------------------------------------------------------------------------------------------------------


def test_the_house_says_no_in_six_ways():
    own = [kind for kind in Refusal.__subclasses__() if kind.__module__ == Refusal.__module__]  # the doors add theirs
    kinds = {kind.code: kind.status for kind in own}
    assert kinds == {
        "not_found": 404,
        "not_allowed": 403,
        "invalid": 422,
        "stale": 409,
        "too_many": 429,
        "closed": 410,
    }
    with translation.override("en"):
        assert all(str(kind().sentence) for kind in (NotFound, NotAllowed, Invalid, Stale, TooMany, Closed))


def test_invalid_says_what_is_wrong_with_each_field():
    refusal = Invalid(fields={"age": ["too young", 3]}, code="age")
    assert refusal.fields == {"age": ["too young", "3"]}
    assert refusal.code == "age"


# -- clock, ids, words ------------------------------------------------------------------------------------------------


def test_the_date_is_the_one_where_somebody_is(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 3, 28, 23, 30, tzinfo=UTC))
    assert clock.today("Europe/Warsaw").day == 29
    assert clock.today("America/New_York").day == 28
    assert clock.today("Pacific/Kiritimati").day == 29


def test_ids_cannot_be_guessed_and_can_be_read_out():
    made = {new_id() for _ in range(1000)}
    assert len(made) == 1000
    assert all(len(one) == 12 and set(one) <= set(ALPHABET) for one in made)


@pytest.mark.parametrize(
    ("language", "said"), [("pl", "ziarno"), ("pl-formal", "ziarno"), ("en", "seed"), ("de", "seed"), (None, "ziarno")]
)
def test_words_are_in_the_readers_language(language, said):
    with translation.override("pl"):
        assert words.said({"pl": "ziarno", "en": "seed"}, language) == said


def test_formal_words_come_first_where_there_are_some():
    assert words.said({"pl": "wejdź", "pl-formal": "proszę wejść", "en": "come in"}, "pl-formal") == "proszę wejść"
    assert words.said({}, "pl") == ""


# -- hours of a week --------------------------------------------------------------------------------------------------


def test_boxes_a_preset_and_digits_are_all_hours():
    field = WeekField()
    assert field.clean(["0", "167"]) == hours.week([0, 167])
    assert field.clean(["5"]) == hours.week([5])
    assert field.clean("evenings") == field.clean(["evenings"]) == hours.PRESETS["evenings"]
    assert field.clean(hours.ANY) == field.clean([hours.ANY]) == hours.ANY


@pytest.mark.parametrize(
    "typed",
    [
        [],
        None,
        "",
        [""],
        hours.NONE,
        ["168"],
        ["-1"],
        ["1", "²"],
        ["1.5", "2"],
        ["1" * 5000, "1"],
        "f" * 41,
        LONG,
        *CODES,
    ],
)
def test_anything_else_is_no_hour(typed):
    from django.forms import ValidationError

    with pytest.raises(ValidationError) as wrong:
        WeekField().clean(typed)
    assert wrong.value.code in {"invalid", "required"}


@given(st.sets(st.integers(0, 167), min_size=1))
def test_hours_come_back_as_they_were_ticked(ticked):
    field = WeekField()
    cleaned = field.clean([str(hour) for hour in ticked])
    assert field.prepare_value(cleaned) == [str(hour) for hour in sorted(ticked)]


def test_no_hours_are_fine_where_none_are_needed():
    assert WeekField(required=False).clean([]) == hours.NONE


# -- how large the tables are -----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_database_learns_how_large_its_tables_are(monkeypatch, django_assert_num_queries):
    Event.objects.bulk_create(Event(kind="x", via="chore", thing_kind="x", thing="x") for _ in range(100))
    monkeypatch.setattr(
        connections["default"], "in_atomic_block", False
    )  # what it does is undone with the test all the same
    with django_assert_num_queries(1 if connection.vendor == "sqlite" else 0):
        sizes.learn()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'nawzajem_event'")
            assert cursor.fetchone()[0] > 0


@pytest.mark.django_db
def test_within_a_transaction_it_learns_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        sizes.learn()
