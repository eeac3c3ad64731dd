"""What customers write: themes and sentiment for everyone, the comments for their team.

Pages call `show_themes` and `show_comments` with what `ui.view.current` returns.
"""

import html
from typing import Any

import pandas as pd
import streamlit as st

from metrics.base.numbers import counted, value_text, worded
from metrics.base.periods import period_label
from metrics.edition.edition import Edition
from metrics.edition.search import END, START
from metrics.tell import sentences
from metrics.tell.tables import numbers_table
from ui import state, view
from ui.access import may_see_team
from ui.figure import draw, show_figure
from ui.filters import ALL, Filters, choice, text_choice
from ui.plain import as_text, table_as_text

PAGE_SIZE = 25
SENTIMENTS = {"negative": "Negative", "neutral": "Neutral", "positive": "Positive"}
NO_THEME, PRAISE = "unclassified", "praise"
STYLE = """
<style>
.comments { list-style: none; margin: 0; padding: 0; }
.comments li { border-left: 4px solid var(--cx-muted); margin: 0 0 1rem 0; padding: 0.1rem 0.9rem; }
.comments p { margin: 0 0 0.2rem 0; white-space: pre-line; color: var(--cx-ink); }
.comments p { overflow-wrap: anywhere; }
.comments .about { color: var(--cx-muted); font-size: 0.9rem; }
.comments mark { background: #ffe396; color: #1b1b1b; font-weight: 700; }
</style>
"""


def theme_names(edition: Edition) -> dict[str, str]:
    """Return the themes in words, in their order."""
    table = state.table(edition, "theme").sort_values("sort_order")
    return dict(zip(table["theme"], table["name"], strict=True))


def family_name(edition: Edition, basis: str) -> str:
    """Return the family of surveys that comments come from, in words."""
    names = state.table(edition, "instrument").set_index("family")["family_name"]
    return str(names[names.index == basis.split("/")[0]].iloc[0])


def _scope(chosen: Filters) -> dict[str, Any]:
    return {
        "level": chosen.level,
        "component": chosen.component,
        "service": chosen.service,
        "channel": chosen.channel,
    }


def show_themes(edition: Edition, chosen: Filters) -> None:
    """Show what comments are about and how they sound, as published."""
    when = period_label(chosen.period)
    if "theme" not in edition.table_names:
        st.info("This edition was published before comments were read for themes.")
        return
    names = theme_names(edition)
    now = {**_scope(chosen), "period": chosen.period}
    shares = state.rows(edition, metric="theme_share", **now)
    if shares.empty:
        st.markdown(f"There are no comments for this choice in {when}.")
        return
    if shares["value"].isna().all():
        st.markdown(f"**No figure in {when}.** {as_text(worded(shares['reason'].iloc[0]))}")
        return
    negative = state.rows(edition, metric="theme_negative_share", **(now | {"channel": ALL}))
    bases = list(shares.loc[shares["value"].notna(), "basis"].unique())
    for basis in bases:
        if len(bases) > 1:
            st.subheader(as_text(family_name(edition, str(basis))), anchor=False)
        _show_shares(edition, chosen, shares[shares["basis"] == basis], names, when)
        _show_complaints(edition, chosen, negative[negative["basis"] == basis], names, when)
        _show_sentiment(edition, chosen, str(basis))
    _show_method(edition)


