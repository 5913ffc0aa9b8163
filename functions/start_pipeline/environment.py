"""What the function reads from its environment."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self


@dataclass(frozen=True)
class Environment:
    """The resources the function uses, as the template sets them."""

    state_machine_arn: str
    dead_letter_queue_url: str

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """The environment from `environ`. Raises ValueError that names every variable that is missing."""
        names = {field.name: field.name.upper() for field in fields(cls)}
        missing = [variable for variable in names.values() if not environ.get(variable)]
        if missing:
            raise ValueError(
                f"Environment variables that start_pipeline needs are not set: {', '.join(missing)}"
            )
        return cls(**{name: environ[variable] for name, variable in names.items()})
