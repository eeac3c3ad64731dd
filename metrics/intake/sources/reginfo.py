"""The inventory of information collections as XML from reginfo.gov, read record by record.

Memory does not grow with the file. Nothing outside the file is ever fetched: a file
with a document type or entities is refused before it is parsed.
"""

import codecs
import hashlib
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
from lxml import etree

from metrics.base.errors import CxError
from metrics.intake.sources.base import STAGING, LoadOptions, Staged, existing
from metrics.intake.sources.burden_requests import COLUMNS, stage_requests

LIST, RECORD = "InformationCollectionRequestList", "InformationCollectionRequest"

ELEMENTS = {
    "icr_reference": "ICRReferenceNumber",
    "omb_control_number": "OMBControlNumber",
    "agency_code": "AgencyCode",
    "title": "Title",
    "request_type": "ICRTypeCode",
    "status": "ICRStatus",
    "concluded_on": "OIRAConclusion/ConcludedDate/Date",
    "received_on": "SubmissionDate/Date",
    "expires_on": "Expiration/ExpirationDate",
    "responses": "Burden/BurdenResponse/TotalQuantity",
    "previous_responses": "Burden/BurdenResponse/PreviousTotalQuantity",
    "hours": "Burden/BurdenHour/TotalQuantity",
    "previous_hours": "Burden/BurdenHour/PreviousTotalQuantity",
    "cost_usd": "Burden/BurdenCost/TotalAmount",
    "previous_cost_usd": "Burden/BurdenCost/PreviousTotalAmount",
}
"""Columns and the elements of a request that they come from. Nothing else is kept of a
request but what is counted of its collections: contact persons are never read."""

COUNTED = {
    "collections_responses": "InformationCollections/InformationCollection/NumberResponses/"
    "AnnualQuantity",
    "collections_hours": "InformationCollections/InformationCollection/BurdenHour/TotalQuantity",
}
COLLECTION = "InformationCollections/InformationCollection"
INSTRUMENT = "Instruments/Instrument"

BATCH = 2_000
"""Records handed to the database at a time."""

MOST_ELEMENTS = 200_000
"""Elements that one request may have; more are no inventory but an attack."""

_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2}|T.*)?", re.DOTALL)
_FORBIDDEN = (b"<!doctype", b"<!entity")


class Reginfo:
    """Source `reginfo`."""

    name = "reginfo"
    title = "Inventory of information collections from reginfo.gov (XML)"
    fills = "burden"

    def recognizes(self, location: str) -> bool:
        """Say whether the file starts like an inventory."""
        path = Path(location)
        if not path.is_file():
            return False
        with path.open("rb") as file:
            start = file.read(4096)
        return start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and LIST.encode() in start

    def stage(
        self, connection: duckdb.DuckDBPyConnection, location: str, options: LoadOptions
    ) -> Staged:
        """Stage the requests of all agencies; see `Source.stage`.

        The inventory does not say its own date: `options.as_of` does, or the file name.
        """
        connection.execute(STAGING)
        path = existing(location)
        snapshot_on = options.as_of or _date_in_name(path)
        if snapshot_on is None:
            raise CxError(
                f"{location}: the inventory does not say which day it is of; say --as-of DATE, or "
                "name the file like CurrentInventoryReport-2026-10-31.xml"
            )
        sha256 = _hash_safe(path)
        columns = ", ".join(f"{name} varchar" for name in COLUMNS)
        connection.execute(
            "create or replace temp table stage_burden_text "
            f"(record_number bigint, line_number bigint, {columns})"
        )
        n_rows, last, is_shared = 0, 0, False
        batch: list[dict[str, str | int | None]] = []
        for line, texts in _requests(path):
            n_rows += 1
            is_shared |= line <= last
            last = line
            batch.append({"record_number": n_rows, "line_number": line, **texts})
            if len(batch) == BATCH:
                _keep(connection, batch)
        _keep(connection, batch)
        if n_rows == 0:
            raise CxError(f"{path}:1: there is no {RECORD} in the file; fetch it again")
        if is_shared:
            connection.execute("update stage_burden_text set line_number = record_number")
        connection.execute(
            "update stage_burden_text set snapshot_on = ?, is_partial_inventory = 'false'",
            [str(snapshot_on)],
        )
        stage_requests(connection, ELEMENTS | COUNTED)
        return Staged(n_rows, snapshot_on, path.name, sha256)


def _date_in_name(path: Path) -> date | None:
    """Return the date that the name of a file ends with, if it has one."""
    found = re.search(r"(\d{4}-\d{2}-\d{2})$", path.stem)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def _keep(connection: duckdb.DuckDBPyConnection, batch: list[dict[str, str | int | None]]) -> None:
    """Move a batch of records into stage_burden_text."""
    if not batch:
        return
    frame = pd.DataFrame(batch)
    connection.register("stage_batch", frame)
    connection.execute("insert into stage_burden_text by name select * from stage_batch")
    connection.unregister("stage_batch")
    batch.clear()


