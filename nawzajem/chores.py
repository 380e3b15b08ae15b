"""Everything that runs by itself: its name, how often, what. `nawzajem serve` calls `run_due` in its loop."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import OperationalError
from django.utils.translation import gettext as _

from nawzajem.asks import chores as asks
from nawzajem.conversations import screening
from nawzajem.conversations.calls import chores as calls
from nawzajem.ground import chores, sizes, watching, work
from nawzajem.ground.chores import Chore
from nawzajem.ground.work import Job, Queue
from nawzajem.minors import chores as minors
from nawzajem.notify import chores as letters
from nawzajem.notify import fallback, fallback_rulings, post, ringing
from nawzajem.notify import reads as letter_reads
from nawzajem.notify.reads import asleep
from nawzajem.offers import chores as offers
from nawzajem.pairs import chores as pairs
from nawzajem.pairs.rounds import reads as round_reads
from nawzajem.programmes import chores as programmes
from nawzajem.rights import chores as rights
from nawzajem.rulings import chores as rulings
from nawzajem.safety.concerns import chores as concerns
from nawzajem.safety.openings import chores as openings
from nawzajem.waiting import chores as waiting
from nawzajem.waiting import reads as waiting_reads

AT_ONCE, FEW_SECONDS, HALF_A_MINUTE, MINUTE = (timedelta(seconds=s) for s in (2, 5, 30, 60))
MINUTES, HOUR, DAY = timedelta(minutes=10), timedelta(hours=1), timedelta(days=1)


def queues() -> list[Queue]:
    """What stands in rows and waits for its turn."""
    return [
        Queue("letters", _("Letters that are due"), letter_reads.due().count()),
        Queue("rounds", _("Rounds to be worked out or sent"), round_reads.to_work_on().count()),
        Queue("waves", _("Waits in which something is due"), waiting_reads.due().count()),
    ]


def count() -> None:
    """For whoever watches by figures."""
    for queue in queues():
        watching.waiting(queue.code, queue.waiting)


CHORES = (
    # the waiting room, before everything else
    Chore("whoever is needed now is asked", AT_ONCE, partial(waiting.go_round, asleep=asleep), waits=waiting.some_due),
    Chore("talks for now come to their end", MINUTES, waiting.end_talks),
    Chore("who does not answer is not here", MINUTE, waiting.switch_off),
    Chore("a surge is noticed", MINUTES, waiting.watch),
    # signs of danger, and who answers them
    Chore("what was sent is looked through", AT_ONCE, screening.look_through, waits=screening.some_new),
    Chore("whoever is on duty is called", AT_ONCE, concerns.call, waits=concerns.some_due),
    Chore("concerns without an owner go back", MINUTE, concerns.give_back),
    Chore("screening is switched on and off", HALF_A_MINUTE, screening.watch),
    Chore("the fallback is told", HALF_A_MINUTE, fallback.tell, waits=fallback.some_due),
    # proposals and pairs
    Chore("the next who fits is asked", FEW_SECONDS, pairs.go_on, waits=pairs.some_may_fit),
    Chore("waiting asks are looked at again", HOUR, pairs.look_again),
    Chore("proposals lapse", HALF_A_MINUTE, pairs.lapse, waits=pairs.some_lapse),
    Chore("pairs that talk come alive", MINUTES, pairs.come_alive),
    Chore("check-ins are asked", MINUTES, pairs.ask_how, waits=pairs.some_check_in),
    Chore("silence is noticed", HOUR, pairs.notice_silence),
    Chore("pairs come to their end", MINUTES, pairs.close),
    # asks and offers that nobody has looked at for long
    Chore("asks are asked whether they still hold", HOUR, asks.ask_again),
    Chore("asks lapse", HOUR, asks.lapse),
    Chore("rested offers come back", HOUR, offers.come_back),
    Chore("idle offers rest", DAY, offers.rest_idle),
    Chore("offers without an answer rest", HOUR, pairs.rest_unanswered),
    Chore("pauses of members end", HOUR, programmes.end_pauses),
    # what two people opened
    Chore("openings keep their time", MINUTE, openings.keep_time, waits=openings.some_due),
    # reports, and what is decided about people
    Chore("reports and decisions keep their time", MINUTE, rulings.keep_time),
    Chore("a fallback hears of reports and appeals", MINUTE, fallback_rulings.tell, waits=fallback_rulings.some_due),
    Chore("sealed evidence goes on its day", DAY, rulings.let_evidence_go),
    # minors
    Chore("guardians' consents are looked at", MINUTE, minors.look_at_consents),
    Chore("adults with minors are looked at", MINUTES, pairs.keep_minors_safe),
    Chore("checks and standards are remembered", HOUR, minors.remind),
    # letters
    Chore("letters are made", HALF_A_MINUTE, letters.make, waits=letters.some_news),
    Chore("letters are sent", HALF_A_MINUTE, post.carry, waits=post.some_due),
    Chore("the house can ring", HOUR, ringing.begin),
    Chore("devices are rung", FEW_SECONDS, ringing.ring, waits=ringing.some_due),
    Chore("old letters are forgotten", DAY, letters.forget),
    # what is kept no longer
    Chore("what has had its time goes", DAY, rights.keep_to_time),
    Chore("words that are not kept go", MINUTE, rights.let_words_pass),
    Chore("signals of calls go", MINUTE, calls.forget),
    Chore("the journal is emptied", HOUR, rights.empty_journal),
    Chore("old runs are forgotten", DAY, chores.forget_runs),
    Chore("what waits is counted", MINUTE, count, waits=lambda: bool(settings.ENV.metrics)),
    Chore("the sizes of the tables are learned", HOUR, sizes.learn),
)


def run_due() -> float:
    """Does what is due, and returns the seconds until the next is. One that fails does not stop the others."""
    try:
        return chores.run(CHORES)
    except OperationalError as error:  # no database just now
        chores.told("chores", error)
        return HALF_A_MINUTE.total_seconds()


def jobs() -> list[Job]:
    """How everything that runs by itself stands."""
    return work.jobs(CHORES)
