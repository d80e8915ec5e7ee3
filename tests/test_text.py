"""Texts reach a language model as windows of tokens, each with what follows."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from test_training import run, submodule
from torch import nn
from training_package import built, problems_of
from training_specs import LANGUAGE

from specc.templates.runtime import text_file
from specc.templates.runtime.byte_tokenizer import ByteTokenizer
from specc.templates.runtime.character_tokenizer import CharacterTokenizer
from specc.templates.runtime.word_tokenizer import WordTokenizer

CORPUS = "Größe zählt nicht, sagt man; doch wer zählt, hat recht. " * 12 + "жжж"


def corpus(folder: Path, text: str = CORPUS) -> Path:
    (folder / "corpus.txt").write_text(text, "utf-8")
    return folder / "corpus.txt"


def prepared(package: ModuleType, path: Path) -> tuple[object, ...]:
    data = submodule(package, "data")
    parts = data.load_parts(path)
    preparation = data.Preparation.fit(parts.train)
    return parts, preparation, preparation(parts.train)


@given(st.text(min_size=1), st.text())
@settings(max_examples=60, deadline=None)
def test_texts_come_back_from_their_tokens(text: str, other: str) -> None:
    encoded = text.encode("utf-8", "replace")
    assert ByteTokenizer().decode(ByteTokenizer().encode(encoded)) == encoded
    tokenizer = CharacterTokenizer.fit(text)
    assert tokenizer.decode(tokenizer.encode(text)) == text
    unknown = tokenizer.encode(other) == 0
    assert unknown.tolist() == [letter not in text for letter in other]
    words = WordTokenizer.fit(text)
    assert (words.encode(text) > 0).all()


def test_words_and_marks_are_tokens() -> None:
    tokenizer = WordTokenizer.fit("Ein Wort, noch ein Wort!")
    assert tokenizer.words == ["!", ",", "Ein", "Wort", "ein", "noch"]
    assert tokenizer.encode("Wort für Wort").tolist() == [4, 0, 4]
    assert tokenizer.decode(torch.tensor([4, 0])) == "Wort �"


@given(st.integers(1, 60), st.integers(1, 9), st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_windows_have_a_token_behind_them(count: int, length: int, stride: int) -> None:
    expected = [s for s in range(0, count, stride) if s + length + 1 <= count]
    tokens = torch.arange(count)
    if not expected:
        with pytest.raises(text_file.TextError, match=f"{count} tokens is too short"):
            text_file.window_starts(tokens, length, stride)
        return
    assert text_file.window_starts(tokens, length, stride).tolist() == expected


@given(st.text(), st.integers(1, 9), st.integers(1, 9))
def test_the_parts_of_a_text_are_the_text(text: str, first: int, second: int) -> None:
    shares = (first / (first + second), second / (first + second))
    parts = text_file.split_text(text, shares)
    assert "".join(parts) == text
    assert abs(len(parts[0]) - shares[0] * len(text)) <= 1


def test_windows_are_those_of_the_training_part(tmp_path: Path) -> None:
    package = built(LANGUAGE, tmp_path)
    parts, preparation, data = prepared(package, corpus(tmp_path))
    train = CORPUS[: round(0.75 * len(CORPUS))]
    assert (parts.train, parts.validation) == (train, CORPUS[len(train) :])  # type: ignore[attr-defined]
    numbers = {one: number for number, one in enumerate(sorted(set(train)), start=1)}
    tokens = torch.tensor([numbers[one] for one in train])
    batches = list(data.batches(4))  # type: ignore[attr-defined]
    seen = torch.cat([window for window, _ in batches])
    after = torch.cat([target for _, target in batches])
    assert torch.equal(seen.flatten(), tokens[: seen.numel()])
    assert torch.equal(after.flatten(), tokens[1 : seen.numel() + 1])
    assert len(data) == (len(tokens) - 1) // 8  # type: ignore[arg-type]
    # Nothing of the validation part is known.
    assert preparation.tokenizer.characters == "".join(sorted(set(train)))  # type: ignore[attr-defined]
    (_, target), *_ = preparation(parts.validation).batches(99)  # type: ignore[operator, attr-defined]
    assert target.flatten()[-1] == 0


def test_training_is_that_of_a_plain_loop(tmp_path: Path) -> None:
    package = built(LANGUAGE, tmp_path)
    path = corpus(tmp_path)
    trained = package.train(path)
    _, _, data = prepared(package, path)
    torch.manual_seed(0)
    model = submodule(package, "model").Language()
    optimizer = torch.optim.Adam(model.parameters())
    generator = torch.Generator().manual_seed(0)
    losses = []
    for _ in range(2):
        total = 0.0
        order = torch.randperm(len(data), generator=generator)  # type: ignore[arg-type]
        for rows in torch.split(order, 4):
            starts = data.starts[rows].tolist()  # type: ignore[attr-defined]
            window = torch.stack([data.text[s : s + 9] for s in starts])  # type: ignore[attr-defined]
            optimizer.zero_grad()
            logits = model(window[:, :-1]).flatten(0, 1)
            loss = nn.functional.cross_entropy(logits, window[:, 1:].flatten())
            torch.autograd.backward(loss)
            optimizer.step()
            total += loss.item() * len(rows)
        losses.append(total / len(order))
    assert [row["train_loss"] for row in trained.history] == pytest.approx(losses, rel=1e-6)


def test_the_loss_of_a_part_is_that_of_all_its_windows(tmp_path: Path) -> None:
    package = built(LANGUAGE, tmp_path)
    trained = package.train(corpus(tmp_path), epochs=1)
    parts, preparation, _ = prepared(package, tmp_path / "corpus.txt")
    data = preparation(parts.validation)  # type: ignore[operator, attr-defined]
    (tokens, target), *_ = data.batches(len(data))
    expected = nn.functional.cross_entropy(trained.model(tokens).flatten(0, 1), target.flatten())
    assert trained.history[-1]["validation_loss"] == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize("tokenizer", ["bytes", "words"])
def test_the_command_line_reads_a_text(tmp_path: Path, tokenizer: str) -> None:
    text = LANGUAGE.replace("characters", tokenizer).replace("size = 40", "size = 256")
    package = built(text, tmp_path)
    corpus(tmp_path)
    command = (sys.executable, "-m", "language")
    trained = run(tmp_path, *command, "train", "--epochs", "1")
    assert trained.returncode == 0, trained.stderr
    assert run(tmp_path, *command, "evaluate").stdout == trained.stdout
    (tmp_path / "new.txt").write_text("recht hat, wer nicht zählt. Ein langer Satz.", "utf-8")
    (answer,) = run(tmp_path, *command, "predict", "new.txt").stdout.splitlines()
    logits = torch.tensor(json.loads(answer)["prediction"])
    assert logits.shape == (8, 256)
    weights = tmp_path / "runs/language/weights.pt"
    new = (tmp_path / "new.txt").read_bytes()
    said = package.predict(
        package.load(weights),
        package.load_preparation(weights),
        new if tokenizer == "bytes" else new.decode(),
    )
    assert torch.allclose(said[0], logits)
    (tmp_path / "short.txt").write_text("kurz", "utf-8")
    short = run(tmp_path, *command, "train", "--data", "short.txt")
    assert short.returncode == 2
    assert "too short for a window of 8" in short.stderr
    (tmp_path / "empty.txt").write_text("")
    empty = run(tmp_path, *command, "train", "--data", "empty.txt")
    assert "empty.txt is empty" in empty.stderr


def test_a_text_that_is_no_utf_8_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes("eins\nzwölf".encode("latin-1"))
    with pytest.raises(text_file.TextError, match=r"latin.txt, line 2: it is not UTF-8"):
        text_file.read_text(tmp_path / "latin.txt")


def test_a_tokenizer_of_a_file(tmp_path: Path) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    made = tokenizers.Tokenizer(tokenizers.models.BPE(unk_token="?"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    trainer = tokenizers.trainers.BpeTrainer(vocab_size=38, special_tokens=["?"])
    made.train_from_iterator([CORPUS], trainer)
    made.save(str(tmp_path / "tokenizer.json"))
    package = built(LANGUAGE.replace('"characters"', '"tokenizer.json"'), tmp_path)
    corpus(tmp_path)
    command = (sys.executable, "-m", "language")
    trained = run(tmp_path, *command, "train", "--epochs", "1")
    assert trained.returncode == 0, trained.stderr
    preparation = package.load_preparation(tmp_path / "runs/language/weights.pt")
    assert preparation.tokenizer.encode(CORPUS).tolist() == made.encode(CORPUS).ids
    missing = run(tmp_path, *command, "train", "--tokenizer", "corpus.txt")
    assert missing.returncode == 2
    assert "corpus.txt: this is no tokenizer" in missing.stderr


EDITS = [
    ('"characters"', '"letters"', "invalid-value", "data.tokenizer"),
    ('window = { length = "context" }\n', "", "missing-key", "data"),
    ('length = "context"', 'length = "context + 1"', "window-length", "data.window.length"),
    ('length = "context"', "length = 0", "invalid-value", "data.window.length"),
    ('length = "context"', 'length = "contxt"', "unknown-name", "data.window.length"),
    ('length = "context"', 'length = "context", size = 3', "unknown-key", "data.window.size"),
    ("validation = 0.25 }", 'validation = 0.25, by = "random" }', "wrong-split", "data.split.by"),
    ("split = { train = 0.75, validation = 0.25 }", "folds = 4", "wrong-split", "data.folds"),
    ("batch_size = 4", 'batch_size = "all"', "invalid-value", "training.batch_size"),
    ('"characters"', '"bytes"', "wrong-vocabulary", "data.tokenizer"),
    ("split =", 'inputs.tokens = { columns = "a" }\nsplit =', "no-columns",
     "data.inputs.tokens.columns"),
    ("split =", "target = false\nsplit =", "missing-key", "data.target"),
]  # fmt: skip


def test_sound_specs_have_no_problems() -> None:
    assert problems_of(LANGUAGE) == []
    assert problems_of(LANGUAGE.replace('where = "time <= context"', "optional = false")) == []
    files = LANGUAGE.replace("train = 0.75, validation = 0.25", 'train = "a.txt", test = "b.txt"')
    assert problems_of(files.replace('path = "corpus.txt"\n', "")) == []


@pytest.mark.parametrize(("old", "new", "code", "where"), EDITS)
def test_each_mistake_is_reported_once_at_its_place(
    old: str, new: str, code: str, where: str
) -> None:
    assert old in LANGUAGE
    found = problems_of(LANGUAGE.replace(old, new))
    assert [(problem.code, problem.where) for problem in found] == [(code, where)]
