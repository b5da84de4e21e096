"""Models that both sides make in the same way, and how each is asked. Runs beside a real MLflow, too."""

import numpy as np

from tests.tracker.models.graphs import linear


def iris():
    from sklearn.datasets import load_iris

    return load_iris(return_X_y=True, as_frame=True)


def classifier():
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=500).fit(*iris())


def pipeline():
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), Ridge()).fit(*iris())


def forest():
    from sklearn.ensemble import RandomForestRegressor

    return RandomForestRegressor(5, random_state=0).fit(*iris())


def xgb_estimator():
    import xgboost

    return xgboost.XGBClassifier(n_estimators=3, n_jobs=1).fit(*iris())


def xgb_booster():
    import xgboost

    return xgboost.train({"nthread": 1}, xgboost.DMatrix(iris()[0], iris()[1]), 3)


def lgb_estimator():
    import lightgbm

    return lightgbm.LGBMClassifier(n_estimators=3, verbose=-1, n_jobs=1).fit(*iris())


def lgb_booster():
    return lgb_estimator().booster_


def adder(base):
    class Adder(base):
        def predict(self, context, model_input, params=None):
            return model_input + context.model_config["amount"] + (params or {}).get("more", 0)

    return Adder()


def rows():
    return iris()[0][::10]


def numbers():
    return np.array([[3.0, 4.0], [5.0, 6.0]], "float32")


#: Name → (flavor, maker, maker of data, options of saving).
MODELS = {
    "skops": ("sklearn", classifier, rows, {}),
    "pickle": ("sklearn", classifier, rows, {"serialization_format": "pickle"}),
    "cloudpickle": ("sklearn", pipeline, rows, {"serialization_format": "cloudpickle"}),
    "probabilities": ("sklearn", classifier, rows, {"pyfunc_predict_fn": "predict_proba"}),
    "pipeline": ("sklearn", pipeline, rows, {}),
    "forest": ("sklearn", forest, rows, {"skops_trusted_types": ["sklearn.tree._tree.Tree"]}),
    "xgb_estimator": ("xgboost", xgb_estimator, rows, {}),
    "xgb_booster": ("xgboost", xgb_booster, rows, {"model_format": "json"}),
    "lgb_estimator": ("lightgbm", lgb_estimator, rows, {}),
    "lgb_booster": ("lightgbm", lgb_booster, rows, {}),
    "onnx": ("onnx", linear, numbers, {}),
}
_SAME = {"team": ["a", "b"]}
#: In its YAML the second stands for the first.
METADATA = {"trained_by": _SAME, "owned_by": _SAME}
PYTHON_CONFIG = {"amount": 2.0}


def natively(flavor, model, data):
    """What a model predicts as its library has it."""
    if flavor == "onnx":
        return model.graph.name
    if type(model).__name__ == "Booster" and flavor == "xgboost":
        import xgboost

        data = xgboost.DMatrix(data)
    return model.predict(data)
