"""The demo town: people, talks and troubles as readable files beside this one, and what brings them to life through acts.

`script` reads the files, `moments` gives every message its time, `town` keeps who and what is there, `lives` says what
they do one after the other, `visits` tells how to look at it. Nothing here is real, and nothing here is written around the rules.
"""
