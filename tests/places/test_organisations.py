"""Organisations as places: lists as published, an end that is neither missing nor nought, shares, and no residents."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from kingshurst_tui.errors import InputRejected
from kingshurst_tui.leaving.suppression_terms import Terms
from kingshurst_tui.places import shown as places_shown
from kingshurst_tui.places.category_lines import Lined, lined
from kingshurst_tui.places.comparing_organisations import proportion
from kingshurst_tui.places.counts import Counts
from kingshurst_tui.places.coverage import Coverage
from kingshurst_tui.places.geography import geography
from kingshurst_tui.places.kept_cells import Kept
from kingshurst_tui.places.one_place import one_place
from kingshurst_tui.places.protecting import Side
from kingshurst_tui.places.published import Range, shown
from kingshurst_tui.places.publishing import published
from kingshurst_tui.places.reading_organisations import day_of, names_where_none
from kingshurst_tui.places.sides import period_side
from kingshurst_tui.places.vocabulary import HIDDEN, NOT_KNOWN, Level, SourceKind
from kingshurst_tui.vocabulary import Operation, Thing
from tests.intake.conftest import FILLED, REASON, Town, agreement, csv_text
from tests.places.attacking import _Solver, limits, sums_of
from tests.places.conftest import Take

REAL = Path(__file__).parents[1] / "intake" / "real"
SCHOOLS = "education/dfe_pupil_premium_2019_20_solihull_schools.csv"
EMERGENCY = "health/nhs_ae_attendances_west_midlands_trusts_2016_2019.csv"
PRACTICES = "health/nhs_gp_practices_west_midlands.csv"
SUCCESSORS = '"RR1","RRK","","20180401",""\n"5QW","15E","","20130401",""\n'
"""As NHS England publishes it: no line of names."""


@pytest.fixture
def counted(bare: Town) -> Iterator[Town]:
    """A store with neither places nor counts, and left so."""
    emptied(bare)
    yield bare
    emptied(bare)


def emptied(town: Town) -> None:
    with town.session().act(Operation.COMBINE, Thing.LINK, reason=REASON, combine=True) as act:
        for table in FILLED:
            act.connection.exec_driver_sql(f"DELETE FROM {table}")


def bring(town: Town, shared: Path, terms: str, file: str) -> int:
    standing = town.sign((REAL / f"{terms}.toml").read_text(encoding="utf-8"))
    done = town.bring(shared / "data" / file, standing.row.reference)
    assert done.rows_rejected == 0
    return done.rows_read


def said(town: Town, code: str) -> str:
    found = places_shown.shown(town.session(), code)
    assert (found.residents, found.decile, found.like) == (None, None, [])
    return "\n".join(places_shown.in_lines(found))


def test_a_trust_that_stops_and_one_that_a_list_lets_end(counted: Town, take: Take, shared: Path) -> None:
    assert bring(counted, shared, "nhs_ae_trusts", EMERGENCY) == 783
    # No list says that RR1 ended: it stops, and RRK's jump is no growth.
    assert "RR1 stops: nothing has come in from it after Jun 2018" in said(counted, "RR1")
    assert "they are not nought" in said(counted, "RR1")
    alone = said(counted, "RRK")
    assert "RR1 stops before Jul 2018" in alone
    assert "are not compared" in alone
    assert "Waits over four hours: 83,097 to 83,113 of 336,872 to 336,888, 24.5 to 24.9 in 100" in alone
    assert "no clear difference" in said(counted, "RQ3")
    ours = shown(counted.session(), ["RR1", "RRK"])[0]
    assert ours.incomplete == {}
    assert ours.cell("RR1", "2018-06") == 24_110
    assert {ours.cell("RR1", period) for period in ("2018-07", "2018-Q3", "2018", "2019-03")} == {NOT_KNOWN}
    # It had no department for one specialty: no such category, and none of its others hidden for it.
    assert {ours.cell("RR1", month, "2") for month in ours.months} == {NOT_KNOWN}
    assert min(ours.cell("RRK", month) for month in ours.months) > 8_000

    (counted.files / "succ.csv").write_text(SUCCESSORS)
    assert take(counted.files / "succ.csv").kind is SourceKind.SUCCESSIONS
    ended = said(counted, "RR1")
    assert "RR1 ended on 31 March 2018 and went into RRK; it is counted under its own code until Jun 2018." in ended
    assert "neither missing nor nought" in ended
    together = said(counted, "RRK")
    assert "the months until Jun 2018 are put together from RR1 and RRK" in together
    assert "RRK and RR1 together: 408,335 to 408,355 in 12 months from Apr 2018 to Mar 2019" in together
    assert "1.05 times, 95 % interval 1.04 to 1.06" in together


def test_pupils_are_told_as_a_share_of_those_on_the_roll(counted: Town, take: Take, shared: Path) -> None:
    assert take(shared / "data" / SCHOOLS).kind is SourceKind.ORGANISATIONS  # it names its schools
    assert bring(counted, shared, "dfe_pupil_premium", SCHOOLS) == 83
    assert "23 to 27 in the financial year 2019/20" in said(counted, "Burman Infant School")
    assert "Share of pupils on the roll: 23 to 27 of 178 to 182, 8.1 to 21.3 in 100" in said(counted, "104040")
    # Three of thirteen: neither the three nor the ten, for one would tell the other.
    ours = shown(counted.session(), ["104038"])[0]
    assert [ours.cell("104038", "2019/20", name) for name in ours.categories[:1]] == [HIDDEN]
    assert ours.cell("104038", "2019/20", "Pupils on the roll") == 15
    assert ours.cell("104038", "2019/20", "the others of: Pupils on the roll") == HIDDEN
    place = one_place(counted.session(), "104038")
    assert place.level is Level.SCHOOL
    assert (place.compared[0].borough, place.compared[0].like, place.compared[0].rate) == (None, None, None)
    assert "for every" in place.about[-1]


def test_lists_as_published_say_where_an_organisation_lies(grounded: Town, take: Take, shared: Path) -> None:
    files = grounded.files
    header = "URN,LA (code),EstablishmentName,OpenDate,CloseDate,Postcode,DistrictAdministrative (code)\n"
    schools = (
        "140001,999,Our Lady’s,01-09-2012,,B39 1AA,E08990001\n"
        "140002,999,Old School,,31-08-2019,B39 1AA,E08990001\n"
        "140003,888,Elsewhere,,,B1 1AA,E08990900\n"
    )
    (files / "edubasealldata.csv").write_bytes((header + schools).encode("windows-1252"))
    done = take(files / "edubasealldata.csv")
    assert (done.rows, done.left_out) == (2, 1)
    links = "URN,LinkURN,LinkName,LinkType,LinkEstablishedDate\n140001,140002,Old School,Predecessor,01-09-2019\n"
    (files / "links_edubasealldata.csv").write_text(links)
    take(files / "links_edubasealldata.csv")
    found = geography(grounded.session())
    assert found.organisations["140002"].became == (("140001", "2019-09-01"),)
    old = places_shown.shown(grounded.session(), "140002")
    assert "It ended on 31 August 2019 and went into Our Lady’s (140001)." in old.said
    assert [each["name"] for each in old.lies_in][-1] == "Kingshurst (invented)"
    practice = ["M85001", "A SURGERY", "Y60", "QHL", "1 High Street", "", "", "", "", "B39 1AA", "19740401", ""]
    (files / "epraccur.csv").write_text(",".join([*practice, *["A"] * 15]) + "\n")
    take(files / "epraccur.csv")
    assert geography(grounded.session()).organisations["M85001"].opened == "1974-04-01"
    done = take(shared / "data" / PRACTICES)
    assert (done.rows, done.replaced) == (602, ())  # it has no days: the other stands on
    for text, says in (
        (header + schools + schools[:52], "a second time"),
        (header + "140001,999,X,01-09-2012,01-09-2011,,E08990001\n", "closed before it opened"),
        (header + "E01990001,999,X,,,,E08990001\n", "unique reference number"),
        (header + "140001,999,X,soon,,,E08990001\n", "is no day"),
        (links + "140001,140001,,Successor,\n", "into itself"),
    ):
        (files / "wrong.csv").write_text(text, "utf-8")
        with pytest.raises(InputRejected, match=says):
            take(files / "wrong.csv")


def test_an_organisation_of_no_list_is_said_and_so_is_one_counted_before_it_opened(counted: Town, take: Take) -> None:
    (counted.files / "schools.csv").write_text("URN,EstablishmentName,OpenDate\n140001,New School,01-09-2026\n")
    take(counted.files / "schools.csv")
    columns = {"URN": "area.code", "Month": "area.month", "Kind": "area.category", "Count": "area.count"}
    counted.sign(agreement(columns, form={"shape": "areas"}, granularity="school"))
    rows = [["140001", "2026-03", "Exclusion", 12], ["140009", "2026-03", "Exclusion", 12]]
    with pytest.raises(InputRejected) as refused:
        counted.bring(csv_text(list(columns), rows))
    assert "2 kinds of fault" in refused.value.title
    assert "140009" in refused.value.problems[0]
    assert "opened on 1 September 2026, and is counted in 2026-03" in refused.value.problems[1]


def test_msoas_are_a_tree_of_their_own(grounded: Town, counted: Town, take: Take) -> None:
    known = geography(grounded.session())
    lsoas = known.codes(Level.LSOA)
    of = {code: f"E0299{at // 4:04d}" for at, code in enumerate(lsoas)}
    path = grounded.files / "msoa.csv"
    vintage = known.vintages(Level.LSOA)[0][2:]
    path.write_text(f"LSOA{vintage}CD,MSOA{vintage}CD\n" + "".join(f"{code},{of[code]}\n" for code in lsoas))
    take(path)
    columns = {"Area": "area.code", "Month": "area.month", "Kind": "area.category", "Count": "area.count"}
    months, msoas = ("2025-10", "2025-11", "2025-12"), sorted(set(of.values()))
    each = {code: sum(20 for lsoa in lsoas if of[lsoa] == code) for code in msoas}
    for reference, level, counts in (
        ("BY-LSOA", "lsoa", dict.fromkeys(lsoas, 20)),
        ("BY-MSOA", "msoa", dict.fromkeys(msoas, 35)),
        ("THE-SAME-BY-MSOA", "msoa", each),
    ):
        grounded.sign(agreement(columns, form={"shape": "areas"}, granularity=level, reference=reference))
        rows = [[code, month, "ASB", count] for code, count in counts.items() for month in months]
        grounded.bring(csv_text(list(columns), rows), reference)
    msoa, borough = of[lsoas[0]], known.boroughs[0]
    ward = known.parent(lsoas[0], Level.WARD)
    assert ward is not None
    sets = {one.agreement_ref: one for one in shown(grounded.session(), [msoa, borough, ward.code, lsoas[0]])}
    assert sets["BY-MSOA"].places.keys() == {msoa, borough}
    assert sets["BY-LSOA"].places.keys() == {lsoas[0], ward.code, borough}
    assert sets["BY-MSOA"].cell(msoa, "2025-Q4") == 105
    # The same counts by both would tell of what either hides: those that came second are the borough's alone.
    same = sets["THE-SAME-BY-MSOA"]
    assert (same.cell(msoa, "2025-Q4"), same.cell(borough, "2025-Q4")) == (HIDDEN, 20 * 3 * len(lsoas))
    assert sets["BY-LSOA"].cell(lsoas[0], "2025-Q4") == 60


@given(st.text(max_size=20), st.lists(st.text(max_size=12), max_size=30))
def test_strangers_text_in_a_list_is_read_or_refused(day: str, first: list[str]) -> None:
    with suppress(ValueError):
        assert date.fromisoformat(day_of(day) or "2000-01-01").year >= 500
    assert len(names_where_none(first)) in (0, len(first))


def test_a_share_takes_the_worst_of_rounding() -> None:
    told = proportion("late", "all", Range(48, 52), Range(98, 102))
    assert told.per_cent is not None
    low, high = told.per_cent
    assert low <= 37.0
    assert high >= 62.0
    assert proportion("late", "all", Range(0, None), Range(98, 102)).per_cent is None
    assert proportion("late", "all", Range(98, 102), Range(98, 102)).per_cent == (90.2, 100.0)


def tied(sides: tuple[Side, Side, Side], sums: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return what is nought: each further line of a side, its total less its parts."""
    shape = [len(side.names) for side in sides]
    at = np.arange(np.prod(shape)).reshape(shape)
    rows = []
    for axis, side in enumerate(sides):
        for total, parts in side.also if isinstance(side, Lined) else ():
            cells = [at.take(side.place[name], axis).ravel() for name in (total, *parts)]
            rows.append(sums[cells[0]] - sum(sums[each] for each in cells[1:]))
    return sparse.vstack(rows).tocsr()


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), mean=st.floats(3, 60), rate=st.floats(0.02, 0.98), own=st.booleans())
def test_no_hidden_number_is_told_by_the_numbers_beside_it(seed: int, mean: float, rate: float, own: bool) -> None:
    """Parts and wholes of the same rows, with every category and a quarter: what is left is known to nobody."""
    dice = np.random.default_rng(seed)
    months, codes, kinds = ("2025-01", "2025-02", "2025-03"), ("RAA", "RBB"), ("a", "b")
    cells = {(code, month, kind): int(dice.poisson(mean)) for code in codes for month in months for kind in kinds}
    if own:
        cells = {cell: count for cell, count in cells.items() if cell[0] == "RAA" or cell[2] == "a"}
    measures = {"late": "part", "kept": "part", "beds": "whole"}
    beside = {
        "late": {cell: int(dice.binomial(count, rate)) for cell, count in cells.items()},
        "kept": {cell: int(dice.binomial(count, 0.3)) for cell, count in cells.items()},
        "beds": {cell: count + int(dice.poisson(8)) for cell, count in cells.items()},
    }
    counts = Counts(Level.ORGANISATION, cells, beside=beside, measures=measures, own_categories=own)
    made = published(counts, Coverage(months, {}), Terms(10, 5), None, Kept(), b"k" * 16)
    periods = period_side(months)
    order = [made.periods.index(period) for period in periods.names]
    for code in codes:
        of = {kind for place, _, kind in cells if place == code}
        sides = (Side((code,), {}), periods, lined(of, measures))
        columns = [made.categories.index(name) for name in sides[2].names]
        cube = made.cells[code][order][:, columns][None]
        assert (cube != NOT_KNOWN).all()
        sums = sums_of(sides)
        rows, low, high = limits(cube, 10, 5)
        nought = tied(sides, sums)
        known = sparse.vstack([sums[rows], nought]).tocsr()
        zeros = np.zeros(nought.shape[0], int)
        hidden = np.nonzero(cube.ravel() == HIDDEN)[0]
        solver = _Solver(known, np.append(low, zeros), np.append(high, zeros), sums[hidden])
        assert solver.told(hidden, 5).closer_than(5) == []
