"""Data sets of the library datasets."""

from typing import ClassVar

from .base import Files


class Huggingface(Files):
    """A data set that the library datasets has saved to a folder (`save_to_disk`)."""

    module: ClassVar[str] = "huggingface_table"
    function: ClassVar[str] = "read_huggingface"
    one_number: ClassVar[bool] = False
    said: ClassVar[str] = "folder of a data set"
