"""What a model's output means to who asks it, and how `python -m` prints it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ...spec.losses.base import Meaning
from ...spec.tensor.type import product
from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.quote import quote, quoted
from ..training.training_spec import TrainingSpec

ANSWERS: Final[Mapping[Meaning, tuple[str, str, str]]] = {
    "value": ("output", "output", "the output of the model"),
    "probability": ("probability", "probability", "the probability of a yes"),
    "logit": ("logit", "logit.sigmoid()", "the probability of a yes"),
    "class logits": ("logits", "logits.softmax(dim=1)", "the probability of each class"),
    "class log-probabilities": (
        "log_probabilities",
        "log_probabilities.exp()",
        "the probability of each class",
    ),
    "class scores": ("scores", "scores", "the score of each class"),
    "class features": ("output", "logits.softmax(dim=1)", "the probability of each class"),
    "label scores": ("scores", "scores", "the score of each class, higher for right ones,"),
    "log-probabilities": ("log_probabilities", "log_probabilities.exp()", "the probabilities"),
    "rate": ("rate", "rate", "the expected count"),
    "log rate": ("log_rate", "log_rate.exp()", "the expected count"),
    "score": ("score", "score", "the score, above 0 for 1 and below 0 for -1,"),
    "distance": ("distance", "distance", "the distance, small for 1 and large for -1,"),
}
"""What the model gives, what `predict` makes of it, and what that is."""
_OF_CLASSES: Final[Mapping[Meaning, str]] = {
    "class logits": "probabilities",
    "class log-probabilities": "probabilities",
    "class scores": "scores",
    "class features": "probabilities",
}
"""What is printed of each class, where a row is of one of several."""
_KEYS: Final[Mapping[Meaning, str]] = {
    "probability": "probability",
    "logit": "probability",
    "log-probabilities": "probabilities",
    "label scores": "scores",
    "score": "score",
    "distance": "distance",
}
"""What an answer is called in what is printed; others are predictions."""


def print_answers(
    spec: TrainingSpec, predicted: code.Call, model: ModelInterface
) -> tuple[code.Statement, ...]:
    """The loop that prints what was predicted."""
    if len(model.outputs) > 1:
        return _print_outputs(predicted, model)
    ((_, output),) = model.outputs
    single = product(output.shape[1:]) == 1
    if spec.meaning in _OF_CLASSES:
        plural = _OF_CLASSES[spec.meaning]
        return quote(
            """
            answers = PREDICTED
            for ANSWERS in answers:
                likeliest = ANSWERS.argmax(dim=0).tolist()
                answer = {"class": likeliest, KEY: ANSWERS.tolist()}
                print(json.dumps(answer))
            """,
            PREDICTED=predicted,
            ANSWERS=plural,
            KEY=code.Constant(plural),
        )
    key = _KEYS.get(spec.meaning, "prediction")
    flat = "answers.flatten().tolist()" if single and output.rank > 1 else "answers.tolist()"
    return quote(
        """
        answers = PREDICTED
        for ANSWER in LISTED:
            print(json.dumps({KEY: ANSWER}))
        """,
        PREDICTED=predicted,
        ANSWER=key,
        LISTED=quoted(flat),
        KEY=code.Constant(key),
    )


def _print_outputs(predicted: code.Call, model: ModelInterface) -> tuple[code.Statement, ...]:
    """The same for a model of several outputs."""
    answer = tuple(
        (code.Constant(name), quoted("row[PLACE].tolist()", PLACE=code.Constant(place)))
        for place, (name, _) in enumerate(model.outputs)
    )
    return quote(
        """
        answers = PREDICTED
        for row in zip(*answers, strict=True):
            print(json.dumps(ANSWER))
        """,
        PREDICTED=predicted,
        ANSWER=code.Dict(answer),
    )
