"""Whoever can write the files, and holds no key, changes nothing unseen: one opening and one check say so."""

from __future__ import annotations

import random
from itertools import groupby

from tests.faults.rig import tampering
from tests.faults.rig.settings import SEED
from tests.faults.rig.sweeps import Rig

SAMPLE = 2
"""So many of each kind; ``make test-faults`` tries every page and every frame of the log."""


def test_what_is_done_to_the_files_is_found_or_means_nothing(rig: Rig) -> None:
    chance = random.Random(SEED)
    place = rig.scratch / "tampering"
    place.mkdir()
    stores = tampering.make(rig.starts, place)
    everything = sorted(tampering.all_of(stores, chance), key=lambda each: each.kind)
    chosen = []
    for kind, found in groupby(everything, lambda each: each.kind):
        those = list(found)
        chosen += those if kind.startswith("file") else chance.sample(those, min(SAMPLE, len(those)))
    outcomes = list(tampering.tried(stores, chosen, place))
    assert [str(each) for each in outcomes if not each.right] == []
    # Nothing that is done to a page of what stands means nothing, but where an older page is one that holds nothing.
    unseen = {each.tampering.kind for each in outcomes if not each.found_by}
    assert not unseen & {f"page: {what}" for what in ("bit flipped", "zeroed", "swapped with another")}