def _hash_safe(path: Path) -> str:
    """Hash a file and prove that it is UTF-8 text without document type and entities, in
    one pass of constant memory. Raises CxError with the line."""
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
    n_lines, tail, size = 0, b"", 0
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
                if size == 0:
                    _require_utf8(path, block)
                size += len(block)
                carried = len(decoder.getstate()[0])
                bad = block.find(b"\0")
                try:
                    decoder.decode(block)
                except UnicodeDecodeError as error:
                    start = max(error.start - carried, 0)
                    bad = start if bad < 0 else min(bad, start)
                if bad >= 0:
                    raise CxError(
                        f"{path}:{n_lines + block[:bad].count(10) + 1}: the file is not UTF-8 "
                        "text; fetch it again"
                    )
                seen = (tail + block).lower()
                for sign in _FORBIDDEN:
                    at = seen.find(sign)
                    if at >= 0:
                        line = n_lines - tail.count(10) + seen[:at].count(10) + 1
                        raise CxError(
                            f"{path}:{line}: the file has {sign.decode().upper()}, which an "
                            "inventory does not need and an attack uses; fetch it again from "
                            "reginfo.gov"
                        )
                n_lines += block.count(10)
                tail = block[-16:]
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise CxError(
            f"{path}:{n_lines + 1}: the file ends inside a character, so it was cut; fetch it again"
        ) from error
    except OSError as error:
        raise CxError(
            f"{path}: cannot be read ({error.strerror}); check the name and the rights"
        ) from error
    if size == 0:
        raise CxError(f"{path}: the file is empty; fetch it again")
    return digest.hexdigest()


def _require_utf8(path: Path, block: bytes) -> None:
    """Refuse a file that says it is in another encoding than UTF-8: what looks harmless in
    one may be an entity in another."""
    found = re.match(rb"\s*(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)", block)
    if found and found[1].lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii"):
        raise CxError(
            f"{path}:1: the file says it is {found[1].decode(errors='replace')}, not UTF-8; "
            "save it as UTF-8"
        )


def _requests(path: Path) -> Iterator[tuple[int, dict[str, str | None]]]:
    """Yield line and texts of each request; each is forgotten before the next is read.

    Raises CxError with the line where the file is cut or malformed.
    """
    try:
        with path.open("rb") as file:
            context = etree.iterparse(
                file,
                events=("start", "end"),
                encoding="utf-8",
                resolve_entities=False,
                no_network=True,
                load_dtd=False,
                dtd_validation=False,
                huge_tree=False,
                remove_comments=True,
                remove_pis=True,
            )
            depth, n_elements, root = 0, 0, None
            for event, element in context:
                if event == "start":
                    depth += 1
                    n_elements += 1
                    if depth == 1:
                        root = element
                        _require_name(path, element, LIST)
                    elif depth == 2:
                        n_elements = 1
                        _require_name(path, element, RECORD)
                    elif n_elements > MOST_ELEMENTS:
                        raise CxError(
                            f"{path}:{element.sourceline}: a request has more than "
                            f"{MOST_ELEMENTS:,} elements; fetch the file again"
                        )
                    continue
                depth -= 1
                if depth == 1 and root is not None:
                    yield element.sourceline, _texts(element)
                    root.clear(keep_tail=False)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise CxError(
            f"{path}:{line}: the XML cannot be read ({str(error.msg).rstrip('.')}); the file may "
            "be cut, fetch it again"
        ) from error


def _require_name(path: Path, element: etree._Element, name: str) -> None:
    found = etree.QName(element).localname
    if found != name:
        raise CxError(
            f"{path}:{element.sourceline}: the element {found!r} is not expected here, but "
            f"{name}; is this an inventory of reginfo.gov?"
        )


def _find(element: etree._Element, path: str) -> Iterator[etree._Element]:
    """Yield the elements under a path of names, whatever their namespace."""
    name, _, rest = path.partition("/")
    for child in element.iterchildren(f"{{*}}{name}"):
        if rest:
            yield from _find(child, rest)
        else:
            yield child


def _text(element: etree._Element, path: str) -> str | None:
    """Return the text of the first element under a path, blanks folded, or None."""
    for found in _find(element, path):
        return " ".join((found.text or "").split()) or None
    return None


def _texts(record: etree._Element) -> dict[str, str | None]:
    """Return the texts of the columns of one request."""
    texts: dict[str, str | None] = dict.fromkeys(COLUMNS)
    texts |= {name: _text(record, path) for name, path in ELEMENTS.items()}
    for name in ("concluded_on", "received_on", "expires_on"):
        texts[name] = _day(texts[name])
    is_pending = texts["received_on"] is not None and texts["concluded_on"] is None
    texts["value_basis"] = "requested" if is_pending else "approved"
    collections = list(_find(record, COLLECTION))
    if collections:
        instruments = [found for one in collections for found in _find(one, INSTRUMENT)]
        known = [
            answer
            for found in instruments
            if (answer := (_text(found, "AvailableElectronically") or "").lower()) in _ANSWERS
        ]
        texts |= {
            "n_collections": str(len(collections)),
            "n_instruments": str(len(instruments)),
            "n_instruments_known": str(len(known)),
            "n_electronic": str(sum(_ANSWERS[answer] for answer in known)),
        }
        for name, path in COUNTED.items():
            texts[name] = _sum([_text(one, path[len(COLLECTION) + 1 :]) for one in collections])
    reference = texts["icr_reference"]
    if reference is not None and re.fullmatch(r"[0-9]{6}-[0-9]{4}-[0-9]{3}", reference):
        texts["source_address"] = (
            f"https://www.reginfo.gov/public/do/PRAViewICR?ref_nbr={reference}"
        )
    return texts


_ANSWERS = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}


def _day(text: str | None) -> str | None:
    """Return a date without its offset from UTC; anything else as it stands."""
    found = _DAY.fullmatch(text or "")
    return found[1] if found else text


def _sum(texts: list[str | None]) -> str | None:
    """Return the sum of numbers as text: None where one is missing, and the first text
    that is no number as it stands, so that the row is rejected for it."""
    total = Decimal(0)
    for text in texts:
        if text is None:
            return None
        if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,6})?", text):
            return text
        total += Decimal(text)
    return f"{total:f}"
