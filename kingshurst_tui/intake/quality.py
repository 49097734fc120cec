"""How good an extract is: completeness, validity, uniqueness, timeliness, consistency, and coverage month by month.

Made by pandas from what was counted while the rows streamed by, so it costs nothing to speak of and needs no row twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from kingshurst_tui.agreements.document import Agreement
from kingshurst_tui.intake.reasons import INCONSISTENT, said
from kingshurst_tui.intake.tally import Tally
from kingshurst_tui.leaving.suppression import UNDER, rounded

NEIGHBOURS = 6
"""Months on either side that a month is compared with."""

FAR_BELOW = 0.6
"""A month under this share of its neighbours' median is incomplete, where chance alone (three standard deviations of a
count) cannot explain it."""


def incomplete_months(months: Mapping[str, int]) -> dict[str, str]:
    """Return the months that are ``missing`` or ``incomplete`` between the first and the last, and which they are.

    A month far below its neighbours is called incomplete, not a fall: whoever reads it as one would praise a broken
    export.
    """
    import pandas as pd

    if not months:
        return {}
    counts = pd.Series(dict(months), dtype="float64").sort_index()
    counts.index = pd.PeriodIndex(counts.index, freq="M")
    counts = counts.reindex(pd.period_range(counts.index[0], counts.index[-1], freq="M"), fill_value=0.0)
    found: dict[str, str] = {}
    for place, (month, count) in enumerate(counts.items()):
        around = counts.drop(index=month).iloc[max(0, place - NEIGHBOURS) : place + NEIGHBOURS]
        usual = float(around.median()) if len(around) else 0.0
        if count == 0:
            found[str(month)] = "missing"
        elif count < FAR_BELOW * usual and count < usual - 3 * usual**0.5:
            found[str(month)] = "incomplete"
    return found


def report(agreement: Agreement, tally: Tally, today: date, months: Mapping[str, int] | None = None) -> dict[str, Any]:
    """Return a batch's data-quality report, ready for JSON.

    Args:
        agreement: for what was promised: coverage, refresh.
        tally: what was counted.
        today: the day of the import.
        months: for area measures, the sum of counts a month.
    """
    import pandas as pd

    if months is None:
        by_day = pd.Series(dict(tally.days), dtype="int64")
        by_month = by_day.groupby(by_day.index.str[:7]).sum() if len(by_day) else by_day
        months = {str(month): int(count) for month, count in by_month.items()}
    return {
        "rows": {
            "read": tally.read,
            "accepted": tally.accepted,
            "rejected": tally.refused,
            "dropped": tally.dropped,
            "repeated": tally.repeated,
            "blank": tally.blank,
        },
        "completeness": _completeness(tally),
        "validity": _validity(tally),
        "uniqueness": {
            "persons": tally.persons,
            "contacts": tally.contacts,
            "repeated_rows": tally.repeated,
            "replaced_contacts": tally.replaced,
            "conflicting_rows": tally.rejected["repeated-with-other-content"],
        },
        "timeliness": _timeliness(agreement, tally, today, months),
        "consistency": [
            {"what": words, "rows": tally.inconsistent[code]}
            for code, words in INCONSISTENT.items()
            if tally.inconsistent[code]
        ]
        + (
            [{"what": "rows that tell another detail of a person than an earlier row", "rows": tally.restated}]
            if tally.restated
            else []
        ),
        "coverage": _coverage(agreement, months),
    }


def _completeness(tally: Tally) -> list[dict[str, Any]]:
    import pandas as pd

    if not tally.filled:
        return []
    given = pd.Series(dict(tally.filled), dtype="int64")
    frame = pd.DataFrame({"given": given})
    of_contact = frame.index.str.startswith("contact.")
    frame["of"] = tally.accepted
    frame.loc[of_contact, "of"] = max(tally.accepted, 1)
    frame["percent"] = (100 * frame["given"] / frame["of"].clip(lower=1)).round(1)
    return [
        {"field": str(field), "given": int(row["given"]), "of": int(row["of"]), "percent": float(row["percent"])}
        for field, row in frame.iterrows()
    ]


def _validity(tally: Tally) -> list[dict[str, Any]]:
    return [
        {
            "column": column,
            "reason": code,
            "words": said(code),
            "rows": count,
            "first_rows": tally.fault_rows[(column, code)][:10],
        }
        for (column, code), count in sorted(tally.faults.items(), key=lambda item: (-item[1], item[0]))
    ]


def _timeliness(agreement: Agreement, tally: Tally, today: date, months: Mapping[str, int]) -> dict[str, Any]:
    import pandas as pd

    first = min(tally.days, default=min(months, default=None))
    last = max(tally.days, default=max(months, default=None))
    days_since = (today - date.fromisoformat(last)).days if last and len(last) == 10 else None
    found: dict[str, Any] = {
        "first_day": first,
        "last_day": last,
        "days_since_last": days_since,
        "refresh_days": agreement.refresh_days,
        "stale": days_since is not None and days_since > agreement.refresh_days,
    }
    if tally.lags:
        lags = pd.Series(dict(tally.lags), dtype="int64").sort_index()
        below = lags.cumsum() / lags.sum()
        found["median_days_to_report"] = int(below[below >= 0.5].index[0])
        found["nine_in_ten_reported_within_days"] = int(below[below >= 0.9].index[0])
    return found


def _coverage(agreement: Agreement, months: Mapping[str, int]) -> dict[str, Any]:
    states = incomplete_months(months)
    every = sorted({*months, *states})
    return {
        "promised_from": agreement.coverage_from.isoformat() if agreement.coverage_from else None,
        "area": agreement.coverage_area,
        "people": agreement.coverage_people,
        "months": [
            # A batch's report is read by more people than may read small numbers.
            {"month": month, "count": _shown(months.get(month, 0)), "state": states.get(month, "complete")}
            for month in every
        ],
        "incomplete_months": [month for month, state in sorted(states.items()) if state == "incomplete"],
        "missing_months": [month for month, state in sorted(states.items()) if state == "missing"],
    }


def _shown(count: int) -> int | None:
    return rounded(count) if count >= UNDER else None
