"""Leads that are looked at again: those about whom something changed, and all at first."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import polars as pl

from assets.detection.context import oldest_first
from assets.detection.controllers import controlled_surges
from assets.detection.following import Followed, offering_sites
from assets.detection.handles import KINDS, MAX_ACTORS, suspicious_handles
from assets.detection.leads import LeadTables, OperationScope, lead_tables, no_leads
from assets.detection.notes import CIRCLES, LEADS, OF_AN_ITEM, Notes
from assets.detection.numbered_circles import circles_of
from assets.detection.numbered_leads import actor_numbers, in_rows, of_items, role_leads_of, site_leads_of
from assets.detection.numbering import NUMBER, found, index_of, marked, marks, picked, rows_about, rows_where
from assets.detection.roles import SUSPECT_ROLES, RoleLeads
from assets.detection.unchanged_evidence import renewed_evidence, rows_of_evidence
from assets.parsing.packed import packed, unpacked
from quality.admission import QUARANTINE
from quality.contracts import CONTRACTS
from quality.contracts.detection import LEAD_TYPES
from warehouse.parts import PartStore

# Items, or mentions, that are looked at together: bounds the memory.
CHUNK_ROWS = 1_000_000
# So many handles are looked up in the items that show them, more in their table.
FEW_HANDLES = 100
# What of items is asked for leads about handles, and to tell of evidence.
HANDLE_ITEMS = (
    *("item_id", "account_key", "site", "category", "first_seen"),
    "nationality",
    "place",
    "is_offer",
    "actor",
)
EVIDENCE_ITEMS = (
    *("item_id", "item_table", "capture_id", "site", "source"),
    *("first_seen", "last_seen", "nationality", "place_country"),
)
NUMBER_OF_TYPE = {kind: number for number, kind in enumerate(LEAD_TYPES)}
SUSPECT_TYPES = [NUMBER_OF_TYPE[role] for role in SUSPECT_ROLES]
HANDLE_KINDS = tuple(kind for kinds in KINDS.values() for kind in kinds)


@dataclass(frozen=True)
class Renewal:
    """`tables`: the rows of leads that were looked at again. `former`: lead_id (String) of those that stood in the
    tables. `stays`: the rows of evidence that are in the table already; `evidence_gone`: lead_id, item_id (String) of
    those in it that are none any more. `notes`: the notes with what each item offers. `items`, `handles`: how many were
    looked at."""

    tables: LeadTables
    former: pl.DataFrame
    stays: np.ndarray
    evidence_gone: pl.DataFrame
    notes: Notes
    items: int
    handles: int


def renew(
    store: PartStore,
    former: Notes,
    followed: Followed,
    surges: pl.DataFrame,
    former_surges: pl.DataFrame,
    risen: np.ndarray,
    behind: pl.DataFrame,
    reliability: Mapping[str, str],
    operation: OperationScope,
) -> Renewal:
    """Look again at whom the changes concern.

    `former`: the notes before them, that go with the committed tables of leads. `surges`, `former_surges` as in their
    contract, keys packed; `risen`: numbers of the items in a surge; `behind`: the contacts that make most of one
    (`common_contacts.contacts_behind`), by number; the others as for `leads.assess_leads`.
    """
    notes, first = followed.notes, former.items.is_empty()
    nobody = notes.actors.height
    actors = followed.actors.copy()
    others = found(notes.actors["actor_id"], notes.orders("actors"), _in_other_surges(surges, former_surges))
    actors[others["place"].to_numpy()] = True
    actor = index_of(notes.items["actor"], nobody)
    concerned = actors[actor] | ((actor == nobody) & followed.changed[:-1])
    again = np.flatnonzero(notes.items["stands"].to_numpy() & (first | concerned))
    of_sites = notes.in_words(offering_sites(notes.sites), listed=True)
    by_number = surges.with_columns(actor_numbers(notes, surges["largest_actor_id"]))
    told = _Told(notes, reliability, operation)
    suspects, offers = [pl.Series("actor", [], NUMBER)], []
    alone = partial(np.arange, nobody, nobody + notes.items.height)
    for some in _chunks(again, lambda: np.where(actor == nobody, alone(), actor)):
        roles, acting, offering = role_leads_of(notes, some, of_sites, by_number)
        told.add(roles)
        suspects.append(acting.rename("actor"))
        offers.append(offering)
    notes, turned = _with_offers(notes, offers)

    leads = former.leads
    were = leads["subject"].filter(leads["type"].is_in(SUSPECT_TYPES))
    stay = were.filter(~pl.Series(actors[were.to_numpy()]))
    now = pl.concat([stay.rename("actor"), *suspects]).unique()
    circles = circles_of(notes).join(
        behind.rename({"contact": "identifier"}), on="identifier", how="full", coalesce=True
    )
    notes = replace(notes, circles=circles.select(*CIRCLES).sort("identifier"))
    handles = None
    if not first:
        differ = pl.concat([now.filter(~now.is_in(were.implode())), were.filter(~were.is_in(now.implode()))])
        handles = _touched_handles(notes, followed, turned, differ)
        handles[_otherwise(former.circles, notes.circles).to_numpy()] = True
    shown, owners = _shown_handles(notes, handles)
    values = _Values(store, notes, followed.values)
    for some in _chunks(shown, notes.mentions["identifier"].to_numpy):
        told.add(_handle_leads(notes, some, owners, values, now))
    told.add(site_leads_of(store, notes, surges, risen))
    tables = told.tables()
    looked_at = pl.Series(_looked_at(former, followed, actors, handles))
    renewed = tables.subjects.with_columns(
        pl.col("lead_id").str.decode("hex"),
        pl.col("type").replace_strict(NUMBER_OF_TYPE, return_dtype=LEADS["type"]),
    )
    stood = leads.filter(looked_at).select("lead_id")
    evidence, stays, gone = renewed_evidence(former, stood, rows_of_evidence(tables))
    return Renewal(
        tables,
        unpacked(stood),
        stays,
        gone,
        replace(notes, leads=pl.concat([leads.filter(~looked_at), renewed]), evidence=evidence),
        len(again),
        owners["identifier"].n_unique(),
    )


def _chunks(rows: np.ndarray, key: Callable[[], np.ndarray]) -> Iterator[np.ndarray]:
    """The rows (numbers) in chunks, those of one key together; `key` gives that of all rows that there are."""
    chunks = 1 + len(rows) // CHUNK_ROWS
    if chunks == 1:
        yield from [rows] if len(rows) else []
        return
    of_rows = key()[rows] % chunks
    for number in range(chunks):
        yield rows[of_rows == number]


def _in_other_surges(surges: pl.DataFrame, former: pl.DataFrame) -> pl.Series:
    """Actors that are behind more rises than before, or fewer."""
    now, before = controlled_surges(surges), controlled_surges(former)
    keys = ["actor_id", "surges"]
    differ = [now.join(before, on=keys, how="anti"), before.join(now, on=keys, how="anti")]
    return pl.concat(differ)["actor_id"].unique().rename("owner")


class _Told:
    """What was said of leads, put into tables together as far as memory allows."""

    def __init__(self, notes: Notes, reliability: Mapping[str, str], operation: OperationScope) -> None:
        self._notes, self._reliability, self._operation = notes, reliability, operation
        self._tables = [no_leads()]
        self._forget()

    def _forget(self) -> None:
        self._roles: list[RoleLeads] = []
        self._shown: list[pl.Series] = []

    def add(self, roles: Sequence[RoleLeads]) -> None:
        """Leads, whose items are named by their rows in the notes."""
        for role in roles:
            self._shown += [role.evidence["item_id"], role.findings["evidence_item_id"]]
        self._roles += roles
        if sum(map(len, self._shown)) > CHUNK_ROWS // 4:
            self._put()

    def _put(self) -> None:
        notes = self._notes
        items = np.flatnonzero(
            marks(notes.items.height, pl.concat([each.alias("item") for each in self._shown]))
        )
        routes = of_items(notes, notes.routes, items)
        stated = notes.in_words(routes.select("part", "country")).with_columns(routes["item"].alias("number"))
        context = notes.in_words(picked(notes.items, EVIDENCE_ITEMS, items))
        named = context.with_columns(pl.Series("number", items, NUMBER))
        made = lead_tables(self._roles, named, stated, self._reliability, self._operation)
        self._tables.append(made)
        self._forget()

    def tables(self) -> LeadTables:
        """The rows of all, the highest score first."""
        if self._roles:
            self._put()
        return LeadTables(
            pl.concat([each.leads for each in self._tables]).sort(
                ["score", "lead_id"], descending=[True, False]
            ),
            pl.concat([each.lead_indicators for each in self._tables]),
            pl.concat([each.lead_evidence for each in self._tables]),
            pl.concat([each.subjects for each in self._tables]),
            pl.concat([each.items for each in self._tables]),
        )


def _with_offers(notes: Notes, offers: Sequence[pl.DataFrame]) -> tuple[Notes, np.ndarray]:
    """The notes with what the items that were looked at again offer; those (numbers) that offered something else."""
    unknown = 2
    is_offer = notes.items["is_offer"].cast(pl.Int8).fill_null(unknown).to_numpy().copy()
    turned = []
    for told in offers:
        number, now = told["number"].to_numpy(), told["is_offer"].cast(pl.Int8).to_numpy()
        turned.append(number[(is_offer[number] != now) & (is_offer[number] != unknown)])
        is_offer[number] = now
    column = pl.Series("is_offer", is_offer == 1)
    return replace(notes, items=notes.items.with_columns(column)), np.concatenate([np.zeros(0, int), *turned])


def _touched_handles(notes: Notes, followed: Followed, turned: np.ndarray, suspects: pl.Series) -> np.ndarray:
    """Which handles changed items show or showed, or have owners that changed, became suspects or ceased to be."""
    touched = followed.identifiers.copy()
    changed = followed.changed.copy()
    changed[turned] = True
    shown = rows_about(notes.mentions["item"], np.flatnonzero(changed))
    touched[picked(notes.mentions, ("identifier",), shown)["identifier"].to_numpy()] = True
    actors = marks(notes.actors.height, suspects)
    theirs = picked(
        notes.members,
        ("is_item", "stands", "member"),
        rows_where(notes.members, ("actor",), marked(actors)),
    )
    touched[theirs.filter(~pl.col("is_item") & pl.col("stands"))["member"].to_numpy()] = True
    return touched


def _otherwise(former: pl.DataFrame, circles: pl.DataFrame) -> pl.Series:
    """Identifiers of whose circle, or part in rises, something else is said than before."""
    keys = list(CIRCLES)
    differ = [
        some.join(others, on=keys, how="anti", nulls_equal=True)
        for some, others in ((circles, former), (former, circles))
    ]
    return pl.concat(differ)["identifier"]


def _shown_handles(notes: Notes, handles: np.ndarray | None) -> tuple[np.ndarray, pl.DataFrame]:
    """The mentions (their places) of handles that may lead, of these or of all, and who owns these: identifier, actor.

    What only one item shows does not, nor what nobody owns or more than `MAX_ACTORS` do, but for narrow circles.
    """
    size = notes.identifiers.height
    may_lead = np.append(notes.of_kinds(HANDLE_KINDS), False)
    may_lead[:-1] &= notes.identifiers["uses"].to_numpy() > 1
    may_lead[notes.circles["identifier"].to_numpy()] = True
    if handles is not None:
        may_lead &= handles
    # Members that are items are asked for by number, too, and left.
    asked = rows_where(notes.members, ("member",), marked(may_lead), none=size)
    found_there = picked(notes.members, ("is_item", "stands", "actor", "member"), asked)
    owners = found_there.filter(~pl.col("is_item") & pl.col("stands")).select("actor", identifier="member")
    circles = notes.circles["identifier"]
    owners = owners.filter(
        (pl.len().over("identifier") <= MAX_ACTORS) | pl.col("identifier").is_in(circles.implode())
    )
    leading = marks(size, owners["identifier"])
    leading[circles.to_numpy()] = True
    leading &= may_lead
    shown = rows_where(notes.mentions, ("identifier",), marked(leading))
    items = picked(notes.mentions, ("item",), shown)["item"].to_numpy()
    return shown[notes.items["stands"].to_numpy()[items]], owners


@dataclass(frozen=True)
class _Values:
    """What identifiers are. `read` (key, subject_label): of those that were read just now."""

    store: PartStore
    notes: Notes
    read: pl.DataFrame

    def of(self, asked: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
        """What they are: subject_id (number), subject_label (String).

        `asked`: subject_id, key (Binary). Of a few that neither were read nor have a lead an item says it (`shown`:
        item, identifier, of items that stand); of more, or where some did not pass their gate, their table.
        """
        read = self.read.filter(pl.col("key").is_in(asked["key"].implode())).unique("key")
        others = asked.join(read, on="key", how="anti")
        known = pl.concat([read, self._labelled(others)])
        others = others.join(known, on="key", how="anti")
        if self.store.rows(QUARANTINE + "identifiers") or others.height > FEW_HANDLES:
            known = self._in_table("identifiers", "identifier_id", "value", asked)
        else:
            known = pl.concat([known, self._said(others, shown)])
        return asked.join(known, on="key").select("subject_id", "subject_label")

    def _labelled(self, asked: pl.DataFrame) -> pl.DataFrame:
        """What the leads say."""
        if self.notes.leads.is_empty() or asked.is_empty():
            return self.read.clear()
        return self._in_table("leads", "subject_id", "subject_label", asked).unique("key")

    def _in_table(self, table: str, key: str, value: str, asked: pl.DataFrame) -> pl.DataFrame:
        rows = self.store.scan(table, CONTRACTS[table].schema, columns=[key, value])
        wanted = rows.filter(pl.col(key).is_in(asked["key"].bin.encode("hex").implode()))
        return packed(wanted.select(key=key, subject_label=value), "key").collect()

    def _said(self, asked: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
        """What items say."""
        if asked.is_empty():
            return self.read.clear()
        wanted = asked.select("key", identifier="subject_id")
        rows = shown.join(wanted, on="identifier", how="semi").unique("identifier", keep="first")
        shown_by = picked(
            self.notes.items, ("item_id", "source", "last_seen"), np.unique(rows["item"].to_numpy())
        )
        items = self.notes.in_words(
            shown_by.select("item_id", "source", pl.col("last_seen").alias("unit_date"))
        )
        # A key is one value's, whichever version of an item shows it.
        ids = asked["key"].bin.encode("hex").implode()
        units = set(zip(items["source"], items["unit_date"], strict=True))
        days = {day for _, day in units}
        parts = [part for day in days for part in self.store.parts("mentions", unit_date=day)]
        some = [part for part in parts if (part.source, part.unit_date) in units]
        said = self.store.scan_parts(some, CONTRACTS["mentions"].schema, columns=["identifier_id", "value"])
        found = said.filter(pl.col("identifier_id").is_in(ids)).unique("identifier_id")
        return packed(found.select(key="identifier_id", subject_label="value"), "key").collect()


def _handle_leads(
    notes: Notes, shown: np.ndarray, owners: pl.DataFrame, values: _Values, suspects: pl.Series
) -> list[RoleLeads]:
    """Leads of handles. `shown`: mentions by their places; `suspects`: actors by number."""
    rows = picked(notes.mentions, ("item", "identifier", "obscured"), shown)
    handles, items = np.unique(rows["identifier"].to_numpy()), np.unique(rows["item"].to_numpy())
    told = picked(notes.items, HANDLE_ITEMS, items).with_columns(pl.Series("number", items, NUMBER))
    told = told.rename({"actor": "actor_id"})
    # Items by their place in time, identifiers and actors by number: keys are joined slowly.
    context = oldest_first(notes.in_words(told, listed=True)).with_columns(
        pl.int_range(pl.len(), dtype=NUMBER).alias("item_id")
    )
    place = np.zeros(notes.items.height, dtype=np.uint32)
    place[context["number"].to_numpy()] = context["item_id"].to_numpy()
    identifiers = picked(notes.identifiers, ("kind", "uses"), handles)
    roles = suspicious_handles(
        context,
        rows.select(
            pl.Series("item_id", place[rows["item"].to_numpy()]),
            pl.col("identifier").alias("identifier_id"),
            "obscured",
        ),
        notes.in_words(identifiers).select(
            pl.Series("identifier_id", handles, NUMBER),
            "kind",
            pl.lit(None, pl.String).alias("value"),
            pl.col("uses").alias("item_count"),
        ),
        owners.filter(
            pl.Series(marks(notes.identifiers.height, handles)[owners["identifier"].to_numpy()])
        ).select(identifier_id="identifier", actor_id="actor"),
        suspects,
        notes.circles.rename({"identifier": "handle"}).filter(
            pl.col("handle").is_in(pl.Series(handles, dtype=NUMBER).implode())
        ),
    )
    if not roles:
        return []
    leading = pl.concat([role.findings["subject_id"] for role in roles]).unique()
    keys = notes.identifiers["identifier_id"]
    named = values.of(pl.DataFrame({"subject_id": leading, "key": keys.gather(leading)}), rows)
    return [replace(in_rows(role, context["number"], keys), subjects=named) for role in roles]


def _looked_at(
    former: Notes, followed: Followed, actors: np.ndarray, handles: np.ndarray | None
) -> np.ndarray:
    """Which of the leads that were known have a subject that was looked at again."""
    leads = former.leads
    again = np.ones(leads.height, dtype=bool)
    if handles is None:
        return again
    kind, subject = (leads[name].to_numpy() for name in ("type", "subject"))
    of_item = np.flatnonzero(kind == OF_AN_ITEM)
    nobody, rows = len(actors) - 1, leads["subject"].gather(of_item)
    actor = index_of(former.items["actor"].gather(rows), nobody)
    again[of_item] = actors[actor] | ((actor == nobody) & followed.changed[rows.to_numpy()])
    of_actor = np.flatnonzero(np.isin(kind, SUSPECT_TYPES))
    again[of_actor] = actors[subject[of_actor]]
    of_handle = np.flatnonzero(np.isin(kind, [NUMBER_OF_TYPE[role] for role in KINDS]))
    again[of_handle] = handles[subject[of_handle]]
    return again
