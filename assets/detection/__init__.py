"""What deserves a look: surges, cited indicators, leads with their evidence.

Pure functions on Polars frames; the assets that call them stand in `assets.py`. A lead is a hypothesis for a human
to review, never a verdict.
"""
