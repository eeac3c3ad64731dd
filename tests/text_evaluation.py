"""Measure how well comments are read: `python -m tests.text_evaluation`.

Prints, for docs/comments.md, recall and precision of the redaction per kind on made-up
comments with planted identifiers, what it finds in real comments, and precision and
recall of themes and sentiment on labeled comments. The real comments lie beside the
project; without them only the first table is printed.
"""

import csv
import time
from collections import Counter
from pathlib import Path

import duckdb

from metrics.base.settings import REFERENCE, ROOT, SQL
from metrics.base.sqlfiles import read_sql_folder
from metrics.gate import themes
from metrics.intake.text import redaction, sentiment
from tests.planted import MAKERS, PATTERNED, Planted, planted_comments

SHARED = ROOT.parent / "shared" / "data"
NHS = SHARED / "nhs_fft" / "v6framework_230831.csv"
SFO = SHARED / "sfo" / "derived_2018_verbatim_problem_comments.csv"

NHS_THEMES = {
    "waiting": ["Timeliness of care"],
    "staff": [
        "Staff manner & personal attributes",
        "Competence & training",
        "Staff responsiveness",
    ],
    "reaching": ["Contacting services"],
    "clarity": [
        "Information directly from staff during care",
        "Information provision & guidance",
        "Being kept informed, clarity & consistency of information",
        "Unspecified communication",
    ],
    "place": [
        "Environment & Facilities",
        "Cleanliness, tidiness & infection control",
        "Food & drink provision & facilities",
        "Parking",
        "Service location",
    ],
    "appointments": ["Appointment arrangements", "Appointment method"],
    "praise": ["Positive experience & gratitude"],
}
"""Themes of ours, and the labels of the health service that mean about the same."""

Score = tuple[int, int, int]
"""How many were to be found, how many were found, and how many of those rightly."""


def redaction_scores(comments: list[Planted]) -> tuple[dict[str, Score], dict[str, Score]]:
    """Return by planted kind how many pieces there are, were removed whole, and by the
    right name; and by found kind how many, how many planted ones were touched."""
    planted: dict[str, list[int]] = {kind: [0, 0, 0] for kind in MAKERS}
    found: dict[str, list[int]] = {kind: [0, 0, 0] for kind in redaction.KINDS}
    for comment in comments:
        marks = redaction.find(comment.text)
        for kind, start, end in comment.pieces:
            signs = [place for place in range(start, end) if comment.text[place].isalnum()]
            hidden = {place for mark in marks for place in range(mark.start, mark.end)}
            wanted = kind.removesuffix(" without a cue")
            planted[kind][0] += 1
            planted[kind][1] += hidden.issuperset(signs)
            planted[kind][2] += any(
                mark.kind == wanted and mark.start < end and start < mark.end for mark in marks
            )
        for mark in marks:
            found[mark.kind][0] += 1
            found[mark.kind][1] += any(
                mark.start < end and start < mark.end for _, start, end in comment.pieces
            )
    return (
        {kind: (n[0], n[1], n[2]) for kind, n in planted.items()},
        {kind: (n[0], n[1], n[2]) for kind, n in found.items()},
    )


def share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "–"


def print_redaction() -> None:
    comments = planted_comments()
    redaction.find("warm-up 1 @")
    begun = time.process_time()
    planted, found = redaction_scores(comments)
    seconds = time.process_time() - begun
    print(f"\n{redaction.method()}: {len(comments):,} made-up comments, {seconds:.1f} CPU s\n")
    print("| kind | planted | removed | recall | found | precision |\n|---|---|---|---|---|---|")
    for kind, (count, removed, _) in planted.items():
        n_found, n_right, _ = found.get(kind, (0, 0, 0))
        right = f"{n_found} | {share(n_right, n_found)}" if kind in found else "– | –"
        print(f"| {kind} | {count} | {removed} | {share(removed, count)} | {right} |")
    numbers = found["number"]
    print(f"| number | – | – | – | {numbers[0]} | {share(numbers[1], numbers[0])} |")
    total = [sum(planted[kind][part] for kind in PATTERNED) for part in (0, 1)]
    print(f"| **all with a pattern** | {total[0]} | {total[1]} | {share(total[1], total[0])} | | |")


def print_real(name: str, texts: list[str]) -> None:
    begun = time.process_time()
    found = [(text, mark) for text in texts for mark in redaction.find(text)]
    seconds = time.process_time() - begun
    kinds = ", ".join(f"{kind} {n}" for kind, n in Counter(m.kind for _, m in found).most_common())
    print(f"\n{name}: {len(texts):,} comments, {seconds:.1f} CPU s; found: {kinds or 'nothing'}")
    for text, mark in found:
        before, piece = text[max(mark.start - 25, 0) : mark.start], text[mark.start : mark.end]
        shown = f"{before}<<{piece}>>{text[mark.end : mark.end + 15]}"
        print(f"  {mark.kind}: {' '.join(shown.split())}")


