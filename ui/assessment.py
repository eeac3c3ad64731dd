"""The form in which a team records an assessment of CX maturity.

It writes nothing itself: it makes the same file that a team could fill in, and hands it to
the page Load data, which checks, loads and publishes it by the command line.
"""

import re
from datetime import date
from typing import Any, cast

import pandas as pd
import streamlit as st
from streamlit.navigation.page import StreamlitPage

from metrics.base.numbers import counted
from metrics.intake.answer_file import METHODS, STATUSES, answer_file
from metrics.tell.vocabulary import METHOD, PRACTICE
from ui.loading import Choice, Flow, plain
from ui.plain import as_text

_DRAFT = "_maturity_draft"
_LINK = re.compile(r"https?://[^\s@/]+\S*", re.IGNORECASE)


def _kept(name: str, default: Any) -> str:
    """Return the key of a widget whose value outlives the page: Streamlit forgets widgets
    that another page does not show, the draft does not."""
    draft = st.session_state.setdefault(_DRAFT, {})
    key = f"{_DRAFT}_{name}"
    if key not in st.session_state:
        st.session_state[key] = draft.get(name, default)
    return key


def _keep(name: str, value: Any) -> Any:
    st.session_state[_DRAFT][name] = value
    return value


def _clear() -> None:
    for key in [key for key in st.session_state if str(key).startswith(_DRAFT)]:
        del st.session_state[key]


def is_open() -> bool:
    """Ask whether to show the form; it stays open while other pages are read."""
    key, kept = "maturity_form", "_maturity_form_open"
    st.session_state.setdefault(key, st.session_state.get(kept, False))
    st.session_state[kept] = st.toggle("Fill in the form here", key=key)
    return bool(st.session_state[kept])


def blank_file(practices: pd.DataFrame, model: str, component: str) -> bytes:
    """Return a file to fill in: every practice of a model, unanswered."""
    return answer_file(practices, {"model": model, "component": component}, {}, {})


def show_form(
    practices: pd.DataFrame, model: str, components: list[str], component: str, dataset: str
) -> None:
    """Show the form for a model and take what is entered on to the page Load data.

    `practices` are the rows of the model: practice, text, function and level by name, in
    order. `component` is the Component that is chosen first.
    """
    today = date.today()
    left, right = st.columns(2)
    with left:
        about = {
            "component": _keep(
                "component",
                st.selectbox("Component assessed", components, key=_kept("component", component)),
            ),
            "unit": _keep(
                "unit",
                st.text_input(
                    "Unit (leave blank for the Component as a whole)",
                    max_chars=80,
                    key=_kept("unit", ""),
                ),
            ).strip(),
            "model": model,
        }
    with right:
        day = _keep(
            "day",
            st.date_input(
                "Day of the assessment",
                min_value=date(2000, 1, 1),
                max_value=today,
                key=_kept("day", today),
            ),
        )
        method = _keep(
            "method",
            st.radio(
                "Made as",
                METHODS,
                format_func=lambda name: METHOD[name],
                horizontal=True,
                key=_kept("method", METHODS[0]),
            ),
        )
        number = _keep(
            "participants",
            st.number_input(
                "Participants (how many, never who; may stay blank)",
                min_value=1,
                max_value=9999,
                step=1,
                key=_kept("participants", None),
            ),
        )
    about |= {
        "assessed_on": day.isoformat() if day else "",
        "method": method,
        "participants": str(number or ""),
    }
    statuses, evidence = _ask(practices, model)
    n_answered = sum(status != "unanswered" for status in statuses.values())
    st.markdown(
        f"**{n_answered} of {counted(len(practices), 'practice')} answered.** A core function with "
        "an unanswered practice has no level."
    )
    name = f"maturity_{about['component']}_{about['assessed_on']}.csv"
    data = answer_file(practices, about, statuses, evidence)
    with st.container(horizontal=True):
        is_sent = st.button("Check and load", type="primary", key="maturity_send")
        st.download_button(
            "Download the answers (CSV)",
            data,
            file_name=name,
            mime="text/csv",
            key="maturity_download",
            on_click="ignore",
        )
        st.button("Clear the draft", on_click=_clear)
    if is_sent:
        problems = _problems(about, n_answered, evidence)
        flow: Flow = st.session_state.setdefault("_load_flow", Flow())
        if flow.running is not None:
            problems.append("A load is under way. Wait until it has ended, on the page Load data.")
        for problem in problems:
            st.error(plain(problem))
        if not problems:
            flow.take(name, data, Choice("maturity", dataset=dataset))
            st.switch_page(cast(StreamlitPage, st.session_state["pages"]["load"]))


def _ask(practices: pd.DataFrame, model: str) -> tuple[dict[str, str], dict[str, str]]:
    """Ask for each practice whether it is done, and what shows it."""
    statuses: dict[str, str] = {}
    evidence: dict[str, str] = {}
    for function, group in practices.groupby("function", sort=False):
        st.subheader(as_text(function), anchor=False)
        for row in group.itertuples():
            name = f"{model}_{row.practice}"
            status = st.radio(
                as_text(f"{row.text} ({row.level})"),
                STATUSES,
                format_func=lambda code: PRACTICE[code],
                horizontal=True,
                key=_kept(name, "unanswered"),
            )
            statuses[str(row.practice)] = _keep(name, status)
            if status == "done":
                link = st.text_input(
                    as_text(f"Link to what shows it: {row.text}"),
                    placeholder="Link to what shows it, https://",
                    label_visibility="collapsed",
                    key=_kept(f"{name}_evidence", ""),
                )
                evidence[str(row.practice)] = _keep(f"{name}_evidence", link).strip()
    return statuses, evidence


def _problems(about: dict[str, str], n_answered: int, evidence: dict[str, str]) -> list[str]:
    """Say what must be fixed before the answers can be checked."""
    problems = []
    if not about["assessed_on"]:
        problems.append("Choose the day of the assessment.")
    if not n_answered:
        problems.append("Answer at least one practice.")
    if not all(sign.isalnum() or sign in " &'(),./-" for sign in about["unit"]):
        problems.append("The name of the unit may hold letters, digits, blanks and & ' ( ) , . / -")
    problems += [
        f"The link of {practice} must begin with http:// or https:// and hold no name or password."
        for practice, link in evidence.items()
        if link and not _LINK.fullmatch(link)
    ]
    return problems
