"""The folder of a new run: what an earlier one left there is set aside, not lost."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path


@contextmanager
def new_run(run: Path, *, set_aside: bool = True) -> Iterator[None]:
    """Give the folder of an earlier run that left weights another name, and say which.

    Where the new run has not made the folder, the earlier one gets its name back.

    Args:
        run: the folder of both
        set_aside: whether it is; otherwise the folder stays as it is

    Raises:
        FileExistsError: the earlier run is in the current folder, or around it.
    """
    if not (set_aside and (run / "weights.pt").exists()):
        yield
        return
    if Path.cwd().is_relative_to(run.resolve()):
        raise FileExistsError(f"{run} has an earlier run: choose another --run")
    place = Path(os.path.abspath(run))
    names = (place.with_name(f"{place.name}-{number}") for number in count(1))
    earlier = next(name for name in names if not name.exists())
    place.rename(earlier)
    try:
        yield
    finally:
        if place.exists():
            said = f"the earlier run in {run} is now in {os.path.relpath(earlier)}"
            print(said, file=sys.stderr)
        else:
            earlier.rename(place)
