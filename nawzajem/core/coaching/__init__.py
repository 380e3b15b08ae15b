"""A reply in, what may hurt and what helps out, with the words it stands in. It writes nothing for anybody, and judges nobody."""

from nawzajem.core.coaching.look_back import LookBack, Turn, look_back
from nawzajem.core.coaching.noticed import HELPS, PITFALLS, Coached, Help, Noticed, Pitfall
from nawzajem.core.coaching.noticing import coach

__all__ = [
    "HELPS",
    "PITFALLS",
    "Coached",
    "Help",
    "LookBack",
    "Noticed",
    "Pitfall",
    "Turn",
    "coach",
    "look_back",
]
