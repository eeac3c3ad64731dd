"""Errors that a user can act on, told apart from faults of the program."""

import difflib
from collections.abc import Iterable


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


_DISK = (
    (
        ("no space left", "file too large", "disk quota", "out of disk"),
        "the disk is full; free some space, or set CX_HOME to a folder on a larger disk",
    ),
    (
        ("read-only file system", "permission denied", "operation not permitted"),
        "the folder may not be written; set its rights, or set CX_HOME to a folder that may",
    ),
    (
        ("no such file or directory",),
        "a file or folder is gone; put it back, or set CX_HOME to a folder that is there",
    ),
    (
        ("could not set lock", "conflicting lock"),
        "another process has the warehouse open; wait until it has finished",
    ),
)


def plain_failure(error: Exception) -> str:
    """Say in one line what the operating system or the database refused, and what to do.
    Nothing of the work that was begun is kept then, whatever it was. An error that came up
    while another was cleared away is told as that other one."""
    cause: BaseException | None = error
    while cause is not None:
        text = " ".join(str(cause).split())
        for signs, what in _DISK:
            if any(sign in text.lower() for sign in signs):
                return (
                    f"{what}, and run the command again ({text}). Nothing was kept; the last "
                    "edition stays up"
                )
        cause = cause.__context__
    return f"{' '.join(str(error).split())}; fix that and run the command again"


def no_such(what: str, wrong: str, known: Iterable[str]) -> str:
    """Say that there is no such thing, which one was probably meant, and which there are.

    no_such("metric", "trsut", ["ease", "trust"]) is "there is no metric 'trsut'; did you mean
    'trust'? There are: ease, trust".
    """
    names = sorted(known)
    by_lower = {name.lower(): name for name in names}
    close = difflib.get_close_matches(wrong.lower(), by_lower, 1, 0.6)
    close = close or [name for name in by_lower if wrong.lower() in name]
    meant = f"did you mean {by_lower[close[0]]!r}? There" if close else "there"
    return f"there is no {what} {wrong!r}; {meant} are: {', '.join(names)}"
