"""Leads that are looked at again: those about whom something changed, and all at first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from assets.detection.context import item_context, site_offers
from assets.detection.controllers import controlled_surges
from assets.detection.following import OWNER, Followed
from assets.detection.handles import KINDS, suspicious_handles
from assets.detection.leads import LeadTables, OperationScope, lead_tables, no_leads, role_leads, suspects_of
from assets.detection.notes import ITEMS, Notes, in_words
from assets.detection.roles import SUSPECT_ROLES, RoleLeads
from assets.detection.suspicious_sites import suspicious_sites
from assets.parsing.packed import packed
from quality.contracts import CONTRACTS
from warehouse.parts import PartStore

# Items, or mentions, that are looked at together: bounds the memory.
CHUNK_ROWS = 1_000_000
HANDLE_KINDS = tuple(kind for kinds in KINDS.values() for kind in kinds)


@dataclass(frozen=True)
class Renewal:
    """`tables`: the rows of leads that were looked at again. `former`: lead_id (String) of those that stood in the
    tables. `notes`: the notes with what each item offers. `items`, `handles`: how many were looked at."""

    tables: LeadTables
    former: pl.DataFrame
    notes: Notes
    items: int
    handles: int


def renew(
    store: PartStore,
    former: Notes,
    followed: Followed,
    surges: pl.DataFrame,
    former_surges: pl.DataFrame,
    reliability: Mapping[str, str],
    operation: OperationScope,
) -> Renewal:
    """Look again at whom the changes concern.

    `former`: the notes before them, that go with the committed tables of leads. `surges`, `former_surges` as in their
    contract, keys packed; the others as for `leads.assess_leads`.
    """
    notes, first = followed.notes, former.items.is_empty()
    concerned = pl.concat([followed.concerned, _in_other_surges(surges, former_surges)]).unique()
    again = notes.items if first else notes.items.filter(OWNER.is_in(concerned.implode()))
    of_sites = in_words(site_offers(notes.items))
    tables, suspects, offers = [no_leads()], [concerned.clear().rename("subject_id")], []
    for some in _chunks(again, OWNER):
        context = item_context(in_words(some.drop("is_offer")), of_sites)
        signs = in_words(notes.signs.join(some, on="item_id", how="semi"))
        roles = role_leads(context, signs, surges)
        tables.append(_tables(roles, context, notes, reliability, operation))
        suspects.append(suspects_of(roles))
        offers.append(context.select("item_id", "is_offer"))
    notes, turned = _with_offers(former, notes, again, pl.concat(offers) if offers else None)

    standing = _standing(store)
    actors = standing.filter(pl.col("type").is_in(SUSPECT_ROLES))["subject_id"]
    stay = actors.filter(~actors.is_in(concerned.implode()))
    now = pl.concat([stay, *suspects]).unique()
    handles = None
    if not first:
        changed = pl.concat([followed.changed, turned]).unique()
        differ = pl.concat(
            [now.filter(~now.is_in(actors.implode())), actors.filter(~actors.is_in(now.implode()))]
        )
        handles = _touched_handles(former, notes, changed, differ, followed.reowned)
    repeated = _of_handles(notes, handles)
    identifiers = _identifiers(store, repeated)
    for mentions in _chunks(repeated, pl.col("identifier_id")):
        tables.append(_handle_tables(notes, mentions, identifiers, now, reliability, operation))
    site_links = store.scan("site_links", CONTRACTS["site_links"].schema).collect()
    sites = suspicious_sites(notes.items, notes.signs, notes.mentions, site_links, surges)
    evidence = notes.items.join(sites.evidence, on="item_id", how="semi")
    tables.append(_tables([sites], in_words(evidence), notes, reliability, operation))

    return Renewal(
        LeadTables(
            pl.concat([each.leads for each in tables]).sort(["score", "lead_id"], descending=[True, False]),
            pl.concat([each.lead_indicators for each in tables]),
            pl.concat([each.lead_evidence for each in tables]),
        ),
        _looked_at(standing, former, concerned, handles),
        notes,
        again.height,
        identifiers.height,
    )


def _chunks(frame: pl.DataFrame, key: pl.Expr) -> Iterator[pl.DataFrame]:
    """The rows in chunks, those of one key together."""
    chunks = 1 + frame.height // CHUNK_ROWS
    place = frame.select(key.hash() % chunks).to_series()
    for number in range(chunks if frame.height else 0):
        yield frame.filter(place == number) if chunks > 1 else frame


def _in_other_surges(surges: pl.DataFrame, former: pl.DataFrame) -> pl.Series:
    """Actors that are behind more rises than before, or fewer."""
    now, before = controlled_surges(surges), controlled_surges(former)
    keys = ["actor_id", "surges"]
    differ = [now.join(before, on=keys, how="anti"), before.join(now, on=keys, how="anti")]
    return pl.concat(differ)["actor_id"].unique().rename("owner")


def _tables(
    roles: Sequence[RoleLeads],
    context: pl.DataFrame,
    notes: Notes,
    reliability: Mapping[str, str],
    operation: OperationScope,
) -> LeadTables:
    passed = in_words(notes.passed.join(context, on="item_id", how="semi"))
    return lead_tables(roles, context, passed, reliability, operation)


def _with_offers(
    former: Notes, notes: Notes, again: pl.DataFrame, offers: pl.DataFrame | None
) -> tuple[Notes, pl.DataFrame]:
    """The notes with what the items that were looked at again offer; those that offer something else than before."""
    if offers is None:
        return notes, notes.items.select("item_id").clear()
    told = again.drop("is_offer").join(offers, on="item_id").select(*ITEMS)
    others = notes.items.join(again, on="item_id", how="anti") if again.height < notes.items.height else None
    before = former.items.join(again, on="item_id", how="semi").select("item_id", former="is_offer")
    turned = told.join(before, on="item_id").filter(pl.col("is_offer") != pl.col("former"))
    items = told if others is None else pl.concat([others, told])
    return replace(notes, items=items), turned.select("item_id")


def _standing(store: PartStore) -> pl.DataFrame:
    """The committed leads: lead_id, type, subject_id (Binary; null of a site)."""
    columns = ["lead_id", "type", "subject_kind", "subject_id"]
    leads = store.scan("leads", CONTRACTS["leads"].schema, columns=columns).collect()
    key = pl.when(pl.col("subject_kind") != "site").then("subject_id").str.decode("hex")
    return leads.select("lead_id", "type", "subject_kind", key.alias("subject_id"))


def _touched_handles(
    former: Notes, notes: Notes, changed: pl.DataFrame, suspects: pl.Series, reowned: pl.Series
) -> pl.Series:
    """Handles that changed items show or showed, whose owners changed, or became suspects or ceased to be."""
    shown = [
        frame.mentions.join(changed, on="item_id", how="semi")["identifier_id"] for frame in (former, notes)
    ]
    owned = [
        frame.owners.filter(pl.col("actor_id").is_in(suspects.implode()))["identifier_id"]
        for frame in (former, notes)
    ]
    return pl.concat([*shown, *owned, reowned]).unique()


def _of_handles(notes: Notes, handles: pl.Series | None) -> pl.DataFrame:
    """The mentions of handles that may lead, of these or of all: what only one item shows does not."""
    mentions = notes.mentions.filter(pl.col("kind").is_in(HANDLE_KINDS))
    if handles is not None:
        mentions = mentions.filter(pl.col("identifier_id").is_in(handles.implode()))
    return mentions.filter(pl.col("identifier_id").is_duplicated())


def _identifiers(store: PartStore, mentions: pl.DataFrame) -> pl.DataFrame:
    """The handles that these mentions name, as committed, keys packed: identifier_id, kind, value, item_count."""
    columns = ["identifier_id", "kind", "value", "item_count"]
    rows = store.scan("identifiers", CONTRACTS["identifiers"].schema, columns=columns)
    of_several = rows.filter((pl.col("item_count") > 1) & pl.col("kind").is_in(HANDLE_KINDS))
    return (
        packed(of_several, "identifier_id")
        .join(mentions.lazy().select("identifier_id").unique(), on="identifier_id", how="semi")
        .collect()
    )


def _handle_tables(
    notes: Notes,
    mentions: pl.DataFrame,
    identifiers: pl.DataFrame,
    suspects: pl.Series,
    reliability: Mapping[str, str],
    operation: OperationScope,
) -> LeadTables:
    theirs = identifiers.join(mentions, on="identifier_id", how="semi")
    context = in_words(notes.items.join(mentions, on="item_id", how="semi")).sort("first_seen", "item_id")
    owners = notes.owners.join(theirs, on="identifier_id", how="semi")
    roles = suspicious_handles(context, mentions, theirs, owners, suspects)
    return _tables(roles, context, notes, reliability, operation)


def _looked_at(
    standing: pl.DataFrame, former: Notes, concerned: pl.Series, handles: pl.Series | None
) -> pl.DataFrame:
    """The committed leads whose subjects were looked at again: lead_id."""
    kind, subject = pl.col("subject_kind"), pl.col("subject_id")
    if handles is None:
        return standing.select("lead_id")
    persons = standing.filter(kind == "item").select(pl.col("subject_id").alias("item_id"))
    theirs = former.items.join(persons, on="item_id", how="semi")
    advertised = theirs.filter(OWNER.is_in(concerned.implode()))["item_id"]
    return standing.filter(
        (kind == "site")
        | ((kind == "actor") & subject.is_in(concerned.implode()))
        | ((kind == "item") & subject.is_in(advertised.implode()))
        | ((kind == "identifier") & subject.is_in(handles.implode()))
    ).select("lead_id")
