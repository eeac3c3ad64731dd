"""Rows become words, charts and tables. It knows no warehouse, no gate and no Streamlit."""
