"""Check an audit trail of Kingshurst away from it: with this one file, without the store and without any key.

usage: python verifier.py TRAIL [CHECKPOINT ...]

TRAIL is what ``kingshurst audit export`` wrote (every entry), or ``kingshurst audit prove`` (that the trail extends a
checkpoint, or holds one entry). Each CHECKPOINT is one that was taken away earlier, and must be its beginning. Needs
Python 3.11 or newer and the package ``cryptography``; docs/audit.md says what the files hold.

Ends with 0 where everything holds, 6 where something does not, 2 where a file cannot be read as what it should be.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from datetime import UTC, datetime
from typing import Any, BinaryIO, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LONGEST_LINE, LONGEST_NOTE = 1 << 20, 1 << 16
ALOUD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")


class DoesNotHold(Exception):
    """What is there was changed after it was written."""


class Unreadable(Exception):
    """A file is not what it should be."""


class Note(NamedTuple):
    """A checkpoint: c2sp.org/tlog-checkpoint."""

    origin: str
    size: int
    root: bytes
    lines: list[tuple[str, bytes]]
    body: bytes

    def __str__(self) -> str:
        """Say its size and its code, as Kingshurst shows them."""
        code = base64.b32encode(hashlib.sha256(self.body).digest()).decode()[:20].translate(ALOUD)
        return f"checkpoint over {self.size:,} entries, code {'-'.join(re.findall('....', code))}"


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash over two subtrees (RFC 6962)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    """Return the largest power of two smaller than ``size``."""
    return 1 << ((size - 1).bit_length() - 1)


def extended(old: int, size: int, whole: bool, proof: list[bytes], held: bytes) -> tuple[bytes, bytes]:
    """Return the older and the newer root that a consistency proof leads to (RFC 6962 2.1.2), using it up."""
    if old == size:
        both = held if whole else proof.pop()
        return both, both
    last, left = proof.pop(), split(size)
    if old <= left:
        earlier, later = extended(old, left, whole, proof, held)
        return earlier, node(later, last)
    earlier, later = extended(old - left, size - left, False, proof, held)
    return node(last, earlier), node(last, later)


def included(index: int, size: int, leaf: bytes, proof: list[bytes]) -> bytes:
    """Return the root that an inclusion proof leads to (RFC 6962 2.1.1), using it up."""
    if size == 1:
        return leaf
    last, left = proof.pop(), split(size)
    if index < left:
        return node(included(index, left, leaf, proof), last)
    return node(last, included(index - left, size - left, leaf, proof))


def root_of(peaks: list[tuple[int, bytes]]) -> bytes:
    """Return the root over complete subtrees, the largest first."""
    root = peaks[-1][1] if peaks else hashlib.sha256().digest()
    for _, peak in reversed(peaks[:-1]):
        root = node(peak, root)
    return root


def bytes_of(text: str) -> bytes:
    """Return what base 64 stands for."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as broken:
        raise Unreadable("not base 64") from broken


def read_note(content: bytes) -> Note:
    """Return the checkpoint that a signed note states (c2sp.org/signed-note); signatures are looked at later."""
    try:
        body, blank, rest = content.decode().rpartition("\n\n")
    except UnicodeDecodeError as broken:
        raise Unreadable("not text") from broken
    parts, signatures = body.split("\n"), rest.split("\n")
    whole = blank and len(content) <= LONGEST_NOTE and len(parts) == 3 and parts[0] and not signatures.pop()
    if not whole or not re.fullmatch("0|[1-9][0-9]{0,17}", parts[1]) or any(ord(c) < 32 and c != "\n" for c in body):
        raise Unreadable("not a checkpoint")
    found = [re.fullmatch(r"— ([^\s+]+) (\S+)", line) for line in signatures]
    if not found or None in found:
        raise Unreadable("not a signed checkpoint")
    lines = [(match[1], bytes_of(match[2])) for match in found if match]
    return Note(parts[0], int(parts[1]), bytes_of(parts[2]), lines, (body + "\n").encode())


