"""Change images by chance, each in its own way."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def flip(images: Tensor, p: float = 0.5, vertical: bool = False) -> Tensor:
    """Mirror each image from left to right, or upside down, with a probability.

    Shape:
        images: (rows, channels, height, width), here and below
    """
    chosen = torch.rand(len(images), 1, 1, 1, device=images.device) < p
    return torch.where(chosen, images.flip(2 if vertical else 3), images)


def crop(images: Tensor, padding: int = 4) -> Tensor:
    """Move each image by up to `padding` pixels; what comes in is 0."""
    rows, _, height, width = images.shape
    device = images.device
    offsets = torch.randint(0, 2 * padding + 1, (2, rows, 1), device=device)
    down = offsets[0] + torch.arange(height, device=device)
    right = offsets[1] + torch.arange(width, device=device)
    padded = F.pad(images, (padding, padding, padding, padding))
    number = torch.arange(rows, device=device)[:, None, None]
    moved = padded[number, :, down[:, :, None], right[:, None, :]]
    return moved.permute(0, 3, 1, 2)


def rotate(images: Tensor, degrees: float = 10.0) -> Tensor:
    """Turn each image by up to so many degrees about its middle; what comes in is 0."""
    rows, _, height, width = images.shape
    angle = (2 * torch.rand(rows, device=images.device) - 1) * math.radians(degrees)
    cos, sin, zero = angle.cos(), angle.sin(), torch.zeros_like(angle)
    # The sides of the grid are 2 long each, whatever the pixels are.
    ratio = height / width
    first = torch.stack([cos, -sin * ratio, zero], dim=1)
    second = torch.stack([sin / ratio, cos, zero], dim=1)
    turns = torch.stack([first, second], dim=1).to(images.dtype)
    grid = F.affine_grid(turns, list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)


def jitter(images: Tensor, brightness: float = 0.2, contrast: float = 0.2) -> Tensor:
    """Change each image's brightness and contrast by up to these shares.

    Brightness is counted in standard deviations of the image, contrast about its mean.
    """
    shape = (len(images), 1, 1, 1)
    lighter = (2 * torch.rand(shape, device=images.device) - 1) * brightness
    factor = 1 + (2 * torch.rand(shape, device=images.device) - 1) * contrast
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    deviation = images.std(dim=(1, 2, 3), correction=0, keepdim=True)
    return mean + factor * (images - mean) + lighter * deviation


def erase(images: Tensor, p: float = 0.5, share: float = 0.4) -> Tensor:
    """Set a rectangle of each image to 0 with a probability.

    Args:
        share: the rectangle is at most so much of the image's height and width
    """
    rows, _, height, width = images.shape
    device = images.device
    chosen = torch.rand(rows, 1, 1, 1, device=device) < p
    sides = []
    for length in (height, width):
        size = torch.rand(rows, 1, device=device) * share * length
        start = torch.rand(rows, 1, device=device) * (length - size)
        pixels = torch.arange(length, device=device) + 0.5
        sides.append((pixels > start) & (pixels < start + size))
    inside = sides[0][:, None, :, None] & sides[1][:, None, None, :]
    return torch.where(chosen & inside, 0.0, images)
