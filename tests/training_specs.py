"""Specs that the tests of training share."""

from pathlib import Path

EXAMPLES = Path(__file__).parent.parent / "examples"
NETWORK = (EXAMPLES / "network.toml").read_text("utf-8")
DIGITS = (EXAMPLES / "digits.toml").read_text("utf-8")

FUNKY = """
[model]
name = "FunkyNetwork"
inputs.features = ["batch", 5]
layers = [
  { name = "hidden1", type = "Linear", out_features = 8 },
  { name = "both", expr = "relu(hidden1) + tanh(hidden1)" },
  { name = "hidden2", type = "Linear", out_features = 4 },
  { name = "swish", expr = "hidden2 * sigmoid(hidden2)" },
  { name = "output", type = "Linear", out_features = 1 },
]

[data]
type = "csv"
path = "points.csv"
target = "label"
split = { train = 0.8, validation = 0.2 }

[[loss]]
type = "BCEWithLogitsLoss"

[[loss]]
name = "quartic"
expr = "mean((sigmoid(output) - target) ** 4)"
scale = 0.5

[optimizer]
type = "AdamW"
lr = 0.04
param_groups = [{ match = "*.bias", weight_decay = 0.0 }]

[scheduler]
type = "OneCycleLR"
max_lr = 0.1

[training]
epochs = 100
batch_size = 32
clip_grad_norm = 1.0
early_stopping = { monitor = "validation_loss", patience = 10 }
"""

TWO_TABLES = """
[model]
name = "TwoTables"
inputs.data = ["batch", 2]
inputs.codes = { shape = ["batch"], dtype = "int64" }
layers = [
  { name = "embedded", type = "Embedding", num_embeddings = 4, embedding_dim = 3,
    inputs = "codes" },
  { name = "joined", expr = "cat((data, embedded), dim=1)" },
  { name = "norm", type = "BatchNorm1d" },
  { name = "output", type = "Linear", out_features = 1 },
]

[data]
type = "csv"
path = "tables.csv"
target = "y"
inputs.data = { columns = ["a", "b"], prepare = ["standard"] }
inputs.codes = { columns = ["code"] }

[loss]
type = "MSELoss"

[optimizer]
type = "Adam"

[scheduler]
type = "StepLR"
step_size = 2

[training]
epochs = 4
batch_size = 4
seed = 3
metrics = ["mae", "rmse"]
plots = ["loss"]
"""

_CLASSES = """
[model]
name = "NAME"
inputs.features = ["batch", 5]
layers = [
  { name = "hidden", type = "Linear", out_features = 8 },
  { name = "norm", type = "LayerNorm" },
  { name = "output", type = "Linear", out_features = 3 },
]

[data]
type = "make_classification"
n_features = 5
n_informative = 3
n_classes = 3
random_state = 0

[loss]
type = "CrossEntropyLoss"
weight = [1.0, 2.0, 3.0]

[training]
epochs = 3
batch_size = 20
"""

# LBFGS, whose steps ask for the loss; functions of one's own that change its learning rate.
CURVATURE = (
    _CLASSES.replace("NAME", "Curvature")
    + """
[optimizer]
type = "LBFGS"
max_iter = 4

[[scheduler]]
type = "LambdaLR"
lr_lambda = "max(0.1, 2 ** -epoch)"

[[scheduler]]
type = "MultiplicativeLR"
lr_lambda = ["sqrt(1 / (1 + epoch))"]
"""
)

# Two optimizers, groups that overlap, schedulers one after the other.
MATRICES = (
    _CLASSES.replace("NAME", "Matrices")
    + """
[[optimizer]]
type = "Muon"
match = "Linear.weight"
lr = 0.02

[[optimizer]]
type = "AdamW"
param_groups = [
  { match = "*.b?as", weight_decay = 0.0 },
  { match = "LayerNorm.*", lr = 0.01 },
]

[[scheduler]]
type = "LinearLR"
every = "step"
until = "steps // 10"

[[scheduler]]
type = "CyclicLR"
base_lr = 0.001
max_lr = 0.01
step_size_up = "2 * steps_per_epoch"
scale_fn = "exp(-x)"
cycle_momentum = false
"""
)

