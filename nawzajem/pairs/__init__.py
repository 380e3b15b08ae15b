"""Two people who might help each other: suggestions, proposals, the yes of both, their agreement, check-ins, the ending.

Not what they say to each other (conversations).
"""
