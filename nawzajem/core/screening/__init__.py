"""Words in, signs of danger out, with reasons and certainty. It never says that there is no risk, and decides nothing: people do."""

from nawzajem.core.screening.finding import Band, Finding, Heads, Kind, Reason, Score, Tier
from nawzajem.core.screening.screen import OwnWords, screen

__all__ = ["Band", "Finding", "Heads", "Kind", "OwnWords", "Reason", "Score", "Tier", "screen"]
