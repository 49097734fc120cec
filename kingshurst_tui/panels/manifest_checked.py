"""Whether a manifest's signatures hold: about that document, by that member, verified by the signer's key."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import db.decisions
import db.manifests
from db.keys import signature_holds

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from db.manifests import ManifestRow, MemberRow, SignatureRow


def digest_of(document: str) -> str:
    """Return the SHA-256 of a document, in hex."""
    return hashlib.sha256(document.encode()).hexdigest()


def word(
    row: ManifestRow, member: MemberRow, stance: str, excepted: list[int], user: str, entered_for: str, at: str
) -> dict[str, Any]:
    """Return what a member signs, or what somebody else signs for them."""
    return {
        "kind": "panel-manifest-signature/1",
        "panel": row.panel_id,
        "manifest": row.id,
        "digest": digest_of(row.document),
        "member": member.id,
        "name": member.display_name,
        "agency": member.agency_code,
        "stance": stance,
        "excepted": excepted,
        "signed_by": user,
        "entered_for": entered_for,
        "signed_at": at,
    }


def holds(connection: Connection, row: ManifestRow, signed: SignatureRow) -> bool:
    """Say whether one signature is what its columns say, over this manifest, by its signer's key."""
    said: dict[str, Any] = json.loads(signed.document)
    columns = {
        "panel": row.panel_id,
        "manifest": row.id,
        "digest": digest_of(row.document),
        "member": signed.panel_member_id,
        "agency": signed.agency_code,
        "stance": signed.stance,
        "signed_by": signed.signed_by,
        "entered_for": signed.entered_for,
        "signed_at": signed.signed_at,
    }
    return all(said.get(name) == value for name, value in columns.items()) and any(
        signature_holds(public, bytes(signed.signature), signed.document.encode())
        for public in db.decisions.signing_keys(connection, signed.signed_by)
    )


def what_does_not_hold(connection: Connection) -> tuple[tuple[str, ...], int]:
    """Return what is wrong with the manifests of all panels, in sentences, and how many signatures were verified.

    On a connection that sees decisions (the check of the whole store), these are compared with what was listed; one
    whose person was erased is not there and breaks nothing.
    """
    wrong: list[str] = []
    verified = 0
    for row in db.manifests.all_of_them(connection):
        for signed in db.manifests.signatures(connection, row.id):
            verified += 1
            if not holds(connection, row, signed):
                wrong.append(f"the signature of {signed.signed_by} under manifest {row.id} does not hold")
        for each in json.loads(row.document)["decisions"]:
            found = db.manifests.kept_document(connection, int(each["number"]))
            if found is not None and digest_of(found) != each["digest"]:
                wrong.append(f"decision {each['number']} is not what manifest {row.id} says it is")
    return tuple(wrong), verified
