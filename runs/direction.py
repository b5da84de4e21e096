"""Which end of a metric is the good one, guessed from its name."""

import re

from experiments.models import Direction, Experiment

LOWER_IS_BETTER = {
    "loss", "error", "err", "mae", "mse", "rmse", "mape", "smape", "msle", "rmsle", "perplexity", "ppl", "nll", "bce",
    "ce", "cer", "wer", "eer", "fid", "kid", "divergence", "crossentropy", "logloss", "brier", "ece", "latency",
    "regret", "penalty", "bpc", "bpd", "lpips", "fpr", "fnr",
}  # fmt: skip
HIGHER_IS_BETTER = {
    "accuracy", "acc", "auc", "auroc", "roc", "auprc", "f1", "fbeta", "precision", "recall", "score", "map", "ap",
    "ndcg", "mrr", "bleu", "rouge", "meteor", "chrf", "r2", "iou", "miou", "dice", "jaccard", "kappa", "mcc", "reward",
    "return", "returns", "psnr", "ssim", "throughput", "sensitivity", "specificity", "correlation", "likelihood",
    "elbo", "hits", "top",
}  # fmt: skip

DIRECTION_WORDS = {Direction.MIN: "lower is better", Direction.MAX: "higher is better", None: ""}

_WORD = re.compile(r"[A-Z]+\d*(?![a-z])|[A-Z]?[a-z]+\d*|\d+")


def of(key: str, experiment: Experiment | None) -> Direction | None:
    """The good end of a metric: as was said of it in the experiment, otherwise as its name tells."""
    said = experiment.direction_said_of(key) if experiment else None
    return said or guess(key)


def guess(key: str) -> Direction | None:
    """The good end, or None where the name does not tell: `val/top5_error` → MIN, `test_f1` → MAX, `lr` → None.

    The last word that says anything decides: an `accuracy_loss` is a loss.
    """
    for word in reversed(words_of(key)):
        forms = {word, word.rstrip("0123456789")}
        if forms & LOWER_IS_BETTER:
            return Direction.MIN
        if forms & HIGHER_IS_BETTER:
            return Direction.MAX
    return None


def words_of(key: str) -> list[str]:
    """The words of a key in lower case: `val/LogLoss@top5` → val, log, loss, top5."""
    return [word.lower() for word in _WORD.findall(key)]
