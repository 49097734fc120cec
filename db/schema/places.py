"""Places: their codes by vintage, how they fit in one another, what is known of them, and what of them was shown.

No table here has a column that leads to a person.
"""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from db.schema.common import NEVER_REUSED, PLAIN, choice, day, instant, key, metadata, refers, words

#: One look-up or set of figures as published, by the file it came from.
place_source = Table(
    "place_source",
    metadata,
    key(),
    # What the file says: kingshurst_tui/places/vocabulary.py.
    choice("kind"),
    Column("title", String(200), nullable=False),
    # The vintage of its codes, as the Office for National Statistics names it: 2011, 2021, 2024.
    Column("vintage", String(20), nullable=False),
    Column("file_name", String(200), nullable=False),
    Column("file_digest", String(64), nullable=False),
    Column("rows", Integer, nullable=False),
    # Rows about other boroughs.
    Column("left_out", Integer, nullable=False, server_default="0"),
    Column("imported_by", String(60), nullable=False),
    instant("imported_at"),
    # accepted, or replaced by a newer file of the same kind and vintage.
    choice("status", default="accepted"),
    Index("place_source_that_stands", "kind", "vintage", "status"),
    info=PLAIN,
    **NEVER_REUSED,
)

#: A place by its code, as one source names it.
place = Table(
    "place",
    metadata,
    key(),
    refers("source_id", "place_source.id", index=False),
    # output-area, lsoa, ward, local-authority
    choice("level"),
    Column("code", String(12), nullable=False),
    Column("name", String(120), nullable=False, server_default=""),
    Column("vintage", String(20), nullable=False),
    # The first and the last year of it (or day, where a source says one); none where no source says.
    day("begins_on", nullable=True),
    day("ends_on", nullable=True),
    UniqueConstraint("source_id", "level", "code", "vintage"),
    Index("place_by_code", "code", "level"),
    info=PLAIN,
)

#: How a place of one vintage lies in another level or in another vintage of its own.
place_part = Table(
    "place_part",
    metadata,
    key(),
    refers("source_id", "place_source.id", index=False),
    choice("from_level"),
    Column("from_code", String(12), nullable=False),
    Column("from_vintage", String(20), nullable=False),
    choice("to_level"),
    Column("to_code", String(12), nullable=False),
    Column("to_vintage", String(20), nullable=False),
    # exact, best-fit; between vintages unchanged, split, merged, irregular
    choice("fit"),
    UniqueConstraint("source_id", "from_code", "to_code"),
    Index("place_part_up", "from_code", "to_level", "to_vintage"),
    Index("place_part_down", "to_code", "from_level"),
    info=PLAIN,
)

#: A postcode and where it lies.
place_postcode = Table(
    "place_postcode",
    metadata,
    key(),
    refers("source_id", "place_source.id", index=False),
    # As people write it: B37 6XX.
    Column("postcode", String(8), nullable=False),
    Column("oa21", String(12)),
    Column("lsoa11", String(12)),
    Column("lsoa21", String(12)),
    Column("ward", String(12)),
    Column("ward_vintage", String(20), nullable=False, server_default=""),
    Column("local_authority", String(12)),
    # Metres of the national grid; none for postcodes without a place.
    Column("easting", Integer),
    Column("northing", Integer),
    # exact (the point lies in it, or the postcode does whole), best-fit (by its output area), unknown
    choice("fit"),
    # Whether postcodes of its sector (B37 6) lie in more than one borough.
    Column("straddles", Integer, nullable=False, server_default="0"),
    # YYYY-MM of its end; none for one in use.
    Column("ended", String(7)),
    UniqueConstraint("source_id", "postcode"),
    Index("place_postcode_in", "lsoa21", "lsoa11"),
    Index("place_postcode_by_code", "postcode"),
    info=PLAIN,
)

#: A published figure of a place: how many live there, how deprived it is.
place_figure = Table(
    "place_figure",
    metadata,
    key(),
    refers("source_id", "place_source.id", index=False),
    choice("level"),
    Column("code", String(12), nullable=False),
    # usual-residents, imd-rank, imd-decile ... (kingshurst_tui/places/vocabulary.py)
    Column("figure", String(60), nullable=False),
    Column("year", String(20), nullable=False),
    # None where the publisher suppressed it.
    Column("value", Float),
    UniqueConstraint("source_id", "level", "code", "figure", "year"),
    Index("place_figure_by_place", "code", "figure"),
    info=PLAIN,
)

#: The boundary of a place, as published.
place_boundary = Table(
    "place_boundary",
    metadata,
    key(),
    refers("source_id", "place_source.id", index=False),
    # lsoa, ward
    choice("level"),
    Column("code", String(12), nullable=False),
    # Well-known binary (Open Geospatial Consortium) in metres of the national grid, zlib.
    Column("outline", LargeBinary, nullable=False),
    UniqueConstraint("source_id", "level", "code"),
    info=PLAIN,
)

