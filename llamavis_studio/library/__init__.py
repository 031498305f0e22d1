"""The asset library: index, words, search."""
