"""Pairs of records in a list, with what speaks for and against the one at the cursor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.widgets import Static

from screens.review_words import judged_in_words, pieces
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.text import plain
from screens.widgets.waterfall import Waterfall

if TYPE_CHECKING:
    from textual.widget import Widget

    from kingshurst_tui.linkage.pairs_shown import Pair


class PairList(ListAndDetail):
    """Links or pairs that wait; under the facts of the one at the cursor stands its waterfall."""

    def extra(self) -> Iterable[Widget]:
        """Draw the waterfall under the facts."""
        yield Waterfall()
        yield Static("", classes="pair-said")

    def say(self, words_of: str) -> None:
        """Say something in place of the waterfall."""
        self.query_one(Waterfall).display = False
        self.query_one(".pair-said", Static).update(plain(words_of))

    def show_pair(self, pair: Pair | None) -> None:
        """Show one pair's waterfall; people's own word has none."""
        picture = self.query_one(Waterfall)
        picture.display = pair is not None and not pair.waterfall.by_hand
        if pair is not None:
            picture.show_pieces(pieces(pair.waterfall), pair.waterfall.total)
        self.query_one(".pair-said", Static).update(plain(judged_in_words(pair) if pair is not None else ""))

    def say_empty(self, empty: bool) -> None:
        """Take the waterfall away with the list."""
        super().say_empty(empty)
        if empty:
            self.show_pair(None)
