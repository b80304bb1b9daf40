"""Screening: what we read is looked up in lists we lawfully hold; every hit is a hypothesis for a human."""
