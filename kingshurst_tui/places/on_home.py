"""What home says of places: those that stand out newly, and the report to the Board that has not left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import db.disclosures
from kingshurst_tui.casework.home_parts import HomeItem, HomeSection, section
from kingshurst_tui.clock import plain_date
from kingshurst_tui.counting import some
from kingshurst_tui.learning.quarters import latest
from kingshurst_tui.places import standing_since
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from kingshurst_tui.places.standing_since import News
    from kingshurst_tui.session import Session

REPORT = "board-report"
NAMED = 2
"""Places named in the line; others are counted."""


def section_of(session: Session) -> HomeSection | None:
    """Return what waits of places; None where the role reads none, or nothing of them is held."""
    if not session.may(Operation.CONSULT, Thing.AREA_MEASURE):
        return None
    news = standing_since.news(session)
    if news is None:
        return None
    items = [each for each in (_standing_out(session, news), _report(session)) if each is not None]
    return section("places", "Places and the report to the Board", "No place stands out newly.", items)


def _standing_out(session: Session, news: News) -> HomeItem | None:
    words = []
    if news.new:
        from kingshurst_tui.places.geography import geography

        names = [geography(session).name(code) for code in news.new[:NAMED]]
        more = f" and {len(news.new) - NAMED} more" if len(news.new) > NAMED else ""
        verb = some(len(news.new), "place stands out", "places stand out")
        words.append(f"{verb} newly, since {plain_date(news.since)}: {', '.join(names)}{more}")
    if news.is_old:
        since = f"since somebody last looked, on {plain_date(news.looked_on)}" if news.looked_on else "to look at"
        words.append(f"counts by place have come in {since}")
    if not words:
        return None
    said = "; ".join(words)
    return HomeItem(Thing.PLACE_RULE, "", "", said[0].upper() + said[1:])


def _report(session: Session) -> HomeItem | None:
    if not session.may(Operation.DISCLOSE, Thing.BOARD_REPORT):
        return None
    (quarter,) = latest(session.clock.today(), 1)
    last = session.look(db.disclosures.last_of, REPORT, session.purpose)
    if last is not None and last[:10] > quarter.last.isoformat():
        return None
    before = f"the last left on {plain_date(last[:10])}" if last else "none has left yet"
    return HomeItem(
        Thing.BOARD_REPORT, "", "", f"Overlap and the report to the Board with {quarter.title} are due: {before}"
    )
