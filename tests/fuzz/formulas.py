"""Changes of expressions, by Python's grammar."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from random import Random

from .known import functions

_BINARY = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)
_COMPARE = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Is, ast.In)
_ATOMS = (
    *("0", "1", "-1", "2", "3", "0.5", "1e308", "2**63", "10**18", "None", "True", "..."),
    *("'float32'", "'mean'", "()", "[]", "(1, 2)", "[1, 2]", "pi", "inf", "nan", "training"),
    *("batch", "index", "_", "x", "[1.0]", "1e999", "'x'", "b'x'", "f'{x}'", "lambda: 0"),
)
_INDICES = ("0", "-1", "1", "9", ":", "::2", ":, 0", "..., None", "1:", ":-1", "None", "x", "0:1")


def formula(random: Random, names: Sequence[str], depth: int = 2) -> str:
    """A random expression over some names."""
    if depth == 0 or random.random() < 0.15:
        return random.choice(names) if names and random.random() < 0.8 else random.choice(_ATOMS)
    first = formula(random, names, depth - 1)
    match random.randrange(9):
        case 0 | 1:
            sign = random.choice("+ - * / // % ** @ == < >= & | and or".split())
            return f"({first} {sign} {formula(random, names, depth - 1)})"
        case 2:
            return f"{first}[{random.choice(_INDICES)}]"
        case 3:
            second = formula(random, names, depth - 1)
            return f"({first} if {random.choice(_ATOMS)} else {second})"
        case 4:
            return f"[{first}, {formula(random, names, depth - 1)}]"
        case 5:
            return f"{random.choice('- not ~ +'.split())} {first}"
    return call(random, names, first, depth)


def call(random: Random, names: Sequence[str], first: str, depth: int = 1) -> str:
    """A call of any function, with about as many arguments as it has."""
    name = random.choice([*functions()])
    parameters = functions()[name]
    count = random.randint(0, max(0, min(len(parameters) - 1, 2)))
    rest = [_argument(random, names, depth) for _ in range(count)]
    if parameters and random.random() < 0.4:
        rest.append(f"{random.choice(parameters)}={_argument(random, names, depth)}")
    if "." not in name and random.random() < 0.3:
        return f"({first}).{name}({', '.join(rest)})"
    return f"{name}({', '.join([first, *rest])})"


def _argument(random: Random, names: Sequence[str], depth: int) -> str:
    if random.random() < 0.5:
        return random.choice(_ATOMS)
    return formula(random, names, depth - 1)


def changed(text: str, random: Random, names: Sequence[str]) -> str:
    """An expression with one thing changed; another one where it is none."""
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return formula(random, names)
    nodes = [node for node in ast.walk(tree.body) if isinstance(node, ast.expr)]
    chosen = random.choice(nodes)
    other = _other(chosen, random, names)
    try:
        replaced = _Replace(chosen, ast.parse(other, mode="eval").body).visit(tree)
        return ast.unparse(replaced)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return other


class _Replace(ast.NodeTransformer):
    def __init__(self, node: ast.expr, other: ast.expr) -> None:
        self.node, self.other = node, other

    def visit(self, node: ast.AST) -> ast.AST:
        return self.other if node is self.node else self.generic_visit(node)


def _other(node: ast.expr, random: Random, names: Sequence[str]) -> str:
    text = ast.unparse(node)
    match random.randrange(8):
        case 0 if isinstance(node, ast.BinOp):
            node.op = random.choice(_BINARY)()
            return ast.unparse(node)
        case 0 if isinstance(node, ast.Compare):
            node.ops = [random.choice(_COMPARE)() for _ in node.ops]
            return ast.unparse(node)
        case 1 if isinstance(node, ast.Call) and node.args:
            node.args.pop(random.randrange(len(node.args)))
            return ast.unparse(node)
        case 1 if isinstance(node, ast.Call) and node.keywords:
            node.keywords.pop()
            return ast.unparse(node)
        case 2 if isinstance(node, ast.Call):
            node.args.append(ast.parse(random.choice(_ATOMS), mode="eval").body)
            return ast.unparse(node)
        case 3:
            return call(random, names, text)
        case 4:
            return f"({text})[{random.choice(_INDICES)}]"
        case 5:
            return f"({text} {random.choice('+ - * / // % ** @'.split())} {text})"
        case 6:
            return _deep(text, random)
    return random.choice(names) if names and random.random() < 0.6 else random.choice(_ATOMS)


def _deep(text: str, random: Random) -> str:
    count = random.choice((3, 3, 3, 30, 200))
    before, after = random.choice((("(", " + 1)"), ("relu(", ")"), ("-", ""), ("[", "]")))
    return before * count + text + after * count
