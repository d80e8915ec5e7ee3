"""What is wrong with the sections of training is said, once, at its place."""

from __future__ import annotations

import pytest
from training_package import problems_of
from training_specs import DIGITS, FUNKY, NETWORK, TWO_TABLES

EDITS = [
    # spec, text to replace, replacement, code, place
    (NETWORK, 'type = "SGD"', 'type = "SDG"', "unknown-name", "optimizer.type"),
    (NETWORK, 'type = "BCELoss"', 'type = "BCLoss"', "unknown-name", "loss.type"),
    (NETWORK, '"make_classification"', '"make_clasification"', "unknown-name", "data.type"),
    (NETWORK, "lr = 0.1", "learning_rate = 0.1", "unknown-key", "optimizer.learning_rate"),
    (NETWORK, "lr = 0.1", "lr = -0.1", "invalid-value", "optimizer.lr"),
    (NETWORK, "lr = 0.1", "lr = 0.1\nnesterov = true", "invalid-value", "optimizer.nesterov"),
    (NETWORK, "random_state = 101\n", "", "missing-key", "data"),
    (NETWORK, "n_informative = 3", "n_informative = 4", "invalid-value", "data.n_features"),
    (NETWORK, "n_features = 5", "n_features = 6", "wrong-width", "data.type"),
    (NETWORK, "n_samples = 100", "n_classes = 3", "wrong-target", "loss"),
    (NETWORK, "epochs = 200\n", "", "missing-key", "training"),
    (NETWORK, "epochs = 200", "epochs = 0", "invalid-value", "training.epochs"),
    (NETWORK, "epochs = 200", "epoch = 1\nepochs = 200", "unknown-key", "training.epoch"),
    (NETWORK, '"all"', '"every"', "invalid-value", "training.batch_size"),
    (NETWORK, '["accuracy"]', '["acuracy"]', "unknown-name", "training.metrics[0]"),
    (NETWORK, '["accuracy"]', '["mae"]', "wrong-metric", "training.metrics[0]"),
    (NETWORK, '["loss", "prob', '["loss", "loss", "prob', "duplicate-name", "training.plots[1]"),
    (NETWORK, "seed = 7", 'device = "gpu"', "invalid-value", "training.device"),
    (NETWORK, '[loss]\ntype = "BCELoss"\n', "", "missing-section", "data"),
    (NETWORK, "[loss]", '[loss]\nreduction = "none"', "not-a-number", "loss.reduction"),
    (NETWORK, '"loss", "probabilities"]', '"loss"]\nclip_grad_norm = 0', "invalid-value",
     "training.clip_grad_norm"),
    (DIGITS, "out_features = 10", "out_features = 9", "wrong-target", "loss"),
    (DIGITS, "out_features = 10", "out_features = 2", "wrong-target", "loss"),
    (DIGITS, '"CrossEntropyLoss"', '"MSELoss"', "shape-mismatch", "loss"),
    (DIGITS, "train = 0.7", "train = 0.6", "invalid-value", "data.split"),
    (DIGITS, '"stratified"', '"stratify"', "invalid-value", "data.split.by"),
    (DIGITS, "test = 0.2", "tests = 0.2", "unknown-key", "data.split.tests"),
    (DIGITS, "inputs.image = {", "inputs.images = {", "unknown-name", "data.inputs.images"),
    (DIGITS, "lr = 2e-3", "betas = [0.9]", "invalid-value", "optimizer.betas"),
    (DIGITS, '"CrossEntropyLoss"', '"CrossEntropyLoss"\nweight = [1, 2]', "shape-mismatch",
     "loss.weight"),
    (FUNKY, '"*.bias"', '"*.baias"', "no-match", "optimizer.param_groups[0].match"),
    (FUNKY, "weight_decay = 0.0", "weight_decay = -1.0", "invalid-value",
     "optimizer.param_groups[0].weight_decay"),
    (FUNKY, "output) - target", "outptu) - target", "unknown-name", "loss[1].expr"),
    (FUNKY, "mean((sigmoid(output) - target) ** 4)", "(output - target) ** 4", "not-a-number",
     "loss[1].expr"),
    (FUNKY, "scale = 0.5", 'scale = "half"', "unknown-name", "loss[1].scale"),
    (FUNKY, 'path = "points.csv"', 'path = "../points.csv"', "invalid-value", "data.path"),
    (FUNKY, 'target = "label"\n', "", "missing-key", "data"),
    (FUNKY, '"validation_loss"', '"validation_accuracy"', "unknown-name",
     "training.early_stopping.monitor"),
    (FUNKY, "split = { train = 0.8, validation = 0.2 }", "", "no-validation",
     "training.early_stopping.monitor"),
    (FUNKY, "max_lr = 0.1", "max_lr = [0.1, 0.1, 0.1]", "invalid-value", "scheduler.max_lr"),
    (FUNKY, "max_lr = 0.1\n", "", "missing-key", "scheduler"),
    (FUNKY, "{ match =", "{ math =", "invalid-value", "optimizer.param_groups[0]"),
    (TWO_TABLES, '["a", "b"]', '["a"]', "wrong-width", "data.inputs.data.columns"),
    (TWO_TABLES, 'inputs.codes = { columns = ["code"] }\n', "", "no-columns", "data"),
    (TWO_TABLES, "batch_size = 4", "batch_size = 1", "small-batch", "training.batch_size"),
]  # fmt: skip


@pytest.mark.parametrize("spec", [NETWORK, DIGITS, FUNKY, TWO_TABLES])
def test_sound_specs_have_no_problems(spec: str) -> None:
    assert problems_of(spec) == []


@pytest.mark.parametrize(("spec", "old", "new", "code", "where"), EDITS)
def test_each_mistake_is_reported_once_at_its_place(
    spec: str, old: str, new: str, code: str, where: str
) -> None:
    assert old in spec
    found = problems_of(spec.replace(old, new))
    assert [(problem.code, problem.where) for problem in found] == [(code, where)]
    assert found[0].span is not None


def test_a_near_name_is_offered_as_a_fix() -> None:
    (problem,) = problems_of(NETWORK.replace('"SGD"', '"SDG"'))
    assert problem.fix is not None
    assert problem.fix.text == '"SGD"'


def test_a_loss_of_quantities_has_no_probabilities() -> None:
    found = problems_of(NETWORK.replace("BCELoss", "MSELoss"))
    assert {problem.code for problem in found} == {"wrong-metric", "wrong-plot"}


def test_mistakes_in_different_sections_are_all_reported() -> None:
    text = NETWORK.replace("lr = 0.1", "lr = -1").replace('"BCELoss"', '"BCLoss"')
    text = text.replace("epochs = 200", "epochs = 0")
    assert {problem.where for problem in problems_of(text)} == {
        "optimizer.lr",
        "loss.type",
        "training.epochs",
    }
