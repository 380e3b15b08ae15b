"""Accounts: changed by their owner only, prepared by the house, got back with a code; tokens; what may be typed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from nawzajem.ground import clock as house_clock
from nawzajem.ground import events
from nawzajem.ground.actor import NOBODY
from nawzajem.ground.models import Event
from nawzajem.ground.refusals import Invalid, NotAllowed, NotFound
from nawzajem.people import acts, reads
from nawzajem.people.forms import AboutForm, ClaimForm, ComfortForm, LanguageForm, RecoverForm, TokenForm
from nawzajem.people.models import Person
from tests.cast import HOUSE, PASSPHRASE
from tests.rooms.hostile import CODES, EMOJI, LONG, MARKS, NOTHING, NUL

pytestmark = pytest.mark.django_db

BOTS = frozenset({"read", "write"})  # scopes of a token


def prepare(actor, **account) -> Person:
    return acts.prepare(actor, accounts=[account])[0]


def kinds(thing) -> list[str]:
    return [one.kind for one in events.of(thing)]


# -- one's account ----------------------------------------------------------------------------------------------------


def test_somebody_changes_their_own_account(world):
    acts.change(world.actor("ania"), world.ania, theme="dark", speaks=["pl", "uk"])
    kept = Person.objects.get(pk=world.ania.pk)
    assert (kept.theme, kept.speaks) == ("dark", ["pl", "uk"])
    assert events.last(world.ania, "person.changed").facts == {"fields": 2}


@pytest.mark.parametrize("name", ["dawid", "bartek", "celina"])
def test_nobody_changes_the_account_of_another(world, name):
    with pytest.raises(NotAllowed):
        acts.change(world.actor(name), world.ania, theme="dark")
    with pytest.raises(NotAllowed):
        acts.new_recovery_code(world.actor(name), world.ania)
    with pytest.raises(NotAllowed):
        acts.make_token(world.actor(name), world.ania, name="t", scopes=["read"], expires_on=None)
    with pytest.raises(NotAllowed):
        acts.seen(world.actor(name), world.ania)


def test_a_token_does_not_change_the_account_it_belongs_to(world):
    machine = world.actor("ania", via="api", scopes=BOTS)
    with pytest.raises(NotAllowed):
        acts.change(machine, world.ania, theme="dark")
    with pytest.raises(NotAllowed):
        acts.new_recovery_code(machine, world.ania)
    with pytest.raises(NotAllowed):
        acts.make_token(machine, world.ania, name="another", scopes=["coordinate"], expires_on=None)


def test_paused_or_not_agreed_one_still_changes_the_account(world):
    programmes_pause(world, "ania")
    acts.change(world.actor("ania"), world.ania, language="en")
    assert Person.objects.get(pk=world.ania.pk).language == "en"


def programmes_pause(world, name):
    from nawzajem.programmes import acts as programmes

    programmes.pause(world.actor("celina"), world.member(name))


def test_to_be_seen_is_a_date_and_no_event(world):
    before = Event.objects.count()
    acts.seen(world.actor("ania"), world.ania)
    assert Person.objects.get(pk=world.ania.pk).seen_on == house_clock.today()
    assert Event.objects.count() == before


@pytest.mark.parametrize("band", ["18_24", "65_up"])
def test_an_adult_moves_among_adult_bands(world, band):
    acts.say_age(world.actor("ania"), world.ania, age=band)
    assert Person.objects.get(pk=world.ania.pk).age == band
    assert kinds(world.ania).count("person.age_said") == 2  # when joining, and now
    assert events.last(world.ania, "person.age_said").facts == {}


@pytest.mark.parametrize("band", ["13_15", "16_17"])
def test_an_adult_never_turns_into_a_minor(world, band):
    with pytest.raises(Invalid) as refusal:
        acts.say_age(world.actor("ania"), world.ania, age=band)
    assert "age" in refusal.value.fields
    assert Person.objects.get(pk=world.ania.pk).age == "25_34"


def test_a_minor_grows_up_and_stays_grown_up(world):
    world.add("gabrysia", age="16_17")
    acts.say_age(world.actor("gabrysia"), world.gabrysia, age="18_24")
    with pytest.raises(Invalid):
        acts.say_age(world.actor("gabrysia"), world.gabrysia, age="16_17")


def test_the_same_age_said_again_is_no_news(world):
    acts.say_age(world.actor("ania"), world.ania, age="25_34")
    assert kinds(world.ania).count("person.age_said") == 1


# -- getting back in --------------------------------------------------------------------------------------------------


def test_with_the_code_somebody_gets_back_in_once(world):
    code = acts.new_recovery_code(world.actor("ania"), world.ania)
    found = reads.recoverable(" ANIA ", code.upper().replace("-", " "))
    assert found == world.ania
    assert found
    following = acts.recover(NOBODY, found, passphrase="another long passphrase")
    assert Person.objects.get(pk=world.ania.pk).check_password("another long passphrase")
    assert reads.recoverable("Ania", code) is None
    assert reads.recoverable("Ania", following) == world.ania
    assert kinds(world.ania)[-2:] == ["person.recovered", "person.recovery_code_made"]


@pytest.mark.parametrize("typed", [*CODES, NOTHING, "aaaa-bbbb-cccc-dddd-eeee"])
def test_no_other_code_opens(world, typed):
    acts.new_recovery_code(world.actor("ania"), world.ania)
    assert reads.recoverable("Ania", typed) is None
    assert reads.recoverable("Bartek", typed) is None  # who never made one


def test_nobody_gets_back_into_an_account_that_was_closed(world):
    code = acts.new_recovery_code(world.actor("ania"), world.ania)
    Person.objects.filter(pk=world.ania.pk).update(is_active=False)
    assert reads.recoverable("Ania", code) is None
    world.ania.is_active = False
    with pytest.raises(NotAllowed):
        acts.recover(NOBODY, world.ania, passphrase="x")


def test_who_is_signed_in_does_not_recover_an_account(world):
    with pytest.raises(NotAllowed):
        acts.recover(world.actor("dawid"), world.ania, passphrase="x")


def test_the_code_itself_is_not_kept(world):
    code = acts.new_recovery_code(world.actor("ania"), world.ania)
    kept = Person.objects.get(pk=world.ania.pk).recovery
    assert kept
    assert code not in kept
    assert code.replace("-", "") not in kept


# -- tokens -----------------------------------------------------------------------------------------------------------


def test_a_token_opens_until_its_last_day(world, clock):
    made, secret = acts.make_token(
        world.actor("ania"), world.ania, name="calendar", scopes=["read"], expires_on=house_clock.today()
    )
    assert reads.token_for(secret) == made
    assert secret not in made.digest
    assert events.last(made, "token.made").facts == {"scopes": 1}
    clock(days=1)
    assert reads.token_for(secret) is None


def test_no_other_secret_opens(world):
    made, secret = acts.make_token(world.actor("ania"), world.ania, name="t", scopes=["read"], expires_on=None)
    for wrong in (*CODES, made.digest, secret[:-1], secret + "a"):
        assert reads.token_for(wrong) is None


def test_a_dropped_token_opens_nothing(world):
    made, secret = acts.make_token(world.actor("ania"), world.ania, name="t", scopes=["read"], expires_on=None)
    with pytest.raises(NotAllowed):
        acts.drop_token(world.actor("bartek"), made)
    with pytest.raises(NotFound):
        reads.token(world.actor("bartek"), made.pk)
    acts.drop_token(world.actor("ania"), reads.token(world.actor("ania"), made.pk))
    assert reads.token_for(secret) is None
    assert Event.objects.filter(kind="token.dropped", thing=made.pk).count() == 1


def test_the_tokens_of_a_closed_account_open_nothing(world):
    _made, secret = acts.make_token(world.actor("ania"), world.ania, name="t", scopes=["read"], expires_on=None)
    Person.objects.filter(pk=world.ania.pk).update(is_active=False)
    assert reads.token_for(secret) is None
    with pytest.raises(NotFound):
        reads.me(world.actor("ania"))


def test_everybody_lists_their_own_tokens(world):
    acts.make_token(world.actor("ania"), world.ania, name="t", scopes=["read"], expires_on=None)
    assert reads.tokens(world.actor("ania")).count() == 1
    assert reads.tokens(world.actor("bartek")).count() == reads.tokens(NOBODY).count() == 0


# -- accounts that wait for their owners ------------------------------------------------------------------------------


def test_the_house_prepares_an_account_that_nobody_can_sign_in_to(world):
    made = prepare(HOUSE, pseudonym="Halina", language="en")
    assert not made.has_usable_password()
    assert kinds(made) == ["person.prepared"]


@pytest.mark.parametrize("name", ["ania", "celina"])
def test_nobody_else_prepares_accounts(world, name):
    with pytest.raises(NotAllowed):
        prepare(world.actor(name), pseudonym="Halina")


def test_a_pseudonym_is_there_once_whatever_its_case(world):
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.create(pseudonym="ANIA")


def test_every_person_has_a_vault_of_their_own(world):
    vaults = [bytes(vault) for vault in Person.objects.values_list("vault", flat=True)]
    assert len(set(vaults)) == len(vaults) > 5


# -- language ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "address", "formal", "code"),
    [
        ("pl", "", False, "pl"),
        ("pl", "", True, "pl-formal"),
        ("pl", "informal", True, "pl"),
        ("pl", "formal", False, "pl-formal"),
        ("en", "formal", True, "en"),
    ],
)
def test_polish_is_formal_where_the_person_or_else_the_programme_wishes(language, address, formal, code):
    assert Person(language=language, address=address).language_code(formal=formal) == code


# -- what may be typed ------------------------------------------------------------------------------------------------

LANGUAGE = {"language": "pl", "address": "", "speaks": ["pl"], "time_zone": "Europe/Warsaw"}


def test_language_and_comfort_are_typed(world):
    assert LanguageForm(LANGUAGE, instance=world.ania).is_valid()
    assert ComfortForm({"theme": "dark", "text_size": "larger", "still": "on"}, instance=world.ania).is_valid()
    assert AboutForm({"gender": ""}, instance=world.ania).is_valid()


@pytest.mark.parametrize("typed", [*CODES[1:], "xx", "Etc/UTC", "/etc/passwd", LONG])
def test_no_other_language_zone_or_gender_is_taken(world, typed):
    form = LanguageForm(
        {"language": typed, "address": typed, "speaks": [typed], "time_zone": typed}, instance=world.ania
    )
    assert set(form.errors) == {"language", "address", "speaks", "time_zone"}
    assert not AboutForm({"gender": typed}, instance=world.ania).is_valid()
    assert set(ComfortForm({"theme": typed, "text_size": typed}, instance=world.ania).errors) == {"theme", "text_size"}


def test_one_language_at_least_is_spoken(world):
    assert "speaks" in LanguageForm(LANGUAGE | {"speaks": []}, instance=world.ania).errors


def test_a_token_is_good_for_a_year_unless_another_day_is_said():
    form = TokenForm({"name": "calendar", "scopes": ["read", "talk"]})
    assert form.is_valid()
    assert form.cleaned_data["expires_on"] == house_clock.today() + timedelta(days=365)


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"name": "", "scopes": ["read"]}, "name"),
        ({"name": NUL, "scopes": ["read"]}, "name"),
        ({"name": LONG, "scopes": ["read"]}, "name"),
        ({"name": "t", "scopes": []}, "scopes"),
        ({"name": "t", "scopes": ["everything"]}, "scopes"),
        ({"name": "t", "scopes": ["read"], "expires_on": "2020-01-01"}, "expires_on"),
        ({"name": "t", "scopes": ["read"], "expires_on": "tomorrow"}, "expires_on"),
    ],
)
def test_a_token_without_name_scope_or_future_is_not_made(typed, wrong):
    assert wrong in TokenForm(typed).errors


GOOD = "wiosna puka w okno"


def test_an_account_is_claimed_with_a_name_and_a_passphrase(world):
    prepared = prepare(HOUSE, pseudonym="Osoba 17")
    form = ClaimForm({"pseudonym": "  Halina   z Mostowej ", "passphrase": GOOD}, person=prepared)
    assert form.is_valid()
    assert form.cleaned_data["pseudonym"] == "Halina z Mostowej"
    assert ClaimForm({"pseudonym": "osoba 17", "passphrase": GOOD}, person=prepared).is_valid()  # one's own is free


@pytest.mark.parametrize(
    "typed", ["", "x", "ania", NUL, LONG, MARKS, EMOJI, NOTHING, "_a_", "-", "a!", "<b>", "a\nb" + MARKS]
)
def test_a_name_that_is_taken_or_no_name_is_refused(world, typed):
    prepared = prepare(HOUSE, pseudonym="Osoba 17")
    assert "pseudonym" in ClaimForm({"pseudonym": typed, "passphrase": GOOD}, person=prepared).errors


@pytest.mark.parametrize("typed", ["", "short", "password12345", "Osoba 17 x", LONG])
def test_a_weak_passphrase_is_refused(world, typed):
    prepared = prepare(HOUSE, pseudonym="Osoba 17 x")
    assert "passphrase" in ClaimForm({"pseudonym": "Halina", "passphrase": typed}, person=prepared).errors


def test_a_passphrase_keeps_its_spaces(world):
    form = RecoverForm({"pseudonym": "Ania", "code": "a", "passphrase": "  two spaces  "})
    assert form.is_valid()
    assert form.cleaned_data["passphrase"] == "  two spaces  "
    assert PASSPHRASE not in str(form.as_p())


@pytest.mark.parametrize("field", ["pseudonym", "code", "passphrase"])
@pytest.mark.parametrize("typed", ["", NUL, LONG])
def test_every_field_of_recovery_is_looked_at(field, typed):
    form = RecoverForm({"pseudonym": "Ania", "code": "abc", "passphrase": GOOD} | {field: typed})
    assert set(form.errors) == {field}
