"""Whose house it is: programmes made from blueprints, who belongs to them, who does which duty, what was agreed to.

Not what people live through or write there.
"""
