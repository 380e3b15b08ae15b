"""What is decided after a report: looking into it, a step with its reason, the answer of whoever it concerns, appeal to somebody else.

Not the report itself, and not how a member's place is paused: this room says when, why, until when, and who may decide it.
"""
