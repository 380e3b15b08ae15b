"""Signs of danger: from a message to a person on duty, one after the other, and to the named fallback."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import IntegrityError, transaction

from nawzajem.conversations import acts as conversations
from nawzajem.conversations import screening
from nawzajem.conversations.models import Conversation
from nawzajem.ground.actor import CHORE
from nawzajem.ground.models import Event
from nawzajem.ground.refusals import Invalid, NotAllowed, NotFound, Stale
from nawzajem.notify import chores as letters
from nawzajem.notify import fallback, post
from nawzajem.programmes import acts as programmes
from nawzajem.safety.concerns import acts, chores, escalation, questions, reads
from nawzajem.safety.concerns.forms import QuestionsForm
from nawzajem.safety.concerns.models import Call, Concern, Step, Watch
from tests.cast import HOUSE
from tests.rooms.hostile import WORDS

pytestmark = pytest.mark.django_db

DANGER = "Dziś w nocy się zabiję, już postanowiłam."
State = Concern.State


def choose(world, **options):
    programmes.choose(HOUSE.within(world.here.pk), world.here, **options)


def screens(world, **options):
    choose(world, screening=True, **options)
    screening.watch()


def writes(world, pair, text, name="ania"):
    key = f"key-{Event.objects.count()}-{len(text)}"
    return conversations.send(world.actor(name), pair.conversation, text=text, client_key=key)


def another_officer(world, name="hania"):
    world.add(name)
    programmes.give_duty(HOUSE.within(world.here.pk), world.member(name), kind="duty_officer")


def raised(world, *, tier=3, about="ania", **words):
    return acts.raise_concern(
        CHORE.within(world.here.pk), world.people[about], origin="screening", tier=tier, talk="talk", **words
    )


def waiting_call(concern):
    call = Call.objects.filter(concern=concern, answer="waiting").select_related("person").first()
    return call.person.pseudonym if call else None


def fresh(concern):
    return Concern.objects.get(pk=concern.pk)


# -- from what was sent -----------------------------------------------------------------------------------------------


def test_a_message_with_intent_raises_a_concern_after_it_was_sent(world):
    pair = world.pair()
    screens(world)
    message = writes(world, pair, DANGER)
    assert not Concern.objects.exists()
    assert screening.some_new()
    screening.look_through()
    concern = Concern.objects.get()
    assert (concern.tier_code, concern.kind, concern.state) == ("imminent", "suicide", "raised")
    assert (concern.about, concern.by, concern.place) == (
        world.ania,
        None,
        f"message:{pair.conversation_id}:{message.seq}",
    )
    assert not screening.some_new()


def test_no_word_of_the_message_is_kept_with_the_concern(world):
    pair = world.pair()
    screens(world)
    writes(world, pair, DANGER)
    screening.look_through()
    row = Concern.objects.values().get()
    assert row["words"] is None
    assert not any("zabij" in str(value) for value in row.values())


def test_what_is_below_the_programmes_tier_is_let_be(world):
    pair = world.pair()
    screens(world, screening_from="imminent")
    writes(world, pair, "Nie chcę żyć.")
    screening.look_through()
    assert not Concern.objects.exists()


def test_a_programme_that_does_not_screen_is_not_looked_through(world):
    writes(world, world.pair(), DANGER)
    screening.watch()
    screening.look_through()
    assert not Concern.objects.exists()


def test_what_was_sent_before_it_was_switched_on_stays_unread(world):
    pair = world.pair()
    writes(world, pair, DANGER)
    screens(world)
    screening.look_through()
    assert not Concern.objects.exists()
    choose(world, screening=False)
    screening.watch()
    assert not Watch.objects.exists()


def test_looked_through_twice_in_one_moment_it_counts_once(world):
    pair = world.pair()
    screens(world)
    writes(world, pair, DANGER)
    seen = screening.unscreened().get()
    screening._look_through(CHORE.within(world.here.pk), seen)
    with pytest.raises(Stale):
        screening._look_through(CHORE.within(world.here.pk), seen)
    assert Concern.objects.get().signs == 1


def test_what_is_said_while_it_is_looked_through_is_looked_through_too(world):
    pair = world.pair()
    screens(world)
    writes(world, pair, WORDS)
    seen = screening.unscreened().get()
    writes(world, pair, DANGER)
    screening._look_through(CHORE.within(world.here.pk), seen)
    assert screening.some_new()
    screening.look_through()
    assert Concern.objects.get().signs == 1
    assert not Conversation.objects.filter(unscreened=True).exists()


def test_the_database_itself_lets_nothing_be_overlooked(world):
    pair = world.pair()
    screens(world)
    writes(world, pair, WORDS)
    with pytest.raises(IntegrityError), transaction.atomic():
        Conversation.objects.filter(pk=pair.conversation_id).update(unscreened=False)


def test_a_worker_that_dies_while_it_looks_leaves_everything_for_the_next(world, monkeypatch):
    pair = world.pair()
    screens(world)
    writes(world, pair, DANGER)

    def dies(*_things, **_words):
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(conversations.concerns, "raise_concern", dies)
        screening.look_through()
    assert Conversation.objects.get(pk=pair.conversation_id).screened_seq == 0
    screening.look_through()
    assert Concern.objects.get().signs == 1


def test_a_second_sign_in_the_same_talk_makes_the_first_more_pressing(world):
    pair = world.pair()
    screens(world)
    writes(world, pair, "Od tygodnia nie chcę żyć.")
    screening.look_through()
    assert Concern.objects.get().tier_code == "high"
    writes(world, pair, DANGER)
    screening.look_through()
    concern = Concern.objects.get()
    assert (concern.tier_code, concern.signs) == ("imminent", 2)


def test_words_of_the_programme_count_with_their_tier(world):
    pair = world.pair()
    screens(world)
    own = {"language": "pl", "words": "Czerwony zeszyt", "tier": "imminent", "kind": "abuse"}
    programmes.add_phrase(world.actor("celina"), world.here, **own)
    programmes.add_phrase(world.actor("celina"), world.here, **own)
    assert len(world.here.__class__.objects.get(pk=world.here.pk).options.screening_words) == 1
    writes(world, pair, "Zajrzał do moich czerwonych zeszytów.")
    screening.look_through()
    assert (Concern.objects.get().tier_code, Concern.objects.get().kind) == ("imminent", "abuse")
    assert Event.objects.filter(kind="programme.option_chosen", facts__option="screening_words").count() == 1


def test_words_of_the_programme_have_an_end_and_can_be_taken_away(world):
    celina, own = world.actor("celina"), {"language": "pl", "tier": "high", "kind": "abuse"}
    for n in range(100):
        programmes.add_phrase(celina, world.here, words=f"słowo {n}", **own)
    with pytest.raises(Invalid):
        programmes.add_phrase(celina, world.here, words="jeszcze jedno", **own)
    left = programmes.drop_phrase(celina, world.here, language="pl", words="słowo 7")
    assert len(left.options.screening_words) == 99
    with pytest.raises(NotAllowed):
        programmes.add_phrase(world.actor("franek"), world.here, words="jeszcze jedno", **own)


def test_words_that_are_changed_afterwards_are_looked_through_again(world):
    pair = world.pair()
    screens(world)
    message = writes(world, pair, "Dobranoc.")
    screening.look_through()
    assert not Concern.objects.exists()
    conversations.edit(world.actor("ania"), message, text=DANGER)
    screening.look_through()
    assert Concern.objects.get().place == f"message:{pair.conversation_id}:{message.seq}"
    conversations.withdraw(world.actor("ania"), message)
    screening.look_through()
    assert Concern.objects.get().signs == 1


def test_a_yes_means_what_the_other_asked(world):
    pair = world.pair()
    screens(world)
    writes(world, pair, "Czy myślisz o samobójstwie?", "bartek")
    screening.look_through()
    Concern.objects.all().delete()
    writes(world, pair, "Tak.")
    screening.look_through()
    assert Concern.objects.get().about == world.ania


# -- calling ----------------------------------------------------------------------------------------------------------


def test_whoever_is_on_shift_is_called_first_then_the_others_then_the_fallback_is_due(world, clock):
    another_officer(world)
    acts.keep_week(world.actor("hania"), world.hania, week="f" * 42)
    concern = raised(world)
    chores.call()
    assert waiting_call(concern) == "Hania"
    clock(minutes=4)
    assert not chores.some_due()
    clock(minutes=2)
    chores.call()
    assert waiting_call(concern) == "Franek"
    assert fresh(concern).fallback_due_at is None
    clock(minutes=6)
    chores.call()
    assert fresh(concern).fallback_due_at is not None
    assert waiting_call(concern) == "Hania"  # and the round begins again
    answers = list(Call.objects.filter(concern=concern).order_by("at").values_list("answer", flat=True))
    assert answers == ["missed", "missed", "waiting"]


def test_each_tier_has_its_own_clock(world, clock):
    slow, fast = raised(world, tier=1), raised(world, about="bartek", tier=3)
    chores.call()
    assert fresh(slow).next_at - fresh(fast).next_at == timedelta(minutes=240 - 5)


def test_nobody_is_called_about_themselves(world, clock):
    concern = raised(world, about="franek")
    chores.call()
    assert waiting_call(concern) is None
    assert fresh(concern).fallback_due_at is not None


def test_without_anybody_on_duty_the_fallback_is_due_at_once_and_every_clock_again(world, clock):
    programmes.lay_down(HOUSE.within(world.here.pk), world.member("franek").duties.get())
    concern = raised(world)
    chores.call()
    one = fresh(concern)
    assert (one.round, one.fallback_due_at) == (1, clock())
    assert one.next_at > clock()


def test_taking_it_stops_the_calls_and_says_so_to_whoever_it_is_about(world, clock):
    concern = raised(world)
    chores.call()
    acts.take(world.actor("franek"), reads.concern(world.actor("franek"), concern.pk))
    one = fresh(concern)
    assert (one.state, one.owner) == (State.ACKNOWLEDGED, world.franek)
    assert Call.objects.get().answer == "taken"
    clock(minutes=6)
    chores.call()
    assert Call.objects.count() == 1


def test_taken_and_not_begun_it_is_called_out_again(world, clock):
    concern = raised(world)
    acts.take(world.actor("franek"), fresh(concern))
    clock(minutes=11)
    chores.call()
    one = fresh(concern)
    assert (one.state, one.owner) == (State.RAISED, None)
    assert waiting_call(concern) == "Franek"


def test_whoever_cannot_says_so_and_the_next_is_called_at_once(world, clock):
    another_officer(world)
    concern = raised(world)
    chores.call()
    acts.pass_on(world.actor("franek"), fresh(concern))
    with pytest.raises(Stale):
        acts.pass_on(world.actor("franek"), fresh(concern))
    chores.call()
    assert waiting_call(concern) == "Hania"


def test_what_belongs_to_somebody_who_is_not_on_duty_any_more_goes_back(world, clock):
    concern = raised(world)
    acts.take(world.actor("franek"), fresh(concern))
    acts.note(world.actor("franek"), fresh(concern), what="wrote")
    chores.give_back()
    assert fresh(concern).state == State.IN_CARE
    programmes.lay_down(HOUSE.within(world.here.pk), world.member("franek").duties.get())
    chores.give_back()
    one = fresh(concern)
    assert (one.state, one.owner, one.next_at) == (State.RAISED, None, clock())


def test_handing_over_calls_the_other_by_name_and_keeps_it_on_the_clock(world, clock):
    another_officer(world)
    concern = raised(world)
    acts.take(world.actor("franek"), fresh(concern))
    acts.hand_over(world.actor("franek"), fresh(concern), world.hania)
    assert waiting_call(concern) == "Hania"
    assert fresh(concern).next_at == clock() + timedelta(minutes=5)
    acts.take(world.actor("hania"), fresh(concern))
    assert fresh(concern).owner == world.hania
    with pytest.raises(NotAllowed):
        acts.note(world.actor("franek"), fresh(concern), what="wrote")


# -- what is done -----------------------------------------------------------------------------------------------------


def test_it_is_closed_only_with_an_outcome_after_something_was_done(world):
    concern = raised(world)
    acts.take(world.actor("franek"), fresh(concern))
    with pytest.raises(Stale):
        acts.close(world.actor("franek"), fresh(concern), outcome="safe")
    acts.note(world.actor("franek"), fresh(concern), what="asked", words=WORDS)
    acts.note(world.actor("franek"), fresh(concern), what="lines")
    acts.close(world.actor("franek"), fresh(concern), outcome="handed")
    assert (fresh(concern).state, fresh(concern).outcome) == (State.RESOLVED, "handed")
    done = reads.steps(world.actor("franek"), fresh(concern))
    assert [(one.by, one.words) for one in done] == [(world.franek.pk, WORDS), (world.franek.pk, "")]
    assert WORDS.encode() not in bytes(Step.objects.exclude(words=None).get().words)


ANSWERS = [  # yes by the numbers of the official questions, and what that is by its triage
    ("", None),
    ("1", 1),
    ("1 2", 1),
    ("1 2 3", 2),
    ("2 4", 3),
    ("2 5", 3),
    ("6", 2),
    ("6 lately", 3),
]


def answered(yes: str) -> dict[str, str]:
    names = [f"q{number}" for number in (1, 2, 6)] + (["q3", "q4", "q5"] if "2" in yes else [])
    said = {name: "yes" if name.removeprefix("q") in yes.split() else "no" for name in names}
    return said | ({"lately": "yes" if "lately" in yes else "no"} if "6" in yes else {})


@pytest.mark.parametrize(("yes", "tier"), ANSWERS)
def test_the_official_questions_are_noted_by_number_and_only_ever_make_it_more_pressing(world, yes, tier):
    form = QuestionsForm(answered(yes))
    assert form.is_valid()
    assert questions.tier(form.cleaned_data["yes"]) == tier
    for known in (1, 2, 3):
        concern = raised(world, tier=known, about=("ania", "bartek", "celina")[known - 1])
        acts.take(world.actor("franek"), fresh(concern))
        acts.screen(world.actor("franek"), fresh(concern), **form.cleaned_data)
        assert fresh(concern).tier == max(known, tier or 0)
        (step,) = reads.steps(world.actor("franek"), fresh(concern))
        assert step.words.startswith("1: ")
    assert Event.objects.filter(kind="concern.risen").count() == max(0, (tier or 0) - 1)


def test_questions_that_follow_are_asked_and_others_are_not_counted():
    assert set(QuestionsForm({"q1": "yes", "q2": "yes", "q6": "yes"}).errors) == {"q3", "q4", "q5", "lately"}
    assert set(QuestionsForm({}).errors) == {"q1", "q2", "q6"}
    form = QuestionsForm({"q1": "no", "q2": "no", "q4": "yes", "q6": "no", "lately": "yes"})
    assert form.is_valid()
    assert form.cleaned_data == {"yes": {"1": False, "2": False, "6": False}}


def test_a_step_sent_twice_is_one(world):
    concern = raised(world)
    acts.take(world.actor("franek"), fresh(concern))
    for _again in range(2):
        acts.note(world.actor("franek"), fresh(concern), what="wrote", key="abcdefghjkmn")
    assert Step.objects.count() == 1


@pytest.mark.parametrize("who", ["ania", "bartek", "celina"])
def test_only_somebody_on_duty_sees_or_takes_a_concern(world, who):
    concern = raised(world)
    with pytest.raises(NotFound):
        reads.concern(world.actor(who), concern.pk)
    with pytest.raises(NotAllowed):
        acts.take(world.actor(who), concern)
    for of_it in (reads.steps, reads.calls, reads.words_of):
        with pytest.raises(NotFound):
            of_it(world.actor(who), concern)


def test_a_concern_about_somebody_on_duty_is_not_shown_to_them(world):
    concern = raised(world, about="franek")
    assert list(reads.queue(world.actor("franek"))) == []
    with pytest.raises(NotAllowed):
        acts.take(world.actor("franek"), concern)


def test_by_hand_about_the_other_it_is_not_shown_to_them(world):
    concern = acts.raise_concern(world.actor("bartek"), world.ania, origin="other", tier=2, words=WORDS)
    assert reads.beside_me(world.actor("ania")) is None
    assert reads.words_of(world.actor("franek"), concern) == WORDS
    assert reads.words_of(world.actor("bartek"), concern) == WORDS
    mine = acts.raise_concern(world.actor("ania"), world.ania, origin="self", tier=3)
    assert reads.beside_me(world.actor("ania")) == mine
    with pytest.raises(NotAllowed):
        acts.raise_concern(world.actor("dawid"), world.ania, origin="other", tier=2)


# -- hours on duty ----------------------------------------------------------------------------------------------------


def test_a_week_is_read_on_the_clock_of_whoever_serves():
    monday_eight = 1 << (167 - 8)
    week = f"{monday_eight:042x}"
    at = datetime(2026, 6, 1, 6, 30, tzinfo=UTC)  # a Monday in summer: half past eight in Warsaw
    assert escalation.is_on(week, "Europe/Warsaw", at)
    assert not escalation.is_on(week, "UTC", at)
    assert not escalation.is_on(week, "Europe/Warsaw", at + timedelta(hours=1))


def test_a_single_shift_counts_before_the_week(world, clock):
    another_officer(world)
    acts.keep_week(world.actor("franek"), world.franek, week="f" * 42)
    now, hour = clock(), timedelta(hours=1)
    acts.add_shift(world.actor("franek"), world.franek, begins_at=now - hour, ends_at=now + hour, is_away=True)
    acts.add_shift(world.actor("celina"), world.hania, begins_at=now - hour, ends_at=now + hour, is_away=False)
    assert reads.on_duty(world.here.pk) == reads.OnDuty((world.hania.pk,), (world.franek.pk,))
    clock(hours=2)
    assert reads.on_duty(world.here.pk) == reads.OnDuty((world.franek.pk,), (world.hania.pk,))


def test_hours_are_kept_by_their_owner_or_a_coordinator(world):
    acts.keep_week(world.actor("celina"), world.franek, week="0" * 42)
    with pytest.raises(NotAllowed):
        acts.keep_week(world.actor("ania"), world.franek, week="0" * 42)
    with pytest.raises(NotAllowed):
        acts.keep_week(world.actor("franek"), world.celina, week="0" * 42)


# -- letters ----------------------------------------------------------------------------------------------------------


def test_whoever_is_called_gets_a_letter_at_night_too_and_without_a_word_of_anybody(world, clock):
    EmailAddress.objects.create(user=world.franek, email="franek@example.org", verified=True, primary=True)
    clock(hours=(26 - clock().hour) % 24)  # in the small hours
    concern = raised(world)
    chores.call()
    clock(seconds=31)
    letters.make()
    post.carry()
    (letter,) = mail.outbox
    assert letter.to == ["franek@example.org"]
    assert "Ania" not in letter.body + letter.subject
    assert concern.pk not in letter.body


def test_the_fallback_is_told_again_and_again_until_the_post_takes_it(world, clock, monkeypatch):
    choose(world, fallback_email="last@example.org")
    concern = raised(world)
    chores.call()
    clock(minutes=6)
    chores.call()

    def down(_message, **_words):
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.EmailMessage.send", down)
        fallback.tell()
    assert fresh(concern).fallback_told_at is None
    assert fresh(concern).fallback_tries == 1
    clock(minutes=3)
    fallback.tell()
    fallback.tell()
    (letter,) = mail.outbox
    assert letter.to == ["last@example.org"]
    assert "Ania" not in letter.body
    assert f"/desk/concerns/{concern.pk}/" in letter.body
    assert fresh(concern).fallback_told_at == clock()
