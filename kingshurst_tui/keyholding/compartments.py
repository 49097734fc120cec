"""Who holds the key of which compartment: made when first needed, sealed to those entitled, renewed when one is not.

The table of field groups (kingshurst_tui/permissions.py) says which role is entitled. Whoever holds a compartment and
signs in seals it to those who are newly entitled; where somebody held it who is entitled no more, where nobody
entitled answers for it, or where nobody entitled holds it, a new epoch begins and what is written from then on lies
under that. Every such change has an entry in the trail.

Class of control: cryptographic. The private halves are in memory while their user is signed in, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import db.compartments
import db.users
from db.compartments import HEALTH, NAMES, NOTES, Epoch, Sealable
from db.keys import SealBroken, random_key
from db.staged_rows import CONTACT_COLUMNS
from db.vault import read_header
from kingshurst_tui.acts import Reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import Refused
from kingshurst_tui.granting import chain as chains
from kingshurst_tui.permissions import FIELD_GROUPS
from kingshurst_tui.vocabulary import FieldGroup, Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from kingshurst_tui.acts import Act, Fact
    from kingshurst_tui.session import Session

GROUP_OF = {HEALTH: FieldGroup.HEALTH_DETAIL, NOTES: FieldGroup.RESTRICTED_NOTES}
"""Which part of a profile lies in which compartment."""

_MAINTENANCE = Reason(ReasonCode.MAINTENANCE)


def is_entitled(role: str, name: str) -> bool:
    """Say whether a role is entitled to a compartment."""
    return role in FIELD_GROUPS[GROUP_OF[name]]


# --- at sign-in ------------------------------------------------------------------------------------------------------


def signed_in(session: Session) -> None:
    """Take up what is sealed to this user, and see to what became due since somebody last did.

    Raises: StoreUnavailable, IntegrityFailure.
    """
    take_up(session)
    mine = [name for name in NAMES if is_entitled(session.user.role, name)]
    if not mine:
        return
    vault = _Vault.of(session)
    proof = None if session.look(_has_proof, session) else _own_proof(session)
    if proof is None and not any(session.look(_due, session, mine, vault).values()):
        return
    with session.act(Operation.ADMINISTER, Thing.COMPARTMENT, reason=_MAINTENANCE) as act:
        if proof is not None:
            act.write(db.compartments.put_proof, session.user.name, proof)
            act.note(sealing_key=session.sealing_public.hex())
        for name, due in act.read(_due, session, mine, vault).items():
            _carry_out(act, name, due, vault)


def take_up(session: Session) -> None:
    """Open what is sealed to this user, into the session's memory. A seal that does not open is passed over."""
    seals = session.look(db.compartments.seals_of, session.user.name)
    if not seals:
        return
    for epoch in session.look(db.compartments.epochs):
        sealed = seals.get((epoch.name, epoch.epoch))
        if sealed is None:
            continue
        try:
            private = session.unsealed(sealed, db.compartments.about_seal(epoch, session.user.name))
        except SealBroken:
            continue
        session.compartments.take(epoch, private)


def entitlement_ends(act: Act, former: str, role: str = "") -> None:
    """Say in the entry under way up to which epoch nothing more is written, where somebody's entitlement ends.

    The entry is what counts from then on: seals and settings are rows, which whoever has the data key can take away.
    """
    for each in NAMES:
        if is_entitled(former, each) and not is_entitled(role, each):
            newest = act.read(db.compartments.newest, each)
            if newest is not None:
                act.note(**{each + chains.OVER: newest.epoch})


def role_taken(act: Act, name: str, role: str, *, former: str = "") -> None:
    """See to what somebody's new role means for compartments, inside the act that confirms it.

    What they are entitled to no more is taken from them; what they now are is sealed to them where the acting user
    holds it, else when somebody next signs in who does.
    """
    entitlement_ends(act, former, role)
    lost = [each for each in NAMES if not is_entitled(role, each)]
    if taken := act.write(db.compartments.shut_out, name, lost):
        act.note(compartments_taken=", ".join(taken))
    people = _people(act.connection, _Vault.of(act.session))
    fresh = next((each for each in people.people if each.name == name), None)
    if fresh is None or not fresh.is_proved:
        return
    sealed = set()
    for epoch in act.read(db.compartments.epochs):
        private = act.session.compartments.privates.get((epoch.name, epoch.epoch))
        if private is not None and is_entitled(role, epoch.name):
            act.write(db.compartments.put_seal, epoch, name, fresh.sealing_public, bytes(private))
            sealed.add(epoch.name)
    if sealed:
        act.note(compartments_sealed=", ".join(sorted(sealed)))


@dataclass(frozen=True)
class _Vault:
    """What of the header counts here: which store it is, and the recovery slot's sealing key by the slot's name."""

    identity: str
    recovery: dict[str, bytes]

    @classmethod
    def of(cls, session: Session) -> _Vault:
        header = read_header(session.store.folder)
        header.check(session.keys_for_upkeep())
        slot = header.recovery
        return cls(header.vault, {} if slot is None else {slot.user: bytes.fromhex(slot.sealing_public)})


