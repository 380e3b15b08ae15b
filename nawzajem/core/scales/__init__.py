"""Answers of several people, told as a mean or a share with an interval, so that few answers do not sound like many."""

from nawzajem.core.scales.intervals import Interval, mean_interval, share_interval

__all__ = ["Interval", "mean_interval", "share_interval"]
