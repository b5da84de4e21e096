import pytest


@pytest.fixture(scope="session")
def iris():
    from sklearn.datasets import load_iris

    return load_iris(return_X_y=True, as_frame=True)


@pytest.fixture(scope="session")
def classifier(iris):
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=500).fit(*iris)
