"""What a reader opens: an edition, its manifest, its difference from another, its search."""

__all__ = ["diff", "edition", "leftovers", "lineage", "manifest", "search"]
