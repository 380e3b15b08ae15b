"""Pages: one file per room, about ten lines a page. Asks a read or calls an act, and chooses a template. Decides nothing."""
