"""What partners sent: batches, source records and their details, contacts, area measures."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, LargeBinary, String, Table, UniqueConstraint, text

from db.schema.common import NEVER_REUSED, PERSONAL, PLAIN, choice, day, instant, key, metadata, refers, words

import_batch = Table(
    "import_batch",
    metadata,
    key(),
    refers("agreement_id", "agreement.id"),
    Column("agreement_ref", String(60), nullable=False, index=True),
    Column("file_digest", String(64), nullable=False, index=True),
    Column("register_version", Integer, nullable=False, server_default="0"),
    # staging, accepted, recalled, refused, abandoned
    choice("status", default="staging"),
    instant("received_at"),
    instant("accepted_at", nullable=True),
    instant("recalled_at", nullable=True),
    Column("recall_reason", String(200)),
    day("as_at", nullable=True),
    day("first_day", nullable=True),
    day("last_day", nullable=True),
    Column("rows_read", Integer, nullable=False, server_default="0"),
    Column("rows_accepted", Integer, nullable=False, server_default="0"),
    Column("rows_rejected", Integer, nullable=False, server_default="0"),
    Column("rows_dropped", Integer, nullable=False, server_default="0"),
    words("report"),
    words("quality"),
    info=PLAIN,
    **NEVER_REUSED,
)

#: Why a row was kept out: its number, the partner's column and a code; never what it held.
rejected_row = Table(
    "rejected_row",
    metadata,
    key(),
    refers("batch_id", "import_batch.id"),
    Column("row_number", Integer, nullable=False),
    Column("column_name", String(120), nullable=False, server_default=""),
    Column("reason", String(60), nullable=False),
    info=PLAIN,
)

#: One partner's record of a person. The row is stable; what it says is in record_detail, a row a version.
source_record = Table(
    "source_record",
    metadata,
    key(),
    Column("agreement_ref", String(60), nullable=False),
    Column("agency_code", String(20), nullable=False),
    # A keyed digest of the data set and the partner's own reference, or of the identity fields where there is none.
    Column("person_key", String(24), nullable=False, unique=True),
    Column("partner_reference", String(120)),
    refers("first_batch_id", "import_batch.id"),
    # Drawn at random and never again: it dies with the row, and names the record in copies made before (db/erasing.py).
    Column("record_mark", String(24)),
    Index("source_record_by_data_set", "agreement_ref"),
    info=PERSONAL,
    **NEVER_REUSED,
)

record_detail = Table(
    "record_detail",
    metadata,
    key(),
    refers("source_record_id", "source_record.id"),
    refers("batch_id", "import_batch.id"),
    # The later batch whose details replace these, while that batch stands.
    refers("superseded_by", "import_batch.id", nullable=True, index=False),
    Column("forename", String(80)),
    Column("middle_names", String(120)),
    Column("surname", String(80)),
    Column("former_surname", String(80)),
    day("born", nullable=True),
    # "stated", "default" (1 January, 1900), "absent"
    choice("born_quality", default="stated"),
    Column("sex", String(1)),
    Column("nhs_number", String(10)),
    Column("upn", String(13)),
    Column("uprn", String(12)),
    Column("address", String(240)),
    Column("postcode", String(8)),
    Column("household_ref", String(120)),
    Column("detail_digest", String(32), nullable=False),
    # Consents are matched by date of birth first.
    Index("record_detail_by_born", "born"),
    Index("record_detail_replaced", "superseded_by", sqlite_where=text("superseded_by IS NOT NULL")),
    info=PERSONAL,
)

#: One person's part in one dated event, as one partner tells it.
contact = Table(
    "contact",
    metadata,
    key(),
    refers("batch_id", "import_batch.id"),
    refers("superseded_by", "import_batch.id", nullable=True, index=False),
    refers("source_record_id", "source_record.id"),
    Column("agreement_ref", String(60), nullable=False),
    # A keyed digest of the data set and the partner's event reference, or of the whole row where there is none.
    Column("contact_key", String(24), nullable=False),
    # A keyed digest of the role (4 characters) and of what the row says: tells a repeated row from a changed one.
    Column("row_digest", String(24), nullable=False, server_default=""),
    Column("partner_reference", String(120)),
    # A reference of another agency's for the same event, as this partner states it.
    Column("shared_reference", String(120)),
    day("occurred_on"),
    Column("occurred_at", String(5)),
    day("reported_on", nullable=True),
    choice("category", default="other"),
    choice("priority_area", default="other"),
    choice("role", default="subject"),
    choice("standing", default="fact"),
    Column("outcome", String(200)),
    Column("place_postcode", String(8)),
    Column("place_address", String(240)),
    # The other party's source record, where the partner states one (domestic abuse).
    refers("counterpart_id", "source_record.id", nullable=True, index=False),
    # A number the contact carries, such as the per cent of sessions missed; its meaning is the category's.
    Column("measure", Float),
    # Of health data: what no rule, link or incident needs, sealed under a compartment's key (db/compartments.py).
    Column("sealed", LargeBinary),
    Column("sealed_under", Integer),
    # The key holds its data set, so no other column need lead: half the pages, and an import touches every one of them.
    Index("contact_by_key", "contact_key"),
    Index("contact_replaced", "superseded_by", sqlite_where=text("superseded_by IS NOT NULL")),
    Index("contact_by_counterpart", "counterpart_id", sqlite_where=text("counterpart_id IS NOT NULL")),
    # What the incident rule looks other tellings up by; partial, because most contacts state neither.
    Index("contact_by_shared", "shared_reference", sqlite_where=text("shared_reference IS NOT NULL")),
    Index("contact_by_reference", "partner_reference", sqlite_where=text("partner_reference IS NOT NULL")),
    Index("contact_by_place", "place_postcode", "occurred_on", sqlite_where=text("place_address IS NOT NULL")),
    info=PERSONAL,
    **NEVER_REUSED,
)

relationship = Table(
    "relationship",
    metadata,
    key(),
    refers("batch_id", "import_batch.id"),
    refers("superseded_by", "import_batch.id", nullable=True, index=False),
    refers("from_record_id", "source_record.id", index=False),
    refers("to_record_id", "source_record.id"),
    Column("kind", String(60), nullable=False),
    UniqueConstraint("from_record_id", "to_record_id", "kind", "batch_id"),
    Index("relationship_replaced", "superseded_by", sqlite_where=text("superseded_by IS NOT NULL")),
    info=PERSONAL,
)

#: A count for a place and a month. Never joined to a person: there is no column to join on.
area_measure = Table(
    "area_measure",
    metadata,
    key(),
    refers("batch_id", "import_batch.id"),
    Column("agreement_ref", String(60), nullable=False),
    choice("area_level"),
    Column("area_code", String(60), nullable=False),
    Column("month", String(7), nullable=False),
    Column("category", String(80), nullable=False),
    Column("count", Integer, nullable=False),
    # "complete" or "incomplete": a month far below its neighbours is not a fall.
    choice("completeness", default="complete"),
    Index("area_measure_by_place", "agreement_ref", "area_code", "month"),
    info=PLAIN,
)

#: A register of consents as received; its version is part of a "consented only" batch's digest.
consent_register = Table(
    "consent_register",
    metadata,
    key(),
    Column("version", Integer, nullable=False, unique=True),
    Column("file_digest", String(64), nullable=False),
    instant("received_at"),
    Column("rows", Integer, nullable=False, server_default="0"),
    info=PLAIN,
)
