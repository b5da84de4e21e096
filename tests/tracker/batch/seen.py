"""A model of code that says of each row what it was given: types and values."""

from tracker.models import set_model


def seen(model_input):
    """Texts, one a row; a row whose first value is `bad` or -999 can't be predicted."""
    columns = [(str(name), str(model_input[name].dtype), list(model_input[name])) for name in model_input.columns]
    if any(value in ("bad", -999) for value in columns[0][2]):
        raise RuntimeError("that row is bad")
    return [
        " ".join(f"{name}:{kind}:{values[row]!r}" for name, kind, values in columns) for row in range(len(model_input))
    ]


set_model(seen)
