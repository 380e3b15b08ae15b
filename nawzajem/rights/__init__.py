"""Your data: everything downloaded, leaving, erasing, and what goes by itself when its time is over.

The one room that knows every table with a person in it; a test holds it to that.
"""
