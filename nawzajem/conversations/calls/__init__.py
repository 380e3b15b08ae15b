"""Calls by voice between the two of a conversation, from browser to browser, once both have said that they may be rung.

What the house carries is who rings and how the browsers find each other, sealed and for two minutes. Not what is said: that
never passes through here, and nothing records it.
"""
