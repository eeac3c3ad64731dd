"""Search finds word forms, ranks, marks and survives whatever is typed."""

import html

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.edition.search import END, START, CommentIndex, match_expression
from ui.comments import marked

TEXTS = [
    "I waited two hours in line.",
    "Waiting, waiting, waiting: the wait was awful.",
    "The officer was kind.",
    "<b>Wait</b> & see <script>alert(1)</script>",
    "El trámite fue rápido.",
    "The waiting room was clean but the officer was rude.",
]
INDEX = CommentIndex(TEXTS)


def positions(query: str) -> list[int]:
    return [int(number) for number in INDEX.search(query)["position"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("wait", {0, 1, 3, 5}),
        ("WAITED", {0, 1, 3, 5}),
        ("officer wait", {5}),
        ('"the officer was"', {2, 5}),
        ('"officer kind"', set()),
        ("offic*", {2, 5}),
        ("officer -rude", {2}),
        ("officer -rude -kind", set()),
        ("tramite", {4}),
        ("-rude", set()),
        ("nothing-of-the-kind", set()),
        ("", set()),
    ],
)
def test_words_phrases_beginnings_and_exclusions(query: str, expected: set[int]) -> None:
    assert set(positions(query)) == expected


def test_the_best_match_comes_first() -> None:
    assert positions("waiting")[0] == 1


def test_what_was_searched_is_marked_and_nothing_becomes_html() -> None:
    found = INDEX.search("wait").set_index("position")["highlighted"]
    assert found[0] == f"I {START}waited{END} two hours in line."
    shown = marked(found[3])
    assert shown == (
        "&lt;b&gt;<mark>Wait</mark>&lt;/b&gt; &amp; see &lt;script&gt;alert(1)&lt;/script&gt;"
    )


def test_a_comment_cannot_bring_its_own_marks() -> None:
    index = CommentIndex([f"a {START}b{END} word"])
    assert index.search("word")["highlighted"][0] == f"a b {START}word{END}"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_whatever_is_typed_is_an_answer_and_no_error(query: str) -> None:
    found = INDEX.search(query)
    assert set(found.columns) == {"position", "highlighted"}
    for number, text in zip(found["position"], found["highlighted"], strict=True):
        assert text.replace(START, "").replace(END, "") == TEXTS[number]
        assert "<script" not in marked(text)


@pytest.mark.parametrize(
    "query", ["a OR b", "NEAR(a b)", "text:wait", 'x" OR "y', "(", "*", "a^2", "wait)", "{a b}: c"]
)
def test_the_language_of_the_index_is_not_the_reader_s(query: str) -> None:
    assert match_expression(query).count("NEAR(") == 0
    INDEX.search(query)


def test_marked_escapes_what_escape_escapes() -> None:
    assert marked("a < b & c") == html.escape("a < b & c")
