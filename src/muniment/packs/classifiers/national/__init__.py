"""Classifiers of national numbers and documents, a file for each country."""
