"""Invented correspondence for demonstrations, training and measurements: agencies, people, two years of documents.

Everything is made from a number (the seed): the same number gives the same agencies, names and documents. Agencies are
in the test group ``W00`` of the agency codes; names of places and people carry a word that marks them as invented.
"""
