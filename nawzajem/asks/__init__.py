"""Someone needs someone: a request for support and its life, from the first word to the talk or the taking back.

Not who will answer it (pairs), and not the urgent help that must never wait for anybody (safety).
"""
