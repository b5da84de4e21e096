"""A decision tree of some depth for a table whose last column is the class."""

import sys

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier

import tracker

table = np.loadtxt(sys.argv[1], delimiter=",")
train, test = train_test_split(table, random_state=0)

with tracker.start_run() as run:
    tree = DecisionTreeClassifier(max_depth=int(sys.argv[2]), random_state=0).fit(train[:, :-1], train[:, -1])
    run.log({"accuracy": tree.score(test[:, :-1], test[:, -1]), "leaves": tree.get_n_leaves()})