# No target: three outputs are compared with one another.
TRIPLETS = """
[model]
name = "Embedder"
inputs.anchor = ["batch", 3]
inputs.positive = ["batch", 3]
inputs.negative = ["batch", 3]
layers = [
  { name = "encoder", type = "Linear", in_features = 3, out_features = 4, call = false },
  { name = "a", expr = "encoder(anchor)" },
  { name = "p", expr = "encoder(positive)" },
  { name = "n", expr = "encoder(negative)" },
]
outputs = ["a", "p", "n"]

[data]
type = "csv"
path = "rows.csv"
inputs.anchor = { columns = ["a1", "a2", "a3"] }
inputs.positive = { columns = ["p1", "p2", "p3"] }
inputs.negative = { columns = ["n1", "n2", "n3"] }
split = { train = 0.8, validation = 0.2 }

[[loss]]
type = "TripletMarginLoss"
inputs = { anchor = "a", positive = "p", negative = "n" }

[[loss]]
name = "small"
expr = "mean(a ** 2)"
scale = 0.01

[optimizer]
type = "SGD"
lr = 0.1

[training]
epochs = 3
batch_size = 2
"""

# Targets of several lengths, and an input that only the loss reads the shape of.
SPEECH = """
[model]
name = "Speech"
inputs.signal = ["batch", 4, 1]
layers = [
  { type = "Linear", out_features = 4 },
  { name = "logs", type = "LogSoftmax", dim = -1 },
]

[data]
type = "lists"
signal = [[[0.1], [0.3], [0.5], [0.7]], [[0.2], [0.4], [0.6], [0.8]]]
target = [[1, 2], [3, 0]]

[loss]
type = "CTCLoss"
inputs = { log_probs = "logs.transpose(0, 1)",
  input_lengths = "full((signal.shape[0],), 4, dtype='int64')",
  target_lengths = "(target != 0).sum(dim=1)" }

[optimizer]
type = "Adam"

[training]
epochs = 3
batch_size = 2
"""

_ROWS = """
[model]
name = "NAME"
inputs.features = ["batch", 5]
layers = [{ name = "output", type = "Linear", out_features = 3, bias = false }]

[data]
type = "make_classification"
n_features = 5
n_informative = 3
n_classes = 3
random_state = 0

[loss]
type = "CrossEntropyLoss"

[training]
epochs = 3
batch_size = 20
"""

# Optimizers whose own step torch leaves without types.
FACTORED = _ROWS.replace("NAME", "Factored") + '[optimizer]\ntype = "Adafactor"\n'
ORTHOGONAL = _ROWS.replace("NAME", "Orthogonal") + '[optimizer]\ntype = "Muon"\n'
SPARSE = """
[model]
name = "Sparse"
inputs.word = { shape = ["batch"], dtype = "int64" }
layers = [{ type = "Embedding", num_embeddings = 4, embedding_dim = 1, sparse = true }]

[data]
type = "lists"
word = [0, 1, 2, 3]

[loss]
expr = "mean(output ** 2)"

[optimizer]
type = "SparseAdam"

[training]
epochs = 3
batch_size = 2
"""

# Two optimizers under one scheduler, whose function has powers of floats.
POWERS = (
    _ROWS.replace("NAME", "Powers").replace("bias = false", "bias = true")
    + """
[[optimizer]]
type = "Muon"
match = "*.weight"

[[optimizer]]
type = "SGD"

[[scheduler]]
type = "CyclicLR"
base_lr = 0.001
max_lr = 0.01
scale_fn = "1 / (2.0 ** (x - 1))"
cycle_momentum = false
"""
)

# Rates of groups; a function of one's own whose whole numbers grow beyond 64 bits.
RATES = (
    _ROWS.replace("NAME", "Rates").replace("bias = false", "bias = true")
    + """
[optimizer]
type = "SGD"
momentum = 0.9
param_groups = [{ match = "*.bias", weight_decay = 0.1 }]

[[scheduler]]
type = "OneCycleLR"
max_lr = [0.1, 0.01]

[[scheduler]]
type = "CyclicLR"
base_lr = [0.001, 0.002]
max_lr = 0.1
scale_fn = "1 / (2 ** (x - 1))"
"""
)

LABELS = """
[model]
name = "Labels"
inputs.features = ["batch", 2]
layers = [{ name = "output", type = "Linear", out_features = 3 }]

[data]
type = "lists"
features = [[0.0, 1.0], [1.0, 0.0]]
target = [[0, -1, -1], [1, 2, -1]]

[loss]
type = "MultiLabelMarginLoss"

[optimizer]
type = "SGD"

[training]
epochs = 3
batch_size = "all"
"""

