"""Where the invented people live: streets, homes, postcodes and small areas that do not exist.

The postcode districts look like Birmingham's and are not in use (B39, B41, B51 to B59), so no postcode here is
anybody's. UPRNs begin with 999. Which small area each lies in: geography.py.
"""

from __future__ import annotations

from dataclasses import dataclass

HOMES_A_POSTCODE = 17
"""The briefing paper: a postcode is 15 to 20 houses."""

HOMES_A_STREET = 51
HOMES_AN_AREA = 630
"""About 1,500 residents, as a lower super output area has."""

_DISTRICTS = ("B39", "B41", "B51", "B52", "B53", "B54", "B55", "B56", "B57", "B58", "B59")
_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
_STEMS = (
    "Babington", "Chelmer", "Gilcross", "Fordbrook", "Haseley", "Larkwood", "Marston", "Nettlecombe",
    "Oakthorpe", "Pikehorne", "Quarrington", "Rushbrooke", "Silverbirch", "Thistlecroft", "Underley", "Vauxmoor",
    "Windrush", "Yarnfold", "Arncliffe", "Birchmere", "Colebrook", "Dunsfold", "Elmbridge", "Foxglove",
    "Grizedale", "Hollyhead", "Ingleborough", "Juniper", "Kestrel", "Lanchester", "Mosshall", "Norbrook",
    "Otterburn", "Primrose", "Ravensmead", "Stonebow", "Tamarisk", "Ullenhall", "Viburnum", "Wychelm",
    "Ashlea", "Bosworth", "Cropthorne", "Drayford", "Eastnor", "Fernhill", "Greenoak", "Hawksworth",
    "Ivybridge", "Kenmare", "Lapwing", "Meriwood", "Newbold", "Overbury", "Peartree", "Redmarley",
    "Sandalwood", "Tanworth", "Wadbarn", "Woodlea",
)  # fmt: skip
_KINDS = ("Road", "Drive", "Close", "Avenue", "Grove", "Crescent", "Walk", "Croft", "Way", "Lane", "Gardens")
_SHORT = {
    "Road": "Rd", "Drive": "Dr", "Close": "Cl", "Avenue": "Ave", "Grove": "Gr", "Crescent": "Cres",
    "Gardens": "Gdns", "Place": "Pl", "Lane": "Ln",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Home:
    """One dwelling."""

    uprn: str
    line: str
    postcode: str


def postcode(number: int) -> str:
    """Return the town's n-th postcode, with its space. Raises: ValueError beyond the last of 44,000."""
    district, rest = divmod(number, 4_000)
    if district >= len(_DISTRICTS):
        raise ValueError("the invented town has run out of postcodes")
    sector, unit = divmod(rest, 400)
    # Stepping by 149 keeps neighbours' postcodes unlike each other in the last letter only now and then.
    unit = unit * 149 % 400
    return f"{_DISTRICTS[district]} {(sector + 1) % 10}{_LETTERS[unit // 20]}{_LETTERS[unit % 20]}"


def home(number: int) -> Home:
    """Return the town's n-th home; one street in nine is flats."""
    street, place = divmod(number, HOMES_A_STREET)
    stem = _STEMS[street % len(_STEMS)]
    kind = _KINDS[(street // len(_STEMS) + street * 5) % len(_KINDS)]
    if street % 9 == 4:
        line = f"Flat {place % 6 + 1}, {place // 6 * 2 + 1} {stem} {kind}"
    else:
        line = f"{place + 1} {stem} {kind}"
    return Home(
        uprn=f"999{number:09d}",
        line=line,
        postcode=postcode(number // HOMES_A_POSTCODE),
    )


def shortened(line: str) -> str:
    """Return an address line as a busy hand writes it: "Rd" for "Road", "14/2" for "Flat 2, 14"."""
    for long, short in _SHORT.items():
        if line.endswith(long):
            line = line[: -len(long)] + short
    if line.startswith("Flat "):
        flat, rest = line[5:].split(", ", 1)
        number, street = rest.split(" ", 1)
        line = f"{number}/{flat} {street}"
    return line
