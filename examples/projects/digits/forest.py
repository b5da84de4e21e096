"""A random forest for the same digits; its trees are a number on the command line."""

import sys

from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

import tracker

digits = load_digits()
train_x, test_x, train_y, test_y = train_test_split(digits.data, digits.target, random_state=0)

with tracker.start_run() as run:
    forest = RandomForestClassifier(int(sys.argv[1]), random_state=0).fit(train_x, train_y)
    run.log({"accuracy": forest.score(test_x, test_y)})
