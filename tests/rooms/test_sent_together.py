"""Many who send in one moment: each is answered, and all is kept, exactly as if they had sent one after the other."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nawzajem.conversations import acts, hearing, reads
from nawzajem.conversations.forms import LONGEST, MessageForm, plain
from nawzajem.conversations.models import Conversation, Message, Participant
from nawzajem.conversations.moment import Sending
from nawzajem.ground import bus, clock
from nawzajem.ground.models import Event
from nawzajem.ground.refusals import Refusal
from nawzajem.ground.seal import unseal
from nawzajem.programmes import acts as programmes
from nawzajem.safety import acts as safety

pytestmark = pytest.mark.django_db

PEOPLE = ("ania", "bartek", "celina", "dawid", "ewa", "paused", "elsewhere", "blocked")
TALKS = ("two", "three", "ended", "erased", "left", "none")

sendings = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.sampled_from(TALKS),
        st.sampled_from(["one", "dwa"]),
        st.integers(min_value=1, max_value=4),
    ),
    max_size=12,
)


@pytest.fixture
def cast(world):
    """People of every kind, and conversations in every state."""
    world.add("paused"), world.add("blocked"), world.join("ania", world.elsewhere)
    talks = {
        "two": _open(world, "ania", "bartek"),
        "three": _open(world, "ania", "bartek", "celina", "paused", "blocked"),
        "ended": _open(world, "ania", "bartek"),
        "erased": _open(world, "ania", "bartek"),
        "left": _open(world, "ania", "bartek", "dawid"),
        "none": Conversation(id="nosuchtalk22"),
    }
    acts.send(world.actor("ania"), talks["ended"], text="before", client_key="key-0001")
    Conversation.objects.filter(pk=talks["ended"].pk).update(closed_at=timezone.now())
    Conversation.objects.filter(pk=talks["erased"].pk).update(vault=None)
    Participant.objects.filter(conversation=talks["left"], person=world.bartek).update(left_at=timezone.now())
    programmes.pause(world.actor("celina"), world.member("paused"))
    safety.block(world.actor("bartek"), world.people["blocked"])
    actors = {name: world.actor(name) for name in PEOPLE if name != "elsewhere"}
    actors["elsewhere"] = world.actor("ania", world.elsewhere)
    return actors, talks


def _open(world, *names):
    made = Conversation.objects.create(programme=world.here)
    Participant.objects.bulk_create(Participant(conversation=made, person=world.people[name]) for name in names)
    return made


def _alone(one: Sending):
    """The way of a page: found by a read, sent by the act."""
    try:
        found = acts.send(
            one.actor, reads.conversation(one.actor, one.conversation), text=one.text, client_key=one.client_key
        )
    except Refusal as refusal:
        return refusal.code, str(refusal.sentence)
    return found.seq, found.client_key


def _together(asked):
    answers = acts.send_each(asked)
    return [(one.code, str(one.sentence)) if isinstance(one, Refusal) else (one.seq, one.client_key) for one in answers]


def _kept(world):
    """Everything that sending changes."""
    lines = []
    for message in Message.objects.select_related("author", "conversation").order_by("conversation", "seq"):
        text = unseal(message.conversation.vault, message.body, about=message.about)
        lines.append((message.conversation_id, message.seq, message.author_id, message.client_key, text))
    events = Event.objects.filter(kind="message.sent").values_list(
        "thing", "by", "via", "programme", "thing_kind", "facts"
    )
    return (
        lines,
        sorted(map(str, events)),
        list(Conversation.objects.order_by("pk").values_list("pk", "last_seq")),
        list(Participant.objects.order_by("pk").values_list("pk", "read_seq")),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sendings)
@example([(who, talk, "one", n) for n, who in enumerate(PEOPLE) for talk in TALKS])
@example([("ania", "two", "one", 1), ("bartek", "two", "dwa", 1), ("ania", "ended", "one", 1)])
def test_together_is_as_one_after_the_other(world, cast, told):
    actors, talks = cast
    asked = [Sending(actors[who], talks[talk].pk, text, f"key-{n:04}") for who, talk, text, n in told]
    results = []
    for way in (lambda: [_alone(one) for one in asked], lambda: _together(asked)):
        with transaction.atomic():
            results.append((way(), _kept(world)))
            transaction.set_rollback(True)
    assert results[0] == results[1]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sendings)
@example([(who, talk, "one", n) for n, who in enumerate(PEOPLE) for talk in TALKS])
def test_what_is_handed_over_is_what_would_be_read(world, cast, django_capture_on_commit_callbacks, told):
    actors, talks = cast
    asked = [Sending(actors[who], talks[talk].pk, text, f"key-{n:04}") for who, talk, text, n in told]
    handed, places = dict[str, hearing.News](), hearing.last_places(talk.pk for talk in talks.values())
    stop = bus.listen(lambda _channels, brought: handed.update(brought), lambda channel: "conversation:" in channel)
    with transaction.atomic():
        with django_capture_on_commit_callbacks(execute=True):
            acts.send_each(asked)
        stop()
        now = hearing.last_places(places)
        assert handed.keys() == {f"conversation:{talk}" for talk, last in now.items() if last > places[talk]}
        for channel, news in handed.items():
            talk = channel.partition(":")[2]
            assert news == hearing.news(talk, after=places[talk])
            assert "Line" not in repr(news)  # which a log may show
        transaction.set_rollback(True)


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(1, 4)), max_size=4), st.integers(0, 12), st.booleans())
def test_pieces_are_joined_only_where_none_is_missing(spans, after, is_one_unknown):
    spread = [range(first, first + n) for first, n in spans]
    pieces = [
        hearing.just_said("t", "p", [f"upto {span[-1]}"], clock.now(), [("a", "A", n, "k", "x") for n in span])
        for span in spread
    ]
    places = [place for span in spread for place in span if place > after]
    joined = hearing.joined([*pieces, None] if is_one_unknown else pieces, after=after)
    if is_one_unknown or not places or sorted(places) != [*range(after + 1, after + 1 + len(places))]:
        assert joined is None
        return
    assert joined is not None
    assert [line.latest for _who, line, _own in joined._said] == sorted(places)
    assert (joined.upto, joined.people) == (max(places), {f"upto {max(places)}"})


@given(
    st.one_of(
        st.text(), st.integers(LONGEST - 1, LONGEST + 2).map(lambda n: "ż" * n), st.sampled_from([" a\x00 ", "\r\n x"])
    ),
    st.one_of(st.from_regex(r"[A-Za-z0-9-]{7,37}", fullmatch=True), st.text(), st.just("abcdefgh\n")),
)
def test_what_is_plain_is_what_the_form_makes_of_it(text, key):
    typed = {"text": text, "client_key": key}
    form = MessageForm(typed)
    accepted = form.cleaned_data if form.is_valid() else None
    assert plain(typed) in (accepted, None)
    if plain(typed) is None and accepted:
        assert key != key.strip()  # only what needs a brush goes the long way
