"""Every source gives the rows that it holds: the same package, the same numbers from each."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from test_training import run, submodule
from training_package import built, files_of
from training_specs import MIXED_COLUMNS

import specc

pd: Any = pytest.importorskip("pandas")
pa: Any = pytest.importorskip("pyarrow")
pq: Any = pytest.importorskip("pyarrow.parquet")
safetensors: Any = pytest.importorskip("safetensors.torch")
sqlalchemy: Any = pytest.importorskip("sqlalchemy")

FRAME = pd.DataFrame(
    {
        "age": [31.0, None, 48.0, 25.0, 60.0, None, 39.0, 52.0] * 5,
        "city": ["Oslo", "Århus", None, "Oslo", "東京", "Århus", "Oslo", "東京"] * 5,
        "income": [10.0, 2000.0, 0.0, 350.0, 12.5, 8.0, 99.0, 1e6] * 5,
        "kind": [3, 1, 2, 3, 1, 2, 3, 3] * 5,
        "label": [0, 1, 1, 0, 1, 0, 0, 1] * 5,
    }
)


def write_csv(folder: Path) -> str:
    FRAME.to_csv(folder / "rows.csv", index=False)
    return 'type = "csv"\npath = "rows.csv"'


def write_tsv(folder: Path) -> str:
    FRAME.to_csv(folder / "rows.tsv", index=False, sep="\t")
    return 'type = "csv"\npath = "rows.tsv"'


def write_parquet(folder: Path) -> str:
    FRAME.to_parquet(folder / "rows.parquet")
    return 'type = "parquet"\npath = "rows.parquet"'


def write_sqlite(folder: Path) -> str:
    with sqlite3.connect(folder / "rows.db") as connection:
        FRAME.to_sql("people", connection, index=False)
    return f'type = "sql"\nurl = "sqlite:///{folder}/rows.db"\nquery = "select * from people"'


WRITERS = [write_csv, write_tsv, write_parquet, write_sqlite]


def mixed(source: str) -> str:
    return MIXED_COLUMNS.replace('type = "csv"\npath = "rows.csv"', source)


def by_hand(frame: Any, train: Any) -> torch.Tensor:
    """The columns age, income and city, prepared as the spec says, by pandas alone."""

    def scaled(column: Any, of: Any) -> Any:
        return (column - of.mean()) / of.std(ddof=0)

    middle = train["age"].median()
    age = scaled(frame["age"].fillna(middle), train["age"].fillna(middle))
    income = scaled(np.log1p(frame["income"]), np.log1p(train["income"]))
    cities = sorted(train["city"].dropna().unique())
    found = [age, income, *((frame["city"] == city).astype(float) for city in cities)]
    return torch.tensor(pd.concat(found, axis=1).to_numpy(), dtype=torch.float32)


@pytest.mark.parametrize("write", WRITERS)
def test_columns_are_prepared_as_by_hand(tmp_path: Path, write: Any) -> None:
    package = built(mixed(write(tmp_path)), tmp_path)
    data = submodule(package, "data")
    place = tmp_path / data.PATH if hasattr(data, "PATH") else data.URL
    parts = data.load_parts(place)
    assert [len(part) for part in parts] == [32, 8]
    first = data.load_table(place).rows[0]
    train = FRAME.iloc[[number - first for number in parts.train.rows]]
    other = FRAME.iloc[[number - first for number in parts.validation.rows]]
    preparation = data.Preparation.fit(parts.train)
    for part, frame in ((parts.train, train), (parts.validation, other)):
        prepared = preparation(part)
        assert torch.allclose(prepared.features, by_hand(frame, train), atol=1e-5)
        kinds = sorted(train["kind"].unique())
        expected = [kinds.index(kind) + 1 if kind in kinds else 0 for kind in frame["kind"]]
        assert prepared.kind.tolist() == expected
        assert prepared.target.flatten().tolist() == frame["label"].tolist()
    trained = package.train(place, epochs=2)
    assert len(trained.history) == 2


@pytest.mark.parametrize("write", [write_csv, write_sqlite])
def test_the_command_line_reads_every_source(tmp_path: Path, write: Any) -> None:
    built(mixed(write(tmp_path)), tmp_path)
    command = (sys.executable, "-m", "mixed")
    trained = run(tmp_path, *command, "train", "--epochs", "2")
    assert trained.returncode == 0, trained.stderr
    assert json.loads(trained.stdout)["part"] == "validation"
    assert run(tmp_path, *command, "evaluate").stdout == trained.stdout
    rows = "rows.csv" if write is write_csv else f"sqlite:///{tmp_path}/rows.db"
    predicted = run(tmp_path, *command, "predict", rows)
    assert predicted.stdout.count("\n") == len(FRAME), predicted.stderr


def test_predictions_are_of_the_kind_of_the_rows(tmp_path: Path) -> None:
    package = built(mixed(write_csv(tmp_path)), tmp_path)
    trained = package.train(tmp_path / "rows.csv", epochs=1)
    package.save(trained.model, trained.preparation, tmp_path / "weights.pt")
    model = package.load(tmp_path / "weights.pt")
    preparation = package.load_preparation(tmp_path / "weights.pt")
    new = FRAME.sample(6, random_state=1)
    answers = package.predict(model, preparation, new, new)
    assert isinstance(answers, pd.DataFrame)
    assert list(answers.index) == list(new.index)
    columns = [["age", "income", "city"], ["kind"]]
    lists = [new[names].to_numpy(dtype=object).tolist() for names in columns]
    as_lists = package.predict(model, preparation, *lists)
    assert as_lists == [[pytest.approx(answer)] for answer in answers[0]]
    arrays = [np.array(rows, dtype=object) for rows in lists]
    assert isinstance(package.predict(model, preparation, *arrays), np.ndarray)
    with pytest.raises(ValueError, match="there is no column income"):
        package.predict(model, preparation, new.drop(columns="income"), new)


ARRAYS = """
[model]
name = "Arrays"
inputs.image = ["batch", 1, 4, 4]
inputs.where = ["batch", 2]
layers = [
  { name = "flat", type = "Flatten", inputs = "image" },
  { name = "joined", expr = "cat((flat, where), dim=1)" },
  { name = "output", type = "Linear", out_features = 3 },
]

