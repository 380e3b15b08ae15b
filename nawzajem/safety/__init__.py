"""Keeping people from harm: blocks, reports, help lines. Later concerns, the duty roster and break-glass.

Not the conversation itself: what is reported comes with its place and a sealed copy.
"""
