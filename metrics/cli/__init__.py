"""The command line: verbs that call the other rooms, and print."""

__all__ = ["main"]
