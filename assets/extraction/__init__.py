"""Texts to identifiers and facts: each finding is a row with its span in the raw text and the rule that found it."""
