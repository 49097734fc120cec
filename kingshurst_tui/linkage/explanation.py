"""Why two records were taken for one person: the weights for and against, from the kept evidence alone.

No number here says how likely it is that two records are one person: above about twelve bits the model is surer than
it should be (docs/linkage.md). What is shown is what weighed, by how much, and what else could be meant.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kingshurst_tui.linkage import evidence, guards, model

if TYPE_CHECKING:
    from db.links import LinkRecord
    from kingshurst_tui.linkage.model import LinkModel


_RARE, _COMMON = "a rare name counts for more", "a common name counts for less"


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of the waterfall.

    Attributes:
        title: the field.
        label: how it compares, in words that name no value.
        bits: its weight; positive for one person, negative against, 0 where a side does not say.
        so_far: the sum up to and with this step.
    """

    title: str
    label: str
    bits: float
    so_far: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The weights of one pair, from the prior to the sum.

    Attributes:
        steps: the prior first, then one step a field, and one where a rare or common name counts apart.
        total: the match weight as kept.
        clear: the weight from which the model links by itself, where no guard holds.
        guards: why people must look, in words.
        rival: the weight of the nearest other person that one of the two could be, or None.
        model: the model's version.
        by_hand: whether people joined or parted the two without the model ever comparing them.
    """

    steps: tuple[Step, ...]
    total: float
    clear: float
    guards: tuple[str, ...]
    rival: float | None
    model: str
    by_hand: bool = False

    def lines(self) -> list[str]:
        """Return the waterfall as plain text, a line a step."""
        if self.by_hand:
            return ["Decided by people; the model did not compare these two records."]
        found = [f"{step.bits:+6.1f}  {step.title}: {step.label}" for step in self.steps]
        found.append(f"{self.total:+6.1f}  together; the model links from {self.clear:+.1f} where nothing warns")
        found += [f"warning: {words}" for words in self.guards]
        if self.rival is not None:
            found.append(f"nearest other person: {self.rival:+.1f}")
        return found


def waterfall(link: LinkRecord, used: LinkModel) -> Waterfall:
    """Draw the waterfall of one kept link with the model it was made with; neither data nor Splink is needed."""
    kept = evidence.read(link.vector)
    if not kept.levels:
        return Waterfall((), link.weight, used.clear, (), link.rival_weight, link.model_version, by_hand=True)
    so_far = used.prior_weight(kept.records)
    steps = [
        Step("Beforehand", f"two records taken at random among {kept.records:,}", so_far, so_far),
    ]
    for comparison in used.comparisons:
        gamma = kept.levels[comparison.name]
        bits = used.weights(comparison.name, kept.records)[gamma]
        so_far += bits
        steps.append(Step(comparison.title, comparison.by_gamma[gamma].label, bits, so_far))
        rarity = kept.rarity.get(comparison.name, 0.0)
        if rarity:
            so_far += rarity
            label = _RARE if rarity > 0 else _COMMON
            steps.append(Step(comparison.title, label, rarity, so_far))
    warnings = tuple(guards.WORDS[word] for word in link.guards.split() if word in guards.WORDS)
    return Waterfall(tuple(steps), link.weight, used.clear, warnings, link.rival_weight, link.model_version)


def by_level(drawn: Waterfall) -> Waterfall:
    """Return how a pair compares and no more: for pairs of which one side is masked.

    How rare a name is, and the exact sums that it went into, would tell which open person is the other side.
    """
    steps: list[Step] = []
    so_far = 0.0
    for step in drawn.steps:
        if step.label not in (_RARE, _COMMON):
            so_far += step.bits
            steps.append(Step(step.title, step.label, step.bits, so_far))
    total = so_far if steps else float(round(drawn.total))
    return Waterfall(tuple(steps), total, drawn.clear, drawn.guards, None, drawn.model, drawn.by_hand)


def model_of(version: str, kept_document: str | None) -> LinkModel:
    """Return the model a link was made with: the store's own copy, else the shipped one."""
    if kept_document is None:
        return model.load(version)
    return model.from_document(json.loads(kept_document))
