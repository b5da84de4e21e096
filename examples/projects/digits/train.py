"""A support vector machine for handwritten digits, which come with scikit-learn. Run by: tracker run ."""

import argparse

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

import tracker

parser = argparse.ArgumentParser()
parser.add_argument("--c", type=float, default=1.0)
parser.add_argument("--kernel", default="rbf")
asked = parser.parse_args()

digits = load_digits()
train_x, test_x, train_y, test_y = train_test_split(digits.data, digits.target, random_state=0)

# In a project this is the project's run, whose params are there already; `python train.py` alone starts one.
with tracker.start_run() as run:
    model = SVC(C=asked.c, kernel=asked.kernel).fit(train_x, train_y)
    run.log({"accuracy": model.score(test_x, test_y), "support_vectors": len(model.support_)})
