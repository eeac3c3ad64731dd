"""The planted faults of tests/mutants.py can be planted, and the tests they name exist."""

import re

import pytest

from metrics.base.settings import ROOT
from tests.mutants import MUTANTS, Mutant


@pytest.mark.parametrize("one", MUTANTS, ids=lambda one: f"{one.file}:{one.old[:20]}")
def test_a_fault_is_where_it_says_and_its_test_exists(one: Mutant) -> None:
    text = (ROOT / one.file).read_text(encoding="utf-8")
    assert text.count(one.old) == 1
    assert one.new not in ("", one.old) or one.old.strip()
    path, _, name = one.test.partition("::")
    told = (ROOT / path).read_text(encoding="utf-8")
    assert not name or re.search(rf"^def {name}\(", told, re.MULTILINE)


def test_no_fault_is_planted_twice() -> None:
    assert len({(one.file, one.old, one.new) for one in MUTANTS}) == len(MUTANTS) > 50
