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
from assets.detection.notes import Notes
from assets.detection.numbered_leads import actor_numbers, in_rows, of_items, role_leads_of, site_leads_of
from assets.detection.numbering import NUMBER, found, index_of, marks, picked, rows_about, rows_where
from assets.detection.roles import SUSPECT_ROLES, RoleLeads
from assets.parsing.changes import batches, read_about
from assets.parsing.packed import packed, unpacked
from quality.admission import QUARANTINE
from quality.contracts import CONTRACTS
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
)
EVIDENCE_ITEMS = (
    *("item_id", "item_table", "capture_id", "site", "source"),
    *("first_seen", "last_seen", "nationality", "place_country"),
)
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
    risen: np.ndarray,
    reliability: Mapping[str, str],
    operation: OperationScope,
) -> Renewal:
    """Look again at whom the changes concern.

    `former`: the notes before them, that go with the committed tables of leads. `surges`, `former_surges` as in their
    contract, keys packed; `risen`: numbers of the items in a surge; the others as for `leads.assess_leads`.
    """
    notes, first = followed.notes, former.items.is_empty()
    nobody = notes.actors.height
    actors = followed.actors.copy()
    others = found(notes.actors["actor_id"], notes.orders("actors"), _in_other_surges(surges, former_surges))
    actors[others["place"].to_numpy()] = True
    actor = index_of(notes.items["actor"], nobody)
    concerned = actors[actor] | ((actor == nobody) & followed.changed[:-1])
    again = np.flatnonzero(notes.items["stands"].to_numpy() & (first | concerned))
    of_sites = notes.in_words(offering_sites(notes.sites))
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

    standing = _standing(store, notes)
    lead = standing.filter(pl.col("type").is_in(SUSPECT_ROLES))
    were = lead["actor"].drop_nulls()
    stay = were.filter(~pl.Series(actors[were.to_numpy()]))
    now = pl.concat([stay, *suspects]).unique()
    handles = None
    if not first:
        differ = pl.concat([now.filter(~now.is_in(were.implode())), were.filter(~were.is_in(now.implode()))])
        handles = _touched_handles(notes, followed, turned, differ)
    shown, owners = _shown_handles(notes, handles)
    labels = standing.filter(pl.col("subject_kind") == "identifier").select("subject_id", "subject_label")
    values = _Values(store, notes, pl.concat([labels, followed.values]))
    for some in _chunks(shown, notes.mentions["identifier"].to_numpy):
        told.add(_handle_leads(notes, some, owners, values, now))
    told.add(site_leads_of(store, notes, surges, risen))

    return Renewal(
        told.tables(),
        _looked_at(standing, former, followed, actors, handles),
        notes,
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


def _standing(store: PartStore, notes: Notes) -> pl.DataFrame:
    """The committed leads: lead_id, type, subject_kind, subject_id (Binary; null of a site), subject_label, actor
    (the number of one that it is)."""
    columns = ["lead_id", "type", "subject_kind", "subject_id", "subject_label"]
    leads = store.scan("leads", CONTRACTS["leads"].schema, columns=columns).collect()
    key = pl.when(pl.col("subject_kind") != "site").then("subject_id").str.decode("hex")
    standing = leads.with_columns(key.alias("subject_id"))
    actors = standing.filter(pl.col("subject_kind") == "actor")["subject_id"]
    placed = found(notes.actors["actor_id"], notes.orders("actors"), actors)
    return standing.join(placed.rename({"key": "subject_id", "place": "actor"}), on="subject_id", how="left")


def _touched_handles(notes: Notes, followed: Followed, turned: np.ndarray, suspects: pl.Series) -> np.ndarray:
    """Which handles changed items show or showed, or have owners that changed, became suspects or ceased to be."""
    touched = followed.identifiers.copy()
    changed = followed.changed.copy()
    changed[turned] = True
    shown = rows_about(notes.mentions["item"], np.flatnonzero(changed))
    touched[picked(notes.mentions, ("identifier",), shown)["identifier"].to_numpy()] = True
    actors = marks(notes.actors.height, suspects)
    rows = rows_where(
        notes.members,
        ("is_item", "stands", "actor"),
        lambda is_item, stands, actor: ~is_item & stands & actors[actor],
    )
    touched[picked(notes.members, ("member",), rows)["member"].to_numpy()] = True
    return touched


def _shown_handles(notes: Notes, handles: np.ndarray | None) -> tuple[np.ndarray, pl.DataFrame]:
    """The mentions (their places) of handles that may lead, of these or of all, and who owns these: identifier, actor.

    What only one item shows does not, nor what nobody owns or more than `MAX_ACTORS` do.
    """
    words, size = notes.words.height, notes.identifiers.height
    kinds = marks(words, notes.words_in(HANDLE_KINDS))
    may_lead = np.append(kinds[index_of(notes.identifiers["kind"], words)], False)
    may_lead[:-1] &= notes.identifiers["uses"].to_numpy() > 1
    if handles is not None:
        may_lead &= handles
    owned = rows_where(
        notes.members,
        ("is_item", "stands", "member"),
        # A member that is an item may have a higher number.
        lambda is_item, stands, member: ~is_item & stands & may_lead[np.minimum(member, size)],
        none=size,
    )
    owners = picked(notes.members, ("actor", "member"), owned).rename({"member": "identifier"})
    owners = owners.filter(pl.len().over("identifier") <= MAX_ACTORS)
    leading = marks(size, owners["identifier"])
    shown = rows_where(notes.mentions, ("identifier",), leading.__getitem__)
    items = picked(notes.mentions, ("item",), shown)["item"].to_numpy()
    return shown[notes.items["stands"].to_numpy()[items]], owners


@dataclass(frozen=True)
class _Values:
    """What identifiers are. `known` (subject_id, subject_label) need not be looked up."""

    store: PartStore
    notes: Notes
    known: pl.DataFrame

    def of(self, asked: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
        """What they are: subject_id (Binary), subject_label (String).

        `asked`: subject_id, identifier (number). Of a few that are not known an item says it (`shown`: item,
        identifier, of items that stand); of more, or where some did not pass their gate, their table.
        """
        ids = asked["subject_id"]
        known = self.known.filter(pl.col("subject_id").is_in(ids.implode())).unique("subject_id")
        others = asked.join(known, on="subject_id", how="anti")
        if self.store.rows(QUARANTINE + "identifiers") or others.height > FEW_HANDLES:
            return self._in_table(ids)
        return pl.concat([known, *self._said(others, shown)]).unique("subject_id")

    def _in_table(self, ids: pl.Series) -> pl.DataFrame:
        columns = ["identifier_id", "value"]
        rows = self.store.scan("identifiers", CONTRACTS["identifiers"].schema, columns=columns)
        wanted = rows.join(unpacked(ids.to_frame("identifier_id")).lazy(), on="identifier_id", how="semi")
        named = wanted.rename({"identifier_id": "subject_id", "value": "subject_label"})
        return packed(named, "subject_id").collect()

    def _said(self, asked: pl.DataFrame, shown: pl.DataFrame) -> Iterator[pl.DataFrame]:
        rows = shown.join(asked, on="identifier", how="semi").unique("identifier", keep="first")
        shown_by = picked(
            self.notes.items, ("item_id", "source", "last_seen"), np.unique(rows["item"].to_numpy())
        )
        items = self.notes.in_words(
            shown_by.select("item_id", "source", pl.col("last_seen").alias("unit_date"))
        )
        for batch in batches(self.store, items, about=("mentions",)):
            said = packed(
                read_about(self.store, batch, "mentions", ("identifier_id", "value")), "identifier_id"
            )
            named = said.select(subject_id="identifier_id", subject_label="value")
            yield named.join(asked, on="subject_id", how="semi")


def _handle_leads(
    notes: Notes, shown: np.ndarray, owners: pl.DataFrame, values: _Values, suspects: pl.Series
) -> list[RoleLeads]:
    """Leads of handles. `shown`: mentions by their places; `suspects`: actors by number."""
    rows = picked(notes.mentions, ("item", "identifier", "obscured"), shown)
    handles, items = np.unique(rows["identifier"].to_numpy()), np.unique(rows["item"].to_numpy())
    told = picked(notes.items, HANDLE_ITEMS, items).with_columns(pl.Series("number", items, NUMBER))
    # Items by their place in time, identifiers and actors by number: keys are joined slowly.
    context = oldest_first(notes.in_words(told)).with_columns(
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
    )
    leading = pl.concat([role.findings["subject_id"] for role in roles]).unique()
    keys = notes.identifiers["identifier_id"]
    asked = pl.DataFrame({"subject_id": keys.gather(leading), "identifier": leading})
    named = values.of(asked, rows)
    return [replace(in_rows(role, context["number"], keys), subjects=named) for role in roles]


def _looked_at(
    standing: pl.DataFrame,
    former: Notes,
    followed: Followed,
    actors: np.ndarray,
    handles: np.ndarray | None,
) -> pl.DataFrame:
    """The committed leads whose subjects were looked at again: lead_id."""
    if handles is None:
        return standing.select("lead_id")
    looked = [standing.filter(pl.col("subject_kind") == "site")["lead_id"]]
    acting = standing.filter(pl.col("subject_kind") == "actor")
    looked.append(acting.filter(pl.Series(actors[index_of(acting["actor"], len(actors) - 1)]))["lead_id"])
    of_former = index_of(former.items["actor"], len(actors) - 1)
    changed = followed.changed[: former.items.height]
    advertised = actors[of_former] | ((of_former == len(actors) - 1) & changed)
    known = former.identifiers["identifier_id"]
    for kind, mask in (("item", advertised), ("identifier", handles)):
        leads = standing.filter(pl.col("subject_kind") == kind)
        subjects = leads["subject_id"]
        placed = (
            former.standing(subjects)
            if kind == "item"
            else found(known, former.orders("identifiers"), subjects)
        )
        again = placed.filter(pl.Series(mask[placed["place"].to_numpy()]))
        looked.append(leads.join(again, left_on="subject_id", right_on="key", how="semi")["lead_id"])
    return pl.concat(looked).to_frame()
