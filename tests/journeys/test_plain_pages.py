"""Where there is no JavaScript, everything works as plain pages; where there is no network for a while, nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.journeys.conftest import Visitor

MINE, THEIRS = "Dobry wieczór.\nNie mogę spać.", "Jestem. U mnie noce były najgorsze."


def open_up(one: Visitor, value: str) -> None:
    """Finds a word in the tree as a hand does: the group is opened, then the word is ticked."""
    choice = one.page.locator(f"label.choice:has(input[value='{value}'])").first
    if not choice.is_visible():
        one.page.locator("details", has=one.page.locator(f"input[value='{value}']")).first.locator(
            "summary"
        ).first.click()
    choice.click()


def come_in(one: Visitor, pseudonym: str) -> None:
    one.go("/p/krag/")
    open_up(one, "grief.partner")
    one.press("Show")
    one.press("I would like to talk")
    one.fill("Pseudonym", pseudonym)
    one.fill("Passphrase", "niebieski rower i cisza")
    one.press("Go on")
    one.press("I have kept it")
    one.page.locator("input[name=agreed]").check()
    one.pick(one.says("35 to 49"))
    for tick in one.page.locator("input[name=conditions]").all():
        tick.check(force=True)
    one.press("Come in")


def write(one: Visitor, letter: str) -> None:
    one.page.locator("textarea[name=text]").fill(letter)
    one.press("Send")
    one.sees(letter.splitlines()[-1])


def test_from_joining_to_the_end_on_plain_pages(visitor: Callable[..., Visitor]) -> None:
    one, other = visitor("pl", "phone", scripts=False), visitor("pl", "desk", scripts=False)
    come_in(one, "Cichy Brzeg")
    assert one.page.locator("input[name=topics]:checked").count() == 1, "what was picked before is still picked"
    one.press("Go on: who is there")
    one.pick(one.says("I choose myself"))
    one.press("Send")
    ask = one.page.url
    one.follow("article.card button")
    one.sees(one.says("Somebody is being asked."))

    one.go("/p/krag/experiences/new/")
    open_up(one, "work.lost")
    one.pick(one.says("I have been through it"))
    one.fill("Since when", "2024")
    one.page.locator("textarea[name=words]").fill(MINE)
    one.press("Keep")
    one.sees(one.says("Kept. You can change or take it back at any time."))

    other.sign_in("Bartek")
    other.follow("a.card-link")
    other.press("Yes, I would like to talk")
    talk = other.page.url
    write(other, THEIRS)

    one.go(ask)
    one.press("To your talk")
    one.sees(THEIRS)
    write(one, MINE)
    other.go(talk)
    other.sees(MINE.splitlines()[0])

    other.page.locator("summary", has_text=other.says("Break, end, close the door")).click()
    other.press("End it")
    other.page.locator("input[name=at_once]").check()
    other.press("End it")
    other.pick(other.says("fully"))
    other.press("Send")
    other.sees(other.says("Thank you. The other sees it once both have answered."))

    one.page.reload()
    one.sees(one.says("This talk has ended. What was said stays here to be read."))
    one.press("Did you feel understood?")
    one.pick(one.says("mostly"))
    one.press("Send")
    one.sees(one.says("The other felt understood: %(n)s of 5.", n=5))
    one.sees(one.says("You felt understood: %(n)s of 5.", n=4))
    one.press("Again, with somebody else")
    assert one.page.locator("input[name=topics]:checked").count() == 1
    assert not one.complaints + other.complaints


def together(one: Visitor, other: Visitor) -> str:
    """Clare asks Harry, and both are in their talk; its address."""
    one.sign_in("Clare")
    one.go("/p/krag/asks/new/?topics=grief.partner")
    one.press("Go on: who is there")
    one.pick(one.says("I choose myself"))
    one.press("Send")
    one.follow("article.card button")
    other.sign_in("Harry")
    other.follow("a.card-link")
    other.press("Yes, I would like to talk")
    one.go(other.page.url)
    return str(other.page.url)


def say(one: Visitor, words: str) -> None:
    one.page.locator("textarea[name=text]").fill(words)
    one.page.locator("textarea[name=text]").press("Control+Enter")


def change(one: Visitor, words: str, *, into: str = "") -> None:
    """By the pen at the message: other words, or none."""
    one.page.locator("article.message", has_text=words).locator("[data-change]").click()
    form = one.page.locator(".talk-lines form")
    if into:
        form.locator("textarea").fill(into)
    form.get_by_role("button", name=one.says("Keep the new words" if into else "Take the message back")).click()


def test_what_is_written_without_a_network_waits_and_arrives_once(visitor: Callable[..., Visitor]) -> None:
    one, other = visitor("en", "phone"), visitor("en", "desk")
    talk = together(one, other)
    say(one, "This one travels at once.")
    other.sees("This one travels at once.")

    network = one.page.context
    network.set_offline(True)
    say(one, "This one waits.")
    one.sees(one.says("kept on this device, sent when there is a connection"))
    say(one, "And this one after it.")
    say(one, "This one had better wait for ever.")
    change(one, "This one travels at once.", into="This one gets other words.")
    change(one, "This one had better wait for ever.")
    waiting = one.page.locator("[data-pending], [data-changing]")
    expect(waiting).to_have_count(4)
    expect(other.page.locator("article.message")).to_have_count(1)
    other.sees("This one travels at once.")
    network.set_offline(False)
    other.sees("And this one after it.")
    other.sees("This one gets other words.")
    expect(waiting).to_have_count(0)

    network.set_offline(True)
    say(one, "Written, and the page closed.")
    one.sees(one.says("kept on this device, sent when there is a connection"))
    change(one, "And this one after it.", into="And this one, too.")
    one.page.locator("textarea[name=text]").fill("Half a sen")
    one.page.close()
    network.set_offline(False)
    one.page = network.new_page()
    one.go(talk)
    other.sees("Written, and the page closed.")
    other.sees("And this one, too.")
    expect(one.page.locator("[data-pending], [data-changing]")).to_have_count(0)
    assert one.page.locator("textarea[name=text]").input_value() == "Half a sen"

    one.page.route("**/messages", lambda route: (route.fetch(), route.abort()), times=1)
    with one.page.expect_event("requestfailed"):
        say(one, "Kept, and the answer lost.")
    other.sees("Kept, and the answer lost.")
    one.page.close()
    one.page = network.new_page()
    one.go(talk)
    expect(one.page.locator("[data-pending]")).to_have_count(0)

    for somebody in (one, other):
        somebody.page.reload()
        said = somebody.page.locator("article.message .words").all_inner_texts()
        assert said == [
            "This one gets other words.",
            "This one waits.",
            "And this one, too.",
            "Written, and the page closed.",
            "Kept, and the answer lost.",
        ]


def test_what_is_taken_back_before_it_was_sent_is_never_sent(visitor: Callable[..., Visitor]) -> None:
    """But what the house may have, for its answer was lost, is taken back there."""
    one, other = visitor("en", "phone"), visitor("en", "desk")
    together(one, other)
    network, lines = one.page.context, one.page.locator("article.message")
    network.set_offline(True)
    say(one, "Written in the tunnel.")
    one.sees(one.says("kept on this device, sent when there is a connection"))
    change(one, "Written in the tunnel.")
    expect(lines).to_have_count(0)
    network.set_offline(False)

    one.page.route("**/messages", lambda route: (route.fetch(), network.set_offline(True), route.abort()), times=1)
    with one.page.expect_event("requestfailed"):  # others see it sooner than its answer is lost
        say(one, "It has it, and we do not know.")
    other.sees("It has it, and we do not know.")
    change(one, "It has it, and we do not know.")
    network.set_offline(False)
    other.sees(other.says("This message was taken back."))
    expect(other.page.locator("article.message")).to_have_count(1)
    expect(one.page.locator("[data-pending], [data-changing]")).to_have_count(0)
    assert one.page.evaluate("Object.keys(localStorage).filter((name) => /^nz:(box|went)/.test(name))") == []


def answers(one: Visitor) -> Callable[[int], None]:
    """From now on the house's answers to changes wait for the test, which lets the next through (200) or says no in its place."""
    held: list[Any] = []

    def hold(route: Any) -> None:
        held.append(route)

    one.page.route("**/changes", hold)

    def answer(status: int) -> None:
        while not held:
            one.page.wait_for_timeout(20)
        if status == 200:
            held.pop(0).continue_()
        else:
            held.pop(0).fulfill(status=status, json={"code": "closed", "sentence": "No longer.", "fields": {}})

    return answer


