"""Counts, waits, gaps, trends of a programme. Never one person, never a number so small that it points at one."""
