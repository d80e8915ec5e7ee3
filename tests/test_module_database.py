"""Every module of torch's own database against the layers: what it builds, calls and refuses."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from module_database import disagreement, layer_of, refusals, uses
from torch.testing._internal.common_modules import module_db
from torch_reference import Accepted

IDS = [info.module_cls.__name__ for info in module_db]


@pytest.mark.parametrize("info", module_db, ids=IDS)
def test_uses_and_refusals_are_torchs(info: Any) -> None:
    assert layer_of(info.module_cls.__name__) is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [*uses(info), *refusals(info)]
    assert any(isinstance(use.theirs, Accepted) for use in found)
    differing = [(use.arguments, said) for use in found if (said := disagreement(use))]
    assert not differing, differing[:3]
