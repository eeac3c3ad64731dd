"""The only way out: cells, disclosure control, tests, and the writing of an edition."""

__all__ = ["changes", "collect", "disclosure", "lineage", "publish", "steps", "write"]
