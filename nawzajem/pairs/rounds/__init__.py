"""Rounds: many asks matched with all offers at once, looked at by a coordinator before anything is sent.

Not how the matching is solved (core), and not what a proposal is (pairs): what a round sends are ordinary proposals.
"""
