"""Images in folders."""

from typing import ClassVar

from .base import Files


class Images(Files):
    """A folder with a folder of images for each class; the classes are numbered by their names.

    They are read by Pillow: `(3, height, width)` from 0 to 1; 1 channel is gray, 4 have alpha.
    The images of a batch are read by workers, unless `load = "memory"` keeps all of them.
    """

    module: ClassVar[str] = "image_folder"
    function: ClassVar[str] = "read_images"
    said: ClassVar[str] = "folder of images"
    streams: ClassVar[bool] = True
