"""A panel's manifest as it is shown: every signature and every decision in it verified."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import db.decisions
import db.manifests
from kingshurst_tui.panels.manifest_checked import digest_of, holds
from kingshurst_tui.panels.named_present import differences, named_present, signers

if TYPE_CHECKING:
    from db.manifests import ManifestRow, MemberRow, SignatureRow
    from kingshurst_tui.acts import Act

AGREES, DISSENTS, ABSTAINS = "agrees", "dissents", "abstains"
STANCES = {
    AGREES: "agrees with these decisions",
    DISSENTS: "dissents from these decisions",
    ABSTAINS: "abstains",
}
"""What a member may say of the whole; single decisions may be excepted."""

STANDS, REPLACED, OUT_OF_SIGHT, ALTERED = "stands", "replaced", "not to be read here", "altered"
"""What became of a decision that a manifest lists."""

_SIGNS = ("member", "deputy")


@dataclass(frozen=True, slots=True)
class Listed:
    """One decision of a manifest.

    Attributes:
        state: what became of it since; a later decision in its place breaks nothing.
        holds: False only where the decision is there and is not what the manifest says.
    """

    number: int
    digest: str
    state: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Signed:
    """One member's word.

    Attributes:
        excepted: numbers of decisions that they do not agree with.
        entered_for: the member for whom somebody else entered it; empty where they signed themselves.
        holds: whether the signer's key verifies it, and it is about this manifest.
    """

    member: int
    name: str
    agency: str
    stance: str
    excepted: tuple[int, ...]
    signed_by: str
    entered_for: str
    signed_at: str
    holds: bool

    def in_words(self) -> str:
        """Return it in a line."""
        but = f", but not with {', '.join(map(str, self.excepted))}" if self.excepted else ""
        by = f", entered by {self.signed_by} for {self.entered_for}" if self.entered_for else ""
        return f"{self.name} ({self.agency}) {STANCES[self.stance]}{but}{by}"


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A member who was present and has not signed."""

    member: int
    name: str
    agency: str
    has_account: bool


@dataclass(frozen=True, slots=True)
class ManifestShown:
    """A manifest, verified as it is read.

    Attributes:
        problems: what does not hold, in sentences; empty where everything does.
        outdated: decisions were signed since it was made, or who was there was written down anew.
        differences: where its decisions and its attendance name others as present, in sentences.
        earlier: how many manifests of this panel it replaced.
    """

    number: int
    panel: int
    title: str
    held_on: str
    digest: str
    made_by: str
    made_at: str
    quorum_met: bool
    quorum_problems: tuple[str, ...]
    decisions: tuple[Listed, ...]
    signatures: tuple[Signed, ...]
    unsigned: tuple[Unsigned, ...]
    problems: tuple[str, ...]
    outdated: bool
    earlier: int
    differences: tuple[str, ...] = ()


def outdated(act: Act, row: ManifestRow) -> bool:
    """Say whether decisions were signed since a manifest was made, or attendance was written down anew."""
    document = json.loads(row.document)
    there = {each["member"] for each in document["attendance"] if _decides(each["standing"], each["attendance"])}
    now = {each.id for each in act.read(db.manifests.members, row.panel_id) if _decides(each.standing, each.attendance)}
    if there != now:
        return True
    listed = {int(each["number"]) for each in document["decisions"]}
    decided = {each.decision_id for each in act.read(db.manifests.cases, row.panel_id) if each.decision_id is not None}
    # A person who was erased takes their case along; that is no decision more.
    return not decided <= listed


def _decides(standing: str, attendance: str) -> bool:
    return standing in _SIGNS and attendance == "present"


def shown_manifest(act: Act, row: ManifestRow, earlier: int) -> ManifestShown:
    """Return a manifest, verified; ``earlier`` is how many it replaced."""
    document: dict[str, Any] = json.loads(row.document)
    members = {each.id: each for each in act.read(db.manifests.members, row.panel_id)}
    signatures = tuple(_signed(act, row, each, members) for each in act.read(db.manifests.signatures, row.id))
    signed = {each.member for each in signatures}
    to_sign = signers(list(members.values()), named_present(act, row.panel_id))
    decisions = tuple(_listed(act, each) for each in document["decisions"])
    problems = [
        f"The signature of {each.signed_by} for {each.name} does not hold." for each in signatures if not each.holds
    ]
    problems += [
        f"Decision {each.number} is not what this manifest says it is." for each in decisions if not each.holds
    ]
    return ManifestShown(
        row.id,
        row.panel_id,
        str(document["title"]),
        str(document["held_on"]),
        digest_of(row.document),
        row.made_by,
        row.made_at,
        bool(document["quorum"]["met"]),
        tuple(document["quorum"]["problems"]),
        decisions,
        signatures,
        tuple(
            Unsigned(each.id, each.display_name, each.agency_code, bool(each.user_name))
            for each in members.values()
            if each.id in to_sign - signed
        ),
        tuple(problems),
        outdated(act, row),
        earlier,
        differences(list(members.values()), document),
    )


def _listed(act: Act, said: dict[str, Any]) -> Listed:
    number, digest = int(said["number"]), str(said["digest"])
    found = act.read(db.decisions.by_id, number)
    if found is None:
        return Listed(number, digest, OUT_OF_SIGHT, True)
    if digest_of(found.document) != digest:
        return Listed(number, digest, ALTERED, False)
    return Listed(number, digest, REPLACED if found.status == "superseded" else STANDS, True)


def _signed(act: Act, row: ManifestRow, signed: SignatureRow, members: dict[int, MemberRow]) -> Signed:
    member = members.get(signed.panel_member_id)
    said: dict[str, Any] = json.loads(signed.document)
    return Signed(
        signed.panel_member_id,
        str(said.get("name", member.display_name if member else "")),
        signed.agency_code,
        signed.stance,
        tuple(said.get("excepted", ())),
        signed.signed_by,
        signed.entered_for,
        signed.signed_at,
        act.read(holds, row, signed),
    )
