"""Errors that a user can act on, told apart from faults of the program."""


class CxError(Exception):
    """The data or a check says no; the message says what, where and what to do."""


class UsageError(CxError):
    """The command was called in a way it does not understand."""


class EditionError(CxError):
    """An edition cannot be shown. `status` is that in two or three words, `reason` in a
    sentence, `remedy` is what to do; none of them names a folder of the machine."""

    def __init__(self, status: str, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}; {remedy}")
        self.status, self.reason, self.remedy = status, reason, remedy
