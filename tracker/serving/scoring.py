"""Answers requests for predictions, whatever they hold: with predictions, or with an error that says what is wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from tracker.errors import InvalidValue
from tracker.models import LoadedModel
from tracker.serving import answers, protocol, rows
from tracker.serving.answers import BAD, INTERNAL, INVALID, Answer, Refusal
from tracker.serving.protocol import Question

logger = logging.getLogger(__name__)
_MOST_CHARACTERS = 500


class Scoring:
    """A model, asked over HTTP. May be called by several threads, as the model then is."""

    def __init__(self, model: LoadedModel) -> None:
        self.model = model
        self.signature = model.signature
        self._is_hinted = bool(model.metadata.fields.get("is_signature_from_type_hint"))
        self._number_rows = rows.of_model(model)

    def answer(self, content_type: str | None, body: bytes) -> Answer:
        """The answer to `POST /invocations`; it raises nothing."""
        try:
            kind = protocol.kind_of(content_type or "")
            if kind != protocol.JSON:
                return self._predicted(protocol.of_table(kind, body, self.signature))
            return self._of_object(protocol.object_of(body))
        except Refusal as refusal:
            return refusal.answer
        except Exception as error:
            logger.exception("a body could not be read")
            return answers.error(400, BAD, f"The body can't be read: {_told(error)}")

    def _of_object(self, told: dict[str, Any]) -> Answer:
        numbers = self._number_rows.read(told) if self._number_rows else None
        if numbers is None:
            return self._predicted(protocol.of_json(told, self.signature, is_hinted=self._is_hinted))
        return self._said(partial(self._number_rows.predict, numbers), len(numbers))  # type: ignore[union-attr]

    def _predicted(self, question: Question) -> Answer:
        count = question.rows
        try:
            checked = self.model.checked(question.data, question.params)
        except InvalidValue as error:
            return answers.error(400, INVALID, str(error))
        except Exception as error:
            return answers.error(400, INVALID, f"The data is not what the model takes: {_told(error)}")
        return self._said(partial(self.model.predict_checked, *checked), count, question.is_bare)

    def _said(self, predict: Callable[[], Any], count: int, is_bare: bool = False) -> Answer:
        try:
            made = predict()
        except InvalidValue as error:
            return answers.error(400, INVALID, str(error))
        except (Exception, SystemExit) as error:
            logger.exception("the model could not predict")
            return answers.error(400, BAD, f"The model can't predict this: {_told(error)}")
        try:
            return answers.predictions(made, count, is_bare=is_bare)
        except RecursionError:
            return answers.error(400, BAD, "The answer is nested too deeply for JSON, as the body may be.")
        except Exception as error:
            logger.exception("what the model gave can't be said in JSON")
            return answers.error(500, INTERNAL, f"What the model gave can't be said in JSON: {_told(error)}")


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:_MOST_CHARACTERS]
