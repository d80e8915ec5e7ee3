"""A source of text -> the statements of `data.py`: windows of tokens, and what follows each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ...spec.data.text import Text
from ..emit import code
from ..emit.quote import quote, quoted
from ..training.training_spec import TrainingSpec
from .data_classes import DataFields, shuffling
from .plan_split import parts_class
from .rows import place_args

_CLASSES = {
    "bytes": "ByteTokenizer",
    "characters": "CharacterTokenizer",
    "words": "WordTokenizer",
}


def tokenizer_class(source: Text) -> str:
    """The class of the runtime that makes numbers of texts."""
    return _CLASSES.get(source.tokenizer, "FileTokenizer")


def text_imports(spec: TrainingSpec, source: Text) -> Iterator[code.ImportFrom]:
    """What the statements need."""
    yield code.ImportFrom("typing", ("Any",))
    yield code.ImportFrom("dataclasses", ("asdict",))
    yield code.ImportFrom("pathlib", ("Path",))
    yield code.ImportFrom(f".{source.module}", (tokenizer_class(source),))
    yield code.ImportFrom(".text_file", (_reader(source), "window_starts"))
    if spec.data.is_split:
        yield code.ImportFrom("typing", ("NamedTuple",))
        if not spec.data.has_files:
            yield code.ImportFrom(".text_file", ("split_text",))


def text_statements(
    spec: TrainingSpec, source: Text, fields: DataFields, smallest: int
) -> tuple[code.Statement, ...]:
    """All of `data.py` behind its imports."""
    return (
        *_constants(spec, source),
        *_data_class(spec, fields, smallest),
        *parts_class(spec.data),
        *_preparation(spec, source, fields),
        *_loading(spec, source),
    )


def _reader(source: Text) -> str:
    return "read_bytes" if source.held == "bytes" else "read_text"


def _constants(spec: TrainingSpec, source: Text) -> tuple[code.Statement, ...]:
    window = spec.data.window
    assert window is not None
    found: tuple[code.Statement, ...] = quote("FOLDER = Path()  # the current one")
    if not spec.data.has_files:
        where = code.Constant(source.path)
        found = quote("PATH = Path(WHERE)  # below the current folder", WHERE=where)
    if source.tokenizer_path:
        where = code.Constant(source.tokenizer_path)
        found += quote("TOKENIZER = Path(WHERE)  # below the current folder", WHERE=where)
    same = window.stride == window.length
    stride = code.Name("LENGTH") if same else code.Constant(window.stride)
    return found + quote(
        """
        LENGTH = LENGTH_
        STRIDE = STRIDE_
        """,
        LENGTH_=code.Constant(window.length),
        STRIDE_=stride,
    )


_DATA: Final = '''
@dataclass(frozen=True, eq=False)
class Data:
    """Windows of a text.

    Attributes:
        text: its tokens, (tokens,) int64
        starts: where each window begins, (rows,) int64
    """

    text: Tensor
    starts: Tensor

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, rows: Tensor) -> Data:
        return Data(self.text, self.starts[rows])

    def to(self, device: str | torch.device) -> Data:
        """Return the same windows on another device."""
        return Data(self.text.to(device), self.starts.to(device))

    METHODS
'''


def _data_class(
    spec: TrainingSpec, fields: DataFields, smallest: int
) -> tuple[code.Statement, ...]:
    taken = [quoted("self.text[places]")]
    if fields.target is not None:
        taken.append(quoted("self.text[places + 1]"))
    says = "Return the windows that begin at `starts`"
    says += ", and what follows each token." if fields.target is not None else "."
    methods = quote(
        '''
        def at(self, starts: Tensor) -> Batch:
            """{SAYS}"""
            places = starts.unsqueeze(1) + torch.arange(LENGTH, device=starts.device)
            return TAKEN

        def batches(self, size: int) -> Iterator[Batch]:
            """Yield all windows in order, `size` at a time; the last may be fewer."""
            return map(self.at, torch.split(self.starts, size))
        ''',
        Batch=quoted(f"tuple[{', '.join(['Tensor'] * len(fields.all))}]"),
        SAYS=says,
        TAKEN=code.Tuple(tuple(taken)),
    )
    return quote(
        _DATA,
        METHODS=(*shuffling(spec, smallest), *methods),
    )


_PREPARATION: Final = '''
@dataclass(frozen=True, eq=False)
class Preparation:
    """What makes texts the tokens that the model takes."""

    tokenizer: Tokenizer

    FIT

    def __call__(self, text: Held) -> Data:
        """Return the windows of a text."""
        tokens = self.tokenizer.encode(text)
        return Data(tokens, window_starts(tokens, LENGTH, STRIDE))

    def FIELD(self, text: Held) -> Tensor:
        """Return the last tokens of a text, as many as the model takes: (1, tokens)."""
        return self.tokenizer.encode(text)[-LENGTH:].unsqueeze(0)

    def state(self) -> dict[str, Any]:
        """Return what was fitted, as a file keeps it."""
        return asdict(self.tokenizer)

    @classmethod
    def restore(cls, state: dict[str, Any]) -> Preparation:
        """Return the preparation of a state."""
        return cls(Tokenizer(*state.values()))
'''


def _preparation(
    spec: TrainingSpec, source: Text, fields: DataFields
) -> tuple[code.Statement, ...]:
    ((name, _),) = fields.inputs.items()
    fitted = quoted("KIND.fit(text)", KIND=tokenizer_class(source))
    args: tuple[code.Arg, ...] = (code.Arg("text", code.Name(source.held)),)
    if source.tokenizer_path:
        fitted = quoted("FileTokenizer.read(tokenizer)")
        args += (code.Arg("tokenizer", quoted("str | Path"), code.Name("TOKENIZER")),)
    fit = code.FunctionDef(
        "fit",
        (code.Arg("cls"), *args),
        code.Name("Preparation"),
        "Return the preparation for texts like this one.",
        (code.Return(code.Call(code.Name("cls"), (fitted,))),),
        (code.Name("classmethod"),),
    )
    return quote(
        _PREPARATION,
        Tokenizer=tokenizer_class(source),
        Held=source.held,
        FIELD=name,
        FIT=(fit,),
    )


def _loading(spec: TrainingSpec, source: Text) -> tuple[code.Statement, ...]:
    data = spec.data
    read = quoted("READ(path)", READ=_reader(source))
    default = None if data.has_files else code.Name("PATH")
    load = code.FunctionDef(
        "load_text",
        (code.Arg("path", quoted("str | Path"), default),),
        code.Name(source.held),
        "Return the text of a file.",
        (code.Return(read),),
    )
    if not data.is_split:
        return (load,)
    assert data.split is not None
    parts = data.split.parts()
    if data.has_files:
        files = map(code.Constant, parts.values())
        made = tuple(quoted("load_text(Path(folder) / FILE)", FILE=file) for file in files)
        says = "Return the texts, each part from its file."
    else:
        shares = code.Tuple(tuple(code.Constant(float(share)) for share in parts.values()))
        split = quoted("split_text(load_text(path), SHARES)", SHARES=shares)
        made = (code.Starred(split),)  # type: ignore[assignment]
        says = "Return the parts of the text, one after the other."
    body = (code.Return(code.Call(code.Name("Parts"), made)),)
    return (load, code.FunctionDef("load_parts", place_args(data), code.Name("Parts"), says, body))
