"""Find images, and the classes that they are of."""

from pathlib import Path

from .library import needed
from .table import Table, TableError, make_table

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp")
"""How the names of images end."""


def read_images(path: str | Path) -> Table:
    """Return the paths of images: columns image and, for a folder of folders, class.

    Args:
        path: of a folder with a folder for each class, of a folder of images, or of
            one image

    Raises:
        LibraryError: Pillow is not installed.
        TableError: there are no images, or other files among them.
    """
    needed("PIL.Image", "images")
    root = Path(path)
    if root.is_file():
        return make_table(str(path), {"image": [root]})
    entries = sorted(entry for entry in root.iterdir() if entry.name[0] != ".")
    folders = [entry for entry in entries if entry.is_dir()]
    if not folders:
        return make_table(str(path), {"image": images_of(root)})
    stray = [entry.name for entry in entries if entry not in folders]
    if stray:
        raise TableError(f"{path}: {stray[0]} is in no class's folder")
    found = [images_of(folder) for folder in folders]
    numbers = [number for number, images in enumerate(found) for _ in images]
    columns = {"image": [image for images in found for image in images]}
    return make_table(str(path), {**columns, "class": numbers})


def images_of(folder: Path) -> list[Path]:
    """Return the images in a folder, in order. Raises TableError for other files."""
    found = sorted(file for file in folder.iterdir() if file.name[0] != ".")
    for file in found:
        if file.suffix.lower() not in SUFFIXES:
            raise TableError(f"{file} is no image: its name ends in {file.suffix}")
    if not found:
        raise TableError(f"{folder}: there are no images")
    return found
