"""Planted faults: `make mutants` puts each into a copy of the project, one at a time, and runs
the test that must catch it. None may survive.

    python -m tests.mutants [text]   only those whose file, fault or test contains the text
"""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Mutant:
    """A text of a file, what it is replaced by, and the test that fails then."""

    file: str
    old: str
    new: str
    test: str


MUTANTS = (
    Mutant(
        "sql/macros/favorable.sql",
        "between 4 and 5",
        "between 3 and 5",
        "tests/test_template.py::test_what_is_favorable_is_one_macro",
    ),
    Mutant(
        "sql/macros/favorable.sql",
        "answer = 1",
        "answer = 0",
        "tests/test_docs.py::test_every_macro_has_an_example_that_gives_what_the_page_prints",
    ),
    Mutant(
        "sql/macros/favorable_of.sql",
        "then n_4 else 0",
        "then 0 else 0",
        "tests/test_docs.py::test_every_macro_has_an_example_that_gives_what_the_page_prints",
    ),
    Mutant(
        "sql/macros/favorable_from.sql",
        "then 4",
        "then 5",
        "tests/test_docs.py::test_every_macro_has_an_example_that_gives_what_the_page_prints",
    ),
    Mutant(
        "sql/macros/wilson_low.sql",
        "z * z / (2e0 * n)",
        "z / (2e0 * n)",
        "tests/test_statistics.py::test_wilson_bounds_equal_the_library",
    ),
    Mutant(
        "sql/macros/wilson_low.sql",
        "1.959963984540054e0",
        "1.644853626951473e0",
        "tests/test_statistics.py::test_wilson_bounds_equal_the_library",
    ),
    Mutant(
        "sql/macros/wilson_high.sql",
        "(4e0 * n)",
        "(2e0 * n)",
        "tests/test_statistics.py::test_wilson_bounds_equal_the_library",
    ),
    Mutant(
        "sql/macros/wilson_low.sql",
        "or n <= 0",
        "or n < 0",
        "tests/test_statistics.py::test_wilson_of_nothing_is_null",
    ),
    Mutant(
        "sql/macros/two_proportion_z.sql",
        "(1e0 / n1 + 1e0 / n2)",
        "(1e0 / n1)",
        "tests/test_statistics.py::test_two_proportion_z_equals_the_library",
    ),
    Mutant(
        "sql/macros/two_proportion_z.sql",
        "k2::double / n2 - k1::double / n1",
        "k1::double / n1 - k2::double / n2",
        "tests/test_statistics.py::test_two_proportion_z_equals_the_library",
    ),
    Mutant(
        "sql/macros/rounded_mean.sql",
        "(200 * abs(total::hugeint) + n::hugeint)",
        "(200 * abs(total::hugeint))",
        "tests/test_statistics.py::test_means_are_rounded_half_up",
    ),
    Mutant(
        "sql/macros/rounded_mean.sql",
        "+ 1000000 * n::hugeint",
        "+ 900000 * n::hugeint",
        "tests/test_statistics.py::test_means_of_negative_and_fractional_totals_are_rounded_away_from_zero",
    ),
    Mutant(
        "sql/macros/fiscal_quarter.sql",
        "month(d) >= 10",
        "month(d) >= 9",
        "tests/test_statistics.py::test_fiscal_quarters_of_ten_years",
    ),
    Mutant(
        "sql/macros/quarter_start.sql",
        "left(q, 4)::int - 1",
        "left(q, 4)::int",
        "tests/test_statistics.py::test_fiscal_quarters_of_ten_years",
    ),
    Mutant(
        "sql/macros/quarter_end.sql",
        "- to_days(1)",
        "- to_days(0)",
        "tests/test_docs.py::test_every_macro_has_an_example_that_gives_what_the_page_prints",
    ),
    Mutant(
        "sql/macros/quarter_add.sql",
        "3 * k",
        "4 * k",
        "tests/test_docs.py::test_every_macro_has_an_example_that_gives_what_the_page_prints",
    ),
    Mutant(
        "sql/macros/period_before.sql",
        "then 12 else 1",
        "then 11 else 1",
        "tests/test_docs.py::test_every_macro_has_an_example_that_gives_what_the_page_prints",
    ),
    Mutant(
        "sql/macros/period_number.sql",
        "4 * left(p, 4)::int",
        "3 * left(p, 4)::int",
        "tests/test_statistics.py::test_periods_are_numbered_one_by_one",
    ),
    Mutant(
        "sql/macros/periods_back.sql",
        "then 12",
        "then 1",
        "tests/test_docs.py::test_every_macro_has_an_example_that_gives_what_the_page_prints",
    ),
    Mutant(
        "sql/macros/report_due_on.sql",
        "to_days(30)",
        "to_days(31)",
        "tests/test_docs.py::test_every_macro_has_an_example_that_gives_what_the_page_prints",
    ),
    Mutant(
        "sql/macros/people_needed.sql",
        ", 11)",
        ", 10)",
        "tests/test_docs.py::test_every_macro_has_an_example_that_gives_what_the_page_prints",
    ),
    Mutant(
        "sql/macros/counts_at.sql",
        "superseded_by > through",
        "superseded_by >= through",
        "tests/test_release.py::test_editions_hold_what_the_rule_says",
    ),
    Mutant(
        "sql/macros/coarse_count.sql",
        "+ 0.5e0",
        "+ 0.4e0",
        "tests/test_docs.py::test_every_macro_has_an_example_that_gives_what_the_page_prints",
    ),
    Mutant(
        "sql/macros/coarse_value.sql",
        "when kind = 'mean' and n < 1000",
        "when kind = 'mean' and n < 100",
        "tests/test_audit.py::test_public_figures_are_rounded",
    ),
    Mutant(
        "sql/macros/poisson_low.sql",
        "k + 1.9207294103470267e0 - sqrt",
        "k - sqrt",
        "tests/test_gate_kinds.py::test_bounds_and_test_of_rates_equal_the_library",
    ),
    Mutant(
        "sql/macros/two_rate_z.sql",
        "(1e0 / t1 + 1e0 / t2)",
        "(1e0 / t1)",
        "tests/test_gate_kinds.py::test_bounds_and_test_of_rates_equal_the_library",
    ),
    Mutant(
        "sql/publish/quantile.sql",
        "metric.quantile * counted.n_all",
        "metric.quantile * counted.n",
        "tests/test_gate_kinds.py::test_a_quantile_is_that_of_all_customers",
    ),
    Mutant(
        "sql/publish/quantile.sql",
        "* (found.aim - (found.up_to - found.n)) / found.n",
        "* (found.aim - found.up_to) / found.n",
        "tests/test_gate_kinds.py::test_a_quantile_is_that_of_all_customers",
    ),
    Mutant(
        "sql/publish/comparison_call.sql",
        "comparison.p_adjusted < setting.false_discovery_rate",
        "comparison.p_adjusted < 1",
        "tests/test_gate_kinds.py::test_a_change_of_a_rate_needs_both_the_test_and_the_effect",
    ),
    Mutant(
        "sql/publish/comparison_call.sql",
        "when comparison.exact_like > 0 then 'up' else 'down'",
        "when comparison.exact_like < 0 then 'up' else 'down'",
        "tests/test_gate_kinds.py::test_a_rate_of_events_rises_where_the_test_and_the_effect_say_so",
    ),
    Mutant(
        "sql/publish/variation.sql",
        "setting.minimum_effect_rate * compared.value_before",
        "0",
        "tests/test_gate_kinds.py::test_a_change_of_a_rate_needs_both_the_test_and_the_effect",
    ),
    Mutant(
        "sql/publish/like_for_like.sql",
        "sum(weight * (value_now - value_before)) as change",
        "sum(share_now * value_now - share_before * value_before) as change",
        "tests/test_gate.py::test_a_shift_of_the_mix_is_not_news",
    ),
    Mutant(
        "sql/publish/variation.sql",
        "greatest(0, beside_sampling)",
        "greatest(0, 0)",
        "tests/test_false_alarms.py::test_what_a_series_varies_by_is_no_news",
    ),
    Mutant(
        "sql/publish/comparison_call.sql",
        "and comparison.n_events < setting.minimum_events\n                then 'cannot tell'",
        "and false\n                then 'cannot tell'",
        "tests/test_gate_kinds.py::test_a_change_of_a_rate_needs_both_the_test_and_the_effect",
    ),
    Mutant(
        "metrics/gate/steps.py",
        'frame["purpose"] = frame["metric"].where(~frame["is_headline"], "headline")',
        'frame["purpose"] = "headline"',
        "tests/test_verdicts.py::test_every_verdict_is_found_again_from_what_is_printed",
    ),
    Mutant(
        "sql/publish/coverage.sql",
        "and grid.service in ('all', owed.service)",
        "",
        "tests/test_gate.py::test_a_service_lacks_nothing_that_another_one_owes",
    ),
    Mutant(
        "sql/publish/withheld.sql",
        "where definition_at.is_mixed",
        "where false",
        "tests/test_definitions.py::test_a_year_that_mixes_definitions_has_no_number",
    ),
    Mutant(
        "sql/publish/withheld.sql",
        "where grid.breakdown is null",
        "where false",
        "tests/test_burden.py::test_a_partial_inventory_has_no_total_anywhere",
    ),
    Mutant(
        "sql/publish/shown.sql",
        "when is_private then coarse_count(n) else n end",
        "when is_private then n else n end",
        "tests/test_disclosure.py::test_two_answers_hide_themselves_and_one_more",
    ),
    Mutant(
        "sql/publish/shown.sql",
        "when is_private or kind = 'quantile' then null",
        "when kind = 'quantile' then null",
        "tests/test_omb.py::test_responses_and_counts_of_the_same_answers_publish_the_same",
    ),
    Mutant(
        "metrics/gate/steps.py",
        "2 * stats.t.sf",
        "stats.t.sf",
        "tests/test_verdicts.py::test_every_verdict_is_found_again_from_what_is_printed",
    ),
    Mutant(
        "metrics/gate/steps.py",
        '* of_family.transform("size") / (of_family.cumcount() + 1)',
        "* 1",
        "tests/test_verdicts.py::test_every_verdict_is_found_again_from_what_is_printed",
    ),
    Mutant(
        "metrics/define/plausible.py",
        "MINIMUM_PEOPLE = 11",
        "MINIMUM_PEOPLE = 0",
        "tests/test_mistakes.py",
    ),
    Mutant(
        "metrics/gate/audit.py",
        "np.minimum.reduceat",
        "np.maximum.reduceat",
        "tests/test_audit.py",
    ),
    Mutant(
        "metrics/gate/audit.py",
        "        up[is_bound] = down[is_bound] = 0\n",
        "        pass\n",
        "tests/test_audit.py::test_a_leaf_that_an_equation_holds_does_not_move_alone",
    ),
    Mutant(
        "metrics/gate/changes.py",
        '    if problems:\n        raise CxError("\\n".join(problems) + "\\nNothing was published',
        '    if False:\n        raise CxError("\\n".join(problems) + "\\nNothing was published',
        "tests/test_template.py::test_a_renamed_metric_keeps_its_history",
    ),
    Mutant(
        "metrics/define/template.py",
        "if not _PLAIN.fullmatch(one.values[column])",
        "if False",
        "tests/test_template.py::test_a_file_that_cannot_be_written_out_says_where",
    ),
    Mutant(
        "metrics/define/fixtures.py",
        "words |= {one: two, two: one}",
        "words |= {one: two}",
        "tests/test_template.py::test_a_member_is_proven_on_the_fixture_of_another",
    ),
    Mutant(
        "metrics/define/catalog.py",
        "if metric.version == before and is_changed:",
        "if False:",
        "tests/test_template.py::test_a_renamed_metric_keeps_its_history",
    ),
    Mutant(
        "sql/aggregates/survey_answers.sql",
        "effect = 'quarantined' and applies_to in ('answers', 'all')",
        "effect = 'quarantined' and applies_to in ('all')",
        "tests/test_load.py::test_quarantined_answers_are_in_no_aggregate",
    ),
    Mutant(
        "sql/aggregates/current_report.sql",
        "            order by load_id desc\n        ) as recency\n    from survey_report\n",
        "            order by load_id\n        ) as recency\n    from survey_report\n",
        "tests/test_load.py::test_a_restated_report_replaces_the_earlier_one",
    ),
    Mutant(
        "metrics/intake/sources/texts.py",
        'return re.sub(r"^(-?[0-9]+)\\.0+$", r"\\1", text.strip(" \\t\\r\\n").lower())',
        'return text.strip(" \\t\\r\\n").lower()',
        "tests/test_responses.py::test_a_number_from_a_spreadsheet_is_the_whole_number",
    ),
    Mutant(
        "metrics/base/periods.py",
        'return f"FY{int(period[2:]) - 1}"',
        'return f"FY{int(period[2:])}"',
        "tests/test_words.py::test_an_earlier_period",
    ),
    Mutant(
        "metrics/base/periods.py",
        'return f"{int(period[:4]) - 1}{period[4:]}"\n    return',
        'return f"{int(period[:4]) - 2}{period[4:]}"\n    return',
        "tests/test_words.py::test_an_earlier_period",
    ),
    Mutant(
        "metrics/tell/sentences.py",
        "judged = [abs(judged_change(row, year)) for",
        "judged = [judged_change(row, year) for",
        "tests/test_words.py::test_what_moved_is_told_the_largest_first",
    ),
    Mutant(
        "metrics/tell/sentences.py",
        'moved = rows[calls.isin(["up", "down"])]',
        'moved = rows[calls.isin(["up"])]',
        "tests/test_words.py::test_what_moved_is_told_the_largest_first",
    ),
    Mutant(
        "metrics/edition/diff.py",
        'frame.loc[is_redefined, "because"] = "definition"',
        "",
        "tests/test_edition.py::test_diff_says_what_changed_and_why",
    ),
    Mutant(
        "metrics/edition/diff.py",
        'side["metric"] = side["metric"].map(lambda name: now.get(name, name))',
        "pass",
        "tests/test_template.py::test_a_renamed_metric_keeps_its_history",
    ),
    Mutant(
        "metrics/desk/trace.py",
        'if row["format"] != SHIPPED_FORMAT or own not in names:',
        "if True:",
        "tests/test_explain.py::test_the_lines_that_are_named_hold_the_number",
    ),
    Mutant(
        "metrics/desk/explain.py",
        'is_public = cells["told"] and not cells["is_rounded"]',
        "is_public = True",
        "tests/test_explain.py::test_rows_of_single_people_are_never_shown",
    ),
    Mutant(
        "sql/publish/control_limit.sql",
        "2.66e0",
        "2.6e0",
        "tests/test_over_time.py::test_a_case_worked_by_hand",
    ),
    Mutant(
        "sql/publish/control_limit.sql",
        "else greatest(center - reach, 0)",
        "else center - reach",
        "tests/test_over_time.py::test_any_series_gives_what_plain_python_gives",
    ),
    Mutant(
        "sql/publish/control_limit.sql",
        "= 8 as is_run_above",
        "= 7 as is_run_above",
        "tests/test_over_time.py::test_each_signal_marks_its_values_alone",
    ),
    Mutant(
        "sql/publish/control_limit.sql",
        ">= 3 as is_third_below",
        ">= 4 as is_third_below",
        "tests/test_over_time.py::test_each_signal_marks_its_values_alone",
    ),
    Mutant(
        "metrics/intake/text/redaction.py",
        "OVERLAP = 400",
        "OVERLAP = 0",
        "tests/test_redaction.py::test_a_text_longer_than_a_window_is_read_across_the_cuts",
    ),
    Mutant(
        "metrics/edition/manifest.py",
        'or _sha256(path) != about["sha256"]',
        "",
        "tests/test_verify.py",
    ),
)


