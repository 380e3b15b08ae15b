"""`nawzajem screen FILE` and `coach FILE`: answers in the order of the file, on one process or several, and which line is wrong."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from nawzajem.management import batches
from nawzajem.management.commands import coach, screen
from nawzajem.management.lines import messages

SAID = ("Chcę się dziś zabić", "Kup mleko", "i want to die", "see you on friday")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "messages.jsonl"
    said = [{"id": n, "text": SAID[n % 4], "lang": "pl" if n % 4 < 2 else "en", "context": "Cześć"} for n in range(150)]
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in said), encoding="utf-8")
    return path


def of_ten(file):
    every = list(messages(file))
    return [every[at : at + 10] for at in range(0, len(every), 10)]


def test_messages_are_screened_in_their_order(file, capsys):
    call_command("screen", str(file))
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["id"] for one in told] == list(range(150))
    assert [one["tier"] != "none" for one in told[:4]] == [True, False, True, False]
    assert told[4]["tier"] == told[0]["tier"]


@pytest.mark.parametrize("answer", [screen.answer, coach.answer])
def test_several_processes_say_what_one_says(file, answer):
    assert list(batches.on_processes(of_ten(file), answer)) == [line for part in of_ten(file) for line in answer(part)]


def test_a_line_that_is_no_message_is_named_after_all_before_it_are_answered(file):
    def parts():
        yield from of_ten(file)
        raise CommandError("line 151")

    told = []
    with pytest.raises(CommandError, match="line 151"):
        told.extend(batches.on_processes(parts(), screen.answer))
    assert len(told) == 150


def test_the_wrong_line_of_a_file_is_told(file, capsys):
    with file.open("a", encoding="utf-8") as lines:
        lines.write("no message\n")
    with pytest.raises(CommandError, match=":151: this line is not JSON"):
        call_command("screen", str(file))
    assert len(capsys.readouterr().out.splitlines()) == 128


def test_half_a_letter_keeps_no_message_from_being_read(tmp_path, capsys):
    """A surrogate that stands alone, as programs leave it that count letters by twos. Whole ones stay."""
    file = tmp_path / "cut.jsonl"
    file.write_text(
        r'{"id": "\uD83D", "text": "chcę się dziś zabić \ud83d \ud83d\ude00", "lang": "pl"}', encoding="utf-8"
    )
    call_command("screen", str(file))
    told = json.loads(capsys.readouterr().out)
    assert (told["id"], told["tier"]) == ("?", "imminent")
    (one,) = messages(file)
    assert one["text"] == "chcę się dziś zabić ? 😀"


@pytest.mark.parametrize("line", ['{"text": "chcę się zabić"}'.encode("cp1250"), b'{"text": ' + b"[" * 100_000])
def test_what_cannot_be_read_is_told_and_not_guessed(tmp_path, line):
    file = tmp_path / "other.jsonl"
    file.write_bytes(b'{"id": 1, "text": "tak", "lang": "pl"}\n' + line)
    with pytest.raises(CommandError, match=r":2: this line is not (UTF-8|JSON)"):
        call_command("screen", str(file))
