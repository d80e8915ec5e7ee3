"""What the documents show is what happens, and what they point to exists."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

import specc
from specc.compiler.write import Kind
from specc.render import as_text

ROOT = Path(__file__).parent.parent
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    """The README's blocks of code in a language."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return [text for name, text in found if name == language]


SPEC = blocks("toml")[0]


def test_the_code_shown_is_the_code_generated() -> None:
    files = specc.compile(SPEC, format="toml").files
    forward, training = blocks("python")[:2]
    assert forward in files["model.py"]
    assert training in files["train.py"]


def test_the_problems_shown_are_those_reported() -> None:
    wrong = SPEC.replace("out_features = 8", "out_feature = 8").replace('"ReLU"', '"ReLu"', 1)
    [block] = [block for block in blocks("") if block.startswith("$ specc check")]
    shown = block.partition("\n")[2]
    problems = specc.check(wrong, format="toml")
    text = as_text(problems, {"<toml>": wrong}, color=False)
    assert text.replace("<toml>", "network.toml").strip() == shown.strip()


def test_what_a_build_may_meet_is_explained() -> None:
    explained = re.findall(r"^\| `([a-z]+)` \| (?:is|was) ", README, re.MULTILINE)
    assert sorted(explained) == sorted(set(get_args(Kind)) - {"unchanged"})


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = re.sub(r"^```.*?^```", "", document.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"`[^`\n]*`(?!\])", "", text)
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        if "://" not in link:
            assert (document.parent / link).exists(), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_and_tests_that_are_named_exist(document: Path) -> None:
    text = document.read_text("utf-8")
    folders = "spec|compiler|specc|templates|tests|examples|benchmarks|generated|docs"
    last = ""
    for path, test in re.findall(rf"`((?:(?:{folders})/[\w./]*)?)(?:::(\w+))?`", text):
        last = path or last
        if path:
            assert (ROOT / path).exists(), path
        if test:
            assert f"def {test}(" in (ROOT / last).read_text("utf-8"), test
