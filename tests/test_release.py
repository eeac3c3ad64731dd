"""The release rule: what an edition counts changes by eleven responses at once, or not."""

import json
import random
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pytest

from metrics.base.settings import SQL
from metrics.edition.edition import Edition, open_edition
from metrics.edition.manifest import current_id, edition_ids
from metrics.gate import write as writing
from metrics.gate.changes import changed_since
from metrics.gate.publish import publish
from metrics.intake.undo import undo_load
from metrics.warehouse.release import TOGETHER, plan_release, record_release, waiting_responses
from metrics.warehouse.store import build_aggregates, open_fresh, open_warehouse, prepare
from tests.conftest import metrics_of
from tests.response_file import LIKERT, load, write_csv, write_mapping

QUARTERS = ("2024Q3", "2024Q4")
MAPPING = """
    survey: {survey}
    response_id: Id
    quarter: {quarter}
    answers: {{Trust: 1}}
    comment: Text
    exclude: {{Spam: ["y"]}}
"""
Answer = tuple[str, str]
State = dict[str, Answer]
METRICS = ("trust", "comment_rate", "sentiment_share", "respondents")


def put(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    quarter: str,
    answers: Mapping[str, Answer | None],
) -> int:
    """Load answers (trust, comment) by identifier, None for one that is withdrawn; return
    the number of the load."""
    mapping = write_mapping(folder / "mapping.yaml", MAPPING.format(survey=LIKERT, quarter=quarter))
    rows = [
        {"Id": one, "Trust": "5", "Text": "", "Spam": "y"}
        if answer is None
        else {"Id": one, "Trust": answer[0], "Text": answer[1], "Spam": ""}
        for one, answer in answers.items()
    ]
    load(connection, "csv", write_csv(folder / "rows.csv", rows), mapping=mapping)
    ((number,),) = connection.execute("select max(load_id) from data_load").fetchall()
    return int(number)


def released(connection: duckdb.DuckDBPyConnection) -> dict[str, State]:
    """What the aggregates count: trust and comment by quarter and identifier."""
    states: dict[str, State] = {quarter: {} for quarter in QUARTERS}
    for quarter, one, trust, text in connection.execute("""
        select response.quarter, response.response_id, response.trust, remark.comment
        from survey_response as response
        inner join release
            on response.survey = release.survey and response.quarter = release.quarter
        left join survey_comment as remark
            on response.load_id = remark.load_id and response.quarter = remark.quarter
                and response.response_id = remark.response_id
        where counts_at(response.load_id, response.superseded_by, release.load_id)
    """).fetchall():
        assert one not in states[quarter], "one response counts once"
        states[quarter][one] = (str(trust), text or "")
    return states


def different(one: State, other: State) -> int:
    """How many responses are new, corrected or gone."""
    return sum(one.get(name) != other.get(name) for name in one.keys() | other.keys())


class Model:
    """What loads and undos say, worked out from the list of loads alone, and what may be
    published of it."""

    def __init__(self) -> None:
        self.loads: dict[int, tuple[str, Mapping[str, Answer | None]]] = {}
        self.undone: set[int] = set()
        self.published: dict[str, list[State]] = {quarter: [] for quarter in QUARTERS}

    def current(self, quarter: str) -> State:
        """The last load that stands and speaks of a response decides. A load says nothing
        where it repeats what the warehouse held, so such a row goes with the load that
        brought it."""
        state: State = {}
        for number in sorted(self.loads.keys() - self.undone):
            of, answers = self.loads[number]
            if of == quarter:
                for name, answer in answers.items():
                    if answer is None:
                        state.pop(name, None)
                    else:
                        state[name] = answer
        return state

    def publish(self) -> dict[str, State]:
        """Publish what may be, and return what an edition then counts."""
        for quarter, states in self.published.items():
            now = self.current(quarter)
            steps = [different(before, now) for before in states]
            if (not states and now) or (
                states and all(step == 0 or step >= TOGETHER for step in steps)
            ):
                states.append(now)
        return {quarter: (states or [{}])[-1] for quarter, states in self.published.items()}


