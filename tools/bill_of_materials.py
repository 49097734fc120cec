"""Write the software bill of materials: what the lock file installs, and what lies inside the database driver.

usage: python tools/bill_of_materials.py FILE

CycloneDX 1.6 in JSON. The same lock file, version and driver give the same bytes: it has no time, and its serial number
is made from what it lists.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from dataclasses import dataclass
from importlib.metadata import version as installed
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from db.versions import Carried, inside_the_driver, numbers  # noqa: E402 - run as a file, the checkout is not yet on the path
from kingshurst_tui.version import VERSION  # noqa: E402 - the same

DRIVER = "sqlcipher3"
PRODUCT = "kingshurst"

_PIN = re.compile(r"(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>[^\s;]+)(?: ; (?P<marker>.+?))?(?= +--hash|$)", re.M)


@dataclass(frozen=True)
class Pinned:
    """One line of the lock file: a package, the files of it that are accepted, and who asked for it."""

    name: str
    version: str
    marker: str
    sha256: tuple[str, ...]
    wanted_by: tuple[str, ...]


def pinned(lock: str) -> list[Pinned]:
    """Return what a lock file installs, in its order.

    Raises: ValueError where a pin carries no hash.
    """
    found = []
    for entry in re.split(r"\n(?=[a-z0-9])", lock.replace("\\\n", "").strip()):
        start = _PIN.match(entry)
        if start is None:
            raise ValueError(f"no pinned package: {entry[:80]!r}")
        hashes = tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", entry))
        if not hashes:
            raise ValueError(f"{start['name']} is pinned without a hash")
        comments = " ".join(line.strip(" #") for line in entry.splitlines()[1:])
        wanted_by = tuple(name for name in comments.removeprefix("via").split() if not name.startswith(("(", "-")))
        found.append(Pinned(start["name"], start["version"], (start["marker"] or "").strip(), hashes, wanted_by))
    return found


def linked_in(said: Carried) -> list[Component]:
    """Return the three libraries as components, under the names by which advisories call them.

    Raises: ValueError where the driver does not say all three.
    """
    made = []
    for name, maker, release, address in (
        ("SQLCipher", "zetetic", numbers(said.sqlcipher), PackageURL("github", "sqlcipher", "sqlcipher")),
        ("SQLite", "sqlite", numbers(said.sqlite), PackageURL("generic", None, "sqlite")),
        ("OpenSSL", "openssl", numbers(said.provider, "OpenSSL"), PackageURL("generic", None, "openssl")),
    ):
        if release is None:
            raise ValueError(f"the driver does not say which {name} it carries")
        tag = f"v{release}" if address.type == "github" else str(release)
        made.append(
            Component(
                name=name,
                version=str(release),
                type=ComponentType.LIBRARY,
                bom_ref=f"{DRIVER}/{name.lower()}",
                purl=PackageURL(address.type, address.namespace, address.name, tag),
                cpe=f"cpe:2.3:a:{maker}:{name.lower()}:{release}:*:*:*:*:*:*:*",
                description=f"linked into {DRIVER}",
            )
        )
    return made


def bill(lock: str, version: str, said: Carried) -> str:
    """Return the bill as JSON.

    Args:
        lock: the text of requirements.lock.
        version: the product's own.
        said: what the driver carries.

    Raises: ValueError where the lock file or the driver does not say enough.
    """
    packages = pinned(lock)
    product = Component(
        name=PRODUCT,
        version=version,
        type=ComponentType.APPLICATION,
        bom_ref=PRODUCT,
        licenses=[DisjunctiveLicense(id="MIT")],
    )
    # One name may be pinned twice, each for some versions of Python.
    parts = [(package, _component(package)) for package in packages]
    libraries = linked_in(said)
    for package, part in parts:
        if package.name == DRIVER:
            part.components.update(libraries)
    what = hashlib.sha256("\n".join((version, *said, lock)).encode()).hexdigest()
    bom = Bom(
        serial_number=uuid5(NAMESPACE_URL, f"{PRODUCT}/{what}"),
        metadata=BomMetaData(component=product),
        components=[part for _, part in parts],
    )
    bom.register_dependency(product, [part for package, part in parts if PRODUCT in package.wanted_by])
    for wanting, whole in parts:
        needs = [part for package, part in parts if wanting.name in package.wanted_by]
        bom.register_dependency(whole, [*needs, *(libraries if wanting.name == DRIVER else ())])
    document = json.loads(JsonV1Dot6(bom).output_as_string())
    # The library cannot leave the time out, and two runs would differ by it.
    del document["metadata"]["timestamp"]
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def _component(package: Pinned) -> Component:
    address = PackageURL("pypi", None, package.name, package.version)
    return Component(
        name=package.name,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"{package.name}@{package.version}",
        purl=address,
        external_references=[
            ExternalReference(
                type=ExternalReferenceType.DISTRIBUTION,
                url=XsUri(str(address)),
                comment="the files of this release that the lock file accepts",
                hashes=[HashType(alg=HashAlgorithm.SHA_256, content=value) for value in package.sha256],
            )
        ],
        properties=[Property(name="kingshurst:marker", value=package.marker)] if package.marker else [],
    )


def main(arguments: list[str]) -> int:
    """Write the bill to the file that is named."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    (locked,) = (package.version for package in pinned(lock) if package.name == DRIVER)
    if installed(DRIVER) != locked:
        print(f"{DRIVER} {installed(DRIVER)} is installed, {locked} is locked: make demo or make test", file=sys.stderr)
        return 1
    target = Path(arguments[0])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(bill(lock, VERSION, inside_the_driver()), encoding="utf-8")
    print(f"{target}: {len(pinned(lock))} packages, and three libraries inside {DRIVER}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
