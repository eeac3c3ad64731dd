"""What killed runs leave behind: told from what a living process still works on."""

import errno
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_STALE_SECONDS = 24 * 60 * 60


def hold(folder: Path) -> int:
    """Lock a folder until the file descriptor that is returned is closed, at the latest
    when the process ends, however it ends."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    _lock(descriptor)
    return descriptor


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder while the block runs."""
    descriptor = hold(folder)
    try:
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool | None:
    """Say whether a lock could be had; None where the file system has none."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return False if error.errno in (errno.EWOULDBLOCK, errno.EACCES) else None
    return True


def is_left(path: Path, process: int | None) -> bool:
    """Say whether a file or folder that a process made was left by it: nobody holds it, and
    the process is gone or is another one by now, because a day has passed. A day must have
    passed too where the process is not known, or the file system has no locks."""
    try:
        is_old = time.time() - path.lstat().st_mtime > _STALE_SECONDS
        if path.is_symlink() or not path.is_dir():
            return is_old or not _is_alive(process)
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return False  # gone a moment ago, or not ours
    try:
        is_free = _lock(descriptor)
    finally:
        os.close(descriptor)
    if is_free is None:
        return is_old
    return is_free and (is_old or not _is_alive(process))


def _is_alive(process: int | None) -> bool:
    if process is None:
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):  # another user's, or no number of a process
        return True
    return True


def remove(path: Path) -> None:
    """Remove a file or folder as far as this process may."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    try:
        path.unlink()
    except OSError:
        return  # gone a moment ago, or not ours to remove