def run(folder: Path, tests: list[str]) -> subprocess.CompletedProcess[str]:
    """Run tests in a copy of the project."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests],
        cwd=folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def main(wanted: str) -> int:
    """Plant the faults and say of each whether its test caught it; 1 where one survived."""
    chosen = [one for one in MUTANTS if wanted in " ".join((one.file, one.old, one.test))]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "project"
        listed = subprocess.run(
            ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.splitlines()
        for name in listed:
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)
        data = ROOT.parent / "shared"
        if data.exists():  # the real files that some tests read
            (folder.parent / "shared").symlink_to(data)
        tests = list(dict.fromkeys(one.test for one in chosen))
        print(f"{len(tests)} tests without a fault ...", flush=True)
        sound = run(folder, tests)
        if sound.returncode:
            print(f"they fail as it is:\n{sound.stdout}")
            return 1
        survived = 0
        for one in chosen:
            path = folder / one.file
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace(one.old, one.new), encoding="utf-8")
            is_caught = run(folder, [one.test]).returncode == 1
            path.write_text(text, encoding="utf-8")
            survived += not is_caught
            fault = " ".join(one.old.split())
            state = "caught" if is_caught else "SURVIVED"
            print(f"{state}: {one.file}: {fault[:60]} ({one.test})", flush=True)
    print(f"{len(chosen)} faults, {survived} survived")
    return min(survived, 1)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
