"""Writes the reference from the classes: `python docs/make_reference.py`.

The pages go into the folder that is named, else beside this file.
"""

from __future__ import annotations

import sys
from pathlib import Path

from making import functions, layers, training


def main(folder: Path) -> None:
    for group in (layers, functions, training):
        for name, lines in group.pages():
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text("\n".join(lines).rstrip("\n") + "\n", "utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
