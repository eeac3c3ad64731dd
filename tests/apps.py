"""Pages without a browser."""

from streamlit.testing.v1 import AppTest

from metrics.base.settings import ROOT


def open_page(script: str, timeout: int = 60, **parameters: str) -> AppTest:
    """Return the dashboard, run once on a page of pages/ at an address with these parameters."""
    app = AppTest.from_file(str(ROOT / "ui" / "router.py"), default_timeout=timeout)
    for name, value in parameters.items():
        app.query_params[name] = value
    if script != "department.py":
        app.switch_page(str(ROOT / "pages" / script))
    return app.run()
