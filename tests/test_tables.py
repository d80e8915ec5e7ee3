"""The modules that read rows with named columns, prepare them and part them, each on its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import preprocessing  # type: ignore[import-untyped]
from sklearn.impute import SimpleImputer  # type: ignore[import-untyped]
from torch import Tensor

from specc.templates.runtime import (
    as_table,
    categories,
    chain,
    csv_table,
    features,
    fold,
    group_split,
    in_order,
    kinds,
    library,
    table,
    target_column,
    time_split,
    value_split,
)
from specc.templates.runtime.constant import Constant
from specc.templates.runtime.index import Index
from specc.templates.runtime.log1p import Log1p
from specc.templates.runtime.mean import Mean
from specc.templates.runtime.median import Median
from specc.templates.runtime.min_max import MinMax
from specc.templates.runtime.one_hot import OneHot
from specc.templates.runtime.standard import Standard

pd: Any = pytest.importorskip("pandas")
SHARES = st.lists(st.integers(1, 9), min_size=2, max_size=3)
NUMBERS = st.floats(-1e6, 1e6, allow_nan=False, width=32)


def made(**columns: Sequence[Any] | Tensor) -> table.Table:
    return table.make_table("rows.csv", columns)


def test_csv(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('\ufeffa,"b, c",Größe\n1,2.5,0\n\n-3e2,"4",1\n\n', "utf-8")
    found = csv_table.read_csv(path)
    assert table.feature_names(found, but=["Größe"]) == ["a", "b, c"]
    values = table.numbers(found, ["b, c", "a"], torch.float32)
    assert values.tolist() == [[2.5, 1.0], [4.0, -300.0]]
    assert table.numbers(found, ["Größe"], torch.int64).dtype == torch.int64
    assert list(found.rows) == [2, 4]  # lines, among them a blank one


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "t.csv: there are no rows"),
        ("\n\n", "t.csv: there are no rows"),
        ("a,b\n", "t.csv: there are no rows"),
        ("a,b\n1,2\n3\n", "t.csv, line 3: 1 cells under 2 names"),
        ("a,b\n1,2\n\n3,4,5\n", "t.csv, line 4: 3 cells under 2 names"),
        ("a,b,a\n1,2,3\n", "t.csv, line 1: two columns are called a"),
        ('a,b\n1,"2\n', "t.csv, line 2: it is not CSV: "),
        ("a,b\n1,\xff\n", "t.csv, line 2: it is not UTF-8: "),
    ],
)
def test_broken_csv(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(table.TableError) as error:
        csv_table.read_csv(path)
    assert message in str(error.value)


CELLS: list[tuple[Any, torch.dtype, str]] = [
    ("x", torch.float32, "x is no finite number"),
    ("", torch.float32, "the cell is empty"),
    ("  ", torch.int64, "the cell is empty"),
    (None, torch.float32, "the cell is empty"),
    (math.nan, torch.float32, "the cell is empty"),
    ("nan", torch.float32, "nan is no finite number"),
    ("inf", torch.float64, "inf is no finite number"),
    ("1e50", torch.float32, "1e50 does not fit torch.float32"),
    ("1e999", torch.float64, "1e999 is no finite number"),
    ("1.5", torch.int64, "1.5 is no whole number of torch.int64"),
    (1.5, torch.int64, "1.5 is no whole number of torch.int64"),
    (math.inf, torch.int64, "inf is no whole number"),
    ("99999999999999999999", torch.int64, "is no whole number of torch.int64"),
    ("128", torch.int8, "128 is no whole number of torch.int8"),
    ("-1", torch.uint8, "-1 is no whole number of torch.uint8"),
    ("2", torch.bool, "2 is no true or false"),
    ("y" * 500, torch.float32, "y" * 40 + "… is no finite number"),
    ([1, 2], torch.float32, "has 2 numbers, other rows have 1"),
    ({"a": 1}, torch.float32, "is no finite number"),
]


@pytest.mark.parametrize(("cell", "dtype", "message"), CELLS)
def test_a_cell_that_is_no_number_is_named(cell: Any, dtype: torch.dtype, message: str) -> None:
    rows = made(a=["0", "1", cell, "1"])[torch.tensor([3, 2])]
    with pytest.raises(table.TableError) as error:
        table.numbers(rows, ["a"], dtype)
    assert str(error.value).startswith("rows.csv, row 3, column a: ")
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("column", "dtype", "row"),
    [
        (torch.tensor([1.0, math.nan, 2.0]), torch.float32, 2),
        (torch.tensor([1.0, 2.5, 2.0]), torch.int64, 2),
        (torch.tensor([[1, 2], [300, 3], [4, 5]]), torch.uint8, 2),
        (torch.tensor([1.0, 2.0, 1e300], dtype=torch.float64), torch.float32, 3),
    ],
)
def test_a_number_of_an_array_that_does_not_fit_is_named(
    column: Tensor, dtype: torch.dtype, row: int
) -> None:
    with pytest.raises(table.TableError, match=f"rows.csv, row {row}, column a: "):
        table.numbers(made(a=column), ["a"], dtype)


def test_columns_that_are_not_there_or_too_many() -> None:
    rows = made(a=["1"], b=["2"])
    with pytest.raises(table.TableError, match="there is no column c, only a, b"):
        table.numbers(rows, ["c"], torch.float32)
    with pytest.raises(table.TableError, match="a, b give 2 numbers a row, expected 3"):
        table.numbers(rows, ["a", "b"], torch.float32, shape=(3,))
    with pytest.raises(table.TableError, match="a has 1 rows, b has 2"):
        made(a=["1"], b=["2", "3"])
    with pytest.raises(table.TableError, match="there are no rows"):
        made(a=[], b=[])
    with pytest.raises(table.TableError, match="no columns beside a, b"):
        table.feature_names(rows, but=["a", "b"])


def test_a_target_is_among_the_classes_or_within_bounds() -> None:
    rows = made(y=["0", "1", "2"])
    assert target_column.labels(rows, "y", range(3), torch.int64).tolist() == [0, 1, 2]
    with pytest.raises(table.TableError, match="row 3, column y: 2 is none of the classes 0, 1"):
        target_column.labels(rows, "y", (0, 1), torch.int64)
    with pytest.raises(table.TableError, match="row 3, column y: 2 is not between 0 and 1"):
        target_column.bounded(rows, ["y"], torch.float32, (1,), low=0, high=1)


def fitted(
    rows: table.Table, steps: Sequence[Any], width: int, names: Sequence[str] = ("a",)
) -> features.Features:
    return features.Features.fit(rows, [(names, steps)], (width,), torch.float32)


@given(st.lists(st.tuples(NUMBERS | st.none(), NUMBERS), min_size=1, max_size=30), st.data())
@settings(max_examples=60, deadline=None)
def test_filling_and_scaling_are_those_of_scikit_learn(
    cells: list[tuple[float | None, float]], data: st.DataObject
) -> None:
    filling = data.draw(st.sampled_from([(Median, "median"), (Mean, "mean")]))
    if all(first is None for first, _ in cells):
        return  # scikit-learn would leave the column out
    names = ["a", "b"]
    rows = made(a=[first for first, _ in cells], b=[second for _, second in cells])
    made_of = fitted(rows, [filling[0], Standard], 2, names)
    array = np.array(cells, dtype=np.float64)
    imputed = SimpleImputer(strategy=filling[1]).fit_transform(array)
    expected = preprocessing.StandardScaler().fit_transform(imputed)
    spread = imputed.std(axis=0)
    # Where all numbers are nearly alike, the last digits of float32 would be compared.
    clear = (spread > 1e-3 * np.abs(imputed).max(axis=0)) | (spread == 0)
    ours = made_of(rows).numpy()[:, clear]
    assert np.allclose(ours, expected[:, clear], rtol=1e-2, atol=1e-2)


def test_the_median_is_the_mean_of_the_middle_two() -> None:
    rows = made(a=["1", "", "4", "100", "3"], b=["", "", "", "", ""])
    assert fitted(rows, [Median], 1)(rows).flatten().tolist() == [1, 3.5, 4, 100, 3]
    assert fitted(rows, [Mean], 1)(rows)[1].item() == 27
    assert fitted(rows, [Constant(-7.0)], 1)(rows)[1].item() == -7
    assert fitted(rows, [Median], 1, ["b"])(rows).flatten().tolist() == [0] * 5


def test_steps_are_fitted_one_after_the_other() -> None:
    rows = made(a=["0", "", "8", "3"])
    prepared = fitted(rows, [Median, Log1p(), MinMax], 1)(rows).flatten()
    logs = torch.tensor([0.0, 3.0, 8.0, 3.0]).log1p()
    assert torch.allclose(prepared, (logs - logs.min()) / (logs.max() - logs.min()))


def test_what_is_fitted_depends_on_the_rows_that_it_is_fitted_on_alone() -> None:
    rows = made(a=["1", "2", "3", "1000"], b=["x", "y", "x", "z"])
    train, other = rows[torch.arange(3)], rows[torch.tensor([3])]
    parts: list[tuple[list[str], list[Any]]] = [(["a"], [Standard]), (["b"], [OneHot])]
    made_of = features.Features.fit(train, parts, (3,), torch.float32)
    scaled = made_of(other)
    assert scaled[0, 0].item() == pytest.approx((1000 - 2) / math.sqrt(2 / 3))
    assert scaled[0, 1:].tolist() == [0, 0]  # z is not among the categories


def test_a_number_without_a_logarithm_is_named() -> None:
    rows = made(a=["1", "2", "-3"], b=["1", "1", "1"])
    made_of = fitted(rows[torch.arange(2)], [Log1p()], 2, ["b", "a"])
    with pytest.raises(table.TableError, match=r"row 3, column a: -3 has no finite .* by Log1p"):
        made_of(rows)


@given(
    st.lists(st.sampled_from(["é", "b", "", None, 1, 2.5, True, "1", "日本"]), min_size=1),
    st.lists(st.sampled_from(["é", "new", "", None, 1, "日本", 99]), min_size=1),
)
@settings(max_examples=60, deadline=None)
def test_categories_come_back(seen: list[Any], later: list[Any]) -> None:
    known = [cell for cell in seen if cell not in ("", None)]
    numbered = Index.fit([seen])
    codes = numbered([seen]).flatten().tolist()
    names = numbered.categories[0]
    decoded = [names[code - 1] if code else None for code in codes]
    assert decoded == [None if cell in ("", None) else cell for cell in seen]
    assert len(set(names)) == len(names) == len(set(known))
    unknown = numbered([later]).flatten().tolist()
    assert [code == 0 for code in unknown] == [cell not in known for cell in later]
    encoded = OneHot.fit([seen])([later])
    assert encoded.shape == (len(later), len(names))
    assert (encoded.sum(dim=1) == torch.tensor([float(c in known) for c in later])).all()


def test_a_model_takes_as_many_numbers_as_there_are() -> None:
    rows = made(city=["a", "b", "c"])
    made_of = features.Features.fit(rows, [(["city"], [OneHot])], (2,), torch.float32)
    with pytest.raises(table.TableError, match="city give 3 numbers a row, expected 2"):
        made_of(rows)


def test_what_was_fitted_comes_back_from_a_file(tmp_path: Path) -> None:
    rows = made(a=["1", "", "4"], b=["x", "y", ""], c=["7", "8", "9"])
    parts: list[Any] = [(["a"], [Median, Standard]), (["b"], [OneHot]), (["c"], [])]
    made_of = features.Features.fit(rows, parts, (2, 2), torch.float32)
    torch.save(made_of.state(), tmp_path / "state.pt")
    state = torch.load(tmp_path / "state.pt", weights_only=True)
    restored = features.Features.restore(state, Standard, OneHot, Median)
    assert torch.equal(restored(rows), made_of(rows))
    assert made_of(rows).shape == (3, 2, 2)
    steps = chain.Chain.fit(torch.rand(5, 2), [MinMax, Standard])
    assert torch.equal(
        chain.Chain.restore(steps.state(), MinMax, Standard)(torch.ones(1, 2)),
        steps(torch.ones(1, 2)),
    )


def test_rows_of_every_kind_become_the_same_table() -> None:
    names = ["a", "b"]
    lists = [[1.0, 2.0], [3.0, 4.0]]
    frame = pd.DataFrame({"b": [2.0, 4.0], "more": ["x", "y"], "a": [1.0, 3.0]}, index=[7, 9])
    for rows in (lists, np.array(lists), torch.tensor(lists), frame, tuple(map(tuple, lists))):
        found = as_table.as_table(rows, names)
        assert table.numbers(found, names, torch.float32).tolist() == lists
    texts = np.array([["x", "y"], ["z", "y"]], dtype=object)
    assert as_table.as_table(texts, names).columns["a"] == ["x", "z"]
    series = pd.Series([1, 2], index=[3, 4], name="other")
    assert table.numbers(as_table.as_table(series, ["a"]), ["a"], torch.int64).shape == (2, 1)
    for wrong, said in (
        (frame[["a"]], "there is no column b, only a"),
        ([[1.0, 2.0], [3.0]], "row 2: 1 cells for a, b"),
        (torch.zeros(2, 3), "3 columns for a, b"),
    ):
        with pytest.raises(table.TableError, match=said):
            as_table.as_table(wrong, names)


def test_answers_are_of_the_kind_of_the_rows() -> None:
    answers = torch.tensor([[0.5], [0.25]])
    assert kinds.like(torch.zeros(2, 3), answers) is answers
    assert kinds.like([[1], [2]], answers) == [[0.5], [0.25]]
    assert isinstance(kinds.like(np.zeros((2, 3)), answers), np.ndarray)
    frame = kinds.like(pd.DataFrame({"a": [1, 2]}, index=["x", "y"]), answers)
    assert list(frame.index) == ["x", "y"]
    assert frame[0].tolist() == [0.5, 0.25]
    series = kinds.like(pd.Series([1, 2], index=["x", "y"]), answers)
    assert isinstance(series, pd.Series)
    assert series["y"] == 0.25
    several = kinds.like(pd.Series([1, 2]), torch.zeros(2, 3))
    assert isinstance(several, pd.DataFrame)


def test_rows_of_every_kind_become_tensors() -> None:
    for rows in ([[1, 2]], np.array([[1, 2]]), torch.tensor([[1, 2]]), pd.DataFrame([[1, 2]])):
        found = kinds.as_tensor(rows, (1, 2), torch.float32)
        assert found.tolist() == [[[1, 2]]]
        assert found.dtype == torch.float32
    for wrong in ([["x"]], torch.zeros(3, 5)):
        with pytest.raises(kinds.KindError, match="the rows"):
            kinds.as_tensor(wrong, (2,), torch.float32)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=200), SHARES, st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_groups_stay_together(groups: list[int], weights: list[int], seed: int) -> None:
    shares = [weight / sum(weights) for weight in weights]
    numbers = categories.class_numbers(groups)
    parts = group_split.group_split(numbers, shares, seed)
    assert torch.cat(parts).sort().values.tolist() == list(range(len(groups)))
    owners = [{groups[row] for row in part.tolist()} for part in parts]
    assert sum(map(len, owners)) == len(set(groups))
    largest = max(groups.count(group) for group in groups)
    for part, share in zip(parts, shares, strict=True):
        assert abs(len(part) - share * len(groups)) <= largest + 1


def test_rows_are_parted_in_order_of_time() -> None:
    rows = made(day=["2024-03-01", "2023-12-31", "2024-01-15", "2024-01-02"])
    early, late = time_split.time_split(rows, "day", (0.75, 0.25))
    assert (early.tolist(), late.tolist()) == ([1, 3, 2], [0])
    numbers = made(t=["10", "9", "100", "1"])
    assert [p.tolist() for p in time_split.time_split(numbers, "t", (0.5, 0.5))] == [[3, 1], [0, 2]]
    assert [part.tolist() for part in in_order.in_order(5, (0.6, 0.4))] == [[0, 1, 2], [3, 4]]
    with pytest.raises(table.TableError, match="row 2, column t: the cell is empty"):
        time_split.time_split(made(t=["1", ""]), "t", (0.5, 0.5))


def test_rows_are_parted_by_what_a_column_says() -> None:
    rows = made(part=["a", "b", "c", "a", "d"])
    parts = value_split.value_split(rows, "part", ["a"], ["b", "c"], ["z"])
    assert [part.tolist() for part in parts] == [[0, 3], [1, 2], []]
    assert len(rows[parts[2]]) == 0


def test_every_fold_is_held_out_once() -> None:
    folds = [torch.tensor([0, 3]), torch.tensor([1]), torch.tensor([2, 4])]
    held = [fold.hold_out(folds, number) for number in range(3)]
    assert [rest.tolist() for rest, _ in held] == [[1, 2, 4], [0, 2, 3, 4], [0, 1, 3]]
    assert torch.cat([out for _, out in held]).sort().values.tolist() == list(range(5))
    for wrong in (-1, 3):
        with pytest.raises(ValueError, match=f"fold {wrong} is none of 0 to 2"):
            fold.hold_out(folds, wrong)


def test_a_missing_library_is_named_with_what_installs_it() -> None:
    with pytest.raises(library.LibraryError) as error:
        library.needed("no_such_library.part", "parquet")
    assert "no_such_library is needed: pip install 'specc-torch[parquet]'" in str(error.value)
