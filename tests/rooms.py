"""The rooms of the project, their arrows and the longest chain of imports.

`python -m tests.rooms` prints them; `python -m tests.rooms --write` also draws them into
docs/architecture.md, which a test holds to the code.
"""

import sys
from collections import Counter
from functools import cache
from pathlib import Path

import grimp

from metrics.base.settings import ROOT

PAGE = ROOT / "docs" / "architecture.md"
START, END = "<!-- drawn by `make rooms` -->\n", "<!-- end of the drawing -->"
HIGHEST_FIRST = (
    *("ui", "cli", "build", "desk", "deliver", "gate"),
    *("tell", "intake", "warehouse", "define", "edition", "base"),
)


def graph(*packages: str) -> grimp.ImportGraph:
    """Return who imports whom at run time among the modules of some packages."""
    return grimp.build_graph(*packages, exclude_type_checking_imports=True, cache_dir=None)


def room_of(module: str) -> str:
    """Return the room that a module lies in."""
    parts = module.split(".")
    if parts[-1] == "__main__":
        return "cli"
    return parts[1] if parts[0] == "metrics" and len(parts) > 1 else parts[0]


def arrows(found: grimp.ImportGraph) -> Counter[tuple[str, str]]:
    """Count the imports from one room to another."""
    pairs: Counter[tuple[str, str]] = Counter()
    for module in found.modules:
        for other in found.find_modules_directly_imported_by(module):
            if other == "metrics":  # its version alone
                continue
            if room_of(module) != room_of(other):
                pairs[room_of(module), room_of(other)] += 1
    return pairs


def longest_chain(found: grimp.ImportGraph) -> list[str]:
    """Return the longest chain of modules, each of which imports the next."""

    @cache
    def chain(module: str) -> tuple[str, ...]:
        below = (chain(one) for one in sorted(found.find_modules_directly_imported_by(module)))
        return (module, *max(below, key=len, default=()))

    return list(max((chain(module) for module in sorted(found.modules)), key=len))


def drawing(pairs: Counter[tuple[str, str]]) -> str:
    """Return the rooms as a Mermaid flow chart: an arrow goes from a room to one it uses. Of
    arrows that a longer way also tells, only those to the next room are drawn."""
    below: dict[str, set[str]] = {room: set() for room in HIGHEST_FIRST}
    for room, other in pairs:
        if room in below and other in below:
            below[room].add(other)

    def reached(room: str) -> set[str]:
        return below[room].union(*(reached(other) for other in below[room]))

    lines = ["```mermaid", "flowchart TD"]
    for room in HIGHEST_FIRST:
        further = set[str]().union(*(reached(other) for other in below[room]))
        lines += [f"    {room} --> {other}" for other in sorted(below[room] - further)]
    return "\n".join([*lines, "```", ""])


def written(text: str, pairs: Counter[tuple[str, str]]) -> str:
    """Return a page with the drawing of these arrows in its place."""
    before, rest = text.split(START)
    return before + START + drawing(pairs) + END + rest.split(END, 1)[1]


def main() -> None:
    """Print rooms, arrows and the longest chain."""
    found = graph("metrics", "ui")
    rooms = Counter(room_of(module) for module in found.modules - {"metrics"})
    pairs = arrows(found)
    order = {room: place for place, room in enumerate(HIGHEST_FIRST)}
    for room in sorted(rooms, key=lambda room: (order.get(room, -1), room)):
        uses = sorted(other for one, other in pairs if one == room)
        print(f"{room:<12} {rooms[room]:>3} modules, uses {', '.join(uses) or 'nothing of ours'}")
    chain = longest_chain(found)
    print(f"{len(rooms)} rooms, {len(pairs)} arrows, {sum(pairs.values())} imports between rooms")
    print(f"longest chain, {len(chain)} modules: {' > '.join(chain)}")
    if "--write" in sys.argv:
        PAGE.write_text(written(PAGE.read_text("utf-8"), pairs), encoding="utf-8")
        print(f"{Path(PAGE).relative_to(ROOT)}: drawn anew")


if __name__ == "__main__":
    main()
