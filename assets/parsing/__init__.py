"""Parsing: from captured bytes to items (listings, messages, documents, notices). Pure functions, no network."""
