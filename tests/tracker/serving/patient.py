"""A model of code that takes as long as it is told. Saved by the tests of the server."""

import os
import time

from tracker.models import PythonModel, set_model


class Patient(PythonModel):
    """Says what rows it saw: after so many seconds, and once the files are there that are named in them."""

    def predict(self, context, model_input, params=None):
        time.sleep(params["seconds"])
        for name in model_input["name"]:
            while name.startswith("/") and not os.path.exists(name):
                time.sleep(0.01)
        return [f"{name} {size}" for name, size in zip(model_input["name"], model_input["size"], strict=True)]


set_model(Patient())
