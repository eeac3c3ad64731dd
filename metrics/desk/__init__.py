"""The analyst's workshop: a starting file, the check, the preview, where a number comes from."""

__all__ = ["dictionary", "docs", "explain", "preview", "query", "review", "starter"]
