"""What every room stands on: actor, act, events, bus, states, refusals, clock, words, seal.

Knows Django and nothing of the domain. Not a place for things that fit nowhere else.
"""
