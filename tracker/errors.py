"""What can go wrong in the client, each with what to do about it in its message."""


class TrackerError(Exception):
    """Anything that this package raises on purpose."""


class InvalidValue(TrackerError, ValueError):
    """What was said can't be logged. Nothing of the call was kept."""


class ParamAlreadySet(TrackerError, ValueError):
    """A param is written once; another value is refused. Nothing of the call was kept."""


class RunEnded(TrackerError):
    """The run takes nothing more in this process."""


class JournalFull(TrackerError, OSError):
    """The journal may not grow, or can't. The call was not kept."""


class Unavailable(TrackerError):
    """The server can't be reached or can't answer now; the same may succeed later."""

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class Refused(TrackerError):
    """The server read what was sent and says no; the same would be refused again."""

    def __init__(self, message: str, status: int, error_code: str = "", field: str = "") -> None:
        super().__init__(message)
        self.status, self.error_code, self.field = status, error_code, field


class InvalidModel(TrackerError, ValueError):
    """What lies there is no model that can be read."""


class UnsafeModel(TrackerError):
    """Loading the model would run code that came with it, and nobody allowed that."""


class MissingLibrary(TrackerError, ImportError):
    """The model needs a package that is not installed."""


class SignatureMismatch(InvalidValue):
    """The data is not what the model's signature asks for."""


class InvalidProject(TrackerError, ValueError):
    """What lies there is no project that can be run."""
