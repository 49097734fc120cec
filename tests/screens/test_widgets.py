"""Lists, forms and dialogs: long ones stay quick, hostile text is only text, wrong answers are said in place."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
from textual.app import ComposeResult
from textual.content import Content
from textual.events import Key
from textual.widgets import Checkbox, Input, OptionList, Select, Static

from kingshurst_tui.acts import Reason
from kingshurst_tui.vocabulary import ReasonCode
from screens.app import KingshurstApp
from screens.base import KingshurstScreen
from screens.confirm import Confirm
from screens.reason_prompt import ReasonPrompt
from screens.widgets.empty_state import EmptyState
from screens.widgets.fields_form import NOT_DISCUSSED, Field, FieldsForm, Kind
from screens.widgets.filter_input import FilterInput
from screens.widgets.month_picture import MonthPicture, MonthRow
from screens.widgets.row_detail import RowDetail
from screens.widgets.text import plain, title
from screens.widgets.timeline import Entry, Lane, Timeline
from screens.widgets.virtual_table import PAGE, Column, Row, VirtualTable
from screens.widgets.waterfall import Piece, Waterfall
from tests.screens.hostile import HOSTILE
from tests.screens.looking import SIZES, assert_harmless, seen, settle

MakeApp = Callable[..., KingshurstApp]
COUNT = 250_000


class ListScreen(KingshurstScreen[None]):
    """A long list whose pages come from the store's thread."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[int] = []
        self.threads: set[int] = set()
        self.opened: list[int | str] = []

    def body(self) -> ComposeResult:
        yield VirtualTable(
            Column("Person", 9), Column("Name", 20, grows=True), Column("When", 12, priority=1), id="rows"
        )
        yield RowDetail()

    def reload(self) -> None:
        self.query_one(VirtualTable).show_pages(COUNT, self.fetch)
        self.query_one(VirtualTable).focus()

    def fetch(self, offset: int, limit: int) -> Sequence[Row]:
        self.fetched.append(offset // PAGE)
        self.threads.add(threading.get_ident())
        return [Row(n, (f"P-{n}", f"Name {n}", "3 May 2026")) for n in range(offset, min(offset + limit, COUNT))]

    def on_virtual_table_opened(self, event: VirtualTable.Opened) -> None:
        self.opened.append(event.row.key)


async def show(pilot: Any, screen: KingshurstScreen[None]) -> None:
    await settle(pilot)
    await pilot.app.push_screen(screen)
    await settle(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_a_long_list_fetches_only_what_is_looked_at(make_app: MakeApp, size: tuple[int, int]) -> None:
    app, screen = make_app(signed_in=True), ListScreen()
    async with app.run_test(size=size) as pilot:
        await show(pilot, screen)
        table = screen.query_one(VirtualTable)
        assert "Name 0" in seen(app)
        await pilot.press("end")
        await settle(pilot)
        assert f"P-{COUNT - 1}" in seen(app)
        assert table.cursor == COUNT - 1
        await pilot.press("k", "k", "enter")
        await settle(pilot)
        assert screen.opened == [COUNT - 3]
        await pilot.press("g", "j")
        await settle(pilot)
        assert "▸ P-1 " in seen(app)
        assert set(screen.fetched) <= {0, 1, COUNT // PAGE - 2, COUNT // PAGE - 1}
        assert threading.get_ident() not in screen.threads
        assert app.cursor_position.y == table.content_region.y + 2, "the terminal's cursor follows the row"


async def test_a_click_moves_and_a_second_opens(make_app: MakeApp) -> None:
    app, screen = make_app(signed_in=True), ListScreen()
    async with app.run_test() as pilot:
        await show(pilot, screen)
        await pilot.click("#rows", offset=(6, 4))
        await settle(pilot)
        assert screen.query_one(VirtualTable).cursor == 3
        assert screen.opened == []
        await pilot.click("#rows", offset=(6, 4))
        await settle(pilot)
        assert screen.opened == [3]


async def test_columns_go_by_their_priority_when_it_is_narrow(make_app: MakeApp) -> None:
    app, screen = make_app(signed_in=True), ListScreen()
    async with app.run_test(size=(40, 18)) as pilot:
        await show(pilot, screen)
        assert "When" not in seen(app).split("Name 1")[0]
        await pilot.resize_terminal(100, 30)
        await settle(pilot)
        assert "When" in seen(app)


class HostileScreen(KingshurstScreen[None]):
    """Every slot that shows stored text, filled with hostile text."""

    def body(self) -> ComposeResult:
        box = Static(plain("\n".join(HOSTILE[:6])), id="static")
        box.border_title = title(HOSTILE[3])
        box.tooltip = plain(HOSTILE[3])
        yield box
        yield VirtualTable(Column(HOSTILE[0], 12), Column(HOSTILE[3], 20, grows=True), id="rows")
        yield Timeline(id="timeline")
        yield MonthPicture(id="months")
        yield Waterfall(id="waterfall")
        yield EmptyState(HOSTILE[3], HOSTILE[0], id="empty")
        yield OptionList(*(plain(text) for text in HOSTILE), id="options")
        yield Input(HOSTILE[0], id="input")
        yield FieldsForm(
            [
                Field("a", HOSTILE[3], hint=HOSTILE[0]),
                Field("b", HOSTILE[4], Kind.CHOICE, options=(("1", HOSTILE[3]),)),
                Field("c", HOSTILE[1], Kind.TICK),
                Field("d", HOSTILE[9], Kind.WORDS),
            ],
            {"a": HOSTILE[0], "d": "\n".join(HOSTILE)},
            id="form",
        )

    def reload(self) -> None:
        self.query_one("#rows", VirtualTable).show_rows([Row(n, (text, text)) for n, text in enumerate(HOSTILE)])
        lanes = [Lane(text[:9], text, text) for text in HOSTILE[:3]]
        entries = [Entry(1, date(2026, 5, 3), {HOSTILE[0][:9]: "victim"}, HOSTILE[3])]
        self.query_one(Timeline).show_entries(lanes, entries)
        self.query_one(MonthPicture).show_counts(date(2026, 1, 1), [MonthRow(HOSTILE[0], (1, None, 0))])
        self.query_one(Waterfall).show_pieces([Piece(HOSTILE[0], 2.0)], 2.0)


SLOTS = ["static", "rows", "timeline", "months", "waterfall", "empty", "options", "input"]


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_text_is_only_text(make_app: MakeApp, size: tuple[int, int]) -> None:
    app, screen = make_app(signed_in=True), HostileScreen()
    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await show(pilot, screen)
        app.notify(HOSTILE[0], title=HOSTILE[0], markup=False)
        for slot in [*SLOTS, "form"]:
            for other in [*SLOTS, "form"]:
                screen.query_one(f"#{other}").display = other == slot
            screen.query_one(f"#{slot}").styles.height = "1fr"
            await settle(pilot)
            assert_harmless(app)
            region = screen.query_one(f"#{slot}").region
            for y in range(region.y, min(region.bottom, size[1] - 3), 2):
                for x in range(region.x, min(region.right, size[0]), 9):
                    assert "@click" not in (screen.get_style_at(x, y).meta or {})
        assert app.session is not None, f"nothing in the text could lock the program: {app.faults}"
        assert app.faults == []


async def test_the_guard_holds_where_raw_text_reaches_a_widget(make_app: MakeApp) -> None:
    class Careless(KingshurstScreen[None]):
        def body(self) -> ComposeResult:
            yield Static(Content("".join(HOSTILE[:3])))

    app = make_app(signed_in=True)
    async with app.run_test() as pilot:
        await show(pilot, Careless())
        assert_harmless(app)


class FormScreen(KingshurstScreen[None]):
    """A form with one field of each kind."""

    FIELDS = (
        Field("why", "Why", Kind.WORDS, required=True),
        Field("lead", "Lead agency", Kind.CHOICE, required=True, options=(("WMP", "Police"), ("SCH", "Housing"))),
        Field("review", "Review on", Kind.DAY, required=True),
        Field("view", "The person's own view", may_be_skipped=True),
    )

    def __init__(self) -> None:
        super().__init__()
        self.changes: list[dict[str, str]] = []

    def body(self) -> ComposeResult:
        yield FieldsForm(self.FIELDS)

    def on_fields_form_changed(self, event: FieldsForm.Changed) -> None:
        self.changes.append(event.values)


async def test_what_is_typed_right_behind_tab_goes_into_the_next_field(make_app: MakeApp) -> None:
    """All keys at once, as they come in from a quick writer at a busy machine."""
    app, screen = make_app(signed_in=True), FormScreen()
    async with app.run_test(size=(80, 40)) as pilot:
        await show(pilot, screen)
        lead = screen.query_one("#field-lead", Select)
        lead.focus()
        await pilot.press("enter", "down")
        await settle(pilot)
        for key in ("enter", "tab", *"tomorrow", "tab", *"asked"):
            app.post_message(Key(key, key if len(key) == 1 else None))
        await settle(pilot)
        assert lead.value == "WMP"
        assert screen.query_one("#field-review", Input).value == "tomorrow"
        assert screen.query_one("#field-view", Input).value == "asked"


async def test_a_choice_is_found_by_what_is_typed(make_app: MakeApp) -> None:
    app, screen = make_app(signed_in=True), FormScreen()
    async with app.run_test(size=(80, 40)) as pilot:
        await show(pilot, screen)
        lead = screen.query_one("#field-lead", Select)
        lead.focus()
        await pilot.press("enter", *"hous", "enter")
        await settle(pilot)
        assert lead.value == "SCH"


async def test_a_form_says_what_is_wrong_beside_each_field(make_app: MakeApp) -> None:
    app, screen = make_app(signed_in=True), FormScreen()
    async with app.run_test(size=(80, 40)) as pilot:
        await show(pilot, screen)
        form = screen.query_one(FieldsForm)
        assert screen.query_one("#field-lead", Select).value is Select.NULL, "nothing is chosen beforehand"
        assert not form.check()
        await settle(pilot)
        assert "4 things to put right" in seen(app)
        assert screen.focused is screen.query_one("#field-why")
        await pilot.press(*"because")
        screen.query_one("#field-lead", Select).value = "SCH"
        screen.query_one("#field-review", Input).value = "31/2/2026"
        screen.query_one("#skip-view", Checkbox).value = True
        await settle(pilot)
        assert not form.check()
        await settle(pilot)
        assert "This is no day" in seen(app)
        screen.query_one("#field-review", Input).value = "3 May 2026"
        await settle(pilot)
        assert form.check()
        expected = {"why": "because", "lead": "SCH", "review": "2026-05-03", "view": NOT_DISCUSSED}
        assert form.values() == expected
        assert screen.changes[-1] == expected


async def test_usual_reasons_take_one_key_and_others_words(make_app: MakeApp) -> None:
    app = make_app(signed_in=True)
    given: list[Reason | None] = []
    async with app.run_test() as pilot:
        await settle(pilot)
        for keys in (["s"], ["w", "enter", *"rang us", "enter"], ["escape"]):
            app.push_screen(ReasonPrompt(), given.append)
            await settle(pilot)
            await pilot.press(*keys)
            await settle(pilot)
    assert given == [Reason(ReasonCode.SAFEGUARDING), Reason(ReasonCode.OTHER, "rang us"), None]


async def test_enter_is_the_safe_answer(make_app: MakeApp) -> None:
    app = make_app(signed_in=True)
    given: list[bool | None] = []
    async with app.run_test() as pilot:
        await settle(pilot)
        for key in ("enter", "escape", "n", "y"):
            app.push_screen(Confirm("Undo the link?", "Two decisions are reopened."), given.append)
            await settle(pilot)
            await pilot.press(key)
            await settle(pilot)
    assert given == [False, False, False, True]


class FilterScreen(KingshurstScreen[None]):
    """A line that filters."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def body(self) -> ComposeResult:
        yield FilterInput("Name", id="filter")

    def on_filter_input_settled(self, event: FilterInput.Settled) -> None:
        self.heard.append(event.text)

    def on_filter_input_left(self) -> None:
        self.heard.append("→")


async def test_a_filter_settles_clears_and_leaves(make_app: MakeApp) -> None:
    app, screen = make_app(signed_in=True), FilterScreen()
    async with app.run_test() as pilot:
        await show(pilot, screen)
        screen.query_one(FilterInput).focus()
        await pilot.press("a", "1", "enter", "escape", "escape")
        await settle(pilot)
        assert screen.heard == ["a", "a1", "→", "", "→"]
        assert screen.is_current
