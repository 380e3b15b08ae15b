"""After a removal: the confirmed addresses of whoever was removed do not come in here again for a time, whatever the pseudonym.

Not who was removed, nor why: of an address there is a keyed hash with an end, and nobody can read it, or ask for another's.
"""
