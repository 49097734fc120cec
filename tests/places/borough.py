"""An invented borough of 60 small areas in 6 wards, and data sets of it as they would be published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kingshurst_tui.leaving.suppression_terms import Terms
from kingshurst_tui.places.counts import Counts
from kingshurst_tui.places.coverage import Coverage
from kingshurst_tui.places.geography import Geography, Parent
from kingshurst_tui.places.kept_cells import Kept
from kingshurst_tui.places.published import PublishedSet
from kingshurst_tui.places.publishing import published
from kingshurst_tui.places.vocabulary import Fit, Level

BOROUGH = "E08000900"
WARDS = tuple(f"E05009{at:03d}" for at in range(6))
LSOAS = tuple(f"E01009{at:03d}" for at in range(60))
MONTHS = tuple(f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13))
RESIDENTS = 1_600
CATEGORIES = ("noise", "theft")


def lands() -> Geography:
    """Return where everything lies: an area in the ward of its number modulo 6, its decile the same."""
    up = {}
    for at, code in enumerate(LSOAS):
        up[code, Level.WARD, "2024"] = Parent(WARDS[at % 6], Fit.BEST_FIT)
    down = {(ward, Level.LSOA, "2024"): LSOAS[at::6] for at, ward in enumerate(WARDS)}
    return Geography(
        sources=(1,),
        names={BOROUGH: "Invented Borough", **{code: f"Ward {at}" for at, code in enumerate(WARDS)}},
        of_level={
            BOROUGH: Level.LOCAL_AUTHORITY,
            **dict.fromkeys(WARDS, Level.WARD),
            **dict.fromkeys(LSOAS, Level.LSOA),
        },
        members={(Level.LSOA, "2021"): LSOAS, (Level.WARD, "2024"): WARDS, (Level.LOCAL_AUTHORITY, "2024"): (BOROUGH,)},
        up=up,
        down=down,
        people={
            **{key: {"2021": RESIDENTS} for key in LSOAS},
            **{key: {"2021": 10 * RESIDENTS} for key in WARDS},
            BOROUGH: {"2021": 60 * RESIDENTS},
        },
        deciles={code: at % 6 + 1 for at, code in enumerate(LSOAS)},
        ranks={code: float(at) for at, code in enumerate(LSOAS)},
    )


def made(
    seed: int,
    mean: float,
    more: Mapping[str, float] | None = None,
    agency: str = "WMP",
    months: tuple[str, ...] = MONTHS,
) -> tuple[PublishedSet, dict[str, Any]]:
    """Return a data set as published, and the exact counts behind it: place -> months by categories.

    Args:
        seed: of the dice.
        mean: of an area's month, all categories together.
        more: how many times that, of some areas.
        agency: whose it is.
        months: those that came in.
    """
    random, geography = np.random.default_rng(seed), lands()
    exact = {
        code: random.poisson(mean / 2 * (more or {}).get(code, 1.0), (len(months), len(CATEGORIES))) for code in LSOAS
    }
    cells = {
        (code, month, category): int(counts[at, of])
        for code, counts in exact.items()
        for at, month in enumerate(months)
        for of, category in enumerate(CATEGORIES)
    }
    counts = Counts(Level.LSOA, cells, {"noise": "anti-social-behaviour"})
    kept = published(counts, Coverage(months, {}), Terms(10, 5), geography, Kept())
    for at, ward in enumerate(WARDS):
        exact[ward] = sum(exact[code] for code in LSOAS[at::6])  # type: ignore[assignment]
    exact[BOROUGH] = sum(exact[ward] for ward in WARDS)  # type: ignore[assignment]
    return (
        PublishedSet(
            agreement_ref=f"{agency}-{seed}",
            title=f"Set {seed}",
            agency_code=agency,
            agency_name=f"Agency {agency}",
            periods=kept.periods,
            categories=kept.categories,
            priority=counts.priority,
            under=10,
            base=5,
            leaves=Level.LSOA,
            places={code: cells.tolist() for code, cells in kept.cells.items()},
        ),
        exact,
    )
