"""The failure matrix as a table for people."""

from dataclasses import dataclass, field

from tests.pipeline.failures import Case

HEAD = """# Failure matrix

Written by `make matrix`. In each row the run fails at one place, the fault is taken away, the same execution is
redriven and succeeds; its results equal those of a run that never failed. What was done in all is counted: `5 + 1` job
runs are five that succeeded, one of each job, and one that failed or was stopped. Nothing that had succeeded ran again,
with one exception that is meant: the checks judge the results together, so a redriven `ValidateOutput` runs them all.

| fault | run fails at | job runs | crawls | queries | refreshes |
|---|---|---|---|---|---|
"""


@dataclass
class Row:
    """What became of a case; no `cells` where it did not end as it should."""

    case: Case
    cells: tuple[str, ...] = ()

    def __str__(self) -> str:
        cells = self.cells or ("**not redriven**", "", "", "")
        return f"| {' | '.join((f'`{self.case.name}`', self.case.failed_at, *cells))} |"


@dataclass
class Table:
    rows: list[Row] = field(default_factory=list)

    def __str__(self) -> str:
        lines = "\n".join(map(str, self.rows))
        return f"{HEAD}{lines}\n\n{sum(bool(row.cells) for row in self.rows)} of {len(self.rows)}\n"
