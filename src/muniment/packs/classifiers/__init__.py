"""Packs of classifiers and the word lists beside them."""
