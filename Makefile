# `make run` starts Trackerweb; `make help` lists the rest.
PORT ?= 8000
PYTHON ?= python3
BIN = .venv/bin
# One more than there are cores: many tests wait for what they have started.
WORKERS = $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
SUDO = $(shell [ "$$(id -u)" = 0 ] || echo sudo -n)

.PHONY: help run demo test test-slow test-slow-together test-slow-alone test-mlflow test-integrations check bench bench-mlflow bench-client bench-importing bench-tables bench-charts bench-serving

help:
	@echo "make run        start on http://127.0.0.1:$(PORT) (PORT=… and TRACKER_HOME=… change where)"
	@echo "make demo       train a real sweep and log it to the running server"
	@echo "make test       install what the tests need, and pass them"
	@echo "make test-slow  the tests that take minutes"
	@echo "make test-mlflow  the tests beside a real MLflow, which they install below ~/.cache"
	@echo "make test-integrations  PyTorch, Keras, Transformers, Ray, Spark (Java 17), which it installs (some GB); and what CI has no time for"
	@echo "make check      lint, types, templates, migrations"
	@echo "make bench-mlflow  the same beside a real MLflow, in its protocol"
	@echo "make bench-client  what logging costs a loop, beside other clients, which it installs below ~/.cache"
	@echo "make bench-importing  what importing folders takes, beside MLflow's own migration"
	@echo "make bench-tables  searches and the run table up to 100,000 runs, beside MLflow with the same runs"
	@echo "make bench-charts  series, compare page and run page in Chromium, beside MLflow with the same runs"
	@echo "make bench-serving  a served model beside MLflow's server with the same"
	@echo "make bench      measure, and print the table of bench/results.md"

run: .venv/server
	@exec $(BIN)/python manage.py runserver $(PORT)

demo: .venv/demo
	@TRACKER_URI=$${TRACKER_URI:-http://127.0.0.1:$(PORT)} $(BIN)/python manage.py demo

test: .venv/dev
	@command -v chromium >/dev/null || { command -v apt-get >/dev/null && $(SUDO) apt-get update -qq \
	  && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } \
	  || echo "No chromium: browser tests will be skipped. 'sudo apt install chromium' brings it."
	$(BIN)/python -m pytest -m "not slow and not long and not mlflow" --numprocesses $(WORKERS) --dist loadfile

test-slow: test-slow-together test-slow-alone

test-slow-together: .venv/dev
	$(BIN)/python -m pytest -m "slow and not mlflow and not long and not alone" --numprocesses $(WORKERS) --dist loadfile

test-slow-alone: .venv/dev
	$(BIN)/python -m pytest -m "alone and not long"

test-integrations: .venv/integrations
	KERAS_BACKEND=torch $(BIN)/python -m pytest tests/tracker/models/integrations tests/mlflow/models/test_large.py
	$(BIN)/python -m pytest -m long

test-mlflow: .venv/dev
	$(BIN)/python -m pytest -m "mlflow and not long" --numprocesses $(WORKERS) --dist loadfile

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint --quiet --lint templates
	$(BIN)/python manage.py check --fail-level WARNING
	$(BIN)/python manage.py makemigrations --check --dry-run

bench: .venv/dev
	$(BIN)/python -m bench.run

bench-client: .venv/dev
	$(BIN)/python -m bench.client

bench-importing: .venv/dev
	$(BIN)/python -m bench.importing

bench-tables: .venv/dev
	$(BIN)/python -m bench.tables

bench-charts: .venv/dev
	$(BIN)/python -m bench.charts

bench-serving: .venv/dev
	$(BIN)/python -m bench.serving

bench-mlflow: .venv/dev
	$(BIN)/python -m bench.mlflow

# Each stamp is as new as what was installed from its requirements.
.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/server: requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/demo: requirements-demo.txt requirements-client.txt requirements-serve.txt .venv/server
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-demo.txt
	@touch $@

.venv/integrations: requirements-integrations.txt requirements-ray.txt requirements-spark.txt requirements-models.txt .venv/dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-integrations.txt
	@touch $@

.venv/dev: requirements-dev.txt requirements.txt requirements-demo.txt requirements-client.txt requirements-tensorboard.txt requirements-models.txt requirements-serve.txt requirements-sweep.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ .venv/server .venv/demo
