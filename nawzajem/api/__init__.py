"""The same reads and acts as JSON, with a description made by the library. Decides nothing."""
