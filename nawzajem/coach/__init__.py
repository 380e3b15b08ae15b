"""The coach beside whoever helps: one quiet hint at a time while writing, and what became of the hints, for nobody but them.

It never writes for anybody, never stands between a message and its sending, and tells no one else: it makes no event.
"""
