"""A training loop in plain NumPy: logistic regression on two clouds of points, by gradient descent.

python examples/numpy_loop.py --lr 0.5 --steps 200
"""

import argparse

import numpy as np

import tracker


def clouds(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two hundred points around each of two places, and which cloud each is of."""
    random = np.random.default_rng(seed)
    points = np.concatenate([random.normal((-1, -1), 1.0, (200, 2)), random.normal((1, 1), 1.0, (200, 2))])
    return points, np.repeat([0.0, 1.0], 200)


def train(lr: float, steps: int, seed: int) -> None:
    """Fit the line between the clouds, and log how it goes."""
    points, labels = clouds(seed)
    weights, bias = np.zeros(2), 0.0
    with tracker.start_run(experiment="clouds", params={"lr": lr, "steps": steps, "seed": seed}) as run:
        run.log_input(tracker.data.from_numpy(points, targets=labels, name="clouds"), context="training")
        for step in range(steps):
            chances = 1 / (1 + np.exp(-(points @ weights + bias)))
            loss = -np.mean(labels * np.log(chances) + (1 - labels) * np.log(1 - chances))
            weights -= lr * points.T @ (chances - labels) / len(labels)
            bias -= lr * np.mean(chances - labels)
            run.log({"loss": loss, "accuracy": np.mean((chances > 0.5) == labels)}, step=step)
        run.log_dict({"weights": weights.tolist(), "bias": float(bias)}, "model.json")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lr", type=float, default=0.5)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    train(**vars(parser.parse_args()))