def holds(public: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether a signature is that of a message."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


class People:
    """Who was introduced: everybody's keys, the newest last, their roles, and by whom in which entry.

    A role waits until a second person confirms it: not who proposed it, nor whose it is. In a store made before roles
    were granted so, an administrator's word gives one until its administrator founds it anew.
    """

    SECONDS = ("administrator", "supervisor", "governance")

    def __init__(self) -> None:
        self.keys: dict[str, list[bytes]] = {}
        self.roles: dict[str, str] = {}
        self.said: list[str] = []
        self.proposed: dict[int, tuple[str, str, str, str]] = {}
        self.founder = ""
        self.has_seconds = False

    def propose(self, actor: str, facts: dict[str, Any]) -> None:
        """Take in a role that waits."""
        self.proposed[facts["grant"]] = (str(facts["user"]), str(facts["role"]), str(facts["document"]), actor)

    def grant(self, seq: int, actor: str, facts: dict[str, Any]) -> str:
        """Take in what is said of a role, and return what is wrong with that."""
        step, role, user = facts["step"], self.roles[actor], str(facts["user"])
        if step in ("found", "propose"):
            if role != "administrator" or (step == "propose") == (user == actor) or (step == "found" and self.founder):
                return "it grants a role that this person could not grant"
            if step == "propose":
                self.propose(actor, facts)
                return ""
            waits = {name: "awaiting" for name, was in self.roles.items() if was not in ("recovery", "left")}
            self.founder, self.roles = actor, self.roles | waits | {actor: role}
            return ""
        given = self.proposed.pop(facts["grant"], ("", "", "", ""))
        may = role in self.SECONDS or (
            not self.has_seconds
            and given[1] in self.SECONDS
            and any(each[0] == actor and each[1] in self.SECONDS for each in self.proposed.values())
        )
        by_proposer = step == "refuse" and actor == given[3]
        if given[:2] != (user, facts["role"]) or not (by_proposer or (may and actor not in (user, given[3]))):
            return "it settles a role that this person could not settle"
        if step == "confirm":
            if facts["document"] != given[2]:
                return "it confirms another document than was proposed"
            self.roles[user] = given[1]
            self.has_seconds |= given[1] in self.SECONDS and user != self.founder
            self.said.append(f"{named(user)} is {given[1]} by {named(given[3])} and {named(actor)} in entry {seq:,}")
        return ""

    def introduce(self, seq: int, actor: str, facts: dict[str, Any]) -> str:
        """Take in a key, and return what is wrong with that."""
        user, public = actor if seq == 1 else str(facts["user"]), bytes.fromhex(facts["signing_public"])
        replaced = self.keys.get(user, [b""])[-1].hex()
        if replaced and (self.roles[actor] != "recovery" or facts.get("replaces") != replaced):
            return "it introduces somebody a second time, with a key of its own choosing"
        if seq > 1 and self.roles[actor] not in ("administrator", "recovery"):
            return "it introduces somebody, and the person acting is no administrator"
        self.keys.setdefault(user, []).append(public)
        if seq == 1 and "grant" in facts:
            self.founder = actor
        if not replaced:
            self.roles[user] = str(facts["role"])
        if seq > 1 and not replaced and self.roles[user] != "recovery" and ("grant" in facts or self.founder):
            self.roles[user] = "awaiting"
            self.propose(actor, facts)
        self.said.append(f"{named(user)} ({named(self.roles[user])}) by {named(actor)} in entry {seq:,}")
        return ""


def named(name: str) -> str:
    """Return a name so that it passes for no other and for nothing else that is said here."""
    return name if re.fullmatch("[A-Za-z0-9_.:-]+", name) else ascii(name)


def signers(note: Note, people: People) -> str:
    """Say who signed and cosigned. Raises: DoesNotHold where nobody known did, or where a name is misused."""
    said = []
    for name, line in note.lines:
        user = name.removeprefix(note.origin + "/")
        kind, public = key_of(name, line[:4], people.keys.get(user, []) if name != user else [])
        if kind == 0:
            continue  # a key nobody introduced says nothing
        if kind == 1:
            good, words = holds(public, line[4:], note.body), f"signed by {named(user)}"
        else:
            seconds = int.from_bytes(line[4:12], "big")
            message = f"cosignature/v1\ntime {seconds}\n".encode() + note.body
            good = seconds < 1 << 35 and holds(public, line[12:], message)
            words = (
                f"cosigned by {named(user)} ({named(people.roles[user])}) on {datetime.fromtimestamp(seconds, UTC)}"
                if good
                else ""
            )
        if not good:
            raise DoesNotHold(f"{note}: a signature in the name of {named(user)} is not theirs")
        if public != people.keys[user][-1]:
            words += ", by a key that was replaced: look whether that was before or after"
        said.append(words)
    if not said:
        raise DoesNotHold(f"{note}: nobody whom the trail introduces signed it")
    return ", ".join(said)


def key_of(name: str, wanted: bytes, publics: list[bytes]) -> tuple[int, bytes]:
    """Return which kind of signature a key id is of, 1 or 4, and by which key; 0 where by none of these."""
    for public in publics:
        for kind in (1, 4):
            if hashlib.sha256(f"{name}\n".encode() + bytes([kind]) + public).digest()[:4] == wanted:
                return kind, public
    return 0, b""


def refuse(number: str) -> Any:
    """Refuse numbers that canonical JSON writes in more than one way."""
    raise ValueError(number)


def whole(number: str) -> int:
    """Return a whole number that every reader of JSON understands alike."""
    return int(number) if abs(int(number)) < 1 << 53 else int(refuse(number))


def check_entry(seq: int, signature: bytes, text: bytes, people: People) -> str:
    """Return what is wrong with an entry, or nothing; whom it introduces is added to ``people``."""
    try:
        body = json.loads(text, parse_float=refuse, parse_constant=refuse, parse_int=whole)
        if json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() != text:
            return "its text is not in canonical form"
        if body["seq"] != seq:
            return "it bears another number"
        actor, facts = body["actor"], body["facts"]
        "".join(body["subjects"])  # names and nothing else
        introduces = body["operation"] == "administer" and body["thing"] == "user" and "signing_public" in facts
        if introduces and seq == 1:
            people.introduce(seq, actor, facts)
        if actor not in people.keys:
            return "nobody introduced the person it names as acting"
        if not holds(people.keys[actor][-1], signature, text):
            return "its signature is not that of the person it names as acting"
        stated = "administrator" if people.roles[actor] == "recovery" else people.roles[actor]
        if body["role"] != stated:
            return f"it says that the person acted as {body['role']}, and the trail that they were {stated}"
        if body["result"] != "done" or body["thing"] not in ("user", "role-grant"):
            return ""
        if body["thing"] == "role-grant":
            return people.grant(seq, actor, facts)
        if facts.get("status") == "left":
            if stated not in people.SECONDS:
                return "it ends what somebody was granted, and the person acting could not"
            people.roles[str(facts["user"])] = "left"
        return people.introduce(seq, actor, facts) if introduces and seq > 1 else ""
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "its text cannot be read"


def check_trail(file: BinaryIO, count: int, held: list[Note]) -> list[str]:
    """Check every entry, the tree, who signed, and that each held checkpoint is the beginning."""
    peaks: list[tuple[int, bytes]] = []
    roots, people, agreed = {0: root_of([])}, People(), 0
    for seq in range(1, count + 1):
        line = re.fullmatch(rb"([0-9a-f]{128}) ([^\n]*)\n", file.readline(LONGEST_LINE))
        if line is None:
            raise Unreadable(f"entry {seq} is not there, or not in the form of an entry")
        signature = bytes.fromhex(line[1].decode())
        if problem := check_entry(seq, signature, line[2], people):
            raise DoesNotHold(f"entry {seq}: {problem}")
        peaks.append((0, hashlib.sha256(b"\x00" + signature + line[2]).digest()))
        while len(peaks) > 1 and peaks[-1][0] == peaks[-2][0]:
            (level, right), (_, left) = peaks.pop(), peaks.pop()
            peaks.append((level + 1, node(left, right)))
        if any(note.size == seq for note in held):
            roots[seq] = root_of(peaks)
    roots[count], newest = root_of(peaks), read_note(file.read(LONGEST_NOTE + 1))
    if newest.size != count:
        raise DoesNotHold(f"{newest}: the trail has {count:,} entries")
    said = [
        f"{count:,} entries: numbers, form, signatures and introductions hold",
        "introduced: " + ", ".join(people.said),
    ]
    for note in sorted([*held, newest], key=lambda each: each.size):
        if note.origin != newest.origin:
            raise DoesNotHold(f"{note}: of {note.origin}, and the trail of {newest.origin}")
        if note.size > count:
            raise DoesNotHold(f"{note}: entries {count + 1:,} to {note.size:,} are missing from the trail")
        if note.root != roots[note.size]:
            raise DoesNotHold(f"{note}: entries {agreed + 1:,} to {note.size:,} of the trail are not those it was over")
        agreed = note.size
        said.append(f"{note}: {signers(note, people)}")
    return said


def check_proof(content: bytes, held: list[Note]) -> list[str]:
    """Check that a tree extends the one held (c2sp.org/tlog-witness), or holds an entry (c2sp.org/tlog-proof)."""
    head, _, rest = content.partition(b"\n\n")
    note, lines = read_note(rest), head.decode("ascii", "replace").split("\n")
    of_entry = lines[0] == "c2sp.org/tlog-proof@v1" and len(lines) > 2
    entry = bytes_of(lines[1].removeprefix("extra ")) if of_entry else b""
    number = re.fullmatch("index ([0-9]{1,18})", lines[2]) if of_entry else re.fullmatch("old ([0-9]{1,18})", lines[0])
    if number is None:
        raise Unreadable("not a proof")
    at, proof = int(number[1]), [bytes_of(line) for line in lines[3 if of_entry else 1 :]]
    before = next((each for each in held if each.size == (note.size if of_entry else at)), None)
    try:
        if of_entry:
            ends = included(at, note.size, hashlib.sha256(b"\x00" + entry).digest(), proof) if at < note.size else b""
            if ends != note.root or proof or (held and (before is None or before.root != ends)):
                raise DoesNotHold(f"the entry is not number {at + 1:,} of the {note}")
            each_shown(held, [note])
            alone = "" if held else "; no checkpoint that is held was given: compare its code with one that is"
            return [f"entry {at + 1:,} is in the {note}{alone}", entry[64:].decode("utf-8", "replace")]
        if before is None or before.origin != note.origin or not 0 < at <= note.size:
            raise DoesNotHold(f"the {note} is not shown to extend any checkpoint that is held")
        steps = len(proof)
        earlier, later = extended(at, note.size, True, proof, before.root)
    except IndexError:
        raise DoesNotHold("the proof is too short") from None
    if proof or earlier != before.root or later != note.root:
        raise DoesNotHold(f"the {note} does not extend the {before}: entries 1 to {at:,} are not those it was over")
    each_shown(held, [note, before])
    return [f"the {note} extends the {before}, by {steps} hashes; who signed it is told by a whole export"]


def each_shown(held: list[Note], shown: list[Note]) -> None:
    """Look that a proof is about every checkpoint that is held. Raises: DoesNotHold."""
    for each in held:
        if not any(each.body == note.body for note in shown):
            raise DoesNotHold(f"{each}: this proof does not show that it is the beginning of the trail")


def check(trail: str, checkpoints: list[str]) -> list[str]:
    """Check one file against checkpoints that were taken away. Raises: DoesNotHold, Unreadable, OSError."""
    held = []
    for path in checkpoints:
        with open(path, "rb") as file:
            held.append(read_note(file.read(LONGEST_NOTE + 1)))
    with open(trail, "rb") as file:
        first = re.fullmatch(rb"kingshurst-audit-export/1 ([0-9]{1,18})\n", start := file.readline(LONGEST_LINE))
        if first:
            return check_trail(file, int(first[1]), held)
        return check_proof(start + file.read(LONGEST_LINE), held)


def plain(text: object) -> str:
    """Return text that does nothing to a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in str(text)) + "\n"


def main(arguments: list[str]) -> int:
    """Check what the arguments name and say what was found."""
    if not arguments or arguments[0].startswith("-"):
        sys.stderr.write((__doc__ or "") + "\n")
        return 2
    try:
        sys.stdout.write("".join(plain(line) for line in [*check(arguments[0], arguments[1:]), "HOLDS"]))
    except DoesNotHold as wrong:
        sys.stderr.write("DOES NOT HOLD: " + plain(wrong))
        return 6
    except (Unreadable, OSError) as wrong:
        sys.stderr.write("CANNOT BE READ: " + plain(wrong))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
