"""What the keys of `[training]`, and the sections beside it, add to the code that trains.

One file for each: a class that says what stands at which place of `train.py`. What a spec did not
ask for adds nothing.
"""

from __future__ import annotations

from ...elaborate.interface import ModelInterface
from ...training.training_spec import TrainingSpec
from .addition import Addition
from .average import Ema, Swa
from .channels_last import ChannelsLast
from .checkpointing import Checkpointing
from .compilation import Compilation
from .determinism import Determinism
from .early_stopping import Stopping
from .freezing import Freezing
from .initial_model import InitialModel
from .log_targets import LogTargets
from .loss_scales import LossScales
from .on_nan import OnNan
from .own_turns import OwnTurns
from .pictures import Pictures
from .processes import Processes
from .scaling import Scaling
from .schedule import Schedule
from .starting import Starting
from .time_limit import Limit


def additions(spec: TrainingSpec, model: ModelInterface) -> tuple[Addition, ...]:
    """What a spec asks for, in the order in which the code has it at each place."""
    training = spec.training
    asked: dict[type[Addition], bool] = {
        # Before what may end the loop: the last row goes there, too.
        LogTargets: bool(training.log_to),
        Determinism: training.deterministic,
        Starting: bool(training.start),
        Freezing: bool(training.freeze),
        InitialModel: spec.draws("probabilities"),
        ChannelsLast: training.channels_last,
        # Torch compiles what is divided over processes, or has others beside it.
        Processes: training.distributed is not None,
        Compilation: training.compile,
        Scaling: spec.scales,
        LossScales: spec.scale_count is not None,
        OwnTurns: spec.takes_turns,
        Schedule: bool(spec.schedulers),
        Pictures: bool(spec.pictures),
        OnNan: training.on_nan is not None,
        Ema: training.ema is not None,
        Swa: training.swa is not None,
        Stopping: training.early_stopping is not None,
        Checkpointing: training.checkpoint is not None,
        Limit: training.time_limit is not None,
    }
    return tuple(kind(spec, model) for kind, is_asked in asked.items() if is_asked)
