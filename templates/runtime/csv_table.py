"""Read the rows of a CSV file."""

import csv
import io
from pathlib import Path

from .table import Table, TableError


def read_csv(path: str | Path, delimiter: str = ",") -> Table:
    """Return the columns of a CSV file by the names in its first line.

    Raises:
        TableError: the file is not CSV in UTF-8, there are no rows, a name stands
            twice, or a row has more or fewer cells than there are names.
    """
    content = Path(path).read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        raise TableError(f"{path}, line {number}: it is not UTF-8: {error}") from error
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        lines = [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        place = f"{path}, line {reader.line_num}"
        raise TableError(f"{place}: it is not CSV: {error}") from error
    if len(lines) < 2:
        raise TableError(f"{path}: there are no rows")
    (_, names), *rows = lines
    for name in names:
        if names.count(name) > 1:
            raise TableError(f"{path}, line 1: two columns are called {name}")
    for number, row in rows:
        if len(row) != len(names):
            said = f"{len(row)} cells under {len(names)} names"
            raise TableError(f"{path}, line {number}: {said}")
    cells = zip(*(row for _, row in rows), strict=True)
    columns = dict(zip(names, cells, strict=True))
    return Table(str(path), columns, [number for number, _ in rows], unit="line")