[data]
SOURCE
inputs.image = { columns = "pixels", prepare = ["min_max"] }
inputs.where = { columns = ["x", "y"] }
target = "class"
split = { train = 0.75, validation = 0.25, by = "stratified" }

[loss]
type = "CrossEntropyLoss"

[optimizer]
type = "SGD"

[training]
epochs = 2
batch_size = 8
seed = 0
"""


def arrays() -> dict[str, np.ndarray[Any, Any]]:
    random = np.random.default_rng(0)
    return {
        "pixels": random.integers(0, 255, (24, 4, 4), dtype=np.uint8),
        "x": random.normal(size=24).astype(np.float32),
        "y": random.normal(size=(24, 1)),
        "class": np.arange(24) % 3,
    }


def write_npz(folder: Path) -> str:
    np.savez(folder / "rows.npz", **arrays())  # type: ignore[arg-type]
    return 'type = "numpy"\npath = "rows.npz"'


def write_safetensors(folder: Path) -> str:
    tensors = {name: torch.from_numpy(array) for name, array in arrays().items()}
    safetensors.save_file(tensors, folder / "rows.safetensors")
    return 'type = "safetensors"\npath = "rows.safetensors"'


def write_lists(folder: Path) -> str:
    columns = {name: array.reshape(24, -1) for name, array in arrays().items()}
    held = {name: list(a) if a.shape[1] > 1 else a[:, 0] for name, a in columns.items()}
    pq.write_table(pa.table(held), folder / "rows.parquet")
    return 'type = "parquet"\npath = "rows.parquet"'


@pytest.mark.parametrize("write", [write_npz, write_safetensors, write_lists])
def test_arrays_reach_the_inputs_of_their_names(tmp_path: Path, write: Any) -> None:
    package = built(ARRAYS.replace("SOURCE", write(tmp_path)), tmp_path)
    data = submodule(package, "data")
    table = data.load_table(tmp_path / data.PATH)
    prepared = data.Preparation.fit(table)(table)
    held = {name: torch.from_numpy(array) for name, array in arrays().items()}
    pixels = held["pixels"].float().reshape(24, 1, 4, 4)
    low, high = pixels.amin(dim=0), pixels.amax(dim=0)
    assert torch.allclose(prepared.image, (pixels - low) / (high - low))
    expected = torch.stack([held["x"], held["y"][:, 0].float()], dim=1)
    assert torch.equal(prepared.where, expected)
    assert torch.equal(prepared.target, held["class"])
    trained = package.train(tmp_path / data.PATH)
    assert len(trained.history) == 2


def test_an_array_of_numbers_stays_on_the_disk(tmp_path: Path) -> None:
    rows = np.arange(40_000, dtype=np.float32).reshape(8000, 5)
    np.save(tmp_path / "rows.npy", rows)
    from specc.templates.runtime.numpy_arrays import read_numpy

    table = read_numpy(tmp_path / "rows.npy")
    column = table.column("rows")
    assert isinstance(column, torch.Tensor)
    assert torch.equal(column, torch.from_numpy(rows))
    column[0, 0] = 7.0  # changes memory, not the file
    assert np.load(tmp_path / "rows.npy")[0, 0] == 0
    with (tmp_path / "rows.npy").open("r+b") as file:
        file.seek(-4, 2)
        file.write(np.float32(99).tobytes())
    assert column[7999, 4] == 99  # what nobody has changed comes from the file


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("rows.npz", b"garbage", "does not hold arrays of numbers"),
        ("rows.npz", b"", "does not hold arrays of numbers"),
        ("rows.npy", {"a": 1}, "does not hold arrays of numbers"),
        ("rows.npy", np.float32(1), "is a single number"),
        ("rows.npy", np.zeros((0, 3)), "there are no rows"),
    ],
)
def test_files_that_hold_no_arrays(tmp_path: Path, name: str, content: Any, said: str) -> None:
    from specc.templates.runtime.numpy_arrays import read_numpy
    from specc.templates.runtime.table import TableError

    if isinstance(content, bytes):
        (tmp_path / name).write_bytes(content)
    else:
        np.save(tmp_path / name, content, allow_pickle=True)
    with pytest.raises(TableError, match=said) as error:
        read_numpy(tmp_path / name)
    assert name in str(error.value)


def test_other_files_are_refused_with_their_names(tmp_path: Path) -> None:
    from specc.templates.runtime.parquet_table import read_parquet
    from specc.templates.runtime.safetensors_arrays import read_safetensors
    from specc.templates.runtime.table import TableError

    (tmp_path / "rows").write_bytes(b"garbage and more")
    for read in (read_parquet, read_safetensors):
        with pytest.raises(TableError, match=r"rows is no .* file"):
            read(tmp_path / "rows")
    pq.write_table(pa.table([[1], [2]], names=["a", "a"]), tmp_path / "twice")
    with pytest.raises(TableError, match="two columns are called a"):
        read_parquet(tmp_path / "twice")
    pq.write_table(pa.table({"a": pa.array([], pa.int64())}), tmp_path / "empty")
    with pytest.raises(TableError, match="there are no rows"):
        read_parquet(tmp_path / "empty")


def test_a_database_that_refuses(tmp_path: Path) -> None:
    from specc.templates.runtime.library import LibraryError
    from specc.templates.runtime.sql_table import read_sql
    from specc.templates.runtime.table import TableError

    url = f"sqlite:///{tmp_path}/rows.db"
    for query, said in (
        ("select * from nowhere", "no such table"),
        ("select 1 as a, 2 as a", "two columns are called a"),
        ("select 1 as a where 1 = 0", "there are no rows"),
    ):
        with pytest.raises(TableError, match=said):
            read_sql(url, query)
    with pytest.raises(TableError, match="x://"):
        read_sql("x://host", "select 1")
    with pytest.raises(LibraryError, match=r"specc-torch\[sql\]"):
        read_sql("mysql+mysqldb://user:secret@localhost/x", "select 1")
    with pytest.raises(TableError) as error:
        read_sql("postgresql+psycopg://user:secret@127.0.0.1:1/x", "select 1")
    assert "secret" not in str(error.value)


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database of a real server, which ends with the tests."""
    tools = [Path(found).parent for found in [shutil.which("initdb")] if found]
    tools += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if not tools:
        pytest.skip("PostgreSQL is not installed")
    folder = tmp_path_factory.mktemp("postgres")
    # PostgreSQL refuses to run as root, and its own user may not see the folder.
    as_user: list[str] = []
    if os.geteuid() == 0:
        if (
            shutil.which("runuser") is None
            or subprocess.run(["id", "postgres"], capture_output=True, check=False).returncode
        ):
            pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
        folder = Path(tempfile.mkdtemp(prefix="postgres"))
        shutil.chown(folder, "postgres")
    data = folder / "data"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    try:
        for command in (
            ["initdb", "-D", str(data), "-A", "trust", "-U", "tester"],
            ["pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o",
             f"-p {port} -k {folder} -c listen_addresses=127.0.0.1", "start"],
        ):  # fmt: skip
            done = subprocess.run(
                [*as_user, str(tools[0] / command[0]), *command[1:]],
                capture_output=True,
                text=True,
                check=False,
                cwd=folder,
            )
            assert done.returncode == 0, done.stderr
        yield f"postgresql+psycopg://tester@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run(
            [*as_user, str(tools[0] / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"],
            capture_output=True,
            check=False,
            cwd="/",
        )
        shutil.rmtree(folder, ignore_errors=True)


def test_rows_come_from_a_real_server(tmp_path: Path, postgres: str) -> None:
    engine = sqlalchemy.create_engine(postgres)
    FRAME.to_sql("people", engine, index_label="number")
    query = "select age, city, income, kind, label from people order by number"
    source = f'type = "sql"\nurl = "{postgres}"\nquery = "{query}"'
    package = built(mixed(source), tmp_path)
    data = submodule(package, "data")
    parts = data.load_parts()
    train = FRAME.iloc[[number - 1 for number in parts.train.rows]]
    prepared = data.Preparation.fit(parts.train)(parts.train)
    assert torch.allclose(prepared.features, by_hand(train, train), atol=1e-5)
    typed = "select cast(income as numeric(12, 2)) as income, date '2024-01-01' as day from people"
    from specc.templates.runtime.sql_table import read_sql
    from specc.templates.runtime.table import numbers

    table = read_sql(postgres, typed)
    assert numbers(table, ["income"], torch.float32).shape == (40, 1)
    assert str(table.column("day")[0]) == "2024-01-01"
    engine.dispose()


def test_check_and_build_open_no_data(tmp_path: Path) -> None:
    _, files = files_of(MIXED_COLUMNS)
    assert not list(tmp_path.iterdir())
    assert "rows.csv" in files["data.py"]


def test_only_what_a_source_needs_is_copied() -> None:
    _, files = files_of(ARRAYS.replace("SOURCE", 'type = "numpy"\npath = "rows.npz"'))
    assert "numpy_arrays.py" in files
    assert not {"csv_table.py", "sql_table.py", "median.py", "one_hot.py"} & files.keys()


def write_huggingface(folder: Path) -> str:
    datasets = pytest.importorskip("datasets")
    datasets.Dataset.from_pandas(FRAME).save_to_disk(str(folder / "rows"))
    return 'type = "huggingface"\npath = "rows"'


def test_a_data_set_of_a_folder(tmp_path: Path) -> None:
    package = built(mixed(write_huggingface(tmp_path)), tmp_path)
    data = submodule(package, "data")
    parts = data.load_parts(tmp_path / "rows")
    train = FRAME.iloc[[number - 1 for number in parts.train.rows]]
    prepared = data.Preparation.fit(parts.train)(parts.train)
    assert torch.allclose(prepared.features, by_hand(train, train), atol=1e-5)
    datasets = pytest.importorskip("datasets")
    both = {"train": datasets.Dataset.from_pandas(FRAME)}
    datasets.DatasetDict(both).save_to_disk(str(tmp_path / "parts"))
    with pytest.raises(ValueError, match="has parts: train; each is a folder in it"):
        data.load_table(tmp_path / "parts")
    assert len(data.load_table(tmp_path / "parts/train")) == len(FRAME)
    with pytest.raises(ValueError, match="is no folder of a data set"):
        data.load_table(tmp_path / "nothing")


OWN = """
import pandas


def people():
    return pandas.read_csv("rows.csv")


def needs(path):
    return {}


def wrong():
    return [1, 2]
"""


def own_spec(folder: Path, function: str, text: str = OWN) -> Path:
    (folder / "people.py").write_text(text)
    (folder / "mixed.toml").write_text(mixed(f'type = "./people.py:{function}"'))
    return folder / "mixed.toml"


def test_a_function_of_ones_own(tmp_path: Path) -> None:
    write_csv(tmp_path)
    spec = own_spec(tmp_path, "people")
    specc.build(spec, tmp_path / "mixed")
    assert (tmp_path / "mixed/people.py").read_text().endswith(OWN)
    command = (sys.executable, "-m", "mixed")
    trained = run(tmp_path, *command, "train", "--epochs", "1")
    assert trained.returncode == 0, trained.stderr
    assert run(tmp_path, *command, "evaluate").stdout == trained.stdout
    assert run(tmp_path, *command, "predict", "rows.csv").stdout.count("\n") == len(FRAME)
    specc.build(own_spec(tmp_path, "wrong"), tmp_path / "mixed")
    wrong = run(tmp_path, *command, "train")
    assert wrong.returncode == 2
    assert "people.py:wrong: expected columns by their names, not list" in wrong.stderr


@pytest.mark.parametrize(
    ("function", "text", "said"),
    [
        ("nothing", OWN, "it has no function nothing at its top level"),
        ("needs", OWN, "needs is called without arguments"),
        ("people", "from . import other", "it imports what stands beside it"),
        ("people", "def people(:", "it is no valid Python"),
        ("class", OWN, "can't be the function of rows"),
    ],
)
def test_functions_that_give_no_rows(tmp_path: Path, function: str, text: str, said: str) -> None:
    (problem,) = specc.check(own_spec(tmp_path, function, text))
    assert said in problem.message
    assert problem.where == "data.type"
