"""The private DuckDB file: its tables, its reference data, and when responses are released."""

__all__ = ["release", "store"]
