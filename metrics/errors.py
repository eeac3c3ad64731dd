"""Errors that a user can act on, told apart from faults of the program."""


class CxError(Exception):
    """The data or a check says no; the message says what, where and what to do."""


class UsageError(CxError):
    """The command was called in a way it does not understand."""
