"""What a person has lived through, in their own words, and who may see which part of it.

Not a profile, and not a diagnosis. Nothing here has to be shown to anybody.
"""
