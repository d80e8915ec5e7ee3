"""Specs of networks with repeats, each in a form of its own."""

from __future__ import annotations

from typing import Final

X: Final = '[model]\nname = "M"\ninputs.x = ["batch", 6]\n'
IMAGE: Final = '[model]\nname = "M"\ninputs.x = ["batch", 3, 8, 8]\n'

NETWORKS: Final = {
    "sizes from a list": X
    + """params.widths = [8, 4, 5]
      layers = [
        { name = "layers", type = "Linear", out_features = "widths[index]",
          repeat = "len(widths)" },
        { name = "head", type = "Linear", out_features = 2 }]""",
    "sizes by arithmetic": X
    + """params.w = 3
      layers = [
        { type = "Linear", out_features = "w * 2 ** index", repeat = 3 },
        { type = "Linear", out_features = "max(4, 7 - index)", repeat = 4 },
        { type = "Linear", out_features = "4 if index % 2 == 0 else w", repeat = 3 }]""",
    "numbers that vary and sizes that do not": X
    + """params = { depth = 3, rate = 0.5 }
      layers = [
        { name = "layers", type = "Layer", rate = "rate * index / (depth - 1)", repeat = "depth" }]
      [blocks.Layer]
      params.rate = "float"
      layers = [{ type = "Linear", out_features = 6 }, { type = "Dropout", p = "rate" }]""",
    "stages of blocks": IMAGE
    + """params = { widths = [4, 5, 6], depths = [2, 1, 3] }
      layers = [
        { name = "stem", type = "Conv2d", out_channels = "widths[0]", kernel_size = 1 },
        { name = "stages", type = "Stage", channels = "widths[index]", depth = "depths[index]",
          stride = "1 if index == 0 else 2", repeat = "len(depths)" },
        { name = "head", type = "Linear", out_features = 2, inputs = "_.mean((2, 3))" }]
      [blocks.Stage]
      params = { channels = "int", depth = "int", stride = "int" }
      layers = [
        { name = "blocks", type = "Basic", channels = "channels",
          stride = "stride if index == 0 else 1", repeat = "depth" }]
      [blocks.Basic]
      params = { channels = "int", stride = "int" }
      layers = [
        { name = "conv", type = "Conv2d", out_channels = "channels", kernel_size = 3,
          stride = "stride", padding = 1 },
        { name = "down", type = "Conv2d", out_channels = "channels", kernel_size = 1,
          stride = "stride", when = "stride != 1 or x.shape[1] != channels", inputs = "x" },
        { expr = "relu(conv + down)" }]""",
    "dense connections": X
    + """params = { growth = 3, depth = 3 }
      layers = [
        { name = "dense", type = "DenseBlock", repeat = 2, depth = "depth + index" },
        { name = "norm", type = "LayerNorm" }]
      [blocks.DenseBlock]
      params.depth = "int"
      layers = [
        { name = "layers", type = "DenseLayer", growth = "growth", repeat = "depth" },
        { name = "squeeze", type = "Linear", out_features = "layers.shape[1] // 2" }]
      [blocks.DenseLayer]
      params.growth = "int"
      layers = [
        { name = "new", type = "Linear", out_features = "growth", inputs = "tanh(x)" },
        { expr = "cat([x, new], dim=1)" }]""",
    "a size without a formula": X
    + """layers = [
        { name = "layers", type = "Layer", repeat = 3 },
        { type = "Linear", out_features = 3 }]
      [blocks.Layer]
      params.kept = "int(0.7 * x.shape[1])"
      layers = [{ type = "Linear", out_features = "kept" }, "Tanh"]""",
    "repeats in a repeat": X
    + """layers = [
        { name = "stages", repeat = 2, layers = [
          { type = "Linear", out_features = "8 + index", repeat = 2 }, "ReLU",
          { type = "Linear", out_features = "4 * (index + 1)" }] },
        { name = "tail", type = "Linear", out_features = "6 + index", repeat = 3 },
        { name = "head", type = "Linear", out_features = 2 }]""",
    "a size that is read after another repeat": X
    + """layers = [
        { name = "a", type = "Linear", out_features = "4 + index", repeat = 2 },
        { name = "b", type = "Linear", out_features = "3 + index", repeat = 2 },
        { name = "c", type = "Linear", out_features = 2, inputs = "a" },
        { name = "d", type = "Linear", out_features = 2, inputs = "b" },
        { name = "e", type = "Linear", out_features = 2, inputs = "x" },
        { expr = "c + d + e" }]""",
    "an argument that is read after a repeat": X
    + """layers = ["B", { type = "Linear", out_features = 4 }, "B"]
      [blocks.B]
      layers = [
        { name = "a", type = "Linear", out_features = "4 + index", repeat = 2 },
        { name = "b", type = "Linear", out_features = 5, inputs = "x" },
        { expr = "a + b" }]""",
    "maps that shrink": IMAGE
    + """layers = [
        { name = "convs", repeat = 2, layers = [
          { type = "Conv2d", out_channels = "4 * (index + 1)", kernel_size = 3 },
          "Norm", "ReLU"] },
        "Flatten",
        { type = "Linear", out_features = 2 }]
      [blocks.Norm]
      layers = [{ type = "LayerNorm", normalized_shape = "x.shape[1:]" }]""",
    "two sizes that change places": """[model]
      name = "M"
      inputs = { a = ["batch", 6], b = ["batch", 4] }
      layers = [
        { name = "p", type = "B", repeat = 3, inputs = ["a", "b"] },
        { name = "q", type = "Linear", out_features = 2 },
        { name = "r", type = "Linear", out_features = 2, inputs = "p.v" },
        { expr = "q + r" }]
      [blocks.B]
      inputs = ["s", "t"]
      layers = [
        { name = "u", type = "Linear", out_features = "t.shape[1]", inputs = "s" },
        { name = "v", type = "Linear", out_features = "s.shape[1]", inputs = "t" }]
      outputs = ["u", "v"]""",
    "inputs that stay beside those that change": """[model]
      name = "M"
      inputs = { a = ["batch", 6], b = ["batch", 4] }
      layers = [
        { name = "p", type = "B", repeat = 3, inputs = { h = "b", x = "a" }, wide = "5 + index" },
        { expr = "p * 2" }]
      [blocks.B]
      inputs = ["x", "h"]
      params.wide = "int"
      layers = [
        { name = "u", type = "Linear", out_features = "wide", inputs = "x" },
        { name = "v", type = "Linear", out_features = "wide", inputs = "h" },
        { expr = "u + v" }]""",
    "uses that change and uses that do not": X
    + """layers = [
        { name = "one", type = "Stage", width = 6, depth = 2 },
        { name = "two", type = "Stage", width = 8, depth = 3 },
        { name = "three", type = "Stage", width = 4, depth = 1 }]
      [blocks.Stage]
      params = { width = "int", depth = "int" }
      layers = [{ name = "layers", type = "Linear", out_features = "width", repeat = "depth" },
        "Tanh"]""",
    "the last size of a repeat whose sizes were none's": IMAGE
    + """params = { widths = [4, 5, 6], depth = 2 }
      layers = [
        { type = "Conv2d", in_channels = 3, out_channels = "widths[0]", kernel_size = 1 },
        { name = "a", type = "B", width = "widths[index]", repeat = "len(widths)" },
        { name = "b", type = "B", width = "4 - 2 * index", repeat = "depth" },
        { type = "Linear", out_features = 2, inputs = "a.mean((2, 3)) + b.mean()" }]
      [blocks.B]
      params.width = "int"
      layers = [{ type = "Conv2d", out_channels = "width", kernel_size = 1,
        inputs = "x.mean(1, keepdim=True)" }]""",
    "repeats among numbered layers": X
    + """params.widths = [5, 4]
      layers = [{ name = "net", layers = [
        { type = "Linear", out_features = 6, repeat = 2 }, "Tanh",
        { type = "Linear", out_features = "widths[index]", repeat = 2 }, "Tanh",
        { type = "Linear", out_features = 3, repeat = 2 }] }]""",
    "names that are templates": X
    + """params = { depth = 3, first = 2 }
      layers = [
        { name = "fc{index + first}", type = "Linear", out_features = 6, repeat = "depth" },
        "Tanh",
        { name = "out{2 * index}_{index}", type = "Linear", out_features = "5 - index",
          repeat = 2 }]""",
    "names that are templates in a chain": X
    + """params.widths = [4, 5]
      layers = [
        { name = "a", layers = [
          { name = "fc{index}", type = "Linear", out_features = 6, repeat = 3 }] },
        { name = "b", layers = [
          { name = "first", type = "Linear", out_features = 3 },
          { name = "fc{index + 1}", type = "Linear", out_features = "widths[index]",
            repeat = 2 },
          "Tanh"] },
        { name = "c", layers = [
          { name = "fc{index + 1}", type = "Linear", out_features = "widths[index]",
            repeat = 2 }] }]""",
    "names that are templates in an opened container": X
    + """layers = [
        { name = "a", layers = [
          { name = "fc{index}", type = "Linear", out_features = 6, repeat = 3 },
          { expr = "_ * 2" },
          { name = "last", type = "Linear", out_features = 6 },
          { name = "{index + 2}", type = "Linear", out_features = "6 - index", repeat = 2 },
          { expr = "_ * 2" }] },
        { name = "b", layers = [
          { layers = [
            { name = "fc{index}", type = "Linear", out_features = 4, repeat = 2 },
            { expr = "_ + 1" }] }] },
        { name = "c", layers = [
          { name = "fc{index}", type = "Linear", out_features = 4, repeat = 2 },
          { expr = "_ + 1" }] }]""",
    "names that are templates beside layers without names": X
    + """layers = [
        { type = "Dense" },
        { name = "dense{index + 1}", type = "Dense", repeat = 2 },
        { type = "Dense" },
        { type = "Dense2" }, { type = "Dense2" }, { type = "Dense21" }]
      [blocks.Dense]
      layers = [{ type = "Linear", out_features = 4 }]
      [blocks.Dense2]
      layers = [{ type = "Linear", out_features = 5 }]
      [blocks.Dense21]
      layers = [{ type = "Linear", out_features = 3 }]""",
    "names that are templates in a repeat": X
    + """layers = [{ name = "a", repeat = 2, layers = [
        { name = "fc{index}", type = "Linear", out_features = "5 + index", repeat = 2 }, "Tanh"] }]
      """,
    "a block's times with names": X
    + """layers = [{ type = "Stage", depth = 2 }, { type = "Stage", depth = 3 }]
      [blocks.Stage]
      params.depth = "int"
      layers = [
        { name = "layer{index + 1}", type = "Dense", repeat = "depth" }, { expr = "_ * 2" }]
      [blocks.Dense]
      layers = [{ type = "Linear", out_features = 2 }, { expr = "cat([x, _], dim=1)" }]""",
    "numbers among names": X
    + """layers = [{ name = "a", layers = [
        { name = "first", type = "Linear", out_features = 4 },
        { type = "Linear", out_features = "5 + index", repeat = 2 },
        { type = "Linear", out_features = 6, repeat = 3 }, "Tanh"] }]""",
    "layers that some times have": X
    + """params.widths = [8, 6, 4]
      layers = [
        { name = "mlp", repeat = "len(widths)", layers = [
          { type = "Linear", out_features = "widths[index]" },
          { type = "ReLU", when = "index < 2" },
          { type = "LayerNorm", when = "index > 0" }] },
        { name = "named", repeat = 2, layers = [
          { name = "fc", type = "Linear", out_features = "5 - index" },
          { name = "act", type = "Tanh", when = "index == 0" }] },
        { name = "net", layers = [{ repeat = 2, layers = [
          { type = "Tanh", when = "index == 1" }, { type = "Linear", out_features = 4 }] }] }]""",
    "each time of a repeat": X
    + """params.depth = 4
      layers = [
        { name = "h", type = "Linear", out_features = 6, repeat = "depth" },
        { name = "third", expr = "each(h)[2]" },
        { expr = "cat(each(h), dim=1) + third.sum() + each(h)[-1][:, :1]" },
        { expr = "_ + stack(each(h)[1:-1]).sum() * len(each(h))" }]""",
    "each time where sizes change": X
    + """layers = [
        { name = "h", type = "B", repeat = 3, width = "4 + index" },
        { type = "Linear", out_features = "each(h)[1].shape[1]", inputs = "cat(each(h), dim=1)" },
        { expr = "_ + each(h)[1] + h.v.sum()" }]
      [blocks.B]
      params.width = "int"
      layers = [
        { name = "u", type = "Linear", out_features = "width" }, { name = "v", expr = "u * 2" }]
      outputs = ["u", "v"]""",
    "each time of a repeat of shared weights, in a block": X
    + """layers = [{ type = "B" }, { expr = "_.sum() + x" }]
      [blocks.B]
      layers = [
        { name = "h", repeat = 3, shared = true, layers = [
          { type = "Linear", out_features = 6 }, "Tanh"] },
        { expr = "each(h)[0] * each(h)[1]" }]""",
    "each entry of a container": X
    + """layers = [
        { name = "c", layers = [
          { type = "Linear", out_features = 6 }, "Tanh", { expr = "_ * 2" },
          { type = "Linear", out_features = 6, repeat = 2 },
          { name = "left_out", type = "Tanh", when = false },
          { name = ["p", "q"], expr = "chunk(_, 2, dim=1)" }, { expr = "cat([q, p], dim=1)" }] },
        { expr = "c + each(c)[2] + each(c)[0] + each(c)[-3] + stack(each(c)[:5]).sum(0)" },
        { expr = "_ + each(c)[3] + each(c)[5].sum()" }]""",
    "each entry of a chain": X
    + """layers = [
        { name = "c", layers = [
          { type = "Linear", out_features = 5 }, "Tanh", { type = "Linear", out_features = 4 }] },
        { expr = "cat(each(c), dim=1)" }]""",
    "each time of a repeat in a container": X
    + """layers = [
        { name = "c", layers = [
          { name = "h", type = "Linear", out_features = 6, repeat = 3 },
          { expr = "_ + cat(each(h), dim=1).sum()" }, "Tanh"] },
        { expr = "_ + each(c.h)[1]" }]""",
    "each time of a repeat of several entries": X
    + """layers = [
        { name = "h", repeat = 3, layers = [
          { name = "a", type = "Linear", out_features = 6 }, { expr = "_ + tanh(a)" }] },
        { expr = "_ + each(h)[0] * each(h)[1]" }]""",
}
"""One input x, a row of 6 or a small image; or what the spec says, with "batch" alone free."""
