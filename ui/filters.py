"""The filters that all pages share. The address of the page is where they live, so a
link shows what its sender saw."""

from collections.abc import Callable
from dataclasses import dataclass, fields

import streamlit as st

from metrics.base.errors import EditionError
from metrics.base.periods import period_label
from metrics.base.settings import MAIN_DATASET, dataset_names
from metrics.edition.edition import Edition
from ui import state
from ui.plain import as_text

ALL = "all"


@dataclass(frozen=True)
class Filters:
    """What the reader chose; codes as in published rows, 'all' for no choice."""

    data: str = MAIN_DATASET
    component: str = ALL
    service: str = ALL
    channel: str = ALL
    period: str = ALL

    @property
    def level(self) -> str:
        """Level of the published rows that component and service choose."""
        if self.service != ALL:
            return "service"
        return "department" if self.component == ALL else "component"


NAMES = tuple(field.name for field in fields(Filters))


def follow_address(page: str) -> None:
    """Keep the filters when the reader changes page: a page opened without filters in
    its address takes those of the page before."""
    kept = st.session_state.get("_kept_address", {})
    is_new_page = st.session_state.get("_page") != page
    if is_new_page and kept and not any(name in st.query_params for name in NAMES):
        for name, value in kept.items():
            st.query_params[name] = value
    st.session_state["_page"] = page


def remember_address() -> None:
    """Remember the filters in the address for the next page."""
    st.session_state["_kept_address"] = {
        name: st.query_params[name] for name in NAMES if name in st.query_params
    }


def forget_choices() -> None:
    """Begin a rerun, in which no choice was shown yet."""
    st.session_state["_choices"] = {}


def shown_choices() -> tuple[tuple[str, str], ...]:
    """Return what this rerun shows as chosen, as label and value in words, in the order of
    the page. Filters that the page does not use are left out."""
    return tuple(st.session_state["_choices"].items())


def choice(
    label: str,
    name: str,
    options: list[str],
    default: str,
    words: Callable[[str], str],
    disabled: bool = False,
    help_text: str | None = None,
) -> str:
    """Show one selection whose value lives in the address under `name`.

    A value in the address that is not among the options is said on the page and
    replaced by the default.
    """
    asked = st.query_params.get(name, default)
    value = asked if asked in options else default
    if asked != value:
        st.session_state.setdefault("_wrong_values", []).append((label, asked, words(value)))
        st.query_params.pop(name, None)
    key = f"_choice_{name}"
    st.session_state[key] = value
    if not disabled:
        st.session_state.setdefault("_choices", {})[label] = words(value)

    def write_address() -> None:
        chosen = st.session_state[key]
        if name == "component":
            st.query_params.pop("service", None)  # a service belongs to one Component
        if name != "page":
            st.query_params.pop("page", None)
        if chosen == default:
            st.query_params.pop(name, None)
        else:
            st.query_params[name] = chosen

    st.selectbox(
        as_text(label),
        options,
        format_func=words,
        key=key,
        on_change=write_address,
        disabled=disabled,
        help=help_text,
    )
    return value


def number_choice(
    label: str, name: str, default: float, low: float, high: float, step: float
) -> float:
    """Show one number whose value lives in the address under `name`.

    What stands in the address and is no number from `low` to `high` is said on the page and
    replaced by the default.
    """
    asked = st.query_params.get(name)
    try:
        value = default if asked is None else float(asked)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        value = default
        wrong = (label, asked, f"{default:g}")
        st.session_state.setdefault("_wrong_values", []).append(wrong)
        st.query_params.pop(name, None)
    key = f"_choice_{name}"
    st.session_state[key] = float(value)

    def write_address() -> None:
        st.query_params.pop("page", None)
        if st.session_state[key] == default:
            st.query_params.pop(name, None)
        else:
            st.query_params[name] = f"{st.session_state[key]:g}"

    st.number_input(
        label,
        min_value=float(low),
        max_value=float(high),
        step=float(step),
        format="%g",
        key=key,
        on_change=write_address,
    )
    return value


def text_choice(label: str, name: str, placeholder: str) -> str:
    """Show one line to type in, whose text lives in the address under `name`."""
    key = f"_choice_{name}"
    st.session_state[key] = st.query_params.get(name, "")

    def write_address() -> None:
        typed = st.session_state[key].strip()
        st.query_params.pop("page", None)
        if typed:
            st.query_params[name] = typed
        else:
            st.query_params.pop(name, None)

    typed = str(
        st.text_input(
            label, key=key, on_change=write_address, placeholder=placeholder, max_chars=200
        )
    ).strip()
    if typed:
        st.session_state.setdefault("_choices", {})[label] = typed
    return typed


def say_wrong_values() -> None:
    """Tell the reader which values of the address were not understood."""
    for label, asked, shown in st.session_state.pop("_wrong_values", []):
        st.warning(
            f"The link asks for {label.lower()} “{as_text(asked)}”, which does not "
            f"exist. Shown: {as_text(shown)}."
        )


def dataset_filter() -> str:
    """Show the choice of the data set and return it."""
    names = dataset_names() or [MAIN_DATASET]

    def title(name: str) -> str:
        try:
            return str(state.edition(name).manifest["title"])
        except EditionError:
            return f"{name} (cannot be shown)"

    return choice("Data set", "data", names, names[0], title)


def sidebar_filters(opened: Edition, dataset: str, used: set[str]) -> Filters:
    """Show the filters and return what is chosen. Those that the page does not use are
    kept but cannot be changed there."""
    components = state.table(opened, "component").sort_values("sort_order")
    services = state.table(opened, "service")
    channels = state.table(opened, "channel").sort_values("sort_order")
    published_channels = set(state.rows(opened, metric="respondents")["channel"])
    unused = "This page does not use this filter; it is kept for the other pages."

    def show(label: str, name: str, codes: list[str], words: Callable[[str], str]) -> str:
        is_used = name in used
        default = codes[0]
        return choice(label, name, codes, default, words, not is_used, None if is_used else unused)

    component = show(
        "Component",
        "component",
        [ALL, *components["component"]],
        lambda code: "All Components" if code == ALL else code,
    )
    own = services if component == ALL else services[services["component"] == component]
    service_names = dict(zip(own["service"], own["name"], strict=True))
    service = show(
        "Service",
        "service",
        [ALL, *service_names],
        lambda code: service_names.get(code, "All services"),
    )
    channel_names = {
        code: name
        for code, name in zip(channels["channel"], channels["name"], strict=True)
        if code in published_channels
    }
    channel = show(
        "Channel",
        "channel",
        [ALL, *channel_names],
        lambda code: channel_names.get(code, "All channels"),
    )
    periods = [*reversed(opened.periods("quarter")), *reversed(opened.periods("fiscal_year"))]
    period = show("Period", "period", periods, lambda code: period_label(code, long=True))
    return Filters(dataset, component, service, channel, period)
