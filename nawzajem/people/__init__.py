"""Who is here: accounts under a pseudonym, their language and comfort, their api tokens, how they get back in.

Not what somebody lived through (experiences), nor what they do for a programme (programmes).
"""