#: A rule by which several agencies meet the same need at a place; edited by a new version.
place_rule = Table(
    "place_rule",
    metadata,
    key(),
    Column("code", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    words("document"),
    day("starts_on"),
    day("ends_on", nullable=True),
    # proposed, live, ended, refused
    choice("status", default="proposed"),
    Column("proposed_by", String(60), nullable=False),
    instant("proposed_at"),
    Column("decided_by", String(60)),
    instant("decided_at", nullable=True),
    # Of the canonical document, its version and what was decided, by whoever decided.
    Column("signature", LargeBinary),
    UniqueConstraint("code", "version"),
    info=PLAIN,
    **NEVER_REUSED,
)

#: A place that a version of the rule found to stand out, from the first look that found it to the last.
place_standing = Table(
    "place_standing",
    metadata,
    key(),
    Column("purpose", String(60), nullable=False),
    # Whose eyes found it: an agency sees only the data sets that may go to it.
    Column("agency_code", String(20), nullable=False),
    Column("code", String(12), nullable=False),
    Column("rule_code", String(40), nullable=False),
    Column("rule_version", Integer, nullable=False),
    day("first_on"),
    Column("first_by", String(60), nullable=False),
    day("last_on"),
    # JSON: the agreements, agencies and sentences that it was found by, as shown, and what would clear it.
    words("evidence_first"),
    words("evidence_last"),
    # None while it stands.
    day("cleared_on", nullable=True),
    Column("cleared_by", String(60), nullable=False, server_default=""),
    words("cleared_why"),
    UniqueConstraint("purpose", "agency_code", "code", "rule_code", "rule_version", "first_on"),
    info=PLAIN,
    **NEVER_REUSED,
)

#: The newest look for places that stand out, by purpose and agency.
place_look = Table(
    "place_look",
    metadata,
    key(),
    Column("purpose", String(60), nullable=False),
    Column("agency_code", String(20), nullable=False),
    day("looked_on"),
    Column("looked_by", String(60), nullable=False),
    # A digest of the rule and of the publications that were looked at: another one means that the look is old.
    Column("basis", String(64), nullable=False),
    UniqueConstraint("purpose", "agency_code"),
    info=PLAIN,
)

#: What of one data set's counts is shown: everything shown since the store began, so that no newer look undoes it.
publication = Table(
    "publication",
    metadata,
    key(),
    Column("agreement_ref", String(60), nullable=False),
    Column("purpose", String(60), nullable=False),
    Column("number", Integer, nullable=False),
    # JSON lists, in the order of the cells.
    words("periods"),
    words("categories"),
    # JSON: whose they are, priority areas, months that are not whole and why (kingshurst_tui/places/publishing.py).
    words("details"),
    # What it was made from; another digest means that something newer came in.
    Column("basis", String(64), nullable=False),
    Column("hidden_under", Integer, nullable=False),
    Column("rounded_to", Integer, nullable=False),
    Column("made_by", String(60), nullable=False),
    instant("made_at"),
    UniqueConstraint("agreement_ref", "purpose", "number"),
    info=PLAIN,
    **NEVER_REUSED,
)

#: The cells of one place in a publication, as shown.
published_place = Table(
    "published_place",
    metadata,
    key(),
    refers("publication_id", "publication.id", index=False),
    choice("level"),
    Column("code", String(12), nullable=False),
    # Periods by categories, little-endian 32-bit integers, zlib; -1 is hidden, -2 not known (no whole period came in).
    Column("cells", LargeBinary, nullable=False),
    UniqueConstraint("publication_id", "level", "code"),
    info=PLAIN,
)

#: What was expected of a month, kept beside what then came.
forecast = Table(
    "forecast",
    metadata,
    key(),
    Column("agreement_ref", String(60), nullable=False),
    Column("purpose", String(60), nullable=False),
    choice("level"),
    Column("code", String(12), nullable=False),
    Column("category", String(80), nullable=False),
    # The month it is of, and how many months ahead it was made.
    Column("month", String(7), nullable=False),
    Column("ahead", Integer, nullable=False),
    # The newest month that it knew.
    Column("known_to", String(7), nullable=False),
    Column("method", String(60), nullable=False),
    # As shown: whole numbers, rounded.
    Column("expected", Integer, nullable=False),
    Column("low", Integer, nullable=False),
    Column("high", Integer, nullable=False),
    # 1 where the method beat the plain figures on past months; else what stands is the plain figure.
    Column("beats", Integer, nullable=False),
    # JSON: errors of the method and of the plain figures, coverage of its intervals, months held out.
    words("record"),
    Column("made_by", String(60), nullable=False),
    instant("made_at"),
    Index("forecast_of_place", "agreement_ref", "code", "month"),
    info=PLAIN,
    **NEVER_REUSED,
)
