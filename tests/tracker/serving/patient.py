"""A model of code that takes as long as its param says. Saved by the tests of the server."""

import time

from tracker.models import PythonModel, set_model


class Patient(PythonModel):
    """Says how many rows it saw."""

    def predict(self, context, model_input, params=None):
        time.sleep(params["seconds"])
        return [f"{name} {size}" for name, size in zip(model_input["name"], model_input["size"], strict=True)]


set_model(Patient())
