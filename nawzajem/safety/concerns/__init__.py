"""Concerns: something that may be dangerous, with a tier, an owner and a clock; the roster of those on duty, and who is called.

Not how a sign is found (core), and not the conversation it was found in: a concern holds its place, never its words.
"""
