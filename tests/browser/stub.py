"""An endpoint with one stack, whose only run has a long history: `Stub` answers what a console asks of it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.operate.histories import BEGAN, Written

MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:long"
EXECUTION = "arn:aws:states:us-east-1:000000000000:execution:long:run-000001"
DEFINITION = {
    "StartAt": "Look",
    "States": {
        "Look": {"Type": "Choice", "Choices": [{"Next": "Done"}], "Default": "Each"},
        "Each": {
            "Type": "Map",
            "Iterator": {"StartAt": "Work", "States": {"Work": {"Type": "Pass", "End": True}}},
            "Next": "Look",
        },
        "Done": {"Type": "Succeed"},
    },
}
OUTPUTS = {
    "PipelineArn": MACHINE,
    "InputBucketName": "input",
    "QueueUrl": "queue",
    "WorkGroupName": "group",
    "ResultsDatabaseName": "results",
}


def long_history(events: int) -> list[dict[str, Any]]:
    """A loop with a Map of 40 items, of so many events at the least; times as the service has them."""
    history = Written()
    while len(history.events) < events:
        history.enter("Look", "Choice")
        history.leave("Look", "Choice")
        history.enter("Each", "Map")
        started = history.add("MapStateStarted", length=40)
        for index in range(40):
            history.add("MapIterationStarted", started, name="Each", index=index)
            history.enter("Work", "Pass")
            history.leave("Work", "Pass")
            history.add("MapIterationSucceeded", name="Each", index=index)
        history.add("MapStateSucceeded")
        history.leave("Each", "Map")
    history.add("ExecutionSucceeded")
    return [{**event, "timestamp": event["timestamp"].timestamp()} for event in history.events]


class Stub:
    """The endpoint; `calls` are the actions that were asked for."""

    def __init__(self, events: int) -> None:
        self.calls: list[str] = []
        self._events = long_history(events)
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers["Content-Length"])).decode()
                answer = stub.answer(self.headers.get("X-Amz-Target", "").rpartition(".")[2], text)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(answer.encode())

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, action: str, text: str) -> str:
        self.calls.append(action or "DescribeStacks")
        if not action:
            return STACK
        described = {
            "executionArn": EXECUTION,
            "stateMachineArn": MACHINE,
            "name": "run-000001",
            "status": "SUCCEEDED",
            "startDate": BEGAN.timestamp(),
            "stopDate": self._events[-1]["timestamp"],
        }
        answers: dict[str, Any] = {
            "ListExecutions": {"executions": [described]},
            "DescribeExecution": described,
            "DescribeStateMachineForExecution": {"definition": json.dumps(DEFINITION)},
        }
        return json.dumps(answers.get(action) or self._page(json.loads(text)))

    def _page(self, asked: dict[str, Any]) -> dict[str, Any]:
        start = int(asked.get("nextToken", 0))
        end = start + asked["maxResults"]
        more = {"nextToken": str(end)} if end < len(self._events) else {}
        return {"events": self._events[start:end], **more}


MEMBERS = "".join(
    f"<member><OutputKey>{key}</OutputKey><OutputValue>{value}</OutputValue></member>"
    for key, value in OUTPUTS.items()
)
STACK = f"""<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
<DescribeStacksResult><Stacks><member><StackName>long</StackName><Outputs>{MEMBERS}</Outputs></member></Stacks>
</DescribeStacksResult></DescribeStacksResponse>"""
