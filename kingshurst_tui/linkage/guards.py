"""Guards: what sends a pair to people whatever it weighs, and what keeps two records apart for good.

The weight of a pair assumes that its fields err independently. Where they do not (twins, a father and son with one
name, numbers mixed up within a family) a high weight is wrong with confidence; a guard knows the pattern.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kingshurst_tui.linkage.model import LinkModel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

GUARDS: tuple[tuple[str, str], ...] = (
    ("nhs-conflict", "both state an NHS number, and they are different numbers"),
    ("upn-conflict", "both state a UPN, and they are different numbers"),
    ("forename-missing", "a forename is missing"),
    ("forename-differs", "the forenames are different names"),
    ("middle-differs", "the forenames are not quite the same, and the middle names are different"),
    ("forename-thin", "the forenames agree only in an initial or are merely alike, and no identifier agrees"),
    ("surname-thin", "only a former surname agrees, at another home, and no identifier does"),
    ("born-missing", "a date of birth is missing, and no identifier agrees"),
    ("born-thin", "the dates of birth agree only in a 1 January, and home and identifiers do not agree"),
    ("born-differs", "the dates of birth are different, and no identifier agrees"),
    ("sex-differs", "the sexes differ and the forenames are not the same"),
    ("rival-twin", "somebody else of the same home and date of birth could be meant"),
    ("rival-namesake", "somebody else of the same home and name could be meant"),
    ("other-link", "one of the two fits another person nearly as well"),
)
"""Each guard's word and what it says to a person, in the order of their bits."""

BIT = {word: 1 << number for number, (word, _) in enumerate(GUARDS)}
WORDS = dict(GUARDS)

CONFLICT = BIT["nhs-conflict"] | BIT["upn-conflict"]
"""Trusted identifiers that contradict each other: never one person, not even by way of a third record."""

AGAINST = CONFLICT | BIT["forename-differs"] | BIT["middle-differs"] | BIT["born-differs"] | BIT["sex-differs"]
"""Guards that say "two people"; the others say "not enough to tell"."""

_HOME = ("same-dwelling", "same-postcode", "same-address", "former-place", "alike-dwelling", "dwelling")


def words_of(bits: int) -> tuple[str, ...]:
    """Return the words of the guards that hold."""
    return tuple(word for word, _ in GUARDS if bits & BIT[word])


def of(
    model: LinkModel,
    gammas: dict[str, NDArray[np.int8]],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
) -> NDArray[np.int32]:
    """Return, for every pair, the bits of the guards that hold."""
    import numpy as np

    def at(name: str, *keys: str) -> NDArray[np.bool_]:
        return np.isin(gammas[name], [model[name].gamma_of(key) for key in keys])

    bits = np.zeros(len(left), np.int32)
    identified = at("nhs", "same") | at("upn", "same")
    same_forename = at("forename", "same")
    home = at("surname_place", *_HOME)
    born_same = at("born", "same", "same-default")
    bits |= BIT["nhs-conflict"] * at("nhs", "differs")
    bits |= BIT["upn-conflict"] * at("upn", "differs")
    bits |= BIT["forename-missing"] * at("forename", "missing")
    bits |= BIT["forename-differs"] * at("forename", "differs")
    # Twins may be Isabella and Isabelle; their middle names tell.
    two_names = at("forename", "differs") | (at("middle", "differs") & ~same_forename)
    bits |= BIT["middle-differs"] * (at("middle", "differs") & ~same_forename)
    # Brother and sister may differ by an ending (Daniel, Danielle); one sex stated twice rules that out.
    thin = at("forename", "initial", "like", "middle", "sound") | (at("forename", "longer") & ~at("sex", "same"))
    bits |= BIT["forename-thin"] * (thin & ~identified)
    bits |= BIT["surname-thin"] * (at("surname_place", "former") & ~identified)
    bits |= BIT["born-missing"] * (at("born", "missing") & ~identified)
    bits |= BIT["born-differs"] * (at("born", "differs") & ~identified)
    bits |= BIT["born-thin"] * (at("born", "same-default", "default") & ~home & ~identified)
    bits |= BIT["sex-differs"] * (at("sex", "differs") & ~same_forename)

    # Twins and namesakes of one home are themselves candidate pairs (they share a date or a name, and a home), so
    # the pairs at hand say which records have one.
    twins = born_same & home & two_names
    namesakes = (
        at("forename", "same", "close", "short")
        & at("surname_place", "same-dwelling", "same-postcode", "same-address")
        & at("born", "differs", "two-parts")
    )
    bits |= BIT["rival-twin"] * (_touches(left, right, twins) & ~same_forename & ~identified)
    bits |= BIT["rival-namesake"] * (_touches(left, right, namesakes) & ~born_same & ~identified)
    return bits


def _touches(left: NDArray[np.int64], right: NDArray[np.int64], chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which pairs have a record that is in any chosen pair."""
    import numpy as np

    records = np.unique(np.concatenate([left[chosen], right[chosen]]))
    return np.isin(left, records) | np.isin(right, records)
