"""``kingshurst places``: published look-ups and figures of places, and what agencies meet there."""

from __future__ import annotations

import argparse
import importlib
from dataclasses import asdict
from pathlib import Path

from kingshurst_tui.commands.common import Answer, Subparsers, number, reason_from, session_from, store_parser
from kingshurst_tui.places.vocabulary import SourceKind
from kingshurst_tui.vocabulary import ReasonCode

MORE = ("publishing", "standing_out", "expecting", "overlap", "report")
"""Modules ``commands/places_*.py``, in the order that help shows them; each adds its verbs with ``add_verbs``."""


def add_parser(commands: Subparsers) -> None:
    """Add the command and its verbs."""
    places = commands.add_parser("places", help="what each agency meets at a place, small counts hidden")
    verbs: Subparsers = places.add_subparsers(metavar="VERB", required=True)
    take = store_parser(verbs, "import", help="take in a look-up or figures as published (ONS, Indices of Deprivation)")
    take.add_argument("file", metavar="FILE", type=Path, help="a CSV or GeoJSON file as published")
    take.add_argument("--kind", choices=[each.value for each in SourceKind], help="found from its columns if not given")
    take.add_argument("--vintage", default="", metavar="YEAR", help="of its codes; found from its columns if not given")
    take.add_argument("--year", default="", metavar="YEAR", help="of its figures: 2021, mid-2022; found if not given")
    take.add_argument("--borough", action="append", default=[], metavar="CODE", help="a local authority; repeatable")
    take.set_defaults(run=_import)
    back = store_parser(verbs, "take-back", help="let a file that came in stand no more")
    back.add_argument("source", metavar="SOURCE", type=number, help="its number, as places list shows it")
    back.set_defaults(run=_take_back)
    listed = store_parser(verbs, "list", help="what was imported, and the wards as they begin and end")
    listed.set_defaults(run=_list)
    show = store_parser(verbs, "show", help="where a place lies, who lives there, which places are like it")
    show.add_argument("place", metavar="PLACE", help="a code (E01010169), a ward's name, or a postcode")
    show.set_defaults(run=_show)
    for name in MORE:
        try:
            module = importlib.import_module(f"kingshurst_tui.commands.places_{name}")
        except ModuleNotFoundError as missing:
            if missing.name != f"kingshurst_tui.commands.places_{name}":
                raise
            continue
        module.add_verbs(verbs)


def _import(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.places import look_ups

    with session_from(args) as session:
        done = look_ups.import_file(
            session,
            args.file,
            kind=SourceKind(args.kind) if args.kind else None,
            vintage=args.vintage,
            year=args.year,
            borough=tuple(args.borough),
            reason=reason_from(args, ReasonCode.INTAKE),
        )
    return Answer({"source": asdict(done)}, [f"{done.title}: {done.rows:,} rows.", *done.said])


def _take_back(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.places import look_ups

    with session_from(args) as session:
        title = look_ups.take_back(session, args.source, reason=reason_from(args, ReasonCode.INTAKE))
    said = "What it stood in place of, if anything, has to be taken in again."
    return Answer({"taken_back": args.source, "title": title}, [f"Taken back: {title}.", said])


def _list(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.places import shown

    with session_from(args) as session:
        found = shown.listed(session)
    return Answer(asdict(found), shown.list_in_lines(found))


def _show(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.places import shown

    with session_from(args) as session:
        found = shown.shown(session, args.place)
    return Answer({"place": asdict(found)}, shown.in_lines(found))
