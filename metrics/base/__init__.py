"""What every room may use: errors, settings, numbers and periods in words, SQL files, DuckDB.
It imports nothing of ours."""

__all__ = ["duck", "errors", "numbers", "periods", "planner", "reading", "settings", "sqlfiles"]
