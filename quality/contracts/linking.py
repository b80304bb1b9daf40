"""Contracts of what belongs together: actors, the edges that join them, tied sites."""

from quality.contract import Column, Contract, Sensitivity, between, in_set, not_null, violates
from quality.contracts.columns import DAY, FLAG, REAL, SITE, TEXT, WHOLE, WORDS

ACTOR_ID = Column(
    "actor_id",
    TEXT,
    "Actor: first 24 hex digits of SHA-256 over its oldest item when it appeared; kept over the days",
)
CHANGE_KINDS = ("appeared", "grown", "merged", "split")

ACTORS = Contract(
    table="actors",
    stage="linking",
    grain="one person or group that most likely controls several accounts or items",
    meaning="Sets of accounts and items that most likely one person or group controls; a hypothesis.",
    key=("actor_id",),
    columns=(
        ACTOR_ID,
        Column("item_count", WHOLE, "Items it controls"),
        Column("account_count", WHOLE, "Accounts (site and name) it controls"),
        Column("site_count", WHOLE, "Sites it is on"),
        Column("identifier_count", WHOLE, "Identifiers it uses"),
        Column("sites", TEXT, "Those sites, comma-separated"),
        Column("first_seen", DAY, "First day (UTC) of an item"),
        Column("last_seen", DAY, "Last day (UTC) of an item"),
    ),
    rules=(between("item_count", 1, None), between("site_count", 1, None)),
)

ACTOR_MEMBERS = Contract(
    table="actor_members",
    stage="linking",
    grain="one item or identifier of one actor",
    meaning="What belongs to each actor.",
    key=("actor_id", "member_kind", "member_id"),
    columns=(
        ACTOR_ID,
        Column("member_kind", TEXT, "item or identifier"),
        Column("member_id", TEXT, "item_id or identifier_id"),
        Column("site", TEXT, "Site of an item"),
        Column("account", TEXT, "Account of an item", Sensitivity.name),
    ),
    rules=(in_set("member_kind", ("item", "identifier")),),
)

ACTOR_EDGES = Contract(
    table="actor_edges",
    stage="linking",
    grain="one reason that joins two members of one actor",
    meaning="Why two members are held together: the chain of evidence behind an actor.",
    key=("actor_edge_id",),
    columns=(
        Column("actor_edge_id", TEXT, "First 24 hex digits of SHA-256 over both members and the reason"),
        ACTOR_ID,
        Column("left_item_id", TEXT, "Item on one side"),
        Column("right_item_id", TEXT, "Item on the other side"),
        Column(
            "reason",
            TEXT,
            "shared_phone, shared_email, …, same_account; shared_text: near-duplicates; shared_terms: place and price",
        ),
        Column("identifier_id", TEXT, "Identifier they share, where that is the reason"),
        Column("support", WHOLE, "Items that carry the shared thing on the smaller side"),
        Column("share", REAL, "Support as a share of the smaller side"),
        Column(
            "weight", REAL, "What sharing it counted, by kind and rarity: 1 joins, less only beside others"
        ),
        Column("strength", REAL, "What all things counted that both sides shared when they were joined"),
        Column(
            "is_bridge",
            FLAG,
            "Both sides hang together by this one thing though both have several items: what else they share would not "
            "join them; or by weak things alone",
        ),
        Column("round", WHOLE, "Round of joining that accepted the edge; 0: same account"),
    ),
    rules=(
        not_null("reason"),
        not_null("left_item_id"),
        not_null("right_item_id"),
        violates("joins_two", "left_item_id = right_item_id", "an edge joins two different items"),
    ),
)

ACTOR_CHANGES = Contract(
    table="actor_changes",
    stage="linking",
    grain="one change of one actor in one run",
    meaning="How actors came about: which appeared, grew, merged with others or split from them, when and why.",
    key=("actor_change_id",),
    columns=(
        Column("actor_change_id", TEXT, "First 24 hex digits of SHA-256 over run, actors and kind"),
        Column("changed_on", DAY, "Day (UTC) of the run that found it"),
        Column("run_id", TEXT, "That run"),
        ACTOR_ID,
        Column(
            "kind",
            TEXT,
            "appeared: none of its items was known; grown: new items joined; merged: the other actor ended, its items "
            "came here; split: items of the other actor, which goes on, came here",
        ),
        Column("other_actor_id", TEXT, "Actor that the items came from, where it was another"),
        Column("items_moved", WHOLE, "Items that came"),
        Column(
            "actor_edge_id",
            TEXT,
            "Edge behind it: of today where items came, of the last run where a split undid it",
        ),
        Column("reason", TEXT, "Reason of that edge: shared_phone, shared_email, …, same_account"),
        Column("identifier_id", TEXT, "Identifier of that edge, where it has one"),
    ),
    rules=(
        not_null("actor_id"),
        not_null("changed_on"),
        in_set("kind", CHANGE_KINDS),
        between("items_moved", 1, None),
        violates(
            "names_the_other",
            "(kind IN ('merged', 'split')) <> (other_actor_id IS NOT NULL)",
            "a merger or a split names the other actor, nothing else does",
        ),
        violates("two_actors", "actor_id = other_actor_id", "an actor does not merge with itself"),
    ),
)

