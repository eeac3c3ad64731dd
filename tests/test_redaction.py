"""Personal data are found in the ways people write them, and nothing else is touched."""

import subprocess
import sys
from itertools import pairwise

import pytest

from metrics.base.settings import ROOT
from metrics.intake.text import redaction
from metrics.intake.text.redaction import redact
from tests.planted import MIDDLES, OPENINGS, PATTERNED, planted_comments
from tests.text_evaluation import redaction_scores

PLANTED = planted_comments()

IDENTIFIERS = {
    "ssn": ["123-45-6789", "123 45 6789", "SSN 123456789", "SSN ending in 6789"],
    "a-number": ["A123456789", "a-123-456-789", "A# 12345678", "alien number 123 456 789"],
    "receipt number": ["IOE0912345678", "wac-21-123-50123", "EAC 21 123 50123", "ABC1234567890"],
    "passport": ["passport 512345678", "Passport no.: C12345678", "X12345678"],
    "phone": ["(202) 555-0123", "2025550123", "+1 202.555.0123", "+44 20 7946 0958"],
    "e-mail": ["jane.doe@gmail.com", "JANE+TSA@MAIL.EXAMPLE.ORG", "jane dot doe at gmail dot com"],
    "address": ["4512 maple lane apt 3b", "1600 Pennsylvania Ave NW", "P.O. Box 12"],
    "card number": ["4111 1111 1111 1111", "4111111111111111", "3782-822463-10005"],
    "vehicle plate": ["license plate ABC 1234", "plate: 7xyz123", "License plate TX BCD-1234"],
    "traveler number": [
        "KTN 981234567",
        "global entry TT12345AB",
        "known traveler number 98 123 4567",
    ],
    "ip address": ["192.168.10.7", "2001:db8::1"],
    "date of birth": ["DOB: 01/02/1980", "born on March 3, 1975", "date of birth is 1980-02-01"],
    "number": ["87654321", "4111 1111 1111 1112"],
    "name": [
        "My name is Jane Doe",
        "Officer Smith",
        "Mr. Patel",
        "spoke with Xiomara",
        "Maria Lopez",
    ],
}


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in IDENTIFIERS.items() for text in texts]
)
def test_an_identifier_becomes_its_mark_wherever_it_stands(kind: str, text: str) -> None:
    for before, after in (
        ("", ""),
        ("I wrote:\n", "\nand waited."),
        ("see (", ")!"),
        ("Ok. ", ", ok"),
    ):
        found, n_redacted = redact(before + text + after)
        assert n_redacted == 1 and f"[{kind}]" in found
        assert found.startswith(before) and found.endswith(after)
        rest = found.replace(f"[{kind}]", "")
        assert not any(sign.isdigit() for sign in rest)


def test_every_kind_has_an_example_here() -> None:
    assert set(IDENTIFIERS) == set(redaction.KINDS)


@pytest.mark.parametrize(
    "text",
    [
        *(text for text in (*OPENINGS, *MIDDLES) if "Will Rogers" not in text),
        "I filed form I-765 and N-400 on 2024-10-15, receipt to follow, fee $1,225.00.",
        "Flight DL1234 from ATL to SFO, gate B12, 300-1200 people, 2 hours on the road.",
        "My name is misspelled and the officer was rude. Agents told me to call back.",
        "MY NAME WAS NOT ON THE LIST. MISS FLIGHT. look at uscis.gov or @TSA",
        "The street was closed for 3 days; 20 people in the same place, version 1.2.3",
        "[phone] and [ssn] are marks; $15000000 and 20241015 are none",
    ],
)
def test_what_is_no_personal_data_stays(text: str) -> None:
    assert redact(text) == (text, 0)


def test_redacting_twice_changes_nothing() -> None:
    n_marked = 0
    for comment in PLANTED:
        once, n_redacted = redact(comment.text)
        assert redact(once) == (once, 0)
        n_marked += n_redacted
    assert n_marked > 1500


def test_planted_identifiers_are_removed() -> None:
    planted, found = redaction_scores(PLANTED)
    for kind in PATTERNED:
        count, removed, right = planted[kind]
        assert count >= 100 and removed / count >= 0.98, kind
        assert right / count >= 0.95, kind
        assert found[kind][1] / found[kind][0] >= 0.98, kind
    assert planted["name"][1] / planted["name"][0] >= 0.95


def test_the_score_sees_an_identifier_that_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = redaction.find
    monkeypatch.setattr(
        redaction, "find", lambda text: [one for one in whole(text) if one.kind != "ssn"]
    )
    planted, _ = redaction_scores(PLANTED)
    assert planted["ssn"][1] / planted["ssn"][0] < 0.5


def test_a_text_longer_than_a_window_is_read_across_the_cuts() -> None:
    for at in range(redaction.WINDOW - 25, redaction.WINDOW + 5):
        text = "x " * (at // 2) + "call (202) 555-0123 or jane.doe@gmail.com " + "y " * 500
        found, n_redacted = redact(text)
        assert n_redacted == 2 and "555" not in found and "jane" not in found


def test_hostile_texts_take_no_longer_than_others() -> None:
    for text in ("1-" * 40_000, "a." * 40_000 + "@", "A " * 40_000, "-" * 80_000, "[phone" * 9_000):
        redact(text)


def test_no_two_pieces_overlap() -> None:
    for comment in PLANTED:
        for one, other in pairwise(redaction.find(comment.text)):
            assert one.end <= other.start


def test_the_method_names_its_version() -> None:
    assert redaction.method().startswith("patterns, regex 20")


def test_nothing_is_fetched_from_the_network() -> None:
    code = """
import socket
def refuse(*_):
    raise AssertionError("the network was asked")
socket.socket.connect = socket.getaddrinfo = refuse
from metrics.intake.text import redaction, sentiment
text, n = redaction.redact("jane.doe@gmail.com, 4111 1111 1111 1111, (202) 555-0123")
assert n == 3, text
sentiment.judge(text)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_published_table_was_measured_with_these_rules() -> None:
    assert redaction.method() in (ROOT / "docs" / "comments.md").read_text("utf-8")