@dataclass(frozen=True)
class _People:
    """Users as verified grants and the trail's introductions have them, not as the table of users says.

    Attributes:
        keys: every signing key that somebody ever had.
        closed: the last epoch of a compartment, as the trail says, that somebody held who is entitled no more.
    """

    people: list[Sealable]
    keys: dict[str, list[bytes]]
    closed: dict[str, int] = field(default_factory=dict)


def _people(connection: Connection, vault: _Vault) -> _People:
    people = db.compartments.sealable(connection)
    chain = chains.read(connection, vault.identity)
    if not chain.rows:  # made before there were grants
        earlier = db.users.earlier_keys(connection)
        return _People(people, {each.name: [each.signing_public, *earlier.get(each.name, ())] for each in people})
    known = [
        each._replace(role=chain.standing(each.name).role or "", signing_public=chain.key(each.name, chains.NOW) or b"")
        for each in people
    ]
    return _People(known, {each.name: chain.keys_of(each.name) for each in people}, chain.closed_epochs())


@dataclass
class _Due:
    """What is to be done about one compartment.

    Attributes:
        seal: whom an epoch is to be sealed to, by epoch.
        drop: who holds a seal and is entitled no more.
        renew: why a new epoch begins; empty where the newest will do.
        keys: the sealing key of everybody who is to hold it.
    """

    seal: dict[int, list[str]] = field(default_factory=dict)
    drop: list[str] = field(default_factory=list)
    renew: str = ""
    keys: dict[str, bytes] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.seal or self.drop or self.renew)


def _due(
    connection: Connection,
    session: Session,
    names: Iterable[str],
    vault: _Vault,
    renewed: tuple[str, bytes] | None = None,
) -> dict[str, _Due]:
    """Return what is to be done, by compartment; ``renewed`` is whose signing key the act under way introduces."""
    epochs = db.compartments.epochs(connection)
    if not epochs:
        return {}
    found = _people(connection, vault)
    if renewed is not None:
        name, public = renewed
        people = [each._replace(signing_public=public) if each.name == name else each for each in found.people]
        found = _People(people, {**found.keys, name: [*found.keys.get(name, []), public]}, found.closed)
    holders = db.compartments.holders(connection)
    return {
        name: _due_of(connection, session, mine, found, vault, holders)
        for name in names
        if (mine := [epoch for epoch in epochs if epoch.name == name])
    }


def _due_of(
    connection: Connection,
    session: Session,
    epochs: list[Epoch],
    found: _People,
    vault: _Vault,
    holders: Mapping[tuple[str, int], set[str]],
) -> _Due:
    newest, me = epochs[-1], session.user.name
    name = newest.name
    wanted = _wanted(found.people, name)
    stay = _staying(found.people, name) | set(vault.recovery)
    held = {epoch.epoch: holders.get((name, epoch.epoch), set()) for epoch in epochs}
    mine = [epoch.epoch for epoch in epochs if session.compartments.holds(name, epoch.epoch)]
    # A seal of one's own that does not open is worth nothing; whoever else holds the compartment makes another.
    broken = {me} if any(me in held[number] and number not in mine for number in held) else set()
    due = _Due(drop=sorted((set().union(*held.values()) - stay) | broken), keys=wanted | vault.recovery)
    if why := _unfit(connection, newest, found, stay, held[newest.epoch]):
        due.renew = why
    elif newest.epoch not in mine and not (held[newest.epoch] & wanted.keys()) - {me}:
        due.renew = "nobody entitled holds the newest"
    for number in mine:
        if missing := sorted(due.keys.keys() - held[number]):
            due.seal[number] = missing
    return due


def _unfit(connection: Connection, newest: Epoch, found: _People, stay: set[str], held: Iterable[str]) -> str:
    """Return why nothing more is to be written into an epoch; empty where it may be."""
    if max(db.compartments.over(connection, newest.name), found.closed.get(newest.name, 0)) >= newest.epoch:
        return "somebody who held it is entitled no more"
    if set(held) - stay:
        return "somebody holds it who is not entitled"
    if not any(newest.is_signed_by(key) for key in found.keys.get(newest.made_by, [])):
        return "nobody answers for it"
    return "" if newest.made_by in stay else "whoever made it is not entitled"


def _wanted(people: Iterable[Sealable], name: str) -> dict[str, bytes]:
    """Return the sealing key of every user who is to hold a compartment."""
    return {
        each.name: each.sealing_public
        for each in people
        if each.status == "active" and is_entitled(each.role, name) and each.is_proved
    }


def _staying(people: Iterable[Sealable], name: str) -> set[str]:
    """Return who may keep what is sealed to them; somebody suspended keeps it, and cannot sign in."""
    return {each.name for each in people if is_entitled(each.role, name) and each.status != "left"}


