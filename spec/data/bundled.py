"""Sources that come with scikit-learn: small sets of real data.

Source: https://scikit-learn.org/stable/datasets/toy_dataset.html
"""

from typing import Annotated, Final

from ..kinds import Flag, Integer
from .base import Known

_OF_EACH_DIGIT: Final = (178, 182, 177, 183, 181, 182, 181, 179, 174, 180)


class LoadDigits(Known):
    """Real handwritten digits of 8 x 8 pixels from 0 to 16; 1,797 where all ten are taken."""

    n_class: Annotated[int, Integer(1, 10)] = 10

    def rows(self) -> int:
        return sum(_OF_EACH_DIGIT[: self.n_class])

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


class LoadLinnerud(Known):
    """Three exercises of 20 men, and three measures of their bodies."""

    def rows(self) -> int:
        return 20

    def features(self) -> int:
        return 3

    def targets(self) -> int:
        return 3
