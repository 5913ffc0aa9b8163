"""Deploys the project to the account, with the same `sam build` and `sam deploy` as to AWS."""

import json
import os
import subprocess
import sys
from pathlib import Path

from localcloud import aws, leash
from operate.errors import OperateError
from operate.stack import STACK_NAME, outputs_of

PROJECT = Path(__file__).parent.parent
BUILT = PROJECT / ".aws-sam" / "build" / "template.yaml"
"""What `sam build` writes."""
TEMPLATE = BUILT.with_suffix(".json")
"""The same in JSON. `sam deploy` reads the template seven times, YAML in half a second each."""
PARAMETERS = {
    "EnableQuickSight": "true",
    "QuickSightPrincipalArn": f"arn:aws:quicksight:{aws.REGION}:{aws.ACCOUNT_ID}:user/default/local",
}
"""What differs from the template's defaults here: QuickSight is on, for this account has it."""
SOURCES = ("*.py", "requirements.txt", "Makefile")
"""What a function is built of; importing one leaves compiled files beside it."""


class DeployError(Exception):
    """`sam` failed; the message is what it printed."""


def deploy() -> dict[str, str]:
    """Build where sources have changed, deploy, and return the stack's outputs. Raises DeployError."""
    if _is_build_stale():
        _build()
    overrides = [f"{name}={value}" for name, value in PARAMETERS.items()]
    template = [
        "--template-file",
        str(TEMPLATE),
        "--config-file",
        str(PROJECT / "samconfig.toml"),
        "--use-json",
    ]
    _sam("deploy", *template, "--parameter-overrides", *overrides)
    return outputs()


def outputs() -> dict[str, str]:
    """The outputs of the deployed stack, empty where it is not deployed."""
    try:
        return outputs_of(aws.client, STACK_NAME)
    except OperateError:
        return {}


def _build() -> None:
    """Build, which empties the directory of what was built before, and write TEMPLATE beside BUILT."""
    from samcli.yamlhelper import yaml_parse  # late: of use here only

    _sam("build")
    part = TEMPLATE.with_suffix(".part")  # whole or not at all: what is there is taken to be built
    part.write_text(json.dumps(yaml_parse(BUILT.read_text())))
    part.replace(TEMPLATE)


def _is_build_stale() -> bool:
    code = (path for kind in SOURCES for path in (PROJECT / "functions").rglob(kind))
    sources = [PROJECT / "template.yaml", *code]
    return not TEMPLATE.exists() or max(path.stat().st_mtime for path in sources) > TEMPLATE.stat().st_mtime


def _sam(*arguments: str) -> None:
    with leash.leash() as held:
        done = subprocess.run(
            [*leash.COMMAND, "samcli", *arguments],
            cwd=PROJECT,
            env=_environment(),
            stdin=held,
            start_new_session=True,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise DeployError(f"sam {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")


def _environment() -> dict[str, str]:
    """Credentials and endpoint of the account; nothing of the machine's own AWS set-up."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": aws.REGION,
        "AWS_ENDPOINT_URL": aws.endpoint(),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "0.1",
    }
