"""Which of three growers a wine is from, by its neighbours. Runs with the packages of python_env.yaml."""

import sys

import sklearn
from sklearn.datasets import load_wine
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import tracker

wine = load_wine()
model = make_pipeline(StandardScaler(), KNeighborsClassifier(int(sys.argv[1])))

with tracker.start_run() as run:
    run.set_tag("scikit-learn", sklearn.__version__)
    scores = cross_val_score(model, wine.data, wine.target, cv=5)
    for fold, score in enumerate(scores):
        run.log({"accuracy": score}, step=fold)
    run.log({"mean_accuracy": scores.mean()})
