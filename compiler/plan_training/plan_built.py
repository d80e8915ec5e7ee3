"""The statements of `train` that build what the epochs need: model, data, loss, optimizer."""

from __future__ import annotations

from ..elaborate.interface import ModelInterface
from ..elaborate.typed import state
from ..emit import code
from ..emit.quote import quote, quoted
from ..plan_data.rows import loaded
from ..training.training_spec import TrainingSpec
from .additions import additions
from .additions.addition import Statements
from .plan_batches import batch_type, grouped, shuffled_rows
from .plan_learned_loss import built_loss


def train_rows(spec: TrainingSpec) -> str:
    """The variable of the rows that are trained on."""
    return "train_data" if spec.data.is_split else "data"


def built(spec: TrainingSpec, model: ModelInterface) -> Statements:
    """Model, data, loss, optimizer and what else the epochs need."""
    made = additions(spec, model)
    found = tuple(statement for each in made for statement in each.at_start())
    has_seed = spec.training.seed is not None or spec.is_distributed
    found += quote("torch.manual_seed(seed)") if has_seed else ()
    found += quote("model = Model().to(device)", Model=model.class_name)
    for each in made:
        found += each.after_model()
    found += _loaded(spec, max(model.smallest_batch, 1))
    if spec.orders:
        found += quote("generator = torch.Generator().manual_seed(seed)")
    if spec.keeps_place:
        found += _batches(spec, model)
    tensors = any(t.loss.state() for t in spec.losses if t.loss)
    tensors |= spec.layers is not None and bool(state(spec.layers))
    loss = built_loss(spec)
    found += quote("loss_fn = MADE.to(device)" if tensors else "loss_fn = MADE", MADE=loss)
    several = "s" if spec.has_several_optimizers else ""
    given = ["model"]
    given += ["loss_fn"] if spec.loss_learns else []
    given += ["lr"] if spec.learning_rate is not None else []
    found += quote(f"optimizer{several} = build_optimizer{several}({', '.join(given)})")
    for each in made:
        found += each.after_optimizer(train_rows(spec))
    return found


def _batches(spec: TrainingSpec, model: ModelInterface) -> Statements:
    """What gives the batches of every epoch."""
    rows = shuffled_rows(spec, model.smallest_batch, train_rows(spec))
    return quote(
        '''
        def draw() -> Iterator[BATCH]:
            """Return {WHAT} of an epoch."""
            return DRAWN


        batches = BATCHES
        ''',
        BATCH=batch_type(spec, model),
        WHAT="the batches, in groups," if spec.accumulates else "the batches",
        DRAWN=grouped(spec, quoted("ROWS.batches(batch_size)", ROWS=rows)),
        BATCHES=quoted("Batches(draw, generator)" if spec.orders else "Batches(draw)"),
    )


def _loaded(spec: TrainingSpec, smallest: int) -> Statements:
    """The parts of the data that training reads, prepared."""
    load = loaded(spec.data)
    if not spec.data.is_split:
        if not spec.has_preparation:
            return quote("data = LOAD.to(device)", LOAD=load)
        rows = "rows" if spec.data.rows == "data" else spec.data.rows
        return quote(
            f"""
            {rows} = LOAD
            CHECK
            preparation = FIT
            data = PREPARED
            """,
            LOAD=load,
            CHECK=_require_rows(spec, smallest) if smallest > 1 else (),
            FIT=_fit(spec, rows),
            PREPARED=_prepared(spec, rows),
        )
    found = quote("parts = LOAD\nCHECK", LOAD=load, CHECK=_require_rows(spec, smallest))
    if spec.has_preparation:
        found += quote("preparation = FIT", FIT=_fit(spec, "parts.train"))
    for part in spec.data.parts:
        if part != "test":
            value = _prepared(spec, f"parts.{part}")
            found += quote("NAME = VALUE", NAME=f"{part}_data", VALUE=value)
    return found


def _prepared(spec: TrainingSpec, rows: str) -> code.Expression:
    """The rows as training takes them."""
    if spec.data.streams:
        return quoted("Stream.of(ROWS, preparation, device)", ROWS=rows)
    if spec.has_preparation:
        return quoted("preparation(ROWS).to(device)", ROWS=rows)
    return quoted("ROWS.to(device)", ROWS=rows)


def _fit(spec: TrainingSpec, rows: str) -> code.Expression:
    tokenizer = ["tokenizer"] if spec.data.source.tokenizer_path else []
    names = tuple(map(code.Name, (rows, *tokenizer)))
    return code.Call(code.Name("Preparation.fit"), names)


def _require_rows(spec: TrainingSpec, smallest: int) -> Statements:
    """How a table of too few rows is refused; the rows of other sources are known before."""
    if not spec.data.is_table:
        return ()
    found: Statements = ()
    for part in spec.data.parts:
        if part != "test":
            uses = {"train": "training", "validation": "validation"}
            found += quote(
                "require_rows(ROWS, PART, fewest=COUNT)",
                ROWS=f"parts.{part}" if spec.data.is_split else "table",
                PART=code.Constant(uses[part]),
                COUNT=code.Constant(smallest if part == "train" else 1),
            )
    return found
