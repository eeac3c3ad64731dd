"""The inventory of reginfo.gov: what is read, what is refused, and how much memory it takes."""

import re
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from metrics.base.errors import CxError
from metrics.base.settings import ROOT
from metrics.intake.load import LoadResult, load_files
from metrics.intake.sources import LoadOptions
from tests.inventory_file import HEAD, TAIL, collection, request, write_inventory

DAY = date(2026, 10, 31)


def load(connection: duckdb.DuckDBPyConnection, path: Path, as_of: date | None = DAY) -> LoadResult:
    """Load an inventory; the parts must add up to its records."""
    (result,) = load_files(connection, "auto", [path], options=LoadOptions(as_of=as_of))
    assert result.format == "reginfo"
    assert result.n_accepted + result.n_duplicate + result.n_rejected == result.n_rows
    return result


def rejections(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, str, str]]:
    return connection.execute(
        "select line_number, column_name, reason from rejected_row order by all"
    ).fetchall()


def test_a_request_is_read_and_its_contact_person_is_not(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    parts = collection(333, 2000, ("Yes", "No", "")) + collection(20, 400, ("Yes",))
    path = write_inventory(
        tmp_path / "inventory.xml",
        request(responses=353, hours=2400, cost=12, previous=(300, 2000, 11), collections=parts),
        request("202511-1651-002", "1651-9002", responses=2936054589, hours=14377593),
    )
    result = load(warehouse, path)
    assert (result.n_rows, result.n_accepted, result.as_of) == (2, 2, DAY)
    row = warehouse.execute(
        "select snapshot_on, component, omb_control_number, responses, hours, cost_usd, "
        "previous_responses, previous_hours, previous_cost_usd, expires_on, concluded_on, "
        "n_collections, collections_responses, collections_hours, n_instruments, "
        "n_instruments_known, n_electronic, value_basis, is_partial_inventory, "
        "hours_adjustment, is_learning_cost_assessed from burden_request "
        "where icr_reference = '202401-1651-001'"
    ).fetchall()
    # 333 + 20 = 353 responses, 2000 + 400 = 2400 hours; 4 instruments, 3 say so, 2 are electronic.
    assert row == [
        (DAY, "CBP", "1651-9001", 353, 2400, 12, 300, 2000, 11, date(2027, 10, 31),
         date(2024, 5, 2), 2, 353, 2400, 4, 3, 2, "approved", False, None, None)
    ]  # fmt: skip
    large = warehouse.execute("select max(responses) from burden_request").fetchall()
    assert large == [(2936054589,)]
    everything = str(warehouse.execute("select * from burden_request").fetchall())
    for personal in ("Ada", "Lovelace", "555", "example.gov"):
        assert personal not in everything
    again = load(warehouse, path)
    assert (again.n_accepted, again.n_duplicate) == (0, 2)


def test_agencies_go_to_their_component_and_others_out_of_scope(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    warehouse.execute(
        "insert into agency_code values ('1600', '1600-9009', 'FLETC', 'FLETC', 'Test')"
    )
    codes = {
        "1601": "HQ", "1615": "USCIS", "1620": "USSS", "1625": "USCG", "1630": "HQ", "1640": "HQ",
        "1650": "HQ", "1651": "CBP", "1652": "TSA", "1653": "ICE", "1660": "FEMA", "1670": "CISA",
        "1685": "CBP", "2110": "TSA", "2115": "USCG", "0503": "FED",
    }  # fmt: skip
    requests = [request(f"202401-{code}-001", f"{code}-9001", code) for code in codes]
    requests.append(request("202401-1600-001", "1600-9009", "1600"))
    requests.append(request("202401-1699-001", "1699-9001", "1699"))
    result = load(warehouse, write_inventory(tmp_path / "i.xml", *requests))
    assert (result.n_accepted, result.n_rejected) == (len(codes) + 1, 1)
    assert "codes that begin with 16" in result.reasons[0].reason
    found = dict(warehouse.execute("select agency_code, component from burden_request").fetchall())
    assert found == codes | {"1600": "FLETC"}


BAD = [
    ({"reference": "2024-1"}, "ICRReferenceNumber", "must be a number of six, four and three "),
    ({"control": "OMB"}, "OMBControlNumber", "must be a number such as 1651-0001, or blank."),
    ({"agency": "CBP"}, "AgencyCode", "must be four digits such as 1651, or blank."),
    ({"title": ""}, "Title", "must be the title of the request."),
    ({"responses": "about 5", "collections": collection()},
     "Burden/BurdenResponse/TotalQuantity", "must be a whole number, 0 or more, or blank."),
    ({"responses": 1.5, "collections": collection()},
     "Burden/BurdenResponse/TotalQuantity", "must be a whole number, 0 or more, or blank."),
    ({"hours": "-5", "collections": collection()},
     "Burden/BurdenHour/TotalQuantity", "must be a number, 0 or more, with at most 2 decimals"),
    ({"cost": "1e9"}, "Burden/BurdenCost/TotalAmount", "must be a number, 0 or more"),
    ({"expires": "10/31/2027"}, "Expiration/ExpirationDate", "must be a date such as 2024-10-31"),
    ({"concluded": "2024-02-30-04:00"}, "OIRAConclusion/ConcludedDate/Date", "must be a date"),
    ({"collections": collection(responses="many")},
     "InformationCollections/InformationCollection/NumberResponses/AnnualQuantity", "must be a"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "element", "rule"), BAD, ids=[str(bad[0]) for bad in BAD])
def test_a_fault_of_one_request_names_line_element_and_rule(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, change: dict, element: str, rule: str
) -> None:
    good = request("202401-1651-009")
    bad = request(**change)
    result = load(warehouse, write_inventory(tmp_path / "i.xml", good, bad))
    assert (result.n_accepted, result.n_rejected) == (1, 1)
    line = (HEAD + good).count("\n") + 1
    (found,) = rejections(warehouse)
    assert found[:2] == (line, element)
    assert rule in found[2]


def test_what_is_not_there_is_null_and_not_zero(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    bare = request(
        control="", responses="", hours="", cost="", expires="", concluded="", collections=""
    )
    partly = request("202401-1651-002", collections=collection(1, "") + collection(2, 3))
    load(warehouse, write_inventory(tmp_path / "i.xml", bare, partly))
    rows = warehouse.execute(
        "select omb_control_number, responses, hours, cost_usd, expires_on, concluded_on, "
        "n_collections, collections_responses, collections_hours "
        "from burden_request order by icr_reference"
    ).fetchall()
    assert rows[0] == (None,) * 9
    assert rows[1][-3:] == (2, 3, None)


def test_a_pending_request_is_requested_not_approved(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    pending = request(concluded="", submitted="2026-10-01-04:00")
    load(warehouse, write_inventory(tmp_path / "i.xml", pending))
    assert warehouse.execute(
        "select value_basis, received_on, concluded_on from burden_request"
    ).fetchall() == [("requested", date(2026, 10, 1), None)]


def test_a_request_that_is_there_twice_is_refused_twice(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write_inventory(
        tmp_path / "i.xml", request(), request(hours=1), request("202401-1651-002")
    )
    result = load(warehouse, path)
    assert (result.n_accepted, result.n_rejected) == (1, 2)
    assert "more than once" in result.reasons[0].reason


def test_records_on_one_line_are_told_apart_by_number(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    records = [request(f"202401-1651-{n:03d}") for n in range(1, 4)] + [request("x")]
    path = tmp_path / "i.xml"
    path.write_text((HEAD + "".join(records) + TAIL).replace("\n", ""), encoding="utf-8")
    result = load(warehouse, path)
    assert (result.n_accepted, result.n_rejected) == (3, 1)
    assert rejections(warehouse)[0][0] == 4


def test_the_day_comes_from_the_option_or_the_file_name(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write_inventory(tmp_path / "Inventory-2026-09-30.xml", request())
    assert load(warehouse, path, None).as_of == date(2026, 9, 30)
    assert load(warehouse, path, DAY).n_accepted == 1
    plain = write_inventory(tmp_path / "Inventory.xml", request())
    with pytest.raises(CxError, match="say --as-of DATE"):
        load(warehouse, plain, None)


def test_a_later_load_of_the_same_day_restates(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    load(warehouse, write_inventory(tmp_path / "a.xml", request(hours=2000)))
    result = load(warehouse, write_inventory(tmp_path / "b.xml", request(hours=1999)))
    assert (result.n_accepted, result.n_restated) == (1, 1)


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "boom"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>\n'
)
HOSTILE = {
    "entity bomb": (
        HEAD.replace("\n", "\n" + BOMB, 1) + request(title="&c;") + TAIL,
        ":2: .*DOCTYPE",
    ),
    "external entity": (
        HEAD.replace("\n", '\n\n<!DocType x SYSTEM "file:///etc/passwd">\n', 1) + TAIL,
        ":3: .*DOCTYPE",
    ),
    "entity alone": (HEAD + '<!ENTITY a "b">' + TAIL, ":3: .*ENTITY"),
    "unknown entity": (HEAD + request(title="&nbsp;") + TAIL, r":\d+: the XML cannot be read"),
    "cut": ((HEAD + request() + request())[:-40], r":\d+: the XML cannot be read"),
    "cut after a request": (HEAD + request(), r":\d+: the XML cannot be read"),
    "malformed": (HEAD + request(title="a < b") + TAIL, r":\d+: the XML cannot be read"),
    "no request": (HEAD + TAIL, "there is no InformationCollectionRequest"),
    "other element": (HEAD + "<Surprise/>" + TAIL, ":3: the element 'Surprise' is not expected"),
    "other encoding": (
        (HEAD + request() + TAIL).replace("UTF-8", "UTF-7"),
        ":1: the file says it is UTF-7",
    ),
    "huge text": (HEAD + request(title="x" * 10_500_000) + TAIL, r":\d+: the XML cannot be read"),
    "too deep": (HEAD + request(more="<a>" * 400 + "</a>" * 400) + TAIL, r":\d+: the XML cannot"),
    "too many": (HEAD + request(more="<a/>" * 200_001) + TAIL, "more than 200,000 elements"),
    "empty": ("", "the file is empty"),
}


@pytest.mark.parametrize(("text", "message"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_or_broken_file_is_refused_whole(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "i.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CxError, match=re.escape(str(path)) + ".*" + message):
        load_files(warehouse, "reginfo", [path], options=LoadOptions(as_of=DAY))
    counts = "select (select count(*) from burden_request), (select count(*) from data_load)"
    assert warehouse.execute(counts).fetchall() == [(0, 0)]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ((HEAD + request()).encode() + b"\xe9" + TAIL.encode(), None),
        ((HEAD + TAIL).encode("utf-16"), 1),
        ((HEAD + request()).encode() + b"\xe2\x82", None),
    ],
    ids=["latin-1", "utf-16", "cut character"],
)
def test_a_file_that_is_no_utf8_is_refused(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, content: bytes, line: int | None
) -> None:
    path = tmp_path / "i.xml"
    path.write_bytes(content)
    line = line or content.count(b"\n") + (0 if content.endswith(b">\n") else 1)
    with pytest.raises(CxError, match=f":{line}: the file"):
        load_files(warehouse, "reginfo", [path], options=LoadOptions(as_of=DAY))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux")
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """A file 40 times as large, of 25 MB more, may take 8 MB more at its peak."""
    code = (
        "import re, sys\nfrom pathlib import Path\n"
        "from metrics.intake.sources.reginfo import _hash_safe, _requests\n"
        "path = Path(sys.argv[1])\n_hash_safe(path)\n"
        "n = sum(1 for _ in _requests(path))\n"
        "print(n, re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])\n"
    )
    peaks = []
    for count in (200, 8000):
        # About 2 kB each, with a long text that must be forgotten as well.
        record = [request(f"202401-1651-{n % 999:03d}", title="x" * 2000) for n in range(count)]
        path = write_inventory(tmp_path / f"{count}.xml", *record)
        done = subprocess.run(
            [sys.executable, "-c", code, str(path)],
            cwd=ROOT, capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip
        n_records, peak = map(int, done.stdout.split())
        assert n_records == count
        peaks.append(peak)
    assert path.stat().st_size > 25_000_000
    assert peaks[1] - peaks[0] < 8_000, peaks


def test_cents_are_exact(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    load(warehouse, write_inventory(tmp_path / "i.xml", request(cost="123456789012.67")))
    cost = warehouse.execute("select cost_usd from burden_request").fetchall()
    assert cost == [(Decimal("123456789012.67"),)]


def test_a_cost_that_no_sum_would_keep_exact_is_refused(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write_inventory(tmp_path / "i.xml", request(cost="1234567890123.67"))
    result = load(warehouse, path)
    assert (result.n_accepted, result.n_rejected) == (0, 1)
    (reason,) = result.reasons
    assert "must have at most 12 digits before the point" in reason.reason
