"""What screening and coach learned from share: carriers that turn a sentence into numbers, and the heads on top of them."""

from nawzajem.core.language.carriers import Carrier, Heard, hearing, installed
from nawzajem.core.language.heads import Heads

__all__ = ["Carrier", "Heads", "Heard", "hearing", "installed"]
