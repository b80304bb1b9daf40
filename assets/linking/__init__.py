"""What belongs together: identifiers, the actors that use them, the sites they tie.

Pure functions on Polars frames; the assets that call them stand in `assets.py`.
"""
