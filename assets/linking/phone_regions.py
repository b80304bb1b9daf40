"""Countries of phone numbers by their numbering plans, for millions of numbers at once."""

from functools import cache

import phonenumbers
import polars as pl
from phonenumbers import PhoneMetadata

# All countries that a number may be of.
REGIONS = sorted(
    {
        region
        for regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.values()
        for region in regions
        if region.isalpha()
    }
)
_KINDS = (
    "premium_rate",
    "toll_free",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
    "fixed_line",
    "mobile",
)


def regions_of(numbers: pl.Series) -> pl.Series:
    """Country (ISO 3166 alpha-2) of each E.164 number; null where it is none or belongs to none.

    Where countries share a calling code, the first whose numbering plan has the number (libphonenumber's metadata
    and its rule, `region_code_for_number`), asked of all numbers at once instead of each.
    """
    parts = pl.DataFrame({"number": numbers}).with_columns(calling_code().alias("code"))
    national = pl.col("number").str.slice(1 + pl.col("code").str.len_chars())
    parts = parts.with_columns(national.alias("national")).with_row_index("row")
    found = [
        _regions_of_code(part.select("row", "national"), int(code))
        for (code,), part in parts.filter(pl.col("code").is_not_null())
        .partition_by("code", as_dict=True)
        .items()
    ]
    regions = pl.concat([pl.DataFrame(schema={"row": pl.get_index_type(), "region": pl.String}), *found])
    return parts.join(regions, on="row", how="left", maintain_order="left")["region"]


def calling_code() -> pl.Expr:
    """The digits of the calling code with which an E.164 `number` begins; none is the beginning of another."""
    codes = [str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE]
    return pl.coalesce(
        pl.when(
            pl.col("number").str.slice(1, digits).is_in([code for code in codes if len(code) == digits])
        ).then(pl.col("number").str.slice(1, digits))
        for digits in (1, 2, 3)
    )


def _regions_of_code(rows: pl.DataFrame, code: int) -> pl.DataFrame:
    """row, region of the numbers of one calling code; `rows`: row, national."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]
    countries = [region for region in regions if region.isalpha()]
    if len(regions) == 1:
        has_country = bool(countries)
        return rows.filter(has_country & (pl.col("national").str.len_chars() > 0)).select(
            "row", pl.lit(regions[0]).alias("region")
        )
    region = pl.coalesce(
        [pl.when(belongs).then(pl.lit(name)) for name in countries if (belongs := _belongs(name)) is not None]
    )
    # What begins like a trunk prefix may be one, which the library takes off before it looks.
    main = PhoneMetadata.metadata_for_region(regions[0], None)
    trunk = main.national_prefix_for_parsing if main is not None else None
    doubtful = pl.col("national").str.contains(f"^(?:{trunk})") if trunk else pl.lit(False)
    asked = rows.filter(doubtful)
    return pl.concat(
        [
            rows.filter(~doubtful).select("row", region.alias("region")).drop_nulls(),
            asked.select("row").with_columns(
                pl.Series(
                    "region", [_by_the_library(f"+{code}{digits}") for digits in asked["national"]], pl.String
                )
            ),
        ]
    )


def _by_the_library(number: str) -> str | None:
    try:
        found = phonenumbers.region_code_for_number(phonenumbers.parse(number, None))
    except phonenumbers.NumberParseException:
        return None
    return found if found and found.isalpha() else None


@cache
def _belongs(region: str) -> pl.Expr | None:
    """Whether the number `national` is one of this region's; None where nothing is known of it."""
    metadata = PhoneMetadata.metadata_for_region(region, None)
    if metadata is None:
        return None
    national = pl.col("national")
    if metadata.leading_digits is not None:
        return national.str.contains(f"^(?:{metadata.leading_digits})")
    general = metadata.general_desc
    if general is None or general.national_number_pattern is None:
        return None
    of_a_kind = []
    for kind in _KINDS:
        described = getattr(metadata, kind)
        if described is not None and described.national_number_pattern:
            matches = national.str.contains(f"^(?:{described.national_number_pattern})$")
            lengths = list(described.possible_length)
            of_a_kind.append(matches & national.str.len_chars().is_in(lengths) if lengths else matches)
    return (
        national.str.len_chars().is_in(list(general.possible_length))
        & national.str.contains(f"^(?:{general.national_number_pattern})$")
        & pl.any_horizontal(of_a_kind)
    )
