"""AWS::StepFunctions::StateMachine, created in our Step Functions instead of MiniStack's."""

from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services.cloudformation import provisioners

from localcloud.stepfunctions.backend import LocalBackend
from localcloud.stepfunctions.service import backend

Properties = dict[str, Any]


def create(logical_id: str, props: Properties, stack_name: str) -> tuple[str, dict[str, str]]:
    """Create the state machine; Ref is its ARN."""
    name = props.get("StateMachineName") or provisioners._physical_name(stack_name, logical_id, max_len=80)
    machine = _backend().create_state_machine(
        name=name, sm_type=props.get("StateMachineType", "STANDARD"), **_changeable(props)
    )
    return machine.arn, {"Arn": machine.arn, "Name": machine.name}


def update(
    physical_id: str, old_props: Properties, props: Properties, stack_name: str, logical_id: str | None = None
) -> tuple[str, dict[str, str]]:
    """Change the state machine in place, or replace it where its name or type changes."""
    if any(old_props.get(key) != props.get(key) for key in ("StateMachineName", "StateMachineType")):
        return create(logical_id or physical_id, props, stack_name)
    changes = _changeable(props)
    machine = _backend().update_state_machine(
        physical_id,
        changes["definition"],
        role_arn=changes["roleArn"],
        logging_configuration=changes["loggingConfiguration"],
        tracing_configuration=changes["tracingConfiguration"],
    )
    return physical_id, {"Arn": physical_id, "Name": machine.name}


def delete(physical_id: str, props: Properties) -> None:
    """Delete the state machine."""
    _backend().delete_state_machine(physical_id)


HANDLERS = {"AWS::StepFunctions::StateMachine": {"create": create, "update": update, "delete": delete}}


def _changeable(props: Properties) -> dict[str, Any]:
    return {
        "definition": provisioners._sfn_definition(props),
        "roleArn": props["RoleArn"],
        "loggingConfiguration": _in_api_case(props.get("LoggingConfiguration")),
        "tracingConfiguration": _in_api_case(props.get("TracingConfiguration")),
    }


def _in_api_case(value: Any) -> Any:
    """CloudFormation's `IncludeExecutionData` is `includeExecutionData` in the API."""
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: _in_api_case(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_in_api_case(member) for member in value]
    return value


def _backend() -> LocalBackend:
    return backend(get_account_id(), get_region())
