"""The command line: `python -m metrics VERB`."""

import sys

from metrics.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
