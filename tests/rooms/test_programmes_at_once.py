"""Two at once, with connections of their own: the last use of a link, one place, the last coordinator."""

from __future__ import annotations

from nawzajem.ground.actor import NOBODY, Actor
from nawzajem.ground.models import Event
from nawzajem.people import acts as people
from nawzajem.people.models import Person
from nawzajem.programmes import acts, reads
from nawzajem.programmes.models import Duty, Invitation, Member
from tests.cast import HOUSE
from tests.rooms.at_once import at_once, refused, while_open

WORDS = {"age": "25_34", "conditions": ["lives_here"], "agreed_version": 1}


def join(town, name, invitation=None):
    return acts.join(Actor(person=town.people[name].pk), town.here, town.people[name], invitation, **WORDS)


def test_one_link_used_by_two_lets_one_in(town):
    made, secret = acts.invite(HOUSE, town.here)
    results = at_once(
        lambda: join(town, "dawid", reads.invitation(secret)), lambda: join(town, "ewa", reads.invitation(secret))
    )
    assert len(refused(results)) == 1
    assert refused(results)[0] in {"closed", "not_found"}
    assert Invitation.objects.get(pk=made.pk).uses_left == 0
    assert Member.objects.filter(programme=town.here, person__in=[town.dawid, town.ewa], state="active").count() == 1


def test_the_last_use_of_a_code_goes_to_one_of_two(town):
    code = acts.make_code(HOUSE, town.here, uses=1)
    results = while_open(lambda: join(town, "dawid", code), lambda: join(town, "ewa", code))
    assert refused(results) == ["closed"]
    assert Invitation.objects.get(pk=code.pk).uses_left == 0


def test_a_double_click_on_joining_makes_one_place(town):
    results = while_open(lambda: join(town, "dawid"), lambda: join(town, "dawid"))
    assert refused(results) == ["stale"]
    place = Member.objects.get(programme=town.here, person=town.dawid)
    assert Event.objects.filter(kind="member.joined", thing=place.pk).count() == 1


def test_one_account_is_claimed_by_one_of_two(town):
    person = people.prepare(HOUSE, accounts=[{"pseudonym": "Osoba 17"}])[0]
    link = acts.invite_to_claim(HOUSE, town.here, people=[person], days=14)[0]

    def claim(name):
        words = {"pseudonym": name, "passphrase": f"the passphrase of {name}"}
        return lambda: acts.claim(NOBODY, reads.invitation(link), **words)

    results = at_once(claim("Halina"), claim("Hanna"))
    assert len(refused(results)) == 1
    kept = Person.objects.get(pk=person.pk)
    assert kept.check_password(f"the passphrase of {kept.pseudonym}")


def test_of_the_last_two_coordinators_who_go_at_once_one_stays(town):
    acts.give_duty(HOUSE, town.member("ania"), kind="coordinator")
    duties = Duty.objects.filter(kind="coordinator", member__programme=town.here)

    def lay_down(name):
        mine = duties.select_related("member").get(member__person=town.people[name])
        return lambda: acts.lay_down(town.actor(name), mine)

    assert refused(while_open(lay_down("ania"), lay_down("celina"))) == ["invalid"]
    assert duties.count() == 1


def test_the_same_duty_given_by_two_is_given_once(town):
    def give():
        return acts.give_duty(HOUSE.within(town.here.pk), town.member("ania"), kind="teacher")

    assert refused(while_open(give, give)) == []
    assert Event.objects.filter(kind="duty.given", facts__duty="teacher").count() == 1


def test_two_new_units_of_one_name_are_one(town):
    def add():
        return acts.add_unit(HOUSE, town.here, name="Ward 3")

    assert refused(while_open(add, add))[0] in {"stale", "invalid"}
    assert town.here.units.count() == 1


def test_two_who_choose_different_options_at_once_are_both_heard(town):
    first, second = (type(town.here).objects.get(pk=town.here.pk) for _ in range(2))
    while_open(lambda: acts.choose(HOUSE, first, open_asks=3), lambda: acts.choose(HOUSE, second, capacity=7))
    town.here.refresh_from_db()
    assert (town.here.options.open_asks, town.here.options.capacity) == (3, 7)
