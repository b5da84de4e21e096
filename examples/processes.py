"""Several processes, one run: each worker trains a fold of a cross-validation and logs it beside the others.

python examples/processes.py
"""

import multiprocessing

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

import tracker

FOLDS, EPOCHS = 4, 15


def train_fold(run: tracker.Run, fold: int) -> None:
    """Train one fold. The run was handed over by the main process, which alone ends it."""
    rows, labels = load_breast_cancer(return_X_y=True)
    rows = StandardScaler().fit_transform(rows)
    train, val = list(StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(rows, labels))[fold]
    model = SGDClassifier(loss="log_loss", random_state=fold)
    for epoch in range(EPOCHS):
        model.partial_fit(rows[train], labels[train], classes=np.unique(labels))
        run.log({f"fold{fold}/accuracy": model.score(rows[val], labels[val])}, step=epoch)


def main() -> None:
    """Start the workers, and wait for them."""
    context = multiprocessing.get_context("spawn")
    with tracker.start_run(experiment="folds", params={"folds": FOLDS, "epochs": EPOCHS}) as run:
        workers = [context.Process(target=train_fold, args=(run, fold)) for fold in range(FOLDS)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        if any(worker.exitcode for worker in workers):
            raise RuntimeError("a worker failed")


if __name__ == "__main__":
    main()