def phrase_themes(texts: list[str]) -> list[set[str]]:
    """Return the themes of texts by the reviewed table, through the project's own SQL."""
    connection = duckdb.connect(":memory:")
    for table in ("theme", "theme_phrase"):
        path = REFERENCE / f"{table}.csv"
        connection.execute(f"create table {table} as from read_csv('{path}', header = true)")
    connection.execute(
        "create table comment_text (survey varchar, channel varchar, quarter varchar, "
        "response_id integer, comment varchar)"
    )
    connection.execute(
        "insert into comment_text select 's', 'c', 'q', unnest(range(len(t))), unnest(t) "
        "from (select ?::varchar[] as t)",
        [texts],
    )
    (file,) = [f for f in read_sql_folder(SQL / "aggregates") if f.name == "comment_theme"]
    found: list[set[str]] = [set() for _ in texts]
    for number, theme in connection.execute(
        f"select response_id, theme from ({file.select})"
    ).fetchall():
        found[number].add(theme)
    connection.close()
    return found


def labeled_comments() -> list[tuple[str, set[str], str]]:
    """Return the labeled comments: text, themes of ours, sentiment label."""
    with NHS.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    made = []
    for row in rows:
        if row["Labelling not possible"] == "1" or not row["FFT answer"].strip():
            continue
        own = {t for t, labels in NHS_THEMES.items() if any(row[one] == "1" for one in labels)}
        made.append((row["FFT answer"], own, row["Comment sentiment"]))
    return made


def scores(truth: list[bool], said: list[bool]) -> tuple[float, float, float]:
    right = sum(t and s for t, s in zip(truth, said, strict=True))
    precision = right / sum(said) if sum(said) else 0.0
    recall = right / sum(truth) if sum(truth) else 0.0
    both = precision + recall
    return precision, recall, 2 * precision * recall / both if both else 0.0


def suggested_themes(
    train: list[tuple[str, set[str], str]], texts: list[str]
) -> tuple[list[int], dict[int, str]]:
    """Return the suggestion that each text belongs to (-1: none), learnt from other
    texts, and the theme that most stands out among the comments of each suggestion."""
    fitted = themes.fit([text for text, _, _ in train], 11)
    assert fitted is not None
    vectoriser, model = fitted

    def assign(some: list[str]) -> list[int]:
        weights = model.transform(vectoriser.transform(some))
        best = weights.argmax(axis=1)
        strong = weights.max(axis=1) >= themes.LEAST_WEIGHT
        return [int(topic) if ok else -1 for topic, ok in zip(best, strong, strict=True)]

    assigned = assign([text for text, _, _ in train])
    names = {}
    for topic in set(assigned) - {-1}:
        own = [labels for (_, labels, _), at in zip(train, assigned, strict=True) if at == topic]
        lift = {
            theme: (sum(theme in labels for labels in own) / len(own))
            / (sum(theme in labels for _, labels, _ in train) / len(train))
            for theme in NHS_THEMES
        }
        names[topic] = max(lift, key=lambda theme: lift[theme])
    return assign(texts), names


def print_themes() -> None:
    labeled = labeled_comments()
    train, test = labeled[::2], labeled[1::2]
    texts = [text for text, _, _ in test]
    by_table = phrase_themes(texts)
    topics, names = suggested_themes(train, texts)
    majority = max(NHS_THEMES, key=lambda theme: sum(theme in own for _, own, _ in train))
    print(f"\nThemes: {len(test):,} labeled comments held out of {len(labeled):,}\n")
    heads = ["theme", "comments", "table: precision", "recall", "F1", "suggestions: precision"]
    heads += ["recall", "F1", "always the most frequent: F1"]
    print(f"| {' | '.join(heads)} |\n{'|---' * len(heads)}|")
    means = [0.0, 0.0, 0.0]
    for theme in NHS_THEMES:
        truth = [theme in own for _, own, _ in test]
        table = scores(truth, [theme in own for own in by_table])
        suggested = scores(truth, [names.get(topic) == theme for topic in topics])
        base = scores(truth, [theme == majority] * len(test))
        for number, one in enumerate((table, suggested, base)):
            means[number] += one[2] / len(NHS_THEMES)
        shown = " | ".join(f"{value:.2f}" for value in (*table, *suggested, base[2]))
        print(f"| {theme} | {sum(truth)} | {shown} |")
    print(f"| **mean** | | | | {means[0]:.2f} | | | {means[1]:.2f} | {means[2]:.2f} |")


def print_sentiment() -> None:
    """Labels 1 and 2 are read as positive, 3 as neutral, 4 and 5 as negative."""
    said = {"1": "positive", "2": "positive", "3": "neutral", "4": "negative", "5": "negative"}
    pairs = [
        (said[label], sentiment.judge(text)[0])
        for text, _, label in labeled_comments()
        if label in said
    ]
    most, count = Counter(truth for truth, _ in pairs).most_common(1)[0]
    print(f"\nSentiment, {sentiment.method()}: {len(pairs):,} labeled comments\n")
    print("| label | comments | precision | recall |\n|---|---|---|---|")
    for label in ("negative", "neutral", "positive"):
        precision, recall, _ = scores(
            [t == label for t, _ in pairs], [s == label for _, s in pairs]
        )
        print(f"| {label} | {sum(t == label for t, _ in pairs)} | {precision:.2f} | {recall:.2f} |")
    right = sum(truth == guess for truth, guess in pairs)
    print(f"\nRight: {share(right, len(pairs))}; always {most}: {share(count, len(pairs))}")


def read_column(path: Path, column: str) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row[column] for row in csv.DictReader(file) if row[column]]


if __name__ == "__main__":
    print_redaction()
    if NHS.exists() and SFO.exists():
        print_real("NHS", read_column(NHS, "FFT answer"))
        print_real("SFO", read_column(SFO, "problem_comment_verbatim"))
        print_themes()
        print_sentiment()