SITE_LINKS = Contract(
    table="site_links",
    stage="linking",
    grain="one pair of sites",
    meaning="What sites have in common, and which are tied by more of it than chance explains.",
    key=("site_a", "site_b"),
    columns=(
        Column("site_a", SITE.type, "First site, in alphabetical order"),
        Column("site_b", SITE.type, "Second site"),
        Column(
            "shared_identifiers",
            WHOLE,
            "Identifiers on both and few others, an image or address by a common actor",
        ),
        Column(
            "shared_contacts",
            WHOLE,
            "Of phones, e-mails, messengers, usernames, crypto: on both and few others",
        ),
        Column("shared_images", WHOLE, "Images on both and few others, whoever shows them"),
        Column("shared_texts", WHOLE, "Near-duplicate texts and templates on both and few others"),
        Column("shared_accounts", WHOLE, "Equal names of accounts on both and few others, first names apart"),
        Column(
            "shared_analytics", WHOLE, "Ids of measuring services that are both sites' own, on few others"
        ),
        Column("direct_links", WHOLE, "Items of either that link to the other"),
        Column("shared_actors", WHOLE, "Actors on both"),
        Column("shared_controllers", WHOLE, "Of these, actors of at least three accounts or phone numbers"),
        Column("expected", REAL, "Shared identifiers that chance explains, given both sites' degrees"),
        Column("lift", REAL, "Shared over expected"),
        Column(
            "log10_p",
            REAL,
            "Log10 of the probability by chance: tails of counts, joined by Fisher's method; of a measuring id, "
            "controllers of two trades or copies that tie alone, of these",
        ),
        Column(
            "log10_q",
            REAL,
            "The same, adjusted for the number of pairs (Benjamini and Yekutieli 2001; of such an id Benjamini and "
            "Hochberg 1995)",
        ),
        Column("is_tie", FLAG, "Beyond chance at a false discovery rate of 0.01"),
        Column(
            "tied_by",
            TEXT,
            "Kinds of evidence below 0.01 by themselves: identifiers, accounts, controllers, links, analytics; images "
            "that one site shows of many posters of the other",
        ),
    ),
    rules=(
        violates("ordered", "site_a >= site_b", "the pair is in alphabetical order"),
        between("shared_identifiers", 0, None),
        between("log10_p", None, 0),
        between("log10_q", None, 0),
    ),
)

TEXT_CLUSTERS = Contract(
    table="text_clusters",
    stage="linking",
    grain="one item whose text is a near-duplicate of others",
    meaning="Texts that are one text re-ordered, re-spelled, decorated or filled in with other names.",
    key=("item_id",),
    columns=(
        Column(
            "text_cluster_id", TEXT, "Cluster: first 24 hex digits of SHA-256 over its representative's item"
        ),
        Column("item_id", TEXT, "Item whose text it is"),
        Column("similarity", REAL, "Weighted Jaccard similarity to the representative's text, 0 to 1"),
        Column("is_representative", FLAG, "Its text, the longest, speaks for the cluster"),
        Column("distinctness", REAL, "How little of the representative's text others write, 0 to 1"),
    ),
    rules=(not_null("text_cluster_id"), between("similarity", 0, 1), between("distinctness", 0, 1)),
)

TEXT_TEMPLATES = Contract(
    table="text_templates",
    stage="linking",
    grain="one cluster of at least three near-duplicate texts of several accounts",
    meaning="Templates that accounts share: what near-duplicate texts have in common, with slots where they differ.",
    key=("text_cluster_id",),
    columns=(
        Column("text_cluster_id", TEXT, "Cluster, as in text_clusters"),
        Column("item_count", WHOLE, "Items that show it"),
        Column("holder_count", WHOLE, "Accounts that show it; an item without account counts as one"),
        Column("actor_count", WHOLE, "Actors that show it"),
        Column("site_count", WHOLE, "Sites it is on"),
        Column("first_seen", DAY, "First day (UTC) of an item with it"),
        Column("last_seen", DAY, "Last day (UTC) of an item with it"),
        Column(
            "template", TEXT, "The representative's words, {kind} where the others differ", Sensitivity.text
        ),
        Column("slot_count", WHOLE, "Places where they differ"),
        Column(
            "slots",
            WORDS,
            "What differs there, in the template's order, with the number of values: phone: 4",
        ),
        Column("distinctness", REAL, "How little of the text others write, 0 to 1"),
        Column(
            "is_shared",
            FLAG,
            "Several actors show it: copied or everybody's, it counts nothing in joining them",
        ),
    ),
    rules=(
        not_null("template"),
        between("item_count", 3, None),
        between("holder_count", 2, None),
        between("distinctness", 0, 1),
    ),
)

CONTRACTS = (ACTORS, ACTOR_MEMBERS, ACTOR_EDGES, ACTOR_CHANGES, TEXT_CLUSTERS, TEXT_TEMPLATES, SITE_LINKS)
