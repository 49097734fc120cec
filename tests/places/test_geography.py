"""Published files come in as they are; what they make says where places lie, what ends, and what may be compared."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import db.places
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.demo.geography import FILES
from kingshurst_tui.errors import InputRejected, NotFound, Refused
from kingshurst_tui.places import look_ups, shown
from kingshurst_tui.places.codes import check_codes
from kingshurst_tui.places.geography import Geography, Vintaged, geography
from kingshurst_tui.places.vocabulary import Fit, Level
from kingshurst_tui.vocabulary import Operation, Thing
from tests.intake.conftest import AREA_COLUMNS, REASON, Town, agreement, csv_text
from tests.places.conftest import GROUND, TABLES, Take

OLD_WARD, NEW_WARD = "E05001290", "E05016422"


@pytest.fixture
def solihull(shared: Path, take: Take, bare: Town) -> Geography:
    first = ("lookup_lsoa11_ward17", "ward_names", "lookup_lsoa21_ward22", "lookup_lsoa21_ward24")
    files = sorted(
        (shared / "data" / "geography").glob("*.csv"), key=lambda path: (not path.name.startswith(first), path)
    )
    for path in files:
        take(path)
    return geography(bare.session())


def test_solihull_as_published(solihull: Geography) -> None:
    found = solihull
    assert [len(found.codes(level)) for level in (Level.LSOA, Level.WARD, Level.POSTCODE)] == [134, 17, 6_284]
    assert len(found.located) == 6_578
    assert len(found.codes(Level.MSOA)) == 29
    assert found.parent("E01010118", Level.MSOA) == ("E02002081", Fit.EXACT)
    # A second partition: MSOAs are no part of wards, and lie in the borough.
    assert found.parent("E02002081", Level.WARD) is None
    assert found.parent("E02002081", Level.LOCAL_AUTHORITY) == ("E08000029", Fit.EXACT)
    # By point and by best fit are kept apart; they disagree for one postcode in 22.
    assert found.disagreement() == (284, 6_250)
    assert found.residents("E08000029") == (216_233, "2021", "rebuilt from LSOAs")
    assert found.residents("E01010118") == (1_214, "2021", "published")
    assert found.decile("E01010109") == 5
    tiles = found.tiles()
    assert len(tiles) == len(set(tiles.values())) == 134
    # Chelmsley Wood lies in the north, Dorridge in the south.
    rows = {ward: [tiles[each][1] for each in found.children(ward, Level.LSOA)] for ward in ("E05001287", "E05001288")}
    assert max(rows["E05001287"]) < min(rows["E05001288"])
    assert found.straddles("B37 6DE") == {"B37 6": ["E08000025"]}
    elsewhere = found.postcode("b368lr")
    assert elsewhere is not None
    assert not elsewhere.is_ours
    # The ward that disappears: nothing says yet of which LSOAs the new wards consist.
    assert (found.ends(OLD_WARD), found.begins(NEW_WARD), found.ends(NEW_WARD)) == ("2025", "2026", "")
    across = found.comparable(Vintaged(OLD_WARD, "2024"), Vintaged(NEW_WARD, "2026"))
    assert not across.yes
    assert "Kingshurst and Fordbridge (E05001290) ended in 2025" in across.how
    assert found.comparable(Vintaged(OLD_WARD, "2017"), Vintaged(OLD_WARD, "2024")).yes
    assert not found.comparable(Vintaged(OLD_WARD, "2024"), Vintaged(OLD_WARD, "2026")).yes


def test_a_look_up_to_the_new_wards_lets_figures_be_rebuilt(grounded: Town) -> None:
    found = geography(grounded.session())
    across = found.comparable(Vintaged("E05990002", "2025"), Vintaged("E05990500", "2026"))
    assert across.yes
    assert across.lsoas == ("E01990004", "E01990005", "E01990006")
    assert "rebuilt" in across.how
    unchanged = found.comparable(Vintaged("E05990001", "2025"), Vintaged("E05990001", "2026"))
    assert (unchanged.yes, unchanged.lsoas) == (True, ())
    # An LSOA that was split keeps its rank, and its old ground is the sum of its parts.
    assert found.decile("E01990002") == found.decile("E01990003") is not None
    split = found.comparable(Vintaged("E01990900", "2011"), Vintaged("E01990003", "2021"))
    assert (split.yes, split.lsoas) == (True, ("E01990002", "E01990003"))
    both = [live.number for code in ("E01990002", "E01990003") if (live := found.residents(code))]
    assert found.residents("E01990900") == (sum(both), "2021", "rebuilt from LSOAs")
    assert shown.shown(grounded.session(), "Larkwell").ends == "2025"


def test_a_newer_file_stands_in_place_of_the_older(grounded: Town, published: Path, take: Take) -> None:
    before = geography(grounded.session())
    path = published / "postcodes.csv"
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join(lines[:40]), "utf-8")
    done = take(path)
    assert len(done.replaced) == 1
    after = geography(grounded.session())
    assert (len(before.located), len(after.located)) == (77, 39)
    assert grounded.ask("SELECT count(*) FROM place_postcode") == [(39,)]
    with pytest.raises(InputRejected, match="in the store already"):
        take(path)
    look_ups.take_back(grounded.session(), done.source, reason=REASON)
    assert not geography(grounded.session()).located
    with pytest.raises(NotFound):
        look_ups.take_back(grounded.session(), done.source, reason=REASON)


def test_what_a_killed_import_left_is_swept(bare: Town, published: Path, take: Take) -> None:
    session = bare.session()
    values = {
        "kind": "postcodes",
        "title": "cut off",
        "vintage": "2026",
        "file_name": "f",
        "file_digest": "d",
        "rows": 1,
    }
    begun = session.stage(
        Operation.COLLECT,
        Thing.PLACE,
        db.places.begin,
        **values,
        imported_by="coordinator",
        imported_at="2026-05-04T11:00:00Z",
    )
    rows = [db.places.PlaceRow("lsoa", "E01990777", "", "2021")]
    session.stage(Operation.COLLECT, Thing.PLACE, db.places.stage_piece, begun, rows)
    assert not geography(session).is_known
    take(published / FILES[0])
    assert bare.ask("SELECT count(*) FROM place WHERE code = 'E01990777'") == [(0,)]


WRONG = (
    (FILES[0], [("E01990003", "E01990002")], "a second time"),
    (FILES[0], [("E05990001", "E05990500")], "another vintage"),
    (FILES[0], [("E05990001", "E01990001")], "a place of another level"),
    (FILES[0], [("E05990001", "E05997777")], "1 ward is of another borough than Kingshurst"),
    (FILES[1], [("E01990023", "E01990900")], "another vintage"),
    (FILES[1], [("E01990023", "E01990777")], "of no place of Kingshurst"),
    (FILES[3], [(",S,", ",U,")], "otherwise than its change codes say"),
    (FILES[3], [(",U,", ",Q,")], "none of U, S, M, X"),
    (FILES[4], [("B39 1WW", "B39 1AA")], "is mapped twice"),
    (FILES[4], [("E0199000", "E0100900")], "of no place of Kingshurst"),
    (FILES[4], [("E01990000,E01990000", "E01990000,E01990900")], "another vintage"),
    (FILES[4], [("B39 1AA", "NOWHERE")], "is no postcode"),
    (FILES[4], [("wd26cd", "wd24cd")], "another vintage"),
    (FILES[5], [("E01990023", "E01990777")], "of no place of Kingshurst"),
    (FILES[5], [("E01990023", "E01990022")], "a second time"),
    (FILES[5], [(".0,Kingshurst 001A", ".5,Kingshurst 001A")], "not a number of people"),
    (FILES[5], [("total", "total"), ("\r\n1", "\r\n-1")], "not a number of people"),
    (FILES[6], [(",1\r\n", ",11\r\n")], "not imd-decile"),
    (FILES[6], [(",2\r\n", ",two\r\n")], "is no number"),
    (FILES[6], [(",2\r\n", ",2,2\r\n")], "has 7 cells"),
)


def test_what_is_wrong_is_refused_whole(bare: Town, published: Path, take: Take) -> None:
    # Names of wards, the step between the censuses and one look-up come first: what is checked is checked by them.
    for name in (FILES[2], FILES[3], FILES[0]):
        take(published / name)
    before = [bare.ask(f"SELECT count(*) FROM {table}") for table in TABLES]
    for name, swap, says in WRONG:
        path = published / f"wrong_{name}"
        text = (published / name).read_bytes().decode("utf-8")
        for old, new in swap:
            assert old in text, (name, old)
            text = text.replace(old, new)
        path.write_bytes(text.encode("utf-8"))
        with pytest.raises(InputRejected) as refused:
            take(path)
        assert says in refused.value.title, (name, swap, refused.value)
        assert "Nothing was stored" in refused.value.detail
        assert refused.value.hint
    assert [bare.ask(f"SELECT count(*) FROM {table}") for table in TABLES] == before


def test_a_ward_that_the_file_gives_to_another_borough_too_is_a_stranger(published: Path, take: Take) -> None:
    path = published / FILES[0]
    lines = path.read_text("utf-8-sig").splitlines()
    other = lines[1].replace("E0199", "E0188").replace("E08990001", "E08990900")
    path.write_text("\n".join([*lines, other]) + "\n", "utf-8")
    with pytest.raises(InputRejected, match="of another borough") as refused:
        take(path, borough=("E08990001",))
    assert "the file gives it to E08990900 too" in refused.value.problems[0]


def test_a_total_that_is_not_the_sum_of_its_ages(bare: Town, published: Path, take: Take, tmp_path: Path) -> None:
    take(published / FILES[0])
    header = (
        "\ufeffLSOA code (2021),Total population: mid 2015 (excluding prisoners),"
        "Dependent Children aged 0-15: mid 2015,Population aged 16-59: mid 2015,"
        "Older population aged 60 and over: mid 2015\r\n"
    )
    path = tmp_path / "ages.csv"
    path.write_text(header + 'E01990000,"1,997",375,"1,039",584\r\n', "utf-8")
    with pytest.raises(InputRejected, match=r"1,997 is not the sum of its ages, 1,998"):
        take(path)
    path.write_text(header + 'E01990000,"1,997",375,"1,039",583\r\n', "utf-8")
    assert "23 places of the borough are not in it" in " ".join(take(path).said)
    assert geography(bare.session()).residents("E01990000") == (1_997, "mid-2015", "published")


def test_the_two_directories_of_postcodes(bare: Town, published: Path, take: Take, tmp_path: Path) -> None:
    take(published / FILES[0])
    older = tmp_path / "ONSPD_NOV_2023_UK.csv"
    older.write_text(
        "pcd,pcd2,pcds,dointr,doterm,oscty,oslaua,osward,oseast1m,osnrth1m,osgrdind,oa11,lsoa11,oa21,lsoa21\r\n"
        "B39 1AA,B39  1AA,B39 1AA,198001,,E99999999,E08990001,E05990001,52000,0031000,1,E00990001,E01990000,E00990001,"
        "E01990000\r\n"
        "B39 1AB,B39  1AB,B39 1AB,198001,200306,E99999999,E08990001,E99999999,,,9,,,,\r\n"
        "BT1 1AA,BT1  1AA,BT1 1AA,198001,,N99999999,N09000003,N08000303,146000,530000,1,,95GG01,N00000001,"
        "N20000001\r\n",
        "utf-8",
    )
    done = take(older)
    assert (done.vintage, done.rows, done.left_out) == ("2023", 2, 1)
    found = geography(bare.session())
    at, gone = found.postcode("B39 1AA"), found.postcode("B39 1AB")
    assert at is not None
    assert gone is not None
    assert (at.fit, at.ward, at.ward_vintage, at.lsoa) == (Fit.EXACT, "E05990001", "2023", "E01990000")
    assert (gone.fit, gone.lsoa, gone.ended) == (Fit.UNKNOWN, "", "2003-06")
    newer = tmp_path / "NSPL21_FEB_2025_UK.csv"
    newer.write_text(
        "pcd,pcds,doterm,oa21,laua,ward,lsoa21\r\nB391AA,B39 1AA,,E00990001,E08990001,E05990001,E01990000\r\n"
    )
    assert take(newer).replaced
    best = geography(bare.session()).postcode("B39 1AA")
    assert best is not None
    assert (best.fit, best.ward_vintage) == (Fit.BEST_FIT, "2025")


def test_two_boroughs_in_the_first_file_are_asked_about(published: Path, take: Take) -> None:
    with pytest.raises(InputRejected, match="about 2 local authorities") as asked:
        take(published / "postcodes.csv")
    assert "--borough" in asked.value.hint
    assert take(published / "postcodes.csv", borough=("E08990001",)).rows == 77


def test_who_may_not_is_refused_and_entered(bare: Town, published: Path, take: Take) -> None:
    with pytest.raises(Refused):
        take(published / FILES[0], role="practitioner")
    with pytest.raises(Refused):
        geography(bare.session("administrator"))
    assert bare.ask("SELECT count(*) FROM place_source") == [(0,)]


def test_an_extract_is_of_places_of_the_borough(grounded: Town) -> None:
    found = geography(grounded.session())
    check_codes(found, Level.LSOA, [("E01990002", "2026-01"), ("E01990000", "2026-01")])
    check_codes(found, Level.WARD, [("E05990002", "2025-12"), ("E05990500", "2026-01")])
    check_codes(found, Level.POSTCODE, [("B39 1AA", "2026-01"), ("B39 9ZZ", "2026-01")])
    for level, counted, says in (
        (Level.LSOA, [("E01010108", "2026-01")], "of no place of Kingshurst"),
        (Level.LSOA, [("E01990900", "2026-01"), ("E01990002", "2026-01")], "another vintage"),
        (Level.LSOA, [("E05990001", "2026-01")], "not of the level LSOA"),
        (Level.WARD, [("E05990002", "2026-01")], "another vintage"),
        (Level.WARD, [("E05990500", "2025-12")], "another vintage"),
        (
            Level.POSTCODE,
            [(next(each[0] for each in found.located.values() if each[4] != "E08990001"), "2026-01")],
            "no place",
        ),
    ):
        with pytest.raises(InputRejected, match=says):
            check_codes(found, level, counted)


def test_an_extract_of_another_borough_does_not_come_in(grounded: Town) -> None:
    grounded.sign(agreement(reference="WMP-AREAS", form={"shape": "areas"}))
    rows = [["E01990000", "2026-01", "ASB", 12], ["E01010108", "2026-01", "ASB", 3]]
    with pytest.raises(InputRejected, match="of no place of Kingshurst"):
        grounded.bring(csv_text(list(AREA_COLUMNS), rows), "WMP-AREAS")
    assert grounded.stored()["area_measure"] == 0
    assert grounded.bring(csv_text(list(AREA_COLUMNS), rows[:1]), "WMP-AREAS").rows_accepted == 1


def test_the_demonstration_stands_on_ground(demo_store: DemoStore) -> None:
    with demo_store.signed_in("coordinator") as session:
        found = geography(session)
        known = shown.listed(session)
    with (demo_store.folder / "partners" / "wmfs_fires_by_postcode.csv").open(encoding="utf-8-sig", newline="") as file:
        counted = {row[0] for row in list(csv.reader(file, delimiter="\t"))[1:]}
    assert all((at := found.postcode(code)) is not None and at.is_ours and at.lsoa for code in counted)
    assert len(found.codes(Level.LSOA)) == GROUND.areas
    assert all(found.residents(code) for code in (*found.codes(Level.LSOA), *found.wards))
    assert [found.name(code) for code in ("E05990002", "E05990003") if found.ends(code) == "2025"] == [
        "Gilmoor and Fordwell",
        "Larkwell",
    ]
    assert found.straddles(found.boroughs[0])
    assert known.sources
