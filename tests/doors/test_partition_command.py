"""`nawzajem partition`: messages in parts on PostgreSQL, and everything goes on as before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.doors.keeper import Keeper
from tests.doors.processes import Town

WORDS = "Jutro o ósmej, pod kasztanem."

AFTER = """
from django.db import connection, IntegrityError, transaction
from nawzajem.models import Message
cursor = connection.cursor()
one = Message.objects.get()
cursor.execute("EXPLAIN SELECT * FROM nawzajem_message WHERE conversation_id = %s AND seq > 0 ORDER BY seq", [one.conversation_id])
plan = "\\n".join(line for line, in cursor.fetchall())
print(plan.count("nawzajem_message_0"), "Append" in plan)
twin = Message(conversation=one.conversation, seq=one.seq, latest_seq=9, author=one.author, client_key="other", body=b"x")
try:
    with transaction.atomic():
        twin.save(force_insert=True)
    print("doubled")
except IntegrityError as error:
    print(type(error.__cause__).__name__)
twin.seq, twin.latest_seq = 7, 7
twin.save(force_insert=True)
print(twin.pk > one.pk)
twin.delete()
""".strip()


@pytest.fixture
def keeper(town_here: Town, tmp_path: Path) -> Keeper:
    return Keeper.of_a_town(town_here, tmp_path / "data")


def test_on_sqlite_it_is_refused_in_a_sentence(keeper):
    if not keeper.address:
        assert "Only PostgreSQL" in keeper.run("partition", fails=True)


def test_in_parts_everything_is_there_and_goes_on(keeper, tmp_path):
    if not keeper.address:
        pytest.skip("SQLite has no parts")
    keeper.say(WORDS)
    assert "There should be 2 to" in keeper.run("partition", "--parts", 1, fails=True)
    assert "Messages: 1, in 8 parts." in keeper.run("partition", "--parts", 8)
    assert keeper.hear() == [WORDS]
    asked, refused, numbered = keeper.run_python(f"exec({AFTER!r})").splitlines()
    assert (asked.split()[1], refused, numbered) == ("False", "UniqueViolation", "True")  # one part is asked, not all
    assert "in 8 parts already" in keeper.run("partition", fails=True)
    keeper.run("prepare")  # the tables are still as this version needs them
    keeper.run("backup", tmp_path / "b", "--verify")
    elsewhere = keeper.without_data(tmp_path / "elsewhere")
    elsewhere.run("restore", tmp_path / "b")
    assert elsewhere.hear() == [WORDS]
    assert "in 8 parts already" in elsewhere.run("partition", fails=True)
