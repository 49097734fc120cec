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
from db.records import CONTACT_COLUMNS
from db.vault import read_header
from kingshurst_tui.acts import Reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import Refused
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


def opens_for(session: Session, name: str) -> bool:
    """Say whether this session holds any key of a compartment."""
    return any(held == name for held, _ in session.compartments.privates)


# --- at sign-in ------------------------------------------------------------------------------------------------------


def signed_in(session: Session) -> None:
    """Take up what is sealed to this user, and see to what became due since somebody last did.

    Raises: StoreUnavailable, IntegrityFailure.
    """
    take_up(session)
    mine = [name for name in NAMES if is_entitled(session.user.role, name)]
    if not mine:
        return
    recovery = _recovery_key(session)
    proof = None if session.look(_has_proof, session.user.name) else _own_proof(session)
    if proof is None and not any(session.look(_due, session, name, recovery) for name in mine):
        return
    with session.act(Operation.ADMINISTER, Thing.COMPARTMENT, reason=_MAINTENANCE) as act:
        if proof is not None:
            act.write(db.compartments.put_proof, session.user.name, proof)
            act.note(sealing_key=_own_sealing_key(act.connection, session).hex())
        for name in mine:
            _carry_out(act, name, act.read(_due, session, name, recovery), recovery)


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


@dataclass
class _Due:
    """What is to be done about one compartment.

    Attributes:
        seal: whom an epoch is to be sealed to, by epoch.
        drop: who holds a seal and is entitled no more.
        renew: why a new epoch begins; empty where the newest will do.
    """

    seal: dict[int, list[str]] = field(default_factory=dict)
    drop: list[str] = field(default_factory=list)
    renew: str = ""

    def __bool__(self) -> bool:
        return bool(self.seal or self.drop or self.renew)


def _due(connection: Connection, session: Session, name: str, recovery: Mapping[str, bytes]) -> _Due:
    epochs = [epoch for epoch in db.compartments.epochs(connection) if epoch.name == name]
    if not epochs:
        return _Due()
    people = db.compartments.sealable(connection)
    wanted = _wanted(people, name) | dict(recovery)
    stay = {each.name for each in people if is_entitled(each.role, name) and each.status != "left"} | set(recovery)
    holders = db.compartments.holders(connection)
    held = {epoch.epoch: holders.get((name, epoch.epoch), set()) for epoch in epochs}
    mine = [epoch.epoch for epoch in epochs if session.compartments.holds(name, epoch.epoch)]
    me = session.user.name
    # A seal of one's own that does not open is worth nothing; whoever else holds the compartment makes another.
    broken = {me} if any(me in held[number] and number not in mine for number in held) else set()
    due = _Due(drop=sorted((set().union(*held.values()) - stay) | broken))
    newest = epochs[-1]
    others = (held[newest.epoch] & _wanted(people, name).keys()) - {me}
    if why := _unfit(connection, newest, people, stay, held[newest.epoch]):
        due.renew = why
    elif newest.epoch not in mine and not others:
        due.renew = "nobody entitled holds the newest"
    for number in mine:
        if missing := sorted(wanted.keys() - held[number]):
            due.seal[number] = missing
    return due


def _unfit(
    connection: Connection, newest: Epoch, people: Iterable[Sealable], stay: set[str], held: Iterable[str]
) -> str:
    """Return why nothing more is to be written into an epoch; empty where it may be."""
    if db.compartments.over(connection, newest.name) >= newest.epoch:
        return "somebody who held it is entitled no more"
    if set(held) - stay:
        return "somebody holds it who is not entitled"
    maker = next((each for each in people if each.name == newest.made_by), None)
    earlier = db.users.earlier_keys(connection).get(newest.made_by, ())
    if maker is None or not any(newest.is_signed_by(key) for key in (maker.signing_public, *earlier)):
        return "nobody answers for it"
    return "" if newest.made_by in stay else "whoever made it is not entitled"


def _wanted(people: Iterable[Sealable], name: str) -> dict[str, bytes]:
    """Return the sealing key of everybody who is to hold a compartment."""
    return {
        each.name: each.sealing_public
        for each in people
        if each.status == "active" and is_entitled(each.role, name) and each.is_proved
    }


