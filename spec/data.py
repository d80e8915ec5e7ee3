"""`[data]`: where the rows come from. Rows are never looked at before the generated code runs."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from .arguments import Arguments
from .fields import Many, Text
from .kinds import Choice, Flag, Integer, Kind, Optional, Positive, Real, Repeated
from .model import Section
from .names import snake_case
from .refusal import Refusal

Natural = Annotated[int, Integer(0)]
Seed = Annotated[int, Integer(0, 2**32 - 1)]
NonNegative = Annotated[float, Real(minimum=0.0, finite=False)]
Share = Annotated[float, Real(above=0.0, below=1.0)]
UnitNumber = Annotated[float, Real(0.0, 1.0)]
Finite = Annotated[float, Real()]


class Source(Arguments):
    """A table: one row an example, columns of features and a target.

    Its class's name in snake_case is the `type` in a spec.
    """

    @classmethod
    def type_name(cls) -> str:
        """What a spec calls it."""
        return snake_case(cls.__name__)


class Known(Source):
    """A function of sklearn.datasets, whose sizes are known before it is called."""

    def rows(self) -> int | None:
        """Number of rows, None where only the library knows."""
        return None

    def features(self) -> int:
        """Number of feature columns."""
        raise TypeError(f"{type(self).__name__} has no features")

    def classes(self) -> int | None:
        """Number of classes that the target counts; None where the target is a quantity."""
        return None

    def targets(self) -> int:
        """Number of target columns."""
        return 1


class MakeClassification(Known):
    """Clusters of normally distributed points, for each class some.

    `random_state` is required: without it every call would draw other rows.
    """

    n_samples: Positive = 100
    n_features: Positive = 20
    n_informative: Positive = 2
    n_redundant: Natural = 2
    n_repeated: Natural = 0
    n_classes: Positive = 2
    n_clusters_per_class: Positive = 2
    weights: Annotated[tuple[float, ...] | None, Optional(Repeated(Real(), single=False))] = None
    flip_y: UnitNumber = 0.01
    class_sep: Annotated[float, Real(above=0.0)] = 1.0
    hypercube: Flag = True
    shift: Finite = 0.0
    scale: Annotated[float, Real(above=0.0)] = 1.0
    shuffle: Flag = True
    random_state: Seed

    def model_post_init(self, _: Any) -> None:
        if self.n_informative + self.n_redundant + self.n_repeated > self.n_features:
            raise Refusal(
                f"n_informative + n_redundant + n_repeated"
                f" ({self.n_informative} + {self.n_redundant} + {self.n_repeated})"
                f" must not exceed n_features, {self.n_features}",
                argument="n_features",
                other="n_informative",
            )
        if self.n_classes * self.n_clusters_per_class > 2**self.n_informative:
            raise Refusal(
                f"n_classes * n_clusters_per_class ({self.n_classes} *"
                f" {self.n_clusters_per_class}) must not exceed 2 ** n_informative,"
                f" {2**self.n_informative}",
                argument="n_informative",
                other="n_classes",
            )
        if self.weights is not None and self.n_classes - len(self.weights) not in (0, 1):
            raise Refusal(
                "weights must have a number for each class, or for each but the last",
                argument="weights",
                other="n_classes",
            )

    def rows(self) -> int:
        return self.n_samples

    def features(self) -> int:
        return self.n_features

    def classes(self) -> int:
        return self.n_classes


class MakeRegression(Known):
    """A linear function of random features, with noise.

    `random_state` is required: without it every call would draw other rows.
    """

    n_samples: Positive = 100
    n_features: Positive = 100
    n_informative: Natural = 10
    n_targets: Positive = 1
    bias: Finite = 0.0
    effective_rank: Annotated[int | None, Optional(Integer(1))] = None
    tail_strength: UnitNumber = 0.5
    noise: NonNegative = 0.0
    shuffle: Flag = True
    random_state: Seed

    def rows(self) -> int:
        return self.n_samples

    def features(self) -> int:
        return self.n_features

    def targets(self) -> int:
        return self.n_targets


class LoadDigits(Known):
    """Real handwritten digits of 8 x 8 pixels from 0 to 16; 1,797 if all ten classes are taken."""

    n_class: Annotated[int, Integer(1, 10)] = 10

    def rows(self) -> int | None:
        return 1797 if self.n_class == 10 else None

    def features(self) -> int:
        return 64

    def classes(self) -> int:
        return self.n_class


class LoadIris(Known):
    """Four measures of 150 flowers of three kinds."""

    def rows(self) -> int:
        return 150

    def features(self) -> int:
        return 4

    def classes(self) -> int:
        return 3


class LoadWine(Known):
    """Thirteen measures of 178 wines of three kinds."""

    def rows(self) -> int:
        return 178

    def features(self) -> int:
        return 13

    def classes(self) -> int:
        return 3


class LoadBreastCancer(Known):
    """Thirty measures of 569 tumours, malignant (0) or benign (1)."""

    def rows(self) -> int:
        return 569

    def features(self) -> int:
        return 30

    def classes(self) -> int:
        return 2


class LoadDiabetes(Known):
    """Ten measures of 442 patients, and how far their disease progressed in a year."""

    scaled: Flag = True

    def rows(self) -> int:
        return 442

    def features(self) -> int:
        return 10


class RelativePath(Kind):
    """A file beneath the spec's folder."""

    expects = "a path beneath this file's folder, with / between its parts"

    def read(self, value: object) -> str:
        ordinary = isinstance(value, str) and value.isprintable() and "\\" not in value
        if not ordinary or ":" in str(value) or {"", ".", ".."} & set(str(value).split("/")):
            return super().read(value)  # type: ignore[no-any-return]
        return str(value)


class Csv(Source):
    """A file of comma-separated values; its first line names the columns."""

    path: Annotated[str, RelativePath()]


class InputColumns(Section):
    """`inputs.NAME`: what reaches an input of the model.

    columns: of a table; left out, every column that is not the target.
    prepare: what is done to them, in order, fitted on the training rows alone.
    """

    columns: Many[Text] | None = None
    prepare: Many[Annotated[str, Choice("min_max", "standard")]] = ()


class Split(Section):
    """`split`: the share of the rows that each part gets, adding up to 1."""

    train: Share
    validation: Annotated[float | None, Optional(Real(above=0.0, below=1.0))] = None
    test: Annotated[float | None, Optional(Real(above=0.0, below=1.0))] = None
    by: Annotated[str, Choice("random", "stratified")] = "random"
    seed: Annotated[int, Integer(0, 2**63 - 1)] = 0

    @model_validator(mode="after")
    def _check_sum(self) -> Split:
        total = sum(self.parts().values())
        if abs(total - 1.0) > 1e-9:
            shares = ", ".join(f"{name} {share:g}" for name, share in self.parts().items())
            raise ValueError(f"must add up to 1, not {total:g}: {shares}")
        return self

    def parts(self) -> dict[str, float]:
        """The share of each part that there is."""
        shares = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: share for name, share in shares.items() if share is not None}


class DataSection(Section):
    """What `[data]` says beside its source's own arguments."""

    inputs: dict[str, InputColumns] = Field(default={})
    target: Text | None = None
    split: Split | None = None
