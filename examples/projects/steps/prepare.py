"""Writes the breast cancer data that comes with scikit-learn as a table: features, and the class last."""

import sys

import numpy as np
from sklearn.datasets import load_breast_cancer

import tracker

cancer = load_breast_cancer()
with tracker.start_run() as run:
    np.savetxt(sys.argv[1], np.column_stack([cancer.data, cancer.target]), delimiter=",")
    run.log({"rows": len(cancer.target)})
