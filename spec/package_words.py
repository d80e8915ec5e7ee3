"""The words of generated training code: no other name of a package may hide them."""

from __future__ import annotations

from typing import Final

PACKAGE_WORDS: Final = frozenset(
    """accuracy accuracy_total achieved all_finite answer answers argparse as_tensor asdict
    augment auroc average average_precision averaged batch batch_size batches best best_epoch
    bounded build_loss build_optimizer build_optimizers build_parser build_scheduler
    build_schedulers cast checkpoints class_numbers closure columns compiled copy count counts
    crop cross_validate data dataclass datasets deterministic device distance draw
    draw_pictures early_stopping epoch epochs erase evaluate exponential_average F f1
    feature_columns feature_names finite fit fitted flip fold folder folds freeze gathered
    generator group group_split grouped has_checkpoint history hold_out in_order in_processes
    infer initial is_finite is_first jitter json labels largest learning_rate like likeliest
    listed load load_columns load_data load_loss_fn load_parts load_preparation load_table
    load_text load_weights local_device log log_probabilities log_rate logit logits loss
    loss_fn loss_total losses lr mae mae_total main math matthews_corrcoef mean_of mean_weight
    measured mlflow model mse mse_total names new_run number numbers of_first on_nan optimizer
    optimizers options order output outputs parallel parameters_of parser parts path
    perplexity perplexity_total places plot_confusion_matrix plot_curves plot_learning_rate
    plot_loss plot_predictions plot_probabilities positive precision predict prediction
    preparation probabilities probability progress r2 raise_on_nan random_split rate
    read_bytes read_checkpoint read_csv read_log read_rows read_text recall replicated
    require_rows rest restore resume rmse rmse_total rotate row rows run said save saved
    scaler scheduler schedulers score scores seed shard share shared_finite shared_loss
    shared_seed shares shuffled size skip_on_nan specificity split_text stack start_from
    starts state step steps steps_per_epoch stratified_split summarize swa_scheduler
    swa_schedulers sys table target targets tensorboard test text threshold_accuracy
    time_limit time_split tokenizer top_k_accuracy total train_data train_loss train_losses
    train_on_batch train_one_epoch train_until trained update_bn url validation
    validation_data value_split wandb weights window_starts working_device
    """.split()
)
"""Names that functions of a package use, beside the class and the inputs of its model."""
