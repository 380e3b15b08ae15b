"""Who looked at what is somebody else's, by duty: one line for each look, which nobody can change afterwards.

Not what people do; that is in events. The person whom a line is about reads it on a page of their own.
"""
