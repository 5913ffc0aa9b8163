"""What the function reads from its environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Environment:
    """The resources the function uses, as the template sets them."""

    topic_arn: str

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """The environment from `environ`. Raises ValueError where a variable is missing."""
        if not environ.get("TOPIC_ARN"):
            raise ValueError("Environment variable that alert needs is not set: TOPIC_ARN")
        return cls(topic_arn=environ["TOPIC_ARN"])
