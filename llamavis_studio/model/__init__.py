"""The model room: the built-in model: pixels, codes, words."""