# Columns that are prepared each in its own way, texts and gaps among them.
MIXED_COLUMNS = """
[model]
name = "Mixed"
inputs.features = ["batch", 5]
inputs.kind = { shape = ["batch"], dtype = "int64" }
layers = [
  { name = "embedded", type = "Embedding", num_embeddings = 4, embedding_dim = 2,
    inputs = "kind" },
  { name = "joined", expr = "cat((features, embedded), dim=1)" },
  { name = "output", type = "Linear", out_features = 1 },
]

[data]
type = "csv"
path = "rows.csv"
target = "label"
split = { train = 0.8, validation = 0.2, by = "stratified", seed = 1 }

[data.inputs.features]
columns = ["age", "income", "city"]
prepare = { age = ["median", "standard"], income = ["log1p", "standard"], city = ["one_hot"] }

[data.inputs.kind]
columns = "kind"
prepare = ["index"]

[loss]
type = "BCEWithLogitsLoss"

[optimizer]
type = "Adam"

[training]
epochs = 2
batch_size = 8
seed = 0
metrics = ["accuracy"]
"""

# Folds of groups, and several steps on tensors.
FOLDED = (
    DIGITS.replace('"Digits"', '"Folded"')
    .replace('prepare = ["min_max"]', 'prepare = ["standard", "min_max"]')
    .replace("train = 0.7, validation = 0.1, test = 0.2, ", "")
    .replace("[loss]", "folds = 3\n\n[loss]")
)

# A database; parts by groups.
ASKED = (
    MIXED_COLUMNS.replace('"Mixed"', '"Asked"')
    .replace(
        'type = "csv"\npath = "rows.csv"', 'type = "sql"\nurl = "sqlite:///rows.db"\nquery = "q"'
    )
    .replace('by = "stratified"', 'by = "column", column = "city"')
)

# A language model of characters, the length of whose windows is a param.
LANGUAGE = """
[model]
name = "Language"
params = { context = 8, size = 40 }
inputs.tokens = { shape = ["batch", "time"], dtype = "int64", where = "time <= context" }
layers = [
  { name = "embedded", type = "Embedding", num_embeddings = "size", embedding_dim = 6 },
  { name = "mixed", type = "GRU", hidden_size = 12, batch_first = true },
  { name = "logits", type = "Linear", out_features = "size" },
]

[data]
type = "text"
path = "corpus.txt"
tokenizer = "characters"
window = { length = "context" }
split = { train = 0.75, validation = 0.25 }

[loss]
type = "CrossEntropyLoss"
inputs = { input = "logits.flatten(0, 1)", target = "target.flatten()" }

[optimizer]
type = "Adam"

[training]
epochs = 2
batch_size = 4
seed = 0
"""

# Images in folders, changed by chance in training.
PICTURES = """
[model]
name = "Pictures"
inputs.image = ["batch", 3, 8, 8]
layers = [
  { name = "conv", type = "Conv2d", out_channels = 4, kernel_size = 3 },
  { name = "norm", type = "BatchNorm2d" },
  { name = "pooled", expr = "mean(relu(norm), dim=(2, 3))" },
  { name = "logits", type = "Linear", out_features = 2 },
]

[data]
type = "images"
path = "photos"
split = { train = 0.75, validation = 0.25, by = "stratified" }

[data.inputs.image]
prepare = [
  { type = "resize", size = 10 },
  { type = "center_crop", size = 8 },
  { type = "normalize", mean = [0.5, 0.5, 0.5], std = [0.25, 0.25, 0.25] },
]
augment = ["flip", { type = "crop", padding = 1 }, "rotate", "jitter", "erase"]

[loss]
type = "CrossEntropyLoss"

[optimizer]
type = "Adam"

[training]
epochs = 2
batch_size = 5
seed = 0
metrics = ["accuracy"]
"""

# Rows of a table that are prepared batch by batch, by workers.
STREAMED = MIXED_COLUMNS.replace('"Mixed"', '"Streamed"').replace(
    'target = "label"', 'target = "label"\nload = "stream"'
)

# Rows that are drawn afresh for each batch.
DRAWN = """
[model]
name = "Drawn"
inputs.x = ["batch", 2]
inputs.side = { shape = ["batch"], dtype = "int64" }
layers = [
  { name = "embedded", type = "Embedding", num_embeddings = 3, embedding_dim = 2,
    inputs = "side" },
  { name = "total", expr = "x + embedded" },
  { name = "output", type = "Linear", out_features = 1 },
]

[data]
type = "random"
rows = 24
x = "rand(batch, 2) * pi"
side = "randint(0, 3, (batch,))"
target = "sin(x[:, :1]) + side.unsqueeze(1)"

[loss]
type = "MSELoss"

[optimizer]
type = "Adam"

[training]
epochs = 2
batch_size = 8
seed = 0
metrics = ["rmse"]
"""

KEPT = DIGITS.replace('"Digits"', '"Kept"').replace(
    "[training]",
    """[training]
checkpoint = { every = 2, keep = 3, best = "validation_accuracy" }
early_stopping = { monitor = "validation_loss", patience = 2 }""",
)
