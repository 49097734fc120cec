"""Longitude and latitude as metres of the national grid, to within some 5 metres.

The seven-parameter (Helmert) way of Ordnance Survey, "A guide to coordinate systems in Great Britain", sections 6.6 and
annexes B and C, whose worked example and constants these are. The grid of corrections that gives centimetres (OSTN15)
is 16 MB, and the boundaries drawn here are themselves drawn to 20 metres or more.
"""

from __future__ import annotations

from math import atan2, cos, hypot, radians, sin, sqrt, tan
from typing import NamedTuple


class _Ellipsoid(NamedTuple):
    long: float
    short: float

    @property
    def squared(self) -> float:
        """Its eccentricity, squared."""
        return 1 - (self.short / self.long) ** 2


_AIRY_1830 = _Ellipsoid(6_377_563.396, 6_356_256.909)
_GRS_80 = _Ellipsoid(6_378_137.0, 6_356_752.3141)
_SHIFT = (-446.448, 125.157, -542.060)
"""Metres from WGS 84 to OSGB 36."""
_SCALE = 20.4894e-6
_TURN = tuple(radians(seconds / 3_600) for seconds in (-0.1502, -0.2470, -0.8421))
_F0 = 0.9996012717
_LATITUDE, _LONGITUDE = radians(49), radians(-2)
_EAST, _NORTH = 400_000.0, -100_000.0


def to_grid(longitude: float, latitude: float) -> tuple[float, float]:
    """Return easting and northing in metres of a point in degrees (WGS 84).

    Example:
        >>> east, north = to_grid(-1.868849, 52.406846)  # B14 4LJ, which the postcode directory has at 409019, 278768
        >>> abs(east - 409_019) < 5, abs(north - 278_768) < 5
        (True, True)
    """
    return projected(*_to_osgb36(radians(latitude), radians(longitude)))


def _to_osgb36(latitude: float, longitude: float) -> tuple[float, float]:
    across = _GRS_80.long / sqrt(1 - _GRS_80.squared * sin(latitude) ** 2)
    x = across * cos(latitude) * cos(longitude)
    y = across * cos(latitude) * sin(longitude)
    z = across * (1 - _GRS_80.squared) * sin(latitude)
    turn_x, turn_y, turn_z = _TURN
    grown = 1 + _SCALE
    east = _SHIFT[0] + grown * x - turn_z * y + turn_y * z
    north = _SHIFT[1] + turn_z * x + grown * y - turn_x * z
    up = _SHIFT[2] - turn_y * x + turn_x * y + grown * z
    flat = hypot(east, north)
    found = atan2(up, flat * (1 - _AIRY_1830.squared))
    for _ in range(5):  # each step is a thousand times nearer; three are enough for a millimetre
        along = _AIRY_1830.long / sqrt(1 - _AIRY_1830.squared * sin(found) ** 2)
        found = atan2(up + _AIRY_1830.squared * along * sin(found), flat)
    return found, atan2(north, east)


def projected(latitude: float, longitude: float) -> tuple[float, float]:
    """Return easting and northing of a point in radians on Airy's ellipsoid (OSGB 36), by the Transverse Mercator.

    Example:
        >>> from math import radians  # the worked example of the guide
        >>> east, north = projected(radians(52 + 39 / 60 + 27.2531 / 3600), radians(1 + 43 / 60 + 4.5177 / 3600))
        >>> round(east, 2), round(north, 2)
        (651409.9, 313177.27)
    """
    long, short = _AIRY_1830.long * _F0, _AIRY_1830.short * _F0
    e2 = _AIRY_1830.squared
    n = (long - short) / (long + short)
    s, c, t = sin(latitude), cos(latitude), tan(latitude)
    nu = long / sqrt(1 - e2 * s**2)
    rho = long * (1 - e2) / (1 - e2 * s**2) ** 1.5
    eta2 = nu / rho - 1
    apart, both = latitude - _LATITUDE, latitude + _LATITUDE
    meridian = short * (
        (1 + n + 1.25 * n**2 + 1.25 * n**3) * apart
        - (3 * n + 3 * n**2 + 21 / 8 * n**3) * sin(apart) * cos(both)
        + (15 / 8 * n**2 + 15 / 8 * n**3) * sin(2 * apart) * cos(2 * both)
        - 35 / 24 * n**3 * sin(3 * apart) * cos(3 * both)
    )
    east = longitude - _LONGITUDE
    northing = (
        meridian
        + _NORTH
        + nu / 2 * s * c * east**2
        + nu / 24 * s * c**3 * (5 - t**2 + 9 * eta2) * east**4
        + nu / 720 * s * c**5 * (61 - 58 * t**2 + t**4) * east**6
    )
    easting = (
        _EAST
        + nu * c * east
        + nu / 6 * c**3 * (nu / rho - t**2) * east**3
        + nu / 120 * c**5 * (5 - 18 * t**2 + t**4 + 14 * eta2 - 58 * t**2 * eta2) * east**5
    )
    return easting, northing
