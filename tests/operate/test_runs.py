import re

from tests.operate.conftest import Deployed, Refuses


def test_runs_are_listed_newest_first_with_what_failed(stack: Deployed) -> None:
    stack.run("run-000001", then="succeed")
    stack.run("run-000002", then="fail")
    stack.begin("run-000003")

    done = stack.operate("runs")

    assert done.returncode == 0, done.stderr
    told = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +0:00:\d\d", "MOMENT SECONDS", done.stdout)
    assert [line.split() for line in told.splitlines()] == [
        ["RUN", "STATUS", "STARTED", "(UTC)", "DURATION", "REDRIVES"],
        ["run-000003", "RUNNING", "MOMENT", "SECONDS", "0"],
        ["run-000002", "FAILED", "MOMENT", "SECONDS", "0"],
        ["Stop", "failed:", "So", "it", "is."],
        ["run-000001", "SUCCEEDED", "MOMENT", "SECONDS", "0"],
    ]


def test_as_many_are_listed_as_asked_for(stack: Deployed) -> None:
    for number in range(1, 4):
        stack.run(f"run-00000{number}", then="succeed")

    done = stack.operate("runs", "--limit", "2")

    assert [line.split()[0] for line in done.stdout.splitlines()] == ["RUN", "run-000003", "run-000002"]


def test_before_the_first_run(stack: Deployed, refuses: Refuses) -> None:
    refuses(f"there is no run yet; upload CSV files to s3://{stack.bucket}/read/", "runs")
