"""Runs one command. Exit code 0: done; 1: the data or a
check says no; 2: wrong use."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import duckdb

from metrics.base.errors import CxError, UsageError, plain_failure
from metrics.cli.parser import make_parser

# Verbs import what they need: `check` must answer while somebody waits.
if TYPE_CHECKING:
    pass


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except CxError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (OSError, duckdb.Error) as error:
        print(f"error: {plain_failure(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("error: stopped; run the command again", file=sys.stderr)
        return 130
