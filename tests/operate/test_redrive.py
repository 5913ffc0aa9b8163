import pytest

from tests.operate.conftest import Deployed, Refuses


@pytest.mark.parametrize("named", [[], ["run-000001"]])
def test_the_run_goes_on_and_is_followed(stack: Deployed, named: list[str]) -> None:
    stack.run("run-000001", then="read", bucket=stack.bucket)
    stack.process.client("s3").put_object(Bucket=stack.bucket, Key="wanted")

    done = stack.operate("redrive", *named)

    assert done.returncode == 0, done.stdout + done.stderr
    first, left, entered, *others, last = done.stdout.splitlines()
    assert first == "Redriven: run-000001"
    assert left.startswith("  < Read")
    assert entered == "  > Done"
    assert "Choose" not in "".join(others)
    assert last == "run-000001 has succeeded"


def test_a_run_that_fails_again_says_why(stack: Deployed) -> None:
    stack.run("run-000001", then="fail")

    done = stack.operate("redrive")

    assert (done.returncode, done.stdout) == (
        1,
        "Redriven: run-000001\nFAILED  Stop failed: So it is.\n",
    )


def test_a_run_that_succeeded_is_not_redriven(stack: Deployed, refuses: Refuses) -> None:
    stack.run("run-000001", then="succeed")

    refuses("run-000001 has succeeded, so there is nothing to redrive", "redrive", "run-000001")
    refuses("no run has failed, so there is nothing to redrive", "redrive")


def test_a_run_that_is_going_is_not_redriven(stack: Deployed, refuses: Refuses) -> None:
    stack.begin("run-000001")

    refuses("run-000001 is going, so there is nothing to redrive yet", "redrive", "run-000001")


@pytest.mark.parametrize("named", [[], ["run-000001"]])
def test_none_is_redriven_while_another_is_going(stack: Deployed, refuses: Refuses, named: list[str]) -> None:
    stack.run("run-000001", then="fail")
    stack.begin("run-000002")

    refuses("run-000002 is going; redrive run-000001 when it has ended", "redrive", *named)


def test_what_a_later_run_has_made_good_is_redriven_only_by_name(stack: Deployed, refuses: Refuses) -> None:
    stack.run("run-000001", then="fail")
    stack.run("run-000002", then="succeed")

    refuses("run-000002 has succeeded since run-000001 failed; name that one to redrive it anyway", "redrive")


def test_a_run_that_is_not_there(refuses: Refuses) -> None:
    refuses("there is no run run-000009; the command runs lists them", "redrive", "run-000009")
    refuses("no run has failed, so there is nothing to redrive", "redrive")
