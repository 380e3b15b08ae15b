"""Who is under age here, and what has to be in order before they take part: a guardian's consent, checks of the adults they may
meet, and the standards by which the organisation protects them. What two people say to each other is not seen from here."""
