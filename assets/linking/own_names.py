"""Names that no two would think of: who has one on a platform is who has it on another, or before an @."""

import polars as pl

from assets.linking.accounts import is_given_name

# So many letters and digits (no year) two do not think of; words, given names and what stands for a place or a trade
# (`vip_madrid`) many do. A given name alone is thought of by so many that it takes more digits.
_LETTERS_AND_DIGITS = ((8, 2), (5, 3))
_DIGITS_OF_A_GIVEN_NAME = 4
_YEAR = r"(?:19|20)[0-9]{2}"


def is_own_name(name: pl.Expr) -> pl.Expr:
    """Whether nobody else would think of the `name` (lower case); false where there is none."""
    letters = name.str.replace_all(r"[^a-z]", "")
    length = letters.str.len_bytes()
    digits = name.str.replace_all(_YEAR, "").str.count_matches("[0-9]")
    is_own = pl.any_horizontal((length >= many) & (digits >= more) for many, more in _LETTERS_AND_DIGITS)
    is_own &= ~is_given_name(letters) | (digits >= _DIGITS_OF_A_GIVEN_NAME)
    return is_own.fill_null(False)