def test_what_is_refused_of_several_changes_hides_nothing_else(visitor: Callable[..., Visitor]) -> None:
    one, other = visitor("en", "phone"), visitor("en", "desk")
    together(one, other)
    line = one.page.locator("article.message")

    one.page.context.set_offline(True)
    say(one, "Sent, then changed in vain.")
    change(one, "Sent, then changed in vain.", into="This never happens.")
    answer = answers(one)
    one.page.context.set_offline(False)
    other.sees("Sent, then changed in vain.")
    expect(one.page.locator("article[data-seq]")).to_have_count(1)
    answer(410)
    one.sees("No longer.")
    expect(line).to_have_count(1)
    expect(line.locator(".words")).to_have_text("Sent, then changed in vain.")

    change(one, "Sent, then changed in vain.", into="Not this.")
    change(one, "Not this.", into="But this.")
    answer(410)
    expect(one.page.locator("textarea#write")).to_have_value(re.compile("Not this."))
    expect(one.page.locator("article[data-changing] .words")).to_have_text("But this.")
    answer(200)
    other.sees("But this.")
    expect(line.locator(".words")).to_have_text("But this.")
    expect(one.page.locator("[data-changing]")).to_have_count(0)


def test_changes_wait_for_each_other_and_undo_none_from_another_device(visitor: Callable[..., Visitor]) -> None:
    one, other, desk = visitor("en", "phone"), visitor("en", "desk"), visitor("en", "desk")
    talk = together(one, other)
    desk.sign_in("Clare")
    network = one.page.context
    network.set_offline(True)
    say(one, "A first try.")
    change(one, "A first try.", into="A second try.")
    change(one, "A second try.", into="A third try.")
    network.set_offline(False)
    other.sees("A third try.")
    expect(one.page.locator("[data-pending], [data-changing]")).to_have_count(0)
    change(one, "A third try.", into="A fourth try.")
    change(one, "A fourth try.", into="A fifth try.")
    other.sees("A fifth try.")

    desk.go(talk)
    network.set_offline(True)
    change(one, "A fifth try.", into="From the tunnel.")
    change(desk, "A fifth try.", into="From the desk.")
    other.sees("From the desk.")
    network.set_offline(False)
    one.sees(one.says("This has changed in the meantime. Here is how it stands now."))
    expect(one.page.locator("textarea#write")).to_have_value("From the tunnel.")
    for somebody in (one, other, desk):
        expect(somebody.page.locator("article.message .words")).to_have_text("From the desk.")


def test_what_has_had_its_time_leaves_an_open_page(visitor: Callable[..., Visitor]) -> None:
    one, other = visitor("en", "phone"), visitor("en", "desk")
    together(one, other)
    for words in ("The first.", "The second.", "The third."):
        say(one, words)
        other.sees(words)

    def begins_later(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, headers=answer.headers | {"x-nawzajem-first": "3"})

    other.page.route("**/messages?after=*", begins_later)
    other.page.evaluate("document.dispatchEvent(new CustomEvent('nz:changed', { detail: 'conversation' }))")
    expect(other.page.locator("article.message .words")).to_have_text(["The third."])
    say(one, "The fourth.")
    expect(other.page.locator("article.message .words")).to_have_text(["The third.", "The fourth."])
    other.page.unroute_all(behavior="wait")