@pytest.fixture(scope="module")
def empty() -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse in memory that the random sequences share, one after the other."""
    connection = duckdb.connect(":memory:")
    prepare(connection)
    yield connection
    connection.close()


RAW = (
    *("survey_response", "survey_comment", "rejected_row", "data_load", "release", "released"),
    *("load_undo", "undone_row", "edition_made"),
)


@pytest.mark.parametrize("seed", range(6))
def test_editions_hold_what_the_rule_says(
    empty: duckdb.DuckDBPyConnection, tmp_path: Path, seed: int
) -> None:
    for table in RAW:
        empty.execute(f"delete from {table}")
    chance, model, published = random.Random(seed), Model(), []
    for step in range(12):
        what = chance.choice(["load", "load", "undo", "publish", "publish"])
        if what == "load":
            quarter = chance.choice(QUARTERS)
            held = model.current(quarter)
            answers: dict[str, Answer | None] = {}
            for number in chance.sample(range(40), chance.choice([1, 3, 9, 14, 30])):
                # Identifiers of its own, so that no response moves between quarters.
                name = f"{quarter}-{number}"
                answer = (
                    chance.choice("2345"),
                    chance.choice(["It was late.", "Nobody answered."]),
                )
                withdrawn = name in held and chance.random() < 0.2
                if withdrawn:
                    answers[name] = None
                elif held.get(name) != answer:
                    answers[name] = answer
            if not answers:
                continue
            number = put(empty, tmp_path, quarter, answers)
            assert number not in model.loads
            model.loads[number] = (quarter, answers)
        elif what == "undo" and model.loads:
            number = chance.choice(sorted(model.loads))
            if number in model.undone:
                ((by,),) = empty.execute(
                    "select load_id from load_undo where undone_id = ? and is_in_force", [number]
                ).fetchall()
                undo_load(empty, by)
                model.undone.remove(number)
            else:
                undo_load(empty, number)
                model.undone.add(number)
        else:
            plan_release(empty)
            record_release(empty, f"edition {step}")
            expected = model.publish()
            assert released(empty) == expected
            published.append(expected)
            # Planning again from what was published changes nothing.
            plan_release(empty)
            assert released(empty) == expected
    for number, before in enumerate(published):
        for after in published[number + 1 :]:
            for quarter in QUARTERS:
                if before[quarter]:
                    n_changed = different(before[quarter], after[quarter])
                    assert n_changed == 0 or n_changed >= TOGETHER
    assert model.loads


def test_ten_wait_and_eleven_enter_in_every_number(tmp_path: Path) -> None:
    home = tmp_path / "home"
    catalog = metrics_of(*METRICS)
    answers = {f"r{n}": ("4", "Nobody answered the phone.") for n in range(30)}

    def edition_with(more: Mapping[str, Answer | None]) -> Edition:
        with open_warehouse(home) as connection:
            if more:
                put(connection, tmp_path, "2024Q4", more)
            return open_edition(home, publish(connection, home, catalog=catalog))

    first = edition_with(answers)
    changes: dict[str, Answer | None] = {"r0": None, "r1": ("2", "It was late.")}
    changes |= {f"new{n}": ("2", "It was late.") for n in range(8)}
    second = edition_with(changes)
    for edition in (first, second):
        rows = edition.rows(metric="respondents", level="service", channel="all", period="2024Q4")
        assert edition.team("FEMA").table("comment")["comment"].tolist() == [
            "Nobody answered the phone."
        ] * len(answers)
        assert not rows.empty
    own = [e.team("FEMA").table("own_figure").drop(columns="level") for e in (first, second)]
    assert own[0].equals(own[1])
    with open_fresh(home) as connection:
        (waits,) = waiting_responses(connection)
    assert str(waits) == (f"10 responses to {LIKERT} in 2024Q4 wait; they enter when 11 wait")
    third = edition_with({"new8": ("2", "It was late.")})
    texts = third.team("FEMA").table("comment")["comment"]
    assert (texts == "It was late.").sum() == 10 and len(texts) == 38
    assert not third.team("FEMA").table("own_figure").equals(own[0])
    with open_fresh(home) as connection:
        assert waiting_responses(connection) == []


def test_a_look_ahead_counts_what_would_be_published_and_writes_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with open_warehouse(home) as connection:
        put(connection, tmp_path, "2024Q4", {f"r{n}": ("4", "") for n in range(20)})
        publish(connection, home, catalog=metrics_of("trust"))
        put(connection, tmp_path, "2024Q4", {f"s{n}": ("4", "") for n in range(10)})
    count = "select sum(n_responses) from response_count"
    with open_fresh(home) as connection:
        assert connection.execute(count).fetchall() == [(20,)]
    with open_warehouse(home) as connection:
        put(connection, tmp_path, "2024Q4", {"s10": ("4", "")})
    with open_fresh(home) as connection:
        assert connection.execute(count).fetchall() == [(31,)]
        assert connection.execute("select count(*) from released").fetchall() == [(1,)]


def test_a_killed_publish_leaves_what_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, catalog = tmp_path / "home", metrics_of("trust")
    with open_warehouse(home) as connection:
        put(connection, tmp_path, "2024Q4", {f"r{n}": ("4", "") for n in range(20)})
        before = publish(connection, home, catalog=catalog)
        put(connection, tmp_path, "2024Q4", {f"s{n}": ("2", "") for n in range(11)})

        def killed(home: Path, edition_id: str) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(writing, "point_to", killed)
        with pytest.raises(KeyboardInterrupt):
            publish(connection, home, catalog=catalog)
    assert current_id(home) == before
    monkeypatch.undo()
    with open_warehouse(home) as connection:
        # Taken back in part: against the edition that nobody saw, three differ.
        put(connection, tmp_path, "2024Q4", {f"s{n}": None for n in range(3)})
        after = publish(connection, home, catalog=catalog)
        (waits,) = waiting_responses(connection)
    assert current_id(home) == after and waits.n_responses == 3
    with open_warehouse(home) as connection:
        assert released(connection)["2024Q4"].keys() >= {"s0", "s1", "s2"}


def test_a_change_of_the_last_edition_may_not_give_an_earlier_one_away(
    empty: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for table in RAW:
        empty.execute(f"delete from {table}")
    put(empty, tmp_path, "2024Q4", {f"r{n}": ("4", "") for n in range(20)})
    for edition in ("one", "two"):
        plan_release(empty)
        record_release(empty, edition)
        if edition == "one":
            put(empty, tmp_path, "2024Q4", {f"r{n}": ("2", "") for n in range(12)})
    # All but one of the twelve are corrected back: two editions ago, one response differs.
    put(empty, tmp_path, "2024Q4", {f"r{n}": ("4", "") for n in range(11)})
    plan_release(empty)
    (waits,) = waiting_responses(empty)
    assert waits.n_responses == 11 and "an earlier edition" in str(waits)
    put(empty, tmp_path, "2024Q4", {"r11": ("4", "")})
    plan_release(empty)
    assert waiting_responses(empty) == []
    assert set(released(empty)["2024Q4"].values()) == {("4", "")}


def test_quarters_between_which_a_response_moved_go_together(
    empty: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for table in RAW:
        empty.execute(f"delete from {table}")
    for quarter in QUARTERS:
        put(empty, tmp_path, quarter, {f"{quarter}-{n}": ("4", "") for n in range(15)})
    plan_release(empty)
    record_release(empty, "one")
    put(empty, tmp_path, "2024Q3", {"2024Q3-0": None})
    put(empty, tmp_path, "2024Q4", {"2024Q3-0": ("4", "")})
    put(empty, tmp_path, "2024Q4", {f"late{n}": ("3", "") for n in range(12)})
    plan_release(empty)
    assert [len(state) for state in released(empty).values()] == [15, 15]
    assert [(one.quarter, one.n_responses) for one in waiting_responses(empty)] == [
        *(("2024Q3", 1), ("2024Q4", 13)),
    ]
    put(empty, tmp_path, "2024Q3", {f"late{n}": ("3", "") for n in range(10)})
    plan_release(empty)
    assert [len(state) for state in released(empty).values()] == [24, 28]


def test_every_reader_of_responses_asks_for_the_release() -> None:
    for path in sorted((SQL / "aggregates").glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        if "from survey_response" in text or "join survey_response" in text:
            assert "counts_at(" in text and "join release" in text, path.name
        assert "superseded_by is null" not in text, path.name


def test_the_public_file_says_nothing_of_loads_of_responses(tmp_path: Path) -> None:
    home, catalog = tmp_path / "home", metrics_of("trust")
    with open_warehouse(home) as connection:
        put(connection, tmp_path, "2024Q4", {f"r{n}": ("4", "") for n in range(20)})
        put(connection, tmp_path, "2024Q4", {"r0": ("2", ""), "r1": ("9", "")})
        edition = open_edition(home, publish(connection, home, catalog=catalog))
    (row,) = edition.table("data_load").astype(object).to_dict("records")
    told = {name for name, value in row.items() if value == value and value is not None}
    assert told == {"format", "fills", "survey"}
    assert edition.table("rejected_row").empty
    assert edition.table("lineage")["load_id"].isna().all()
    folder = home / "editions" / edition.id
    hashes = "select sha256, file_name from data_load"
    with open_warehouse(home) as connection:
        secrets = {text for row in connection.execute(hashes).fetchall() for text in row}
    for name in ("public.duckdb", "manifest.json"):
        content = (folder / name).read_bytes()
        assert not [text for text in secrets if text.encode() in content], name
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["inputs"] == [] and manifest["surveys"] == [{"format": "csv", "survey": LIKERT}]


def test_what_was_loaded_since_is_still_known(tmp_path: Path) -> None:
    home, catalog = tmp_path / "home", metrics_of("trust")
    with open_warehouse(home) as connection:
        put(connection, tmp_path, "2024Q4", {f"r{n}": ("4", "") for n in range(20)})
        edition = open_edition(home, publish(connection, home, catalog=catalog))
    assert changed_since(home, edition.manifest, catalog) == {}
    copy = shutil.copytree(home, tmp_path / "copy")
    with open_warehouse(copy) as connection:
        put(connection, tmp_path, "2024Q4", {"s1": ("4", "")})
    assert changed_since(copy, edition.manifest, catalog) == catalog
    assert edition_ids(copy) == [edition.id]


def test_nothing_late_is_planned_without_reading_responses_twice(
    empty: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for table in RAW:
        empty.execute(f"delete from {table}")
    put(empty, tmp_path, "2024Q4", {f"r{n}": ("4", "") for n in range(20)})
    build_aggregates(empty)
    record_release(empty, "one")
    plan_release(empty)
    assert empty.execute("select load_id, n_waiting from release").fetchall() == [(1, 0)]
