"""Large libraries: their tests are left out where they are not installed. `make test-integrations` installs them."""

import os

# Keras reads it when it is imported.
os.environ.setdefault("KERAS_BACKEND", "torch")
