"""What may be typed when joining, about one's place, and at the coordinator's desk."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nawzajem.ground import clock as house_clock
from nawzajem.ground.actor import Actor
from nawzajem.programmes import acts
from nawzajem.programmes.forms import DutyForm, InviteForm, JoinForm, PauseForm, PlaceForm, UnitForm
from nawzajem.programmes.models import Unit
from nawzajem.programmes.options import Options
from tests.rooms.hostile import CODES, EMOJI, LONG, MARKS, NOTHING, NUL

pytestmark = pytest.mark.django_db

GOOD = {"age": "25_34", "conditions": ["lives_here"], "agreed_version": "1", "agreed": "on"}


@pytest.fixture
def unit(world):
    return acts.add_unit(world.actor("celina"), world.here, name="Ward 3")


@pytest.fixture
def theirs(world):
    """A unit of another programme."""
    return Unit.objects.create(programme=world.elsewhere, name="Ward 9")


def join_form(world, typed, **words):
    return JoinForm(GOOD | typed, programme=world.here, person=world.dawid, **words)


# -- joining ----------------------------------------------------------------------------------------------------------


def test_age_conditions_and_the_text_are_enough_to_come_in(world, unit):
    form = join_form(world, {})
    assert form.is_valid()
    assert "agreed" not in form.cleaned_data
    assert form.cleaned_data["unit"] is None
    assert acts.join(Actor(person=world.dawid.pk), world.here, world.dawid, None, **form.cleaned_data)


def test_unit_and_number_are_asked_for_only_where_the_programme_does(world, unit):
    form = join_form(world, {"unit": unit.pk, "leads": "on", "known_as": "S-17"})
    assert form.is_valid()
    assert form.cleaned_data["unit"] == unit
    acts.choose(world.actor("celina"), world.here, asks_unit=False, asks_known_as=False)
    world.here.refresh_from_db()
    plain = join_form(world, {"unit": unit.pk, "leads": "on", "known_as": "S-17"})
    assert plain.is_valid()
    assert not {"unit", "leads", "known_as"} & set(plain.cleaned_data)


def test_who_is_invited_into_a_unit_does_not_choose_another(world, unit):
    made, _secret = acts.invite(world.actor("celina"), world.here, unit=unit)
    assert "unit" not in join_form(world, {}, invitation=made).fields


@pytest.mark.parametrize("missing", ["age", "agreed", "agreed_version", "conditions"])
def test_nothing_of_it_can_be_left_out(world, missing):
    form = JoinForm(
        {key: value for key, value in GOOD.items() if key != missing}, programme=world.here, person=world.dawid
    )
    assert set(form.errors) == {missing}


@pytest.mark.parametrize("age", ["13_15", *CODES])
def test_only_the_ages_of_the_programme_come_in(world, age):
    assert "age" in join_form(world, {"age": age}).errors


@pytest.mark.parametrize("field", ["age", "conditions", "agreed_version", "unit", "known_as"])
@pytest.mark.parametrize("typed", [NUL, LONG])
def test_what_harms_no_field_harms_no_page(world, unit, field, typed):
    assert field in join_form(world, {field: [typed] if field == "conditions" else typed}).errors


def test_a_unit_of_another_programme_is_no_unit(world, unit, theirs):
    assert "unit" in join_form(world, {"unit": theirs.pk}).errors


def test_a_condition_more_is_no_condition(world):
    assert "conditions" in join_form(world, {"conditions": ["lives_here", "is_king"]}).errors


# -- one's place ------------------------------------------------------------------------------------------------------


def place_form(world, **typed):
    return PlaceForm({"called": "Anka"} | typed, instance=world.member("ania"))


def test_a_name_backgrounds_and_a_time_away_are_typed(world):
    day = house_clock.today()
    form = place_form(world, backgrounds=["shifts"], away_until=str(day))
    assert form.is_valid()
    assert form.cleaned_data == {"called": "Anka", "backgrounds": ["shifts"], "away_until": day}


@pytest.mark.parametrize("called", ["", NOTHING, NUL, LONG, MARKS, EMOJI, "<b>", "-"])
def test_a_name_is_made_of_letters(world, called):
    assert "called" in place_form(world, called=called).errors


def test_nobody_is_away_until_yesterday(world):
    assert "away_until" in place_form(world, away_until=str(house_clock.today() - timedelta(days=1))).errors


@pytest.mark.parametrize("typed", [one for one in CODES if one])
def test_no_other_background_is_taken(world, typed):
    assert "backgrounds" in place_form(world, backgrounds=[typed]).errors


# -- the desk ---------------------------------------------------------------------------------------------------------


def test_an_invitation_for_one_may_carry_a_unit_and_a_duty(world, unit):
    form = InviteForm({"unit": unit.pk, "duty": "educator", "days": 14}, programme=world.here)
    assert form.is_valid()
    assert form.cleaned_data == {"many": None, "unit": unit, "duty": "educator", "days": 14}


def test_a_code_for_many_carries_no_duty(world):
    assert "duty" in InviteForm({"many": "1", "duty": "coordinator", "days": 14}, programme=world.here).errors


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [({"days": days}, "days") for days in ("", "0", "-1", "366", "1e9", "²", NUL)]
    + [({"days": 14, "duty": one}, "duty") for one in ("emperor", NUL)]
    + [({"days": 14, "many": one}, "many") for one in ("2", NUL)],
)
def test_no_other_invitation_is_made(world, typed, wrong):
    assert wrong in InviteForm(typed, programme=world.here).errors


@pytest.mark.parametrize("typed", [NUL, "x", LONG])
def test_no_other_unit_is_taken(world, unit, theirs, typed):
    for one in (typed, theirs.pk):
        assert "unit" in InviteForm({"days": 14, "unit": one}, programme=world.here).errors
        assert "parent" in UnitForm({"name": "a", "parent": one}, programme=world.here).errors


@pytest.mark.parametrize("typed", ["", NOTHING, NUL, LONG])
def test_a_unit_has_a_name(world, typed):
    assert "name" in UnitForm({"name": typed}, programme=world.here).errors


def test_a_unit_may_lie_in_another(world, unit):
    form = UnitForm({"name": "Night shift", "parent": unit.pk}, programme=world.here)
    assert form.is_valid()
    assert form.cleaned_data["parent"] == unit


@pytest.mark.parametrize("typed", CODES)
def test_a_duty_is_one_of_those_there_are(typed):
    assert not DutyForm({"kind": typed}).is_valid()
    assert DutyForm({"kind": "teacher"}).is_valid()


def test_a_pause_ends_today_at_the_earliest():
    assert PauseForm({"until": str(house_clock.today())}).is_valid()
    assert PauseForm({}).is_valid()
    assert not PauseForm({"until": str(house_clock.today() - timedelta(days=1))}).is_valid()
    assert not PauseForm({"until": NUL}).is_valid()


# -- options ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "chosen",
    [
        {"open_asks": 0},
        {"capacity": 21},
        {"answer_within": 0},
        {"weight_topic": -1},
        {"small_group": 1},
        {"joining": "anyhow"},
        {"forms": ["pigeon"]},
        {"ages": ["0_12"]},
        {"no_such_option": 1},
    ],
)
def test_an_option_out_of_its_bounds_is_none(chosen):
    with pytest.raises(ValueError, match="validation error"):
        Options(**chosen)
