"""The account of the tests here as they use it: clients, buckets, and jobs that run the scripts they write."""

import json
import textwrap
import time
import uuid
from typing import Any

from tests.localcloud.process import ROLE, Process, create_role

ENDED = ("SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED")


class Account(Process):
    """The account, and the few things the tests do with jobs."""

    def bucket(self, **objects: str | bytes) -> str:
        """A new bucket that holds `objects`."""
        name = f"test-{uuid.uuid4().hex[:12]}"
        self.client("s3").create_bucket(Bucket=name)
        for key, body in objects.items():
            self.put(name, key, body)
        return name

    def put(self, bucket: str, key: str, body: str | bytes) -> None:
        self.client("s3").put_object(
            Bucket=bucket, Key=key, Body=body if isinstance(body, bytes) else body.encode()
        )

    def objects(self, bucket: str) -> dict[str, bytes]:
        s3 = self.client("s3")
        keys = [found["Key"] for found in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
        return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}

    def role_without(self, denied: dict[str, Any]) -> str:
        """A new role for jobs that may do everything but what the statement `denied` says; its ARN."""
        name, iam = f"role-{uuid.uuid4()}", self.client("iam")
        create_role(iam, name, ["glue"], ["*"])
        document = json.dumps({"Statement": [{"Effect": "Deny", **denied}]})
        iam.put_role_policy(RoleName=name, PolicyName="without", PolicyDocument=document)
        return f"arn:aws:iam::000000000000:role/{name}"

    def role_without_listing(self, bucket: str, **condition: dict[str, str]) -> str:
        """A new role for jobs that may do everything but list the bucket where the condition is so; its ARN."""
        listing = {"Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}", "Condition": condition}
        return self.role_without(listing)

    def job(self, script: str, **definition: Any) -> str:
        """A new job that runs `script`; its name."""
        name = f"job-{uuid.uuid4().hex[:12]}"
        bucket = self.bucket(**{"script.py": textwrap.dedent(script)})
        command = {"Name": "glueetl", "ScriptLocation": f"s3://{bucket}/script.py", "PythonVersion": "3"}
        job = {"Name": name, "Role": ROLE, "Command": command, "GlueVersion": "5.1"} | definition
        self.client("glue").create_job(**job)
        return name

    def start(self, job: str, **request: Any) -> str:
        return self.client("glue").start_job_run(JobName=job, **request)["JobRunId"]

    def run_of(self, job: str, run_id: str) -> dict[str, Any]:
        return self.client("glue").get_job_run(JobName=job, RunId=run_id)["JobRun"]

    def wait(self, job: str, run_id: str, *states: str, seconds: float = 90) -> dict[str, Any]:
        """The run once it is in one of `states`, by default an end."""
        deadline = time.monotonic() + seconds
        while (run := self.run_of(job, run_id))["JobRunState"] not in (states or ENDED):
            assert time.monotonic() < deadline, f"still {run['JobRunState']}"
            time.sleep(0.05)
        return run

    def run(self, script: str, arguments: dict[str, str] | None = None, **definition: Any) -> dict[str, Any]:
        """Run a script to its end."""
        job = self.job(script, **definition)
        return self.wait(job, self.start(job, Arguments=arguments or {}))

    def succeed(self, script: str, arguments: dict[str, str] | None = None, **definition: Any) -> list[str]:
        """What a script printed, by line; it must succeed."""
        run = self.run(script, arguments, **definition)
        assert run["JobRunState"] == "SUCCEEDED", (
            run["ErrorMessage"] + "\n" + "\n".join(self.log(run, "error"))
        )
        return self.log(run)

    def log(self, run: dict[str, Any], kind: str = "output") -> list[str]:
        logs = self.client("logs")
        group = f"{run['LogGroupName']}/{kind}"
        try:
            events = logs.get_log_events(logGroupName=group, logStreamName=run["Id"], startFromHead=True)[
                "events"
            ]
        except logs.exceptions.ResourceNotFoundException:
            return []
        return [event["message"] for event in events]
