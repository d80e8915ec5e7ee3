"""Sources that are files of arrays: for each input and the target, something for each row."""

from typing import ClassVar

from .base import Files


class Numpy(Files):
    """An .npz file of arrays, each with something for each row; or an .npy file of one array.

    The array of an .npy file is called as the file is, without its ending.
    """

    module: ClassVar[str] = "numpy_arrays"
    function: ClassVar[str] = "read_numpy"
    one_number: ClassVar[bool] = False
    said: ClassVar[str] = ".npy or .npz file"


class Safetensors(Files):
    """A safetensors file of tensors, each with something for each row."""

    module: ClassVar[str] = "safetensors_arrays"
    function: ClassVar[str] = "read_safetensors"
    one_number: ClassVar[bool] = False
    said: ClassVar[str] = "safetensors file"
