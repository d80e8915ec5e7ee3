"""Specs that the tests of training share."""

NETWORK = """
[model]
name = "Network"
inputs.features = ["batch", 5]
layers = [
  { name = "hidden1", type = "Linear", out_features = 8 },
  "ReLU",
  { name = "hidden2", type = "Linear", out_features = 4 },
  "ReLU",
  { name = "output", type = "Linear", out_features = 1 },
  "Sigmoid",
]

[data]
type = "make_classification"
n_samples = 100
n_features = 5
n_informative = 3
random_state = 101

[loss]
type = "BCELoss"

[optimizer]
type = "SGD"
lr = 0.1

[training]
epochs = 200
batch_size = "all"
seed = 7
metrics = ["accuracy"]
plots = ["loss", "probabilities"]
"""

DIGITS = """
[model]
name = "Digits"
inputs.image = ["batch", 1, 8, 8]
layers = [
  { name = "conv1", type = "Conv2d", out_channels = 16, kernel_size = 3, padding = 1 },
  { name = "bn1", type = "BatchNorm2d" },
  { name = "relu1", type = "ReLU" },
  { name = "conv2", type = "Conv2d", out_channels = 32, kernel_size = 3, padding = 1 },
  { name = "bn2", type = "BatchNorm2d" },
  { name = "relu2", type = "ReLU" },
  { name = "pool2", type = "MaxPool2d", kernel_size = 2 },
  { name = "conv3", type = "Conv2d", out_channels = 32, kernel_size = 3, padding = 1 },
  { name = "bn3", type = "BatchNorm2d" },
  { name = "relu3", type = "ReLU" },
  { name = "pool3", type = "MaxPool2d", kernel_size = 2 },
  { name = "flatten", type = "Flatten" },
  { name = "dropout", type = "Dropout", p = 0.3 },
  { name = "output", type = "Linear", out_features = 10 },
]

[data]
type = "load_digits"
inputs.image = { prepare = ["min_max"] }
split = { train = 0.7, validation = 0.1, test = 0.2, by = "stratified", seed = 0 }

[loss]
type = "CrossEntropyLoss"

[optimizer]
type = "AdamW"
lr = 2e-3

[training]
epochs = 20
batch_size = 64
seed = 0
metrics = ["accuracy"]
plots = ["loss"]
"""

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
