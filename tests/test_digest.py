"""What changed between two editions, for each audience."""

import email
import re
import shutil
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import duckdb
import pytest

from metrics.base.numbers import value_text
from metrics.base.periods import period_label
from metrics.cli.main import main
from metrics.deliver.digest import audiences, write_digests
from metrics.edition.edition import Edition, open_edition
from tests.sealed import reseal

QUARTER = "2023Q1"
MINE = "level = 'component' and channel = 'all' and breakdown is null and period = ?"


@pytest.fixture(scope="module")
def two(federal: Edition, tmp_path_factory: pytest.TempPathFactory) -> tuple[Edition, Edition]:
    """The federal edition, and a later one in which TSA's ease is another number, USCIS's
    satisfaction is suppressed, a change of TSA is called up that was not, and CBP's last report
    is complete."""
    home = tmp_path_factory.mktemp("digest")
    later = "20991231T000000000000Z-00000000"
    for name in (federal.id, later):
        folder = home / "editions" / name
        shutil.copytree(federal.home / "editions" / federal.id, folder)
    connection = duckdb.connect(folder / "public.duckdb")
    connection.execute(
        "update published set value = 0.1234, low = 0.1, high = 0.2 "
        f"where metric = 'ease' and component = 'TSA' and {MINE}",
        [QUARTER],
    )
    connection.execute(
        "update published set value = null, low = null, high = null, n = null, numerator = null, "
        "denominator = null, status = 'suppressed' "
        f"where metric = 'satisfaction' and component = 'USCIS' and {MINE}",
        [QUARTER],
    )
    connection.execute(
        "update published set change_call = 'up', change = 0.0789, like_change = 0.0789 "
        "where metric = 'trust' and component = 'TSA' and level = 'service' "
        "and channel = 'email' and period = ?",
        [QUARTER],
    )
    connection.execute(
        "update reporting_board set reporting_status = 'complete' "
        "where component = 'CBP' and quarter = ?",
        [QUARTER],
    )
    connection.close()
    later = reseal(home, later, published_at="2099-12-31T00:00:00+00:00")
    return open_edition(home, federal.id), open_edition(home, later)


@pytest.fixture(scope="module")
def written(
    two: tuple[Edition, Edition], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Path]]:
    """The files of every audience, by suffix."""
    before, after = two
    folder = tmp_path_factory.mktemp("out")
    files = write_digests(before, after, audiences(after), folder)
    return {reader: {path.suffix: path for path in paths} for reader, paths in files.items()}


def text(written: dict[str, dict[str, Path]], reader: str) -> str:
    return " ".join(written[reader][".txt"].read_text("utf-8").split())


def test_who_has_no_change_gets_no_file(written: dict[str, dict[str, Path]]) -> None:
    with_files = {reader for reader, files in written.items() if files}
    assert with_files == {"all", "TSA", "USCIS", "CBP"}
    assert set(written) > with_files
    assert all(set(written[reader]) == {".eml", ".html", ".txt"} for reader in with_files)


def test_each_audience_reads_its_own_change(
    two: tuple[Edition, Edition], written: dict[str, dict[str, Path]]
) -> None:
    before, _ = two
    row = before.query(
        f"from published where metric = 'ease' and component = 'TSA' and {MINE}", [QUARTER]
    )
    was = value_text(row["value"].iloc[0], "share")
    title = before.metrics.loc["ease", "title"]
    said = (
        f"{title}: Period {period_label(QUARTER)}; Before {was}; Now 12.3%; Because of Other data"
    )
    assert said in text(written, "TSA")
    assert "12.3%" not in text(written, "USCIS")
    up = r"Trust, TSA, [^:]*\(e-mail\), FY2023 Q1: ▲ up 7\.9 points, for the better"
    assert re.search(up, text(written, "TSA")) and re.search(up, text(written, "all"))
    for reader in ("all", "CBP"):
        assert re.search(
            r"CBP, [^:]*, FY2023 Q1: complete, before not reported", text(written, reader)
        )


def test_what_is_suppressed_now_is_not_told_from_before(
    two: tuple[Edition, Edition], written: dict[str, dict[str, Path]]
) -> None:
    before, _ = two
    row = before.query(
        f"from published where metric = 'satisfaction' and component = 'USCIS' and {MINE}",
        [QUARTER],
    ).iloc[0]
    was = value_text(row["value"], "share")
    for path in written["USCIS"].values():
        content = path.read_text("utf-8")
        assert "Suppressed" in content or path.suffix == ".eml"
        assert was not in content and str(row["value"])[:6] not in content
    assert "Before –; Now Suppressed; Because of Suppression began or ended" in text(
        written, "USCIS"
    )


def test_the_mail_is_a_draft_with_text_and_html(
    two: tuple[Edition, Edition], written: dict[str, dict[str, Path]]
) -> None:
    raw = written["TSA"][".eml"].read_bytes()
    message = email.message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    assert message.get_content_type() == "multipart/alternative"
    plain, html = message.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    lines = written["TSA"][".txt"].read_text("utf-8").splitlines()
    assert plain.get_content().splitlines() == lines
    assert (
        html.get_content().splitlines() == written["TSA"][".html"].read_text("utf-8").splitlines()
    )
    assert message["X-Unsent"] == "1"
    assert not any(message[name] for name in ("To", "Cc", "Bcc", "From"))
    assert message["Date"].datetime.isoformat() == two[1].manifest["published_at"]
    assert message["Subject"].startswith("Customer experience of TSA: what changed since")
    assert b"\r\n" in raw and b"\n" not in raw.replace(b"\r\n", b"")


def test_the_command_writes_the_same_files_again_and_names_who_has_none(
    two: tuple[Edition, Edition],
    written: dict[str, dict[str, Path]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before, after = two
    monkeypatch.setenv("CX_HOME", str(after.home))
    command = ["digest", "--since", before.id, "--out", str(tmp_path)]
    assert main(command) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "ICE: nothing changed, no file is written." in lines
    named = {Path(line) for line in lines if "nothing changed" not in line}
    assert named == set(tmp_path.iterdir()) and len(named) == 12
    for files in written.values():
        for path in files.values():
            assert (tmp_path / path.name).read_bytes() == path.read_bytes()
    assert main([*command, "--component", "XYZ"]) == 2
    assert "there are: all, " in capsys.readouterr().err
    assert main(["digest", "--since", "nope"]) == 2
    told = f"there is no edition 'nope'; there are: {before.id}, {after.id}"
    assert told in capsys.readouterr().err
