"""Rows become words, charts and tables. It knows no warehouse, no gate and no Streamlit."""

__all__ = ["burden", "charts", "marks", "palette", "placement", "sentences", "tables", "vocabulary"]
