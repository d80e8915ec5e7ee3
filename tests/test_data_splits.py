"""The parts of the rows in generated packages: each row where the spec says, none in two parts."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch
from test_training import run, submodule
from training_package import built, problems_of
from training_specs import FOLDED, FUNKY

ROWS = [
    f"{i / 7},{i % 5},{i % 3},{i % 4},1,2024-01-{40 - i:02},{'abcdefgh'[i % 8]},"
    f"{('one', 'two', 'rest')[i % 3]},{i % 2}"
    for i in range(12, 40)
]
HEADER = "a,b,c,d,e,day,patient,site,label"
COLUMNS = 'inputs.features = { columns = ["a", "b", "c", "d", "e"], prepare = ["standard"] }'


def package_with(split: str, folder: Path, *, columns: str = COLUMNS) -> ModuleType:
    text = FUNKY.replace("split = { train = 0.8, validation = 0.2 }", f"{columns}\n{split}")
    (folder / "points.csv").write_text("\n".join([HEADER, *ROWS]))
    return built(text, folder)


def parts_of(package: ModuleType, folder: Path) -> dict[str, list[int]]:
    """The lines of each part, counted from the first row."""
    parts = submodule(package, "data").load_parts(folder / "points.csv")
    return {
        name: [row - 2 for row in part.rows]
        for name, part in zip(parts._fields, parts, strict=True)
    }


def test_in_order_of_time(tmp_path: Path) -> None:
    split = 'split = { train = 0.75, validation = 0.25, by = "time", column = "day" }'
    parts = parts_of(package_with(split, tmp_path), tmp_path)
    assert parts["train"] == list(range(27, 6, -1))  # the last rows have the earliest days
    assert parts["validation"] == list(range(6, -1, -1))
    (tmp_path / "plain").mkdir()
    split = 'split = { train = 0.75, validation = 0.25, by = "time" }'
    parts = parts_of(package_with(split, tmp_path / "plain"), tmp_path)
    assert parts == {"train": list(range(21)), "validation": list(range(21, 28))}


def test_patients_stay_together(tmp_path: Path) -> None:
    split = 'split = { train = 0.75, validation = 0.25, by = "column", column = "patient" }'
    package = package_with(split, tmp_path)
    parts = parts_of(package, tmp_path)
    owners = [{ROWS[row].split(",")[6] for row in rows} for rows in parts.values()]
    assert not owners[0] & owners[1]
    assert sorted(parts["train"] + parts["validation"]) == list(range(28))
    trained = package.train(tmp_path / "points.csv", epochs=1)
    assert len(trained.history) == 1


def test_parts_by_what_a_column_says(tmp_path: Path) -> None:
    split = (
        'split = { train = "one", validation = ["two"], test = "rest", by = "column",'
        ' column = "site" }'
    )
    parts = parts_of(package_with(split, tmp_path), tmp_path)
    said = [{ROWS[row].split(",")[7] for row in rows} for rows in parts.values()]
    assert said == [{"one"}, {"two"}, {"rest"}]


def test_parts_in_files_of_their_own(tmp_path: Path) -> None:
    text = FUNKY.replace('path = "points.csv"\n', "").replace(
        "split = { train = 0.8, validation = 0.2 }",
        f'{COLUMNS}\nsplit = {{ train = "old.csv", validation = "new/rows.csv" }}',
    )
    package = built(text, tmp_path)
    (tmp_path / "data/new").mkdir(parents=True)
    (tmp_path / "data/old.csv").write_text("\n".join([HEADER, *ROWS[:20]]))
    (tmp_path / "data/new/rows.csv").write_text("\n".join([HEADER, *ROWS[20:]]))
    parts = submodule(package, "data").load_parts(tmp_path / "data")
    assert [len(part) for part in parts] == [20, 8]
    command = (sys.executable, "-m", "funky_network")
    trained = run(tmp_path, *command, "train", "--epochs", "2", "--data", "data")
    assert trained.returncode == 0, trained.stderr


def test_a_column_of_the_split_is_no_feature(tmp_path: Path) -> None:
    text = FUNKY.replace(
        "train = 0.8, validation = 0.2",
        'train = 0.8, validation = 0.2, by = "column", column = "patient"',
    )
    package = built(text, tmp_path)
    cells = [row.split(",") for row in ROWS]
    rows = [",".join([*row[:5], row[6], row[-1]]) for row in cells]
    (tmp_path / "points.csv").write_text("\n".join(["a,b,c,d,e,patient,label", *rows]))
    trained = package.train(tmp_path / "points.csv", epochs=1)
    assert trained.preparation.features.columns[0].names == list("abcde")


def test_what_is_fitted_knows_nothing_of_the_validation_part(tmp_path: Path) -> None:
    split = 'split = { train = 0.75, validation = 0.25, by = "time" }'
    package = package_with(split, tmp_path)
    first = package.train(tmp_path / "points.csv", epochs=1)
    changed = [*ROWS[:21], *(row.replace(",1,2024", ",999,2024") for row in ROWS[21:])]
    (tmp_path / "points.csv").write_text("\n".join([HEADER, *changed]))
    again = package.train(tmp_path / "points.csv", epochs=1)
    states = [trained.preparation.state()["features"] for trained in (first, again)]
    ((names, ((kind, fitted),)),), ((_, ((_, other),)),) = (state["columns"] for state in states)
    assert (kind, names) == ("Standard", list("abcde"))
    assert all(torch.equal(fitted[key], other[key]) for key in fitted)


def test_every_fold_is_held_out(tmp_path: Path) -> None:
    package = built(FOLDED, tmp_path)
    data = submodule(package, "data")
    rows = data.load_data()
    held = [data.load_parts(fold) for fold in range(3)]
    assert [len(part.train) + len(part.validation) for part in held] == [len(rows)] * 3
    seen = torch.cat([part.validation.image.flatten(1) for part in held])
    assert sorted(map(tuple, seen.tolist())) == sorted(map(tuple, rows.image.flatten(1).tolist()))
    counts = torch.stack([part.validation.target.bincount() for part in held])
    assert (counts.amax(dim=0) - counts.amin(dim=0)).max() <= 1
    achieved = package.train.__globals__["cross_validate"](epochs=1)
    assert len(achieved) == 3
    assert package.train(fold=1, epochs=1).history[-1] == achieved[1]


def test_folds_on_the_command_line(tmp_path: Path) -> None:
    built(FOLDED, tmp_path)
    command = (sys.executable, "-m", "folded")
    trained = run(tmp_path, *command, "train", "--epochs", "1", "--fold", "2")
    assert trained.returncode == 0, trained.stderr
    assert run(tmp_path, *command, "evaluate", "--fold", "2").stdout == trained.stdout
    assert run(tmp_path, *command, "train", "--fold", "3").returncode == 2
    all_folds = run(tmp_path, *command, "cross-validate", "--epochs", "1").stdout.splitlines()
    rows = [json.loads(line) for line in all_folds]
    assert [row["fold"] for row in rows] == [0, 1, 2, "mean"]
    mean = sum(row["validation_loss"] for row in rows[:3]) / 3
    assert rows[3]["validation_loss"] == pytest.approx(mean)


def test_sound_specs_have_no_problems() -> None:
    assert problems_of(FOLDED) == []
