"""The only way out: cells, disclosure control, tests, and the writing of an edition."""

__all__ = ["disclosure", "lineage", "publish"]
