"""A conversation, its participants, its messages."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from nawzajem.ground import clock
from nawzajem.ground.actor import Actor
from nawzajem.ground.models import Row
from nawzajem.ground.seal import new_vault
from nawzajem.people.models import Person
from nawzajem.programmes.models import Programme


class Conversations(models.QuerySet["Conversation"]):
    def visible_to(self, actor: Actor) -> Conversations:
        """Those one takes part in. There is no other way in, for anybody; nobody signed in is not somebody erased."""
        here = self.filter(programme=actor.programme, participants__person=actor.person, participants__left_at=None)
        return here if actor.person else self.none()


class Conversation(Row):
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="conversations")
    vault = models.BinaryField(null=True, default=new_vault)  # its key; destroyed with it
    last_seq = models.PositiveIntegerField(default=0)
    screened_seq = models.PositiveIntegerField(default=0)  # looked through for signs of danger up to here
    unscreened = models.BooleanField(default=False)  # true at least where something was not looked through
    last_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(default=clock.stamp, editable=False)
    closed_at = models.DateTimeField(null=True)

    objects = Conversations.as_manager()

    class Meta:
        # By a mark that rarely changes, not by the two places: a row whose index would change with each message is kept twice
        # by PostgreSQL, in every index it has.
        indexes = [models.Index(fields=["id"], condition=Q(unscreened=True), name="conversation_to_screen")]
        constraints = [
            models.CheckConstraint(
                condition=Q(unscreened=True) | Q(last_seq__lte=F("screened_seq")), name="conversation_none_overlooked"
            )
        ]


class Participant(Row):
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="participants")
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="participations")
    read_seq = models.PositiveIntegerField(default=0)
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "person"], condition=Q(person__isnull=False), name="participant_once"
            ),
        ]


class Message(models.Model):
    """One message. `seq` is its place, taken under the conversation's row; `client_key` makes sending twice harmless.

    Each change of a message takes a place of its own, so whoever asks what is newer than a place is told of changes too.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages", db_index=False)
    seq = models.PositiveIntegerField()
    latest_seq = models.PositiveIntegerField()  # the place of its latest change; its own while there was none
    author = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="messages", db_index=False)
    client_key = models.CharField(max_length=36)
    at = models.DateTimeField(default=clock.stamp)
    edited_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    body = models.BinaryField()  # sealed with the conversation's key; empty once withdrawn or erased

    class Meta:
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="message_seq"),
            models.UniqueConstraint(fields=["conversation", "latest_seq"], name="message_latest"),
            models.UniqueConstraint(fields=["conversation", "client_key"], name="message_key"),
            models.CheckConstraint(condition=Q(latest_seq__gte=F("seq")), name="message_changed_later"),
        ]

    def __str__(self) -> str:
        return f"message {self.seq}"

    @property
    def about(self) -> str:
        return self.place(self.conversation_id, self.seq)

    @staticmethod
    def place(conversation: str, seq: int) -> str:
        """What its words are sealed to."""
        return f"message:{conversation}:{seq}"
