"""The tables of the store, a file a subject, and what class of table each one is.

Every table says its class in ``info["class"]``; the authorizer reads it (db/authorizer.py):

* ``plain``: about no person. Read directly.
* ``personal``: about people. Read through the two view sets only (db/views.py).
* ``audit``: append only. Read by db/audit.py.

Dates are ISO text (``YYYY-MM-DD``), instants ISO text in UTC ending in ``Z``. Documents are JSON text.
"""

from db.schema import afterwards, casework, intake, linkage, oversight, panels, places, trust
from db.schema.common import metadata, table_class

__all__ = [
    "afterwards",
    "casework",
    "intake",
    "linkage",
    "metadata",
    "oversight",
    "panels",
    "places",
    "table_class",
    "trust",
]
