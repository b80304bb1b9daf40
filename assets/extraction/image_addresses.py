"""Pictures by their addresses: what is known of a picture that nobody has fetched."""

import polars as pl

_FILE = r"(?i)\.(?:jpe?g|jfif|png|webp|gif|avif|heic|bmp|svg)$"


def image_value(address: pl.Expr) -> pl.Expr:
    """The identifier's value (String) for addresses of pictures: the last folder and name, in small letters.

    The same file is often served under several hosts. What follows `?` only shrinks or dates a file; where no file is
    named (`show.php?id=7`) it tells one picture from another and stays.
    """
    whole = address.str.replace(r"#.*$", "")
    path = whole.str.replace(r"\?.*$", "")
    named = pl.when(path.str.contains(_FILE)).then(path).otherwise(whole)
    return named.str.extract(r"([^/]+/[^/?]+(?:\?.*)?)$").fill_null(named).str.to_lowercase()
