"""The live path measured through its whole door, beside the limits of the machine and beside peers, in the same run."""
