"""What as_text escapes is shown as it is by the Markdown of Streamlit in a real browser."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser.conftest import serving

HOSTILE = (
    "**b** __b__ _i_ *i* [a](http://x.org) ![p](http://x.org/p.png)",
    "# head_of_a_list _x_y_ a__b__c _d",
    "- item",
    "1. one",
    "> quote",
    ":red[hot] :material/home: :smile: :100: :blue-badge[x] :streamlit:",
    "$x^2$ and $$y$$ `code` ~~gone~~ <b>bold</b> <!-- c --> &amp; &lt; a | b",
    "a -> b <- c <-> d -- e >= f <= g ~= h",
    "http://x.org www.x.org me@x.org <http://x.org>",
    "\\*kept\\* x\n# second\n- third",
    "---",
)
SCRIPT = """
import pandas as pd
import streamlit as st
from ui.plain import as_text, table_as_text
for number, text in enumerate({texts!r}):
    safe = as_text(text)
    with st.container(key=f"text{{number}}"):
        st.markdown(safe)
        st.markdown(f"- **{{safe}}, more**")
        st.subheader(safe, anchor=False)
        st.caption(f"Of {{safe}}.")
        st.table(table_as_text(pd.DataFrame({{text: [text]}})), hide_index=True)
        st.radio(safe, [safe], key=f"radio{{number}}")
        st.metric(safe, safe)
        st.button(safe, key=f"button{{number}}")
        st.error(f"What: {{safe}}")
st.title("All drawn")
"""
RENDERED = "a, img, em, code, del, script, .katex, [data-testid=stIconMaterial], li li"


def test_hostile_names_are_shown_as_they_are(browser: Browser, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(texts=HOSTILE))
    with serving(tmp_path, script) as address:
        page = browser.new_context().new_page()
        page.goto(address)
        expect(page.get_by_role("heading", name="All drawn")).to_be_visible(timeout=30_000)
        for number, text in enumerate(HOSTILE):
            drawn = page.locator(f".st-key-text{number}")
            # Each kind of element arrives in a file of its own, some after the last heading.
            for element in ("stTable", "stRadio", "stMetric", "stButton", "stAlert"):
                expect(drawn.get_by_test_id(element)).to_be_visible(timeout=30_000)
            shown = " ".join(drawn.inner_text().replace("\u2060", "").split())
            # Label and option of the radio, label and value of the metric, heading and cell.
            assert shown.count(" ".join(text.split())) == 12, (text, shown)
            assert drawn.locator(RENDERED).count() == 0, text
