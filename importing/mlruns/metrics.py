"""Reads files of metrics: a point a line, by the rules of each MLflow that wrote them.

Fields are split by one space: `timestamp value` up to 0.9, then `timestamp value step`, and from 3.0 on
`timestamp value step dataset_name dataset_digest`, where the name may hold spaces.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from importing.found import Unreadable
from importing.mlruns.folder import PlainFile
from importing.reporting import Report
from runs.batches import INT64, Series

#: Timestamps below this are seconds: until 0.8.2, and from 1.0's low-level client.
SECONDS_BELOW = 100_000_000_000
#: The shortest lines of a block are fewer points than a batch may hold.
BLOCK_BYTES = 1 << 18
SECONDS = "Its timestamps are seconds, as MLflow wrote them before 1.0; they were multiplied by 1,000."


@dataclass(frozen=True)
class Line:
    """A point as it is written, and the data that it was measured on."""

    timestamp: int
    value: float
    step: int
    dataset_name: str = ""
    dataset_digest: str = ""


class BadLine(ValueError):
    """A line that is no point; the message says why."""


def line_of(line: str) -> Line:
    """A line of a run's metric.

    Errors: BadLine.
    """
    fields = line.split(" ")
    if len(fields) == 2:
        return _line(fields[0], fields[1], "0")
    if len(fields) == 3:
        return _line(fields[0], fields[1], fields[2])
    if len(fields) > 4:
        return _line(fields[0], fields[1], fields[2], " ".join(fields[3:-1]), fields[-1])
    raise BadLine(f"{len(fields)} fields are no point; 2, 3 or 5 are")


def _line(timestamp: str, value: str, step: str, name: str = "", digest: str = "") -> Line:
    return Line(_whole(timestamp), _number(value), _whole(step), name, digest)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise BadLine(f"{text[:40]!r} is no number") from None


def _whole(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise BadLine(f"{text[:40]!r} is no whole number") from None
    if number not in INT64:
        raise BadLine(f"{text[:40]} is beyond 64 bits")
    return number


def milliseconds(time: int) -> int:
    """A timestamp of a metric in milliseconds, whichever unit it was written in."""
    return time * 1000 if 0 < time < SECONDS_BELOW else time


def read(file: PlainFile, offset: int, report: Report) -> Iterator[tuple[Series, int]]:
    """The points of a run's metric from a byte on, in pieces, each with the byte after it.

    A line without an end is left for the next import: its program may be writing it.
    """
    for lines, end in blocks(file, offset, report):
        series = _quickly(lines)
        if series is None:
            series = _one_by_one(lines, file, report)
        if series.values:
            _repair_times(series, file, report)
            yield series, end


def blocks(file: PlainFile, offset: int, report: Report) -> Iterator[tuple[list[bytes], int]]:
    """Whole lines that are not blank, in pieces, each piece with the byte after it.

    Errors: Unreadable for a line longer than a block.
    """
    with file.open() as content:
        content.seek(offset)
        rest = b""
        while block := content.read(BLOCK_BYTES):
            whole, newline, rest = (rest + block).rpartition(b"\n")
            if len(rest) > BLOCK_BYTES:
                raise Unreadable("It has a line that is too long to be a point.")
            offset += len(whole) + len(newline)
            yield [line for line in whole.split(b"\n") if line.strip()], offset
        if rest.strip():
            report.repair(file.place, "Its last line has no end, as if its program was writing it: left for next time.")


def _quickly(lines: Sequence[bytes]) -> Series | None:
    """Lines of three plain fields, as most are; None for any other."""
    if not all(line.count(b" ") == 2 for line in lines):
        return None
    fields = b" ".join(lines).split(b" ")
    try:
        timestamps, steps = list(map(int, fields[0::3])), list(map(int, fields[2::3]))
        values = list(map(float, fields[1::3]))
    except ValueError:
        return None
    if lines and not all(min(column) in INT64 and max(column) in INT64 for column in (timestamps, steps)):
        return None
    return Series(values=values, steps=steps, timestamps=timestamps)


def _one_by_one(lines: Sequence[bytes], file: PlainFile, report: Report) -> Series:
    series = Series(values=[], steps=[], timestamps=[])
    for line in lines:
        try:
            found = line_of(line.strip().decode())
        except (BadLine, UnicodeDecodeError) as error:
            report.refuse(file.place, f"The line {line[:80].decode(errors='replace')!r} was left out: {error}.")
            continue
        if found.dataset_name:
            report.note(file.place, f"Points on the dataset {found.dataset_name!r} are points of the run like others.")
        series.timestamps.append(found.timestamp)
        series.values.append(found.value)
        series.steps.append(found.step)
    return series


def _repair_times(series: Series, file: PlainFile, report: Report) -> None:
    """Seconds become milliseconds."""
    if min(series.timestamps) >= SECONDS_BELOW:
        return
    multiplied = [milliseconds(time) for time in series.timestamps]
    if multiplied != series.timestamps:
        report.repair(file.place, SECONDS)
        series.timestamps = multiplied
