"""Which event becomes which letter, when, in which language, and whether its reader wants it at all.

A letter says that there is something to see, never what it says.
"""
