"""Plain Python and NumPy: no Django, no clock, no database, no network. Every room may use it; it uses nothing of the house."""
