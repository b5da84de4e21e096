import pytest

from runs.direction import guess


@pytest.mark.parametrize(
    ("key", "direction"),
    [
        ("loss", "min"),
        ("val/loss", "min"),
        ("train_loss_epoch", "min"),
        ("RMSE", "min"),
        ("val/LogLoss", "min"),
        ("top5_error", "min"),
        ("accuracy_loss", "min"),
        ("accuracy", "max"),
        ("test.F1", "max"),
        ("mAP50", "max"),
        ("ROC-AUC", "max"),
        ("hits@10", "max"),
        ("episode return", "max"),
        ("lr", None),
        ("epoch", None),
        ("system/gpu_utilisation", None),
        ("glossary", None),
        ("", None),
    ],
)
def test_the_good_end_is_read_from_the_name(key, direction):
    assert guess(key) == direction
