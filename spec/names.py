"""What may be a name, and how one style of name becomes another."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Collection
from typing import Final

# `nn.Module`'s public attributes (torch 2.13): a layer of such a name would break its owner.
MODULE_ATTRIBUTES: Final = frozenset(
    """T_destination add_module apply bfloat16 buffers call_super_init children compile cpu
    cuda double dump_patches eval extra_repr float forward get_buffer get_extra_state
    get_parameter get_submodule half ipu load_state_dict modules mtia named_buffers
    named_children named_modules named_parameters parameters register_backward_hook
    register_buffer register_forward_hook register_forward_pre_hook
    register_full_backward_hook register_full_backward_pre_hook
    register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module
    register_parameter register_state_dict_post_hook register_state_dict_pre_hook
    requires_grad_ set_extra_state set_submodule share_memory state_dict to to_empty train
    training type xpu zero_grad""".split()
)
DICT_METHODS: Final = frozenset(["clear", "items", "keys", "pop", "update", "values"])
# Of Python 3.11: what may be a package's name must not hang on the Python that builds it.
STANDARD_LIBRARY: Final = frozenset(
    """abc aifc antigravity argparse array ast asynchat asyncio asyncore atexit audioop
    base64 bdb binascii bisect builtins bz2 calendar cgi cgitb chunk cmath cmd code codecs
    codeop collections colorsys compileall concurrent configparser contextlib contextvars
    copy copyreg crypt csv ctypes curses dataclasses datetime dbm decimal difflib dis
    distutils doctest email encodings ensurepip enum errno faulthandler fcntl filecmp
    fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass gettext glob
    graphlib grp gzip hashlib heapq hmac html http idlelib imaplib imghdr imp importlib
    inspect io ipaddress itertools json keyword lib2to3 linecache locale logging lzma
    mailbox mailcap marshal math mimetypes mmap modulefinder msilib msvcrt multiprocessing
    netrc nis nntplib nt ntpath nturl2path numbers opcode operator optparse os ossaudiodev
    pathlib pdb pickle pickletools pipes pkgutil platform plistlib poplib posix posixpath
    pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri
    random re readline reprlib resource rlcompleter runpy sched secrets select selectors
    shelve shlex shutil signal site smtpd smtplib sndhdr socket socketserver spwd sqlite3
    sre_compile sre_constants sre_parse ssl stat statistics string stringprep struct
    subprocess sunau symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile
    termios textwrap this threading time timeit tkinter token tokenize tomllib trace
    traceback tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib uu
    uuid venv warnings wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc
    zipapp zipfile zipimport zlib zoneinfo""".split()
)
_BUILTINS: Final = frozenset(name for name in dir(builtins) if not name.startswith("_"))
_RESERVED: Final = frozenset(
    "self torch nn F Tensor math fnmatchcase NamedTuple OrderedDict derivative init_weights"
    " differentiable differentiating PackedSequence pack_padded_sequence pad_packed_sequence"
    " pad_sequence pack_sequence unpack_sequence Callable partial checkpoint sdpa_kernel"
    " SDPBackend".split()
)
MAX_NAME: Final = 100
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def is_identifier(text: str) -> bool:
    """Whether a text is an ASCII identifier and no keyword."""
    is_word = len(text) <= MAX_NAME and _IDENTIFIER.fullmatch(text) is not None
    return is_word and not keyword.iskeyword(text)


def refused_as_name(text: str) -> str | None:
    """Why a value, param or size may not have this name, or None where it may."""
    if len(text) > MAX_NAME:
        return f"names have at most {MAX_NAME} characters"
    if not _IDENTIFIER.fullmatch(text):
        return "names are ASCII identifiers: letters, digits, underscores, no digit first"
    if keyword.iskeyword(text) or (keyword.issoftkeyword(text) and text == "_"):
        return "it is a word of Python's own"
    if text.startswith("__"):
        return "names with two leading underscores are Python's own"
    if text in MODULE_ATTRIBUTES:
        return "it is an attribute of every nn.Module"
    if text in _RESERVED:
        return "the generated code uses this name itself"
    if text in _BUILTINS and text != "input":
        return "it is a builtin of Python"
    return None


def refused_as_output(text: str, earlier: Collection[str]) -> str | None:
    """Why a model or block may not return this under its name, or None where it may."""
    parts = text.split(".")
    name = parts[-1]
    if not all(map(_IDENTIFIER.fullmatch, parts)):
        return "an output is the name of a value: give what you want to return a name first"
    if name in earlier:
        return f"{name} is an output already"
    if name in ("count", "index") or name.startswith("_"):
        return f"{name} can't be an output's name: a tuple has something of this name"
    return None


def shown(text: str) -> str:
    """A name as messages show it: in quotes where it is none."""
    return text if is_identifier(text) or keyword.iskeyword(text) else f'"{text}"'


def names_file(type: str) -> bool:
    """Whether a type is meant for a class in a file of one's own: `./layers.py:SwiGLU`."""
    return type.startswith(("./", "../")) or ".py:" in type


def snake_case(name: str) -> str:
    """`BatchNorm2d` -> `batch_norm2d`, `ReLU` -> `relu`, `GPT` -> `gpt`."""
    words = name.replace("ReLU", "Relu").replace("SiLU", "Silu")
    words = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", words)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", words).lower()
