"""The decisions of a meeting under one signature a member, and what a manifest is made from."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection


class PanelRow(NamedTuple):
    """The meeting, as far as its decisions name it."""

    id: int
    held_on: str
    title: str
    purpose: str
    chair: str
    minute_taker: str
    status: str


class MemberRow(NamedTuple):
    """Somebody who was asked to the meeting."""

    id: int
    agency_code: str
    display_name: str
    user_name: str | None
    standing: str
    deputy_for: str
    attendance: str
    attendance_why: str


class CaseRow(NamedTuple):
    """One case of a panel, as far as a mask may tell."""

    id: int
    panel_id: int
    profile_id: int
    place: int
    status: str
    revealed_at: str | None
    decision_id: int | None
    version: int


class ManifestRow(NamedTuple):
    """One manifest as it was made."""

    id: int
    panel_id: int
    document: str
    made_by: str
    made_at: str
    status: str


class SignatureRow(NamedTuple):
    """One member's word on a manifest."""

    id: int
    manifest_id: int
    panel_member_id: int
    agency_code: str
    stance: str
    signed_by: str
    entered_for: str
    document: str
    signature: bytes
    signed_at: str


_CASE = f"SELECT {', '.join(CaseRow._fields)} FROM masked_panel_case"
_MANIFEST = f"SELECT {', '.join(ManifestRow._fields)} FROM manifest"
_SIGNATURE = f"SELECT {', '.join(SignatureRow._fields)} FROM manifest_signature"


def panel(connection: Connection, panel_id: int) -> PanelRow | None:
    """Return a meeting, or None."""
    row = connection.exec_driver_sql(
        f"SELECT {', '.join(PanelRow._fields)} FROM panel WHERE id = ?", (panel_id,)
    ).fetchone()
    return PanelRow(*row) if row else None


def members(connection: Connection, panel_id: int) -> list[MemberRow]:
    """Return who was asked to a meeting, by agency."""
    rows = connection.exec_driver_sql(
        f"SELECT {', '.join(MemberRow._fields)} FROM panel_member WHERE panel_id = ? ORDER BY agency_code, id",
        (panel_id,),
    )
    return [MemberRow(*row) for row in rows]


def case(connection: Connection, case_id: int) -> CaseRow | None:
    """Return one case of a panel, or None."""
    row = connection.exec_driver_sql(f"{_CASE} WHERE id = ?", (case_id,)).fetchone()
    return CaseRow(*row) if row else None


def cases(connection: Connection, panel_id: int) -> list[CaseRow]:
    """Return the cases of a panel in order."""
    rows = connection.exec_driver_sql(f"{_CASE} WHERE panel_id = ? ORDER BY place, id", (panel_id,))
    return [CaseRow(*row) for row in rows]


def case_of_decision(connection: Connection, decision_id: int) -> CaseRow | None:
    """Return the case in which a decision was signed, or None."""
    row = connection.exec_driver_sql(f"{_CASE} WHERE decision_id = ?", (decision_id,)).fetchone()
    return CaseRow(*row) if row else None


def decided(connection: Connection, case_id: int, decision_id: int) -> None:
    """Keep which decision a case came to."""
    connection.exec_driver_sql(
        "UPDATE panel_case SET decision_id = ?, status = 'discussed', version = version + 1 WHERE id = ?",
        (decision_id, case_id),
    )


def add(connection: Connection, panel_id: int, document: str, made_by: str, made_at: str) -> int:
    """Keep a manifest in place of earlier ones of its panel, and return its number."""
    connection.exec_driver_sql(
        "UPDATE manifest SET status = 'replaced' WHERE panel_id = ? AND status = 'open'", (panel_id,)
    )
    return int(
        connection.exec_driver_sql(
            "INSERT INTO manifest (panel_id, document, made_by, made_at) VALUES (?,?,?,?)",
            (panel_id, document, made_by, made_at),
        ).lastrowid
    )


def of_panel(connection: Connection, panel_id: int) -> list[ManifestRow]:
    """Return the manifests of a panel, the one that is open first."""
    rows = connection.exec_driver_sql(f"{_MANIFEST} WHERE panel_id = ? ORDER BY id DESC", (panel_id,))
    return [ManifestRow(*row) for row in rows]


def all_of_them(connection: Connection) -> list[ManifestRow]:
    """Return every manifest, those that were replaced too."""
    return [ManifestRow(*row) for row in connection.exec_driver_sql(f"{_MANIFEST} ORDER BY id")]


def signatures(connection: Connection, manifest_id: int) -> list[SignatureRow]:
    """Return who signed a manifest, in order."""
    rows = connection.exec_driver_sql(f"{_SIGNATURE} WHERE manifest_id = ? ORDER BY id", (manifest_id,))
    return [SignatureRow(*row) for row in rows]


def add_signature(
    connection: Connection,
    *,
    manifest_id: int,
    panel_member_id: int,
    agency_code: str,
    stance: str,
    signed_by: str,
    entered_for: str,
    document: str,
    signature: bytes,
    signed_at: str,
) -> None:
    """Keep one member's word on a manifest."""
    connection.exec_driver_sql(
        "INSERT INTO manifest_signature (manifest_id, panel_member_id, agency_code, stance, signed_by, entered_for, "
        "document, signature, signed_at) VALUES (?,?,?,?,?,?,?,?,?)",
        (manifest_id, panel_member_id, agency_code, stance, signed_by, entered_for, document, signature, signed_at),
    )


def to_sign(connection: Connection, user_name: str) -> list[int]:
    """Return the panels whose manifest waits for this user's own signature, the earliest first."""
    rows = connection.exec_driver_sql(
        "SELECT m.panel_id FROM manifest m JOIN panel_member p ON p.panel_id = m.panel_id "
        "WHERE m.status = 'open' AND p.user_name = ? AND p.standing <> 'observer' AND (p.attendance = 'present' "
        "OR EXISTS (SELECT 1 FROM json_each(m.document, '$.signers') j WHERE j.value = p.id)) "
        "AND NOT EXISTS (SELECT 1 FROM manifest_signature s WHERE s.manifest_id = m.id AND s.panel_member_id = p.id) "
        "ORDER BY m.id",
        (user_name,),
    )
    return [int(row[0]) for row in rows]


def kept_document(connection: Connection, decision_id: int) -> str | None:
    """Return a decision's document as it lies, or None; for the check of the whole store, which sees every row."""
    found = connection.exec_driver_sql("SELECT document FROM decision WHERE id = ?", (decision_id,)).scalar()
    return None if found is None else str(found)
