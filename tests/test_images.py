"""Images in folders reach the model as Pillow and torch would bring them there; streams too."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from test_training import run, submodule
from torch import Tensor, nn
from training_package import built, problems_of
from training_specs import MIXED_COLUMNS, PICTURES, STREAMED

from specc.templates.runtime import augment, image_folder, images, stream, table


def pictures(folder: Path, count: int = 16) -> Path:
    """Two classes of images, of several sizes and kinds: dark ones and light ones."""
    random = np.random.default_rng(0)
    for number in range(count):
        label = number % 2
        place = folder / "photos" / ("dark", "light")[label]
        place.mkdir(parents=True, exist_ok=True)
        size = (12 + number % 3, 11 + number % 5)
        pixels = random.integers(120 * label, 120 * label + 100, (*size, 3), dtype=np.uint8)
        kind = ("png", "bmp", "ppm")[number % 3]
        Image.fromarray(pixels).save(place / f"{number:02}.{kind}")
    return folder / "photos"


def by_hand(path: Path) -> Tensor:
    """An image resized to 10 on its shorter side, its middle of 8 x 8, normalized."""
    image = Image.open(path).convert("RGB")
    scale = 10 / min(image.size)
    size = [round(side * scale) for side in image.size]
    image = image.resize(size, Image.Resampling.BILINEAR)
    left, top = (image.width - 8) // 2, (image.height - 8) // 2
    cut = np.asarray(image)[top : top + 8, left : left + 8] / 255
    return torch.tensor((cut - 0.5) / 0.25, dtype=torch.float32).permute(2, 0, 1)


def test_images_are_read_as_by_hand(tmp_path: Path) -> None:
    package = built(PICTURES, tmp_path)
    path = pictures(tmp_path)
    data = submodule(package, "data")
    parts = data.load_parts(path)
    assert [len(part) for part in parts] == [12, 4]
    preparation = data.Preparation.fit(parts.train)
    prepared = preparation(parts.train)
    expected = torch.stack([by_hand(file) for file in parts.train.column("image")])
    assert torch.allclose(prepared.image, expected, atol=1e-6)
    classes = [int(file.parent.name == "light") for file in parts.train.column("image")]
    assert prepared.target.tolist() == classes


def test_a_stream_gives_what_memory_gives(tmp_path: Path) -> None:
    path = pictures(tmp_path)
    still = PICTURES[: PICTURES.index("augment =")] + PICTURES[PICTURES.index("[loss]") :]
    histories = []
    for place in ("stream", "memory"):
        text = still.replace('path = "photos"', f'path = "photos"\nload = "{place}"')
        (tmp_path / place).mkdir()
        histories.append(built(text, tmp_path / place).train(path).history)
    for streamed, kept in zip(*histories, strict=True):
        assert streamed == pytest.approx(kept, rel=1e-5)


def test_a_table_may_be_a_stream(tmp_path: Path) -> None:
    lines = ["age,income,city,kind,label"]
    lines += [f"{20 + i},{i * 7},{'ab'[i % 2]}{i % 2},{i % 3},{i % 2}" for i in range(40)]
    (tmp_path / "rows.csv").write_text("\n".join(lines))
    fitting = 'inputs.features = ["batch", 4]'
    histories = []
    for text in (MIXED_COLUMNS, STREAMED):
        text = text.replace('inputs.features = ["batch", 5]', fitting)
        histories.append(built(text, tmp_path).train(tmp_path / "rows.csv").history)
    for kept, streamed in zip(*histories, strict=True):
        assert streamed == pytest.approx(kept, rel=1e-5)
    (tmp_path / "rows.csv").write_text("\n".join([*lines, "30,x,a0,1,1"]))
    refused = run(tmp_path, sys.executable, "-m", "streamed", "train")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") <= 2
    assert "line 42, column income: x is no finite number" in refused.stderr


def test_the_command_line_reads_images(tmp_path: Path) -> None:
    package = built(PICTURES, tmp_path)
    path = pictures(tmp_path)
    command = (sys.executable, "-m", "pictures")
    (tmp_path / "images").mkdir()
    path.rename(tmp_path / "images/all")
    trained = run(tmp_path, *command, "train", "--data", "images/all")
    assert trained.returncode == 0, trained.stderr
    evaluated = run(tmp_path, *command, "evaluate", "--data", "images/all")
    assert evaluated.stdout == trained.stdout
    one = run(tmp_path, *command, "predict", "images/all/dark/00.png").stdout
    assert one.count("\n") == 1
    assert run(tmp_path, *command, "predict", "images/all/dark").stdout.count("\n") == 8
    weights = tmp_path / "runs/pictures/weights.pt"
    model, preparation = package.load(weights), package.load_preparation(weights)
    files = sorted((tmp_path / "images/all/dark").iterdir())
    answers = package.predict(model, preparation, files)
    opened: list[Any] = [Image.open(file) for file in files]
    assert package.predict(model, preparation, opened) == answers


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("dark/broken.png", b"no image", "broken.png: cannot identify image file"),
        ("dark/notes.txt", b"", r"notes.txt is no image: its name ends in .txt"),
        ("stray.png", b"", "stray.png is in no class's folder"),
        ("empty/", b"", "empty: there are no images"),
    ],
)
def test_files_that_are_no_images(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = pictures(tmp_path, 4)
    if name.endswith("/"):
        (path / name).mkdir()
    else:
        (path / name).write_bytes(content)
    reader = images.Images([images.Resize((8, 8))], None, (1, 8, 8))
    with pytest.raises(table.TableError, match=said):
        reader(image_folder.read_images(path))


def test_images_of_another_size_are_refused(tmp_path: Path) -> None:
    rows = image_folder.read_images(pictures(tmp_path, 2))
    with pytest.raises(table.TableError, match=r"00.png: it is 12 x 11, expected 8 x 8"):
        images.Images([], None, (3, 8, 8))(rows)
    with pytest.raises(table.TableError, match="it is 12 x 11, less than 20 x 20"):
        images.Images([images.CenterCrop(20)], None, (3, 20, 20))(rows)
    tensor = torch.rand(2, 3, 8, 8)
    assert torch.equal(images.Images([], None, (3, 8, 8))(tensor), tensor)


def test_what_is_done_by_chance_keeps_images_images() -> None:
    torch.manual_seed(0)
    rows = torch.rand(400, 2, 9, 7)
    flipped = augment.flip(rows)
    is_same = (flipped == rows).flatten(1).all(dim=1)
    assert (is_same | (flipped == rows.flip(3)).flatten(1).all(dim=1)).all()
    assert 150 < is_same.sum() < 250
    assert torch.equal(augment.flip(rows, p=1.0, vertical=True), rows.flip(2))
    moved = augment.crop(rows, padding=2)
    padded = nn.functional.pad(rows, (2, 2, 2, 2))
    for image, whole in zip(moved[:20], padded[:20], strict=True):
        places = [(y, x) for y in range(5) for x in range(5)]
        assert any(torch.equal(image, whole[:, y : y + 9, x : x + 7]) for y, x in places)
    assert torch.allclose(augment.rotate(rows, degrees=0.0), rows, atol=1e-5)
    square = torch.rand(1, 1, 8, 8)
    turned = augment.rotate(square.expand(200, 1, 8, 8), degrees=180.0)
    assert turned.shape == (200, 1, 8, 8)
    changed = augment.jitter(rows, brightness=0.0, contrast=0.5)
    assert torch.allclose(changed.mean(dim=(1, 2, 3)), rows.mean(dim=(1, 2, 3)), atol=1e-5)
    lighter = augment.jitter(rows, brightness=0.5, contrast=0.0) - rows
    assert lighter.std(dim=(1, 2, 3)).max() < 1e-5
    erased = augment.erase(rows + 1, p=1.0, share=0.5)
    holes = (erased == 0).any(dim=1).float()
    assert (holes.amax(dim=2).sum(dim=1) <= math.ceil(9 / 2)).all()
    assert torch.equal(augment.erase(rows, p=0.0), rows)


def test_a_turn_by_ninety_degrees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "rand", lambda *size, **_: torch.ones(*size))
    for shape in ((5, 5), (7, 5)):
        image = torch.zeros(1, 1, *shape)
        image[0, 0, shape[0] // 2, 4] = 1.0  # two pixels right of the middle
        turned = augment.rotate(image, degrees=90.0)[0, 0]
        spot = turned.argmax().item()
        row, column = divmod(int(spot), shape[1])
        assert column == 2
        assert abs(row - shape[0] // 2) == 2
        assert turned.max() == pytest.approx(1.0, abs=1e-4)


def test_streams_leave_out_a_last_batch_that_is_too_small() -> None:
    rows = table.make_table("rows", {"a": torch.arange(9.0)})

    class Row:
        def __init__(self, part: table.Table) -> None:
            self.a = table.numbers(part, ["a"], torch.float32)

    found = stream.Stream.of(rows, Row).shuffled(size=4, fewest=2)
    assert len(found) == 8
    seen = torch.cat([part for (part,) in found.batches(4)]).flatten()
    assert len(set(seen.tolist())) == 8


EDITS = [
    ("size = 10", "size = 0", "invalid-value", "data.inputs.image.prepare[0].size"),
    ("center_crop", "centre_crop", "unknown-name", "data.inputs.image.prepare[1].type"),
    ("size = 8", "size = 9", "shape-mismatch", "data.inputs.image.prepare"),
    ("mean = [0.5, 0.5, 0.5]", "mean = [0.5]", "wrong-preparation", "data.inputs.image.prepare[2]"),
    ('"flip"', '"flop"', "unknown-name", "data.inputs.image.augment[0]"),
    ('"flip"', '"standard"', "unknown-name", "data.inputs.image.augment[0]"),
    ('"Adam"', '"LBFGS"', "wrong-augmentation", "data.inputs.image.augment"),
    ('path = "photos"', 'path = "photos"\ntarget = "kind"', "unknown-key", "data.target"),
    ("batch_size = 5", 'batch_size = "all"', "wrong-load", "data.type"),
    ('"batch", 3, 8, 8', '"batch", 2, 8, 8', "shape-mismatch", "model.inputs.image"),
    ('path = "photos"', 'path = "photos"\nload = "disk"', "invalid-value", "data.load"),
]


def test_sound_specs_have_no_problems() -> None:
    assert problems_of(PICTURES) == []


@pytest.mark.parametrize(("old", "new", "code", "where"), EDITS)
def test_each_mistake_is_reported_once_at_its_place(
    old: str, new: str, code: str, where: str
) -> None:
    assert old in PICTURES
    found = problems_of(PICTURES.replace(old, new))
    assert [(problem.code, problem.where) for problem in found] == [(code, where)]
