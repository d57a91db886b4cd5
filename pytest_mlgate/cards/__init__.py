"""Model cards: what a card says, and whether it says it.

``form`` is the internal form that every format is read into, ``reading`` the way in (:func:`~reading.read_card`).
"""