def _carry_out(act: Act, name: str, due: _Due, recovery: Mapping[str, bytes]) -> None:
    session = act.session
    people = act.read(db.compartments.sealable)
    keys_of = _wanted(people, name) | dict(recovery)
    epochs = {epoch.epoch: epoch for epoch in act.read(db.compartments.epochs) if epoch.name == name}
    if due.drop:
        act.write(db.compartments.drop_seals, name, due.drop)
        act.note(**{f"{name}_taken_from": ", ".join(due.drop)})
    for number, missing in due.seal.items():
        private = bytes(session.compartments.privates[name, number])
        for user_name in missing:
            act.write(db.compartments.put_seal, epochs[number], user_name, keys_of[user_name], private)
    if due.seal:
        sealed = sorted({user_name for missing in due.seal.values() for user_name in missing})
        act.note(**{f"{name}_sealed_to": ", ".join(sealed)})
    if due.renew:
        _make(act, name, recovery, due.renew)


# --- writing ---------------------------------------------------------------------------------------------------------


def epoch_to_write(act: Act, name: str) -> Epoch:
    """Return the epoch that is written into now; one is made where there is none fit for it. Anybody may.

    Raises: Refused (nobody could ever open it).
    """
    recovery = _recovery_key(act.session)
    newest, why = act.read(_newest_fit, act.session, name, recovery)
    return newest if newest is not None else _make(act, name, recovery, why)


def _newest_fit(
    connection: Connection, session: Session, name: str, recovery: Mapping[str, bytes]
) -> tuple[Epoch | None, str]:
    """Return the newest epoch where it may be written into; else why not."""
    newest = db.compartments.newest(connection, name)
    if newest is None:
        return None, "there was none"
    people = db.compartments.sealable(connection)
    # Whoever brings health data in without being entitled goes on in what they made, until the entitled sign in.
    own = {newest.made_by} & {session.user.name}
    stay = {each.name for each in people if is_entitled(each.role, name) and each.status != "left"} | set(recovery)
    held = db.compartments.holders(connection).get((name, newest.epoch), set())
    why = _unfit(connection, newest, people, stay | own, held) if held else "nobody holds the newest"
    return (None, why) if why else (newest, "")


def _make(act: Act, name: str, recovery: Mapping[str, bytes], why: str) -> Epoch:
    session = act.session
    wanted = _wanted(act.read(db.compartments.sealable), name) | dict(recovery)
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
    recovery = _recovery_key(session)
    epoch, _ = session.look(_newest_fit, session, HEALTH, recovery)
    if epoch is None:
        with session.act(Operation.ADMINISTER, Thing.COMPARTMENT, reason=Reason(ReasonCode.INTAKE)) as act:
            epoch = epoch_to_write(act, HEALTH)
    key = random_key()
    number = session.stage(Operation.COLLECT, Thing.BATCH, db.compartments.add_key, epoch, bytes(key), batch)
    return db.compartments.row_sealer(bytes(key), number, CONTACT_COLUMNS)


# --- a way back ------------------------------------------------------------------------------------------------------


def sealed_by_recovery(act: Act) -> None:
    """Seal to everybody entitled what the recovery key holds; for the act that gives somebody a new pair."""
    take_up(act.session)
    recovery = _recovery_key(act.session)
    for name in NAMES:
        due = act.read(_due, act.session, name, recovery)
        due.renew, due.drop = "", []
        _carry_out(act, name, due, recovery)


def _recovery_key(session: Session) -> dict[str, bytes]:
    header = read_header(session.store.folder)
    header.check(session.keys_for_upkeep())
    slot = header.recovery
    return {} if slot is None else {slot.user: bytes.fromhex(slot.sealing_public)}


def _has_proof(connection: Connection, user_name: str) -> bool:
    return any(each.name == user_name and each.is_proved for each in db.compartments.sealable(connection))


def _own_sealing_key(connection: Connection, session: Session) -> bytes:
    return next(
        each.sealing_public for each in db.compartments.sealable(connection) if each.name == session.user.name
    )


def _own_proof(session: Session) -> bytes:
    """Sign for one's own sealing key: that of the pair that opened the store, not what the table says."""
    _, proof = session.sign(db.compartments.proof_document(session.user.name, session.sealing_public))
    return proof


