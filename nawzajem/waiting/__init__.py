"""Somebody is needed now: the waiting room, the knocks at the doors of those who are here, the first yes, times of surge.

Not what the two then say (conversations), and not the help that must never wait for anybody (safety).
"""
