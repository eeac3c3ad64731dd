"""Files and databases in: one module per format, personal data removed on the way."""

__all__ = ["answer_file", "declared", "demo", "erasure", "figures", "load", "sources", "undo"]
