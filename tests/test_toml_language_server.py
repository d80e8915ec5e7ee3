"""What an editor shows by the JSON Schema: completions and problems of a TOML language server."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sysconfig
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

import pytest
from structural import ROOT

from specc.spec.language_schema import language_schema

TOMBI: Final = shutil.which("tombi", path=sysconfig.get_path("scripts"))
pytestmark = pytest.mark.skipif(TOMBI is None, reason="tombi is not installed beside this Python")
WAIT: Final = 20.0
HEAD: Final = '#:schema ./specc.schema.json\n[model]\nname = "Net"\ninputs.x = ["batch", 3]\n'


class Server:
    """A language server on stdio, with one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [str(TOMBI), "lsp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env={**os.environ, "TOMBI_OFFLINE": "true"},
        )
        self.messages: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.problems: dict[str, list[str]] = {}
        self.count = 0
        assert self.process.stdout is not None
        threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True).start()
        root = folder.as_uri()
        self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": root,
                "capabilities": {"textDocument": {"publishDiagnostics": {}}},
                "workspaceFolders": [{"uri": root, "name": "specs"}],
            },
        )
        self.send(method="initialized", params={})

    def _read(self, stream: IO[bytes]) -> None:
        while True:
            length = 0
            while line := stream.readline().strip():
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            if not length:
                self.messages.put(None)
                return
            self.messages.put(json.loads(stream.read(length)))

    def send(self, **message: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def request(self, method: str, params: dict[str, Any]) -> Any:
        self.count += 1
        number = self.count
        self.send(id=number, method=method, params=params)
        while True:
            message = self._next()
            if "method" not in message and message.get("id") == number:
                return message.get("result")

    def _next(self) -> dict[str, Any]:
        message = self.messages.get(timeout=WAIT)
        assert message is not None, "the server has ended"
        if "method" in message and "id" in message:
            items = (message.get("params") or {}).get("items")
            self.send(id=message["id"], result=[None] * len(items) if items else None)
        elif message.get("method") == "textDocument/publishDiagnostics":
            said = message["params"]
            self.problems[said["uri"]] = [one["message"] for one in said["diagnostics"]]
        return message

    def open(self, name: str, text: str) -> str:
        """Opens a document, and waits for what is said of it; its address."""
        uri = (self.folder / name).as_uri()
        (self.folder / name).write_text(text, "utf-8")
        document = {"uri": uri, "languageId": "toml", "version": 1, "text": text}
        self.send(method="textDocument/didOpen", params={"textDocument": document})
        while uri not in self.problems:
            self._next()
        return uri


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("specs")
    (folder / "specc.schema.json").write_text(json.dumps(language_schema()), "utf-8")
    made = Server(folder)
    yield made
    made.process.kill()
    made.process.wait()


def completions(server: Server, name: str, text: str) -> set[str]:
    """What is offered where `|` stands."""
    before, after = text.split("|")
    uri = server.open(f"{name}.toml", before + after)
    line, column = before.count("\n"), len(before) - before.rfind("\n") - 1
    place = {"textDocument": {"uri": uri}, "position": {"line": line, "character": column}}
    found = server.request("textDocument/completion", place)
    items = found["items"] if isinstance(found, dict) else found or []
    return {item["label"].strip('"') for item in items}


ENTRY: Final = {"name", "when", "keep", "inputs", "repeat", "shared", "parametrize", "recompute"}


def test_arguments_are_those_of_the_type_that_is_written(server: Server) -> None:
    found = completions(server, "arguments", HEAD + 'layers = [\n  { type = "Linear", | },\n]\n')
    assert found >= {"in_features", "out_features", "bias", "dtype", *ENTRY}
    assert not found & {"kernel_size", "expr", "layers", "type"}


def test_arguments_in_tables_of_their_own(server: Server) -> None:
    text = f'{HEAD}[[model.layers]]\ntype = "MultiheadAttention"\n|\n'
    found = completions(server, "tables", text)
    assert found >= {"num_heads", "embed_dim", *ENTRY}
    assert not found & {"kernel_size", "out_features", "expr"}


def test_types_of_layers(server: Server) -> None:
    found = completions(server, "types", HEAD + 'layers = [\n  { type = "|" },\n]\n')
    assert found >= {"Linear", "Conv2d", "LSTM", "TransformerEncoder", "Parameter", "Buffer"}


def test_layers_without_arguments_by_their_bare_names(server: Server) -> None:
    found = completions(server, "bare", HEAD + 'layers = [\n  "|",\n]\n')
    assert found >= {"ReLU", "Sigmoid", "Flatten"}
    assert not found & {"Conv2d", "MaxPool2d"}


@pytest.mark.parametrize(
    ("section", "expected", "foreign"),
    [
        ('[optimizer]\ntype = "SGD"\n|\n', {"lr", "momentum", "param_groups"}, {"betas"}),
        ('[loss]\ntype = "|"\n', {"MSELoss", "CrossEntropyLoss"}, {"Linear"}),
        ('[data]\ntype = "csv"\n|\n', {"path", "delimiter", "split"}, {"n_samples"}),
        ('[scheduler]\ntype = "StepLR"\n|\n', {"step_size", "gamma", "every"}, {"monitor"}),
        ("[training]\n|\n", {"epochs", "batch_size", "seed", "early_stopping"}, {"lr"}),
        ("[training]\nplots = ['|']\n", {"loss", "probabilities"}, set()),
    ],
)
def test_sections_of_training(
    server: Server, section: str, expected: set[str], foreign: set[str]
) -> None:
    name = "".join(filter(str.isalnum, section))
    found = completions(server, name, f'{HEAD}layers = ["ReLU"]\n{section}')
    assert found >= expected
    assert not found & foreign


def test_choices(server: Server) -> None:
    text = 'layers = [\n  { type = "Conv2d", out_channels = 3, padding_mode = "|" },\n]\n'
    assert completions(server, "choices", HEAD + text) >= {"zeros", "reflect", "circular"}


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('{ type = "Linear", out_features = 3, baias = true }', '"baias" is not allowed'),
        ('{ type = "Linear" }', '"out_features" is required'),
        ('{ type = "Dropout", p = [1] }', "Array"),
        ('{ expr = "x", repeat = 2 }', '"repeat" is not allowed'),
    ],
)
def test_mistakes_are_told_in_terms_of_the_layer(server: Server, entry: str, said: str) -> None:
    name = "".join(filter(str.isalnum, entry))
    uri = server.open(f"{name}.toml", f"{HEAD}layers = [\n  {entry},\n]\n")
    assert any(said in message for message in server.problems[uri])
    assert len(server.problems[uri]) <= 2


@pytest.mark.parametrize("name", ["network", "funky_network", "resnet18", "derivatives", "digits"])
def test_examples_have_no_problems(server: Server, name: str) -> None:
    text = (ROOT / "examples" / f"{name}.toml").read_text("utf-8")
    uri = server.open(f"example_{name}.toml", f"#:schema ./specc.schema.json\n{text}")
    assert server.problems[uri] == []
