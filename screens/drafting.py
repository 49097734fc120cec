"""Where a box keeps what is typed in it, and what it was begun from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kingshurst_tui.casework import drafts
from kingshurst_tui.casework.drafts import Kept

if TYPE_CHECKING:
    from kingshurst_tui.session import Session
    from kingshurst_tui.vocabulary import Operation, Thing

ELSEWHERE = "! You write this at another terminal too, and not the same. Both are kept; ctrl+s shows them."


@dataclass
class Begun:
    """What a form that changes something was begun from; after somebody was quicker, what stands there now.

    Attributes:
        over: what its room wants to hear (a version, a state); the form's ``send`` reads it.
    """

    over: str | int | None = None


@dataclass
class Draft:
    """Where a form keeps what is typed.

    Attributes:
        operation: what sending it will do.
        thing: to what kind of thing.
        thing_id: about whom, 0 where nobody is known yet.
        form: which of several forms of that kind about one person; short.
        answers: what was kept before.
        kept: the drafts that this begins with.
        others: what the same user says at other terminals, and not here.
        touched: whether anything lies in the store.
    """

    operation: Operation
    thing: Thing
    thing_id: int = 0
    form: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    kept: tuple[Kept, ...] = ()
    others: tuple[Kept, ...] = ()
    touched: bool = False

    @property
    def name(self) -> str:
        """What the store calls it."""
        return f"form-{self.thing}{f'-{self.form}' if self.form else ''}"

    def load(self, session: Session) -> Draft:
        """Read what was kept, at whichever terminal; runs on the store's thread."""
        found = session.look(drafts.of, self.name, self.thing_id)
        self.kept, self.others = drafts.parted(found)
        self.answers = answers_of(found[0]) if found else {}
        self.touched = bool(self.answers)
        return self

    def keep(self, session: Session, answers: dict[str, str]) -> None:
        """Keep what was typed; runs on the store's thread."""
        if any(answers.values()) or self.touched:
            self.touched = True
            place = (self.operation, self.thing, self.name, self.thing_id)
            self.others = drafts.keep(session, *place, answers, begun=self.kept)

    def settle(self) -> None:
        """Take it that the writer has seen what they say elsewhere: this draft stands for all of it."""
        self.kept, self.others = (*self.kept, *self.others), ()

    def forget(self, session: Session) -> None:
        """Forget it, if anything was ever kept; runs on the store's thread."""
        if self.touched:
            drafts.forget(session, self.operation, self.thing, self.name, self.thing_id, self.kept)


def answers_of(kept: Kept) -> dict[str, str]:
    """Return the answers of a form as a draft holds them."""
    return {str(name): str(answer) for name, answer in kept.written.items()}