def _labeled(rows: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Return the rows of single themes, the largest first, the rest last."""
    rows = rows[rows["breakdown"].notna()]
    rows = rows.assign(label=rows["breakdown"].map(names), is_rest=rows["breakdown"] == NO_THEME)
    return rows.sort_values(["is_rest", "value"], ascending=[True, False], na_position="last")


def _show_shares(
    edition: Edition, chosen: Filters, rows: pd.DataFrame, names: dict[str, str], when: str
) -> None:
    parts = _labeled(rows, names)
    least = int(edition.metrics.loc["theme_share", "minimum_n"])
    # Rounded figures have no numerator; what share and comments make of it is near enough.
    told = (parts["value"] * parts["n"]).astype(float)
    mentions = parts["numerator"].astype(float).fillna(told)
    parts = parts[mentions.ge(least) | parts["value"].isna()]
    figures = parts[parts["value"].notna()]
    if figures.empty:
        return
    first = figures.iloc[0]
    basis = family_name(edition, str(first["basis"]))
    answer = f"{first['label']} comes up most often: {value_text(first['value'], 'share')}"
    found = rows[rows["breakdown"].isna() & rows["value"].notna()]
    read = f"{sentences.people_text(first)} comments in {when} (surveys: {basis})."
    for row in found.itertuples():
        read += f" In {value_text(row.value, 'share')} of them a theme was found."
    show_figure(
        draw("dots", edition.id, figures, kind="share", title=answer),
        f"themes_{basis}",
        answer,
        f"What do customers write about? {read} A comment may be on several themes, so the "
        f"shares add up to more than 100%. Themes of fewer than about {least} comments are not "
        "listed. With 95% intervals.",
        numbers_table(parts, "share", {"label": "Theme"}),
        f"themes_{view.place(_scope(chosen))}_{chosen.period}_{edition.id}",
    )


def _show_complaints(
    edition: Edition, chosen: Filters, rows: pd.DataFrame, names: dict[str, str], when: str
) -> None:
    parts = _labeled(rows, names)
    parts = parts[~parts["breakdown"].isin([NO_THEME, PRAISE])]
    figures = parts[parts["value"].notna()]
    if len(figures) < 2:
        st.markdown(
            "What customers complain about is not shown: too few comments speak of single themes "
            f"in {when}. Choose a longer period or a wider level."
        )
        return
    first = figures.iloc[0]
    answer = (
        f"Comments on {first['label'].lower()} sound negative most often: "
        f"{value_text(first['value'], 'share')}"
    )
    basis = family_name(edition, str(first["basis"]))
    show_figure(
        draw("dots", edition.id, figures, kind="share", title=answer),
        f"complaints_{basis}",
        answer,
        f"What do customers complain about? Of the comments on each theme in {when}, in all "
        "channels, the share whose words sound negative, with 95% intervals. A program judges the "
        "words; it misses irony. Themes of few comments are suppressed; the table names them.",
        numbers_table(parts, "share", {"label": "Theme"}),
        f"complaints_{view.place(_scope(chosen) | {'channel': ALL})}_{chosen.period}_{edition.id}",
    )


def _show_sentiment(edition: Edition, chosen: Filters, basis: str) -> None:
    history = state.rows(
        edition,
        metric="sentiment_share",
        period_kind="quarter",
        basis=basis,
        breakdown=list(SENTIMENTS),
        **_scope(chosen),
    )
    history = history[history["value"].notna()]
    if history.empty:
        return
    history = history.assign(series=history["breakdown"].map(SENTIMENTS))
    last = history["period"].max()
    latest = history[history["period"] == last].set_index("breakdown")["value"]
    answer = (
        f"{value_text(latest.get('positive'), 'share')} of comments sound positive and "
        f"{value_text(latest.get('negative'), 'share')} negative in "
        f"{period_label(last)}"
    )
    show_figure(
        draw(
            "trend",
            edition.id,
            history,
            periods=edition.periods("quarter"),
            kind="share",
            title=answer,
            marks=state.marks(edition, "sentiment_share", _scope(chosen)).without_levels,
        ),
        f"sentiment_{basis}",
        answer,
        f"How do comments sound? Surveys: {family_name(edition, basis)}. A line breaks where two "
        "quarters cannot be compared.",
        numbers_table(history, "share", {"period": "Quarter", "series": "Sentiment"}),
        f"sentiment_{view.place(_scope(chosen))}_{edition.id}",
    )


def _show_method(edition: Edition) -> None:
    methods = state.table(edition, "comment_method").sort_values("step", ascending=True)
    with st.expander("How comments were read"):
        st.table(
            table_as_text(
                pd.DataFrame(
                    {
                        "Step": [str(step).capitalize() for step in methods["step"]],
                        "Method and version": methods["method"],
                        "Comments": [f"{int(n):,}" for n in methods["n_comments"]],
                    }
                )
            ),
            hide_index=True,
            border="horizontal",
        )


def show_comments(edition: Edition, chosen: Filters) -> None:
    """Show the comments of the chosen Component to its team, with search and filters.
    Shows nothing but a sentence where this dashboard may not show them."""
    if chosen.component == ALL:
        st.markdown("Choose a Component to read its comments.")
        return
    if not may_see_team(chosen.component):
        st.markdown(
            "The comments themselves are shown to the Component's own team only, on a dashboard "
            "that was started for it."
        )
        return
    comments = state.team_table(edition, chosen.component, "comment")
    if comments.empty:
        st.markdown(f"There are no comments of {as_text(chosen.component)} in this edition.")
        return
    names = theme_names(edition)
    found = _filtered(edition, comments, chosen, names)
    when = period_label(chosen.period)
    st.markdown(f"**{counted(len(found), 'comment').capitalize()}** in {when}.")
    if len(found):
        _show_list(edition, found, names)
    st.caption(
        "Only from services and channels with at least "
        f"{edition.manifest['rules'].get('minimum_comments')} comments in the quarter. Marks such "
        "as [phone] stand where personal data were found and removed; report what was missed, and "
        "do not copy it."
    )
    _show_suggestions(edition, chosen.component)


def _filtered(
    edition: Edition, comments: pd.DataFrame, chosen: Filters, names: dict[str, str]
) -> pd.DataFrame:
    """Show search box and filters; return the comments that they choose, in order."""
    left, middle, right = st.columns([2, 1, 1])
    with left:
        query = text_choice("Search the comments", "search", 'Words, "exact words", begin*, -not')
    with middle:
        theme = choice(
            "Theme", "theme", [ALL, *names], ALL, lambda code: names.get(code, "All themes")
        )
    with right:
        sentiment = choice(
            "Sentiment",
            "sentiment",
            [ALL, *SENTIMENTS],
            ALL,
            lambda code: SENTIMENTS.get(code, "All"),
        )
    plain = comments["comment"].str.replace(f"[{START}{END}]", "", regex=True)
    found = comments.assign(highlighted=plain)
    if query:
        hits = state.search_comments(edition, chosen.component, query)
        found = comments.iloc[hits["position"].tolist()].assign(
            highlighted=hits["highlighted"].tolist()
        )
    else:
        found = found.sort_values(["quarter", "service", "channel"], ascending=[False, True, True])
    is_year = chosen.period.startswith("FY")
    periods = "FY" + found["quarter"].str[:4] if is_year else found["quarter"]
    keep = periods == chosen.period
    if chosen.service != ALL:
        keep &= found["service"] == chosen.service
    if chosen.channel != ALL:
        keep &= found["channel"] == chosen.channel
    if sentiment != ALL:
        keep &= found["sentiment"] == sentiment
    if theme != ALL:
        keep &= pd.Series([theme in own for own in found["themes"]], index=found.index, dtype=bool)
    return found[keep]


def _show_list(edition: Edition, found: pd.DataFrame, names: dict[str, str]) -> None:
    n_pages = -(-len(found) // PAGE_SIZE)
    pages = [str(number) for number in range(1, n_pages + 1)]
    page = "1"
    if n_pages > 1:
        page = choice("Page", "page", pages, "1", lambda number: f"{number} of {n_pages}")
    services = state.table(edition, "service").set_index("service")["name"]
    channels = state.table(edition, "channel").set_index("channel")["name"]
    first = (int(page) - 1) * PAGE_SIZE
    items = []
    for row in found.iloc[first : first + PAGE_SIZE].itertuples():
        about = [
            str(services.get(row.service, row.service)),
            str(channels.get(row.channel, row.channel)),
            period_label(row.quarter),
            SENTIMENTS[row.sentiment].lower(),
            ", ".join(names.get(theme, theme) for theme in row.themes),
        ]
        items.append(
            f"<li><p>{marked(row.highlighted)}</p>"
            f'<p class="about">{html.escape(" · ".join(about))}</p></li>'
        )
    st.html(f'{STYLE}<ul class="comments">{"".join(items)}</ul>')


def marked(text: str) -> str:
    """Return a comment as HTML in which nothing of it is taken for HTML, with the words
    that were searched marked."""
    return html.escape(text).replace(START, "<mark>").replace(END, "</mark>")


def _show_suggestions(edition: Edition, component: str) -> None:
    suggested = state.team_table(edition, component, "suggested_theme")
    if suggested.empty:
        return
    st.subheader("What else these comments have in common", anchor=False)
    st.caption(
        "Suggested by a program from the words of all comments in the team's file "
        f"({as_text(suggested['method'].iloc[0])}). Nobody has reviewed them; "
        "a good one is worth a line in the table of phrases."
    )
    for row in suggested.itertuples():
        with st.expander(
            f"{row.number}. {as_text(', '.join(row.terms))} ({row.n_comments:,} comments)"
        ):
            items = "".join(f"<li><p>{html.escape(text)}</p></li>" for text in row.examples)
            st.html(f'{STYLE}<ul class="comments">{items}</ul>')