def _carry_out(act: Act, name: str, due: _Due, vault: _Vault) -> None:
    session = act.session
    epochs = {epoch.epoch: epoch for epoch in act.read(db.compartments.epochs) if epoch.name == name}
    if due.drop:
        act.write(db.compartments.drop_seals, name, due.drop)
        act.note(**{f"{name}_taken_from": ", ".join(due.drop)})
    for number, missing in due.seal.items():
        private = bytes(session.compartments.privates[name, number])
        for user_name in missing:
            act.write(db.compartments.put_seal, epochs[number], user_name, due.keys[user_name], private)
    if due.seal:
        sealed = sorted({user_name for missing in due.seal.values() for user_name in missing})
        act.note(**{f"{name}_sealed_to": ", ".join(sealed)})
    if due.renew:
        _make(act, name, vault, due.renew)


# --- writing ---------------------------------------------------------------------------------------------------------


def epoch_to_write(act: Act, name: str) -> Epoch:
    """Return the epoch that is written into now; one is made where there is none fit for it. Anybody may.

    Raises: Refused (nobody could ever open it).
    """
    vault = _Vault.of(act.session)
    newest, why = act.read(_newest_fit, act.session, name, vault)
    return newest if newest is not None else _make(act, name, vault, why)


def _newest_fit(connection: Connection, session: Session, name: str, vault: _Vault) -> tuple[Epoch | None, str]:
    """Return the newest epoch where it may be written into; else why not."""
    newest = db.compartments.newest(connection, name)
    if newest is None:
        return None, "there was none"
    held = db.compartments.holders(connection).get((name, newest.epoch), set())
    if not held:
        return None, "nobody holds the newest"
    found = _people(connection, vault)
    # Whoever brings health data in without being entitled goes on in what they made, until the entitled sign in.
    own = {newest.made_by} & {session.user.name}
    why = _unfit(connection, newest, found, _staying(found.people, name) | set(vault.recovery) | own, held)
    return (None, why) if why else (newest, "")


def _make(act: Act, name: str, vault: _Vault, why: str) -> Epoch:
    session = act.session
    wanted = _wanted(_people(act.connection, vault).people, name) | vault.recovery
    if not wanted:
        raise Refused(
            "Nobody could ever open what would be sealed.",
            f"No user is entitled to the {name} compartment, and there is no recovery key. Nothing was stored.",
            "An administrator adds a coordinator first, or makes a recovery key: kingshurst user recovery STORE",
        )
    newest = act.read(db.compartments.newest, name)
    number = newest.epoch + 1 if newest is not None else 1
    now = stamp(session.clock.now())
    epoch, private = db.compartments.new_epoch(name, number, now, session.user.name, session.sign)
    act.write(db.compartments.add_epoch, epoch)
    for user_name, public in wanted.items():
        act.write(db.compartments.put_seal, epoch, user_name, public, private)
    if session.user.name in wanted:
        session.compartments.take(epoch, private)
    facts: dict[str, Fact] = {
        f"{name}_epoch": number,
        f"{name}_public": epoch.sealing_public.hex(),
        f"{name}_because": why,
        f"{name}_made_for": ", ".join(sorted(wanted)),
    }
    act.note(**facts)
    return epoch


def sealing_of_batch(session: Session, batch: int) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """Return what seals the detail of a batch's contacts, row by row, under a key that the health compartment holds.

    Raises: Refused (nobody could ever open it), StoreUnavailable.
    """
    epoch, _ = session.look(_newest_fit, session, HEALTH, _Vault.of(session))
    if epoch is None:
        with session.act(Operation.ADMINISTER, Thing.COMPARTMENT, reason=Reason(ReasonCode.INTAKE)) as act:
            epoch = epoch_to_write(act, HEALTH)
    key = random_key()
    number = session.stage(Operation.COLLECT, Thing.BATCH, db.compartments.add_key, epoch, bytes(key), batch)
    return db.compartments.row_sealer(bytes(key), number, CONTACT_COLUMNS)


# --- a way back ------------------------------------------------------------------------------------------------------


def sealed_by_recovery(act: Act, name: str, signing_public: bytes) -> None:
    """Seal to everybody entitled what the recovery key holds; in the act that gives ``name`` a new pair."""
    take_up(act.session)
    vault = _Vault.of(act.session)
    for compartment, due in act.read(_due, act.session, NAMES, vault, (name, signing_public)).items():
        due.renew, due.drop = "", []
        _carry_out(act, compartment, due, vault)


def _has_proof(connection: Connection, session: Session) -> bool:
    mine = next(each for each in db.compartments.sealable(connection) if each.name == session.user.name)
    return mine.sealing_public == session.sealing_public and mine.is_proved


def _own_proof(session: Session) -> bytes:
    """Sign for one's own sealing key: that of the pair that opened the store, not what the table says."""
    _, proof = session.sign(db.compartments.proof_document(session.user.name, session.sealing_public))
    return proof
