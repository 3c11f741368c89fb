"""Samples, ratios and tables."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Samples:
    """What was measured of one thing, once a round."""

    values: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def spread(self) -> float:
        """Half of what lies between the quartiles, as a share of the median."""
        if len(self.values) < 2:
            return 0.0
        low, _, high = statistics.quantiles(self.values, n=4)
        return (high - low) / 2 / self.median if self.median else 0.0

    def over(self, other: "Samples") -> "Samples":
        """The ratio in each round: what was measured side by side."""
        return Samples([mine / theirs for mine, theirs in zip(self.values, other.values, strict=True)])

    def told(self) -> dict[str, float]:
        """As JSON."""
        return {"median": round(self.median, 5), "spread": round(self.spread, 4), "rounds": len(self.values)}


def shown(samples: Samples, unit: str = "") -> str:
    """Median and spread for a table."""
    number = f"{samples.median:,.0f}" if samples.median >= 1000 else f"{samples.median:.3g}"
    return f"{number}{unit} ±{samples.spread:.0%}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns, the first to the left and the others to the right."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )
