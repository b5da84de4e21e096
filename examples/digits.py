"""scikit-learn: a small network learns handwritten digits; its curves, mistakes and model are logged.

python examples/digits.py
"""

import matplotlib
import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import ConfusionMatrixDisplay, classification_report, log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

import tracker

EPOCHS = 20


def main() -> None:
    """Train, and log."""
    matplotlib.use("agg")
    images, labels = load_digits(return_X_y=True)
    train_x, val_x, train_y, val_y = train_test_split(images / 16, labels, random_state=0, stratify=labels)
    params = {"hidden_units": 32, "learning_rate": 0.01, "alpha": 1e-4, "seed": 0}

    with tracker.start_run(experiment="digits-example", params=params) as run:
        run.log_input(tracker.data.from_numpy(train_x, source="sklearn.load_digits", name="digits"), context="training")
        model = MLPClassifier(
            (params["hidden_units"],), learning_rate_init=params["learning_rate"], alpha=params["alpha"], random_state=0
        )
        for epoch in range(EPOCHS):
            model.partial_fit(train_x, train_y, classes=range(10))
            run.log(
                {
                    "train/loss": log_loss(train_y, model.predict_proba(train_x)),
                    "val/loss": log_loss(val_y, model.predict_proba(val_x)),
                    "val/accuracy": model.score(val_x, val_y),
                },
                step=epoch,
            )
        guessed = model.predict(val_x)
        print(classification_report(val_y, guessed))
        run.log_figure(ConfusionMatrixDisplay.from_predictions(val_y, guessed).figure_, "plots/confusion.png")
        wrong = np.flatnonzero(guessed != val_y)
        run.log_table(
            {"row": wrong.tolist(), "is": val_y[wrong].tolist(), "guessed": guessed[wrong].tolist()}, "wrong.json"
        )
        run.log_image(val_x[wrong[0]].reshape(8, 8), "wrong/first.png")


if __name__ == "__main__":
    main()
