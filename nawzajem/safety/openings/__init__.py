"""Break-glass: two people on duty open a part of a talk, or who somebody is, for a reason and for some hours; and tell it.

Not the talk itself: what is shown comes from the room that keeps it, which asks the rules here.
"""
