"""How far a long command is: a bar on a terminal, nothing elsewhere."""

from types import TracebackType
from typing import Any, Self

from tqdm import tqdm


class Progress:
    """A bar for one thing after the other. `unit` B counts bytes; everything else is counted one by one."""

    def __init__(self) -> None:
        self._bar: tqdm | None = None

    def begin(self, what: str, total: int | None = None, unit: str = "B") -> None:
        """Start over for the next thing."""
        self.end()
        # None: off where no terminal listens.
        self._bar = tqdm(
            desc=what, total=total, unit=unit, unit_scale=True, unit_divisor=1000, leave=False, disable=None
        )

    def expect(self, total: int) -> None:
        """Say how much there is in all, once that is known."""
        if self._bar is not None:
            self._bar.total = total

    def advance(self, amount: int) -> None:
        """So much further."""
        if self._bar is not None:
            self._bar.update(amount)

    def say(self, line: str, stream: Any) -> None:
        """Write a line above the bar."""
        with tqdm.external_write_mode(file=stream):
            stream.write(line)

    def end(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
        self._bar = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
