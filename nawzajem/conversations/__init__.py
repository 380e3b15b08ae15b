"""People talking: messages in order, who has read how far, who is away. Live or slow, it is the same thing.

Does not know why a conversation was opened, nor what its people were matched on.
"""
