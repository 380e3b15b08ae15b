"""Someone can be there: from which experiences, in which forms, at which hours, for how many, and when not.

Not what the two make of it (pairs).
"""
