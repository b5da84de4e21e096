"""What an address chooses of the plots."""

from dataclasses import dataclass

from django.http import QueryDict


@dataclass(frozen=True)
class Choice:
    """Names of params and metrics; an empty one, and one that no run has, stands for what makes most sense."""

    metric: str = ""
    axes: tuple[str, ...] = ()
    x: str = ""
    y: str = ""
    contour_x: str = ""
    contour_y: str = ""
    by: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> "Choice":
        """Read the query of an address."""
        return cls(
            metric=query.get("metric", ""),
            axes=tuple(dict.fromkeys(query.getlist("axis"))),
            x=query.get("px", ""),
            y=query.get("py", ""),
            contour_x=query.get("cx", ""),
            contour_y=query.get("cy", ""),
            by=query.get("by", ""),
        )
