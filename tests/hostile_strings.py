"""Texts that would become code, leave their place, or confuse a reader, if anything let them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

MARK = "specc_canary"
"""What stands in each of them: wherever it is in the output, there the text has come."""

_LINE_ENDS = ("\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029")
_QUOTES = ("'", '"', "'''", '"""', "\\", "\\'", '\\"', "\\\n", "`")
_MARKS = ("{{", "}}", "{%", "%}", "{#", "#}", "{", "}", "${", "<%", "#", "# type: ignore", "%s")
_UNSEEN = ("\0", "\x1b[31m", "\u202e", "\u2066", "\u200b", "\ufeff", "\ud800", "\udfff", "\ue000")
_CODE = (
    f"open('{MARK}', 'w')",
    f"__import__('os').mkdir('{MARK}')",
    f"exec('{MARK}')",
    f"{MARK}()",
    f"import {MARK}",
    f"raise {MARK}",
    f"lambda: {MARK}",
    f"{MARK} := 1",
    f"().__class__.{MARK}",
    f"{{{{ {MARK} }}}}",
)
_NAMES = (
    *("import", "class", "None", "True", "lambda", "match", "type", "print", "self", "torch", "nn"),
    *("F", "forward", "train", "eval", "state_dict", "parameters", "__init__", "__class__", "os"),
    *("sys", "math", "json", "data", "model", "Tensor", "annotations", "super", "_", "__", "a.b"),
    *(
        "\uff49\uff4d\uff50\uff4f\uff52\uff54",
        "\u212a",
        "\u017f",
        "clas\u017f",
        "a\u0301",
        "x" * 5000,
    ),
)
_PATHS = (
    *("..", "../x", "/etc/passwd", "~/x", "a/../../x", "a//b", "./x", "con", "NUL.csv"),
    *(
        "C:\\x",
        "file:///etc/passwd",
        "//host/x",
        "x\0.csv",
        "-rf",
        "x ",
        " x",
        "x.",
        "aux.py:Class",
    ),
)


def hostile_strings() -> list[str]:
    """About a thousand texts, each with the mark where a name or path allows none."""
    return list(dict.fromkeys(_all()))


def _all() -> Iterator[str]:
    for end, code in product(_LINE_ENDS, _CODE):
        yield f"x{end}{code}"
        yield f"{end}{code}{end}#"
    for quote, code in product(_QUOTES, _CODE):
        yield f"x{quote}{code}"
        yield f"{quote}; {code} #"
        yield f"x{quote}){quote}\n{code}\n{quote}("
    for mark, code in product(_MARKS, _CODE[:9]):
        yield f"{mark}{code}{mark}"
        yield f"x {mark} {code}"
    for unseen, code in product(_UNSEEN, _CODE[:5]):
        yield f"x{unseen}{code}"
        yield f"{unseen}{MARK}{unseen}"
    for name in _NAMES:
        yield name
        yield f"{name}_{MARK}"
        yield f"{name}.{MARK}"
        yield f"{name}: {MARK} = 1"
    for path in _PATHS:
        yield path
        yield f"{path}{MARK}"
        yield f"{path}/{MARK}.toml"
    yield from _CODE
    yield from (f"{MARK}{code}" for code in _CODE)
    yield from (f"{number}\n{MARK}" for number in ("1", "0x1", "1e999", "9" * 5000, "1_0", "nan"))
    yield from (f"{prefix}'{MARK}'" for prefix in ("", "f", "rb", "u", "b"))
    yield from (
        f"{MARK}{other}" for other in ("()", "[0]", ".x", " if x else y", "\\", "@", "~", ";")
    )
