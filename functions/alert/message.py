"""What an alert says. Knows no AWS client."""

from dataclasses import dataclass

CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
"""The console's domain in each partition."""
SUBJECT_CHARACTERS = 99
"""SNS takes subjects of ASCII that are shorter than 100 characters ("Publish", Amazon SNS API Reference)."""


@dataclass(frozen=True)
class Message:
    """A plain text message about one execution that did not succeed."""

    execution_arn: str
    status: str
    where: str
    reason: str

    @property
    def subject(self) -> str:
        text = f"{self._state_machine} {self._run} {self.status}: {self.where}"
        return text.encode("ascii", "replace").decode()[:SUBJECT_CHARACTERS]

    @property
    def body(self) -> str:
        return f"""\
Run:    {self._run} of {self._state_machine}
Status: {self.status}
State:  {self.where}
Cause:  {self.reason}

{self._console_link}

A corrected file that is uploaded again starts a run of its own. When the cause was another and is put right, this
command goes on from the state that failed:

aws stepfunctions redrive-execution --execution-arn {self.execution_arn} --region {self._region}
"""

    @property
    def _console_link(self) -> str:
        domain = f"{self._region}.{CONSOLES[self.execution_arn.split(':')[1]]}"
        return (
            f"https://{domain}/states/home?region={self._region}#/v2/executions/details/{self.execution_arn}"
        )

    @property
    def _region(self) -> str:
        return self.execution_arn.split(":")[3]

    @property
    def _state_machine(self) -> str:
        return self.execution_arn.split(":")[6]

    @property
    def _run(self) -> str:
        return self.execution_arn.split(":")[7]
