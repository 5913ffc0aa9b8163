"""A result has one name: of its job, script, folder, table, data set and checks."""

import json
from typing import Any

import pytest

from tests.conftest import PROJECT
from tests.template import properties, resources, template

RESULTS = sorted(path.stem for path in (PROJECT / "glue_scripts").glob("*.py"))
QUICKSIGHT_TYPE = {
    "bigint": "INTEGER",
    "boolean": "BOOLEAN",
    "int": "INTEGER",
    "string": "STRING",
    "date": "DATETIME",
    "decimal": "DECIMAL",
}


def sub(value: Any) -> str:
    """The text of a `!Sub`."""
    return str(value["Fn::Sub"])


def result_tables() -> dict[str, dict[str, Any]]:
    tables = (table["TableInput"] for table in properties("AWS::Glue::Table"))
    return {table["Name"]: table for table in tables if table["Name"] != "validation_results"}


def test_there_are_five_results() -> None:
    assert RESULTS == [
        "customer_orders",
        "large_orders",
        "order_line_counts",
        "product_daily_quantity",
        "top_products",
    ]


def test_each_script_is_a_job_that_writes_a_folder_of_its_own() -> None:
    jobs = {sub(job["Name"]).removeprefix("${AWS::StackName}-"): job for job in properties("AWS::Glue::Job")}

    assert sorted(jobs) == RESULTS
    for name, job in jobs.items():
        assert job["Command"]["ScriptLocation"] == f"glue_scripts/{name}.py"
        assert sub(job["DefaultArguments"]["--output_path"]) == f"s3://${{OutputBucket}}/write/{name}/"
        assert job["Timeout"] == {"Ref": "JobTimeoutMinutes"}


def test_each_job_has_a_branch_of_its_own() -> None:
    pipeline = resources("AWS::Serverless::StateMachine")["PipelineStateMachine"]["Properties"]
    definition = json.loads((PROJECT / pipeline["DefinitionUri"]).read_text())
    started = [
        state["Parameters"]["JobName"].strip("${}")
        for branch in definition["States"]["RunSparkJobs"]["Branches"]
        for state in branch["States"].values()
    ]

    assert sorted(pipeline["DefinitionSubstitutions"][name]["Ref"] for name in started) == sorted(
        resources("AWS::Glue::Job")
    )


def test_each_folder_is_a_table() -> None:
    assert sorted(result_tables()) == RESULTS
    for name, table in result_tables().items():
        assert sub(table["StorageDescriptor"]["Location"]) == f"s3://${{OutputBucket}}/write/{name}/"


def test_the_output_crawler_crawls_the_result_tables() -> None:
    targets = resources("AWS::Glue::Crawler")["OutputCrawler"]["Properties"]["Targets"]["CatalogTargets"]
    tables = [resources("AWS::Glue::Table")[table["Ref"]] for table in targets[0]["Tables"]]

    assert sorted(table["Properties"]["TableInput"]["Name"] for table in tables) == RESULTS


def test_each_table_is_a_data_set_with_its_columns() -> None:
    data_sets = {data_set["Name"]: data_set for data_set in properties("AWS::QuickSight::DataSet")}
    tables = {table["TableInput"]["Name"]: table["TableInput"] for table in properties("AWS::Glue::Table")}

    assert sorted(data_sets) == sorted(tables)
    for name, data_set in data_sets.items():
        assert sub(data_set["DataSetId"]) == f"${{AWS::StackName}}-{name}"
        assert data_set["ImportMode"] == ("SPICE" if name in RESULTS else "DIRECT_QUERY")
        (source,) = data_set["PhysicalTableMap"].values()
        columns = tables[name]["StorageDescriptor"]["Columns"]
        assert source["RelationalTable"]["InputColumns"] == [
            {"Name": column["Name"], "Type": QUICKSIGHT_TYPE[column["Type"].partition("(")[0]]}
            for column in columns
        ]


def test_each_data_set_is_refreshed() -> None:
    machine = resources("AWS::Serverless::StateMachine")["PipelineStateMachine"]["Properties"]
    on, ids, off = machine["DefinitionSubstitutions"]["DataSetIds"]["Fn::If"]

    assert (on, off) == ("QuickSightOn", "")
    assert sorted(sub(ids).split(", ")) == [f"'${{AWS::StackName}}-{name}'" for name in RESULTS]


def test_each_check_is_run() -> None:
    machine = resources("AWS::Serverless::StateMachine")["ValidateStateMachine"]["Properties"]
    _, ids = machine["DefinitionSubstitutions"]["CheckQueryIds"]["Fn::Join"]

    assert sorted(query["Ref"] for query in ids) == sorted(resources("AWS::Athena::NamedQuery"))


@pytest.mark.parametrize("result", RESULTS)
def test_each_result_is_checked_for_rows_for_its_key_and_for_its_own_rule(result: str) -> None:
    checks = [
        query["Name"] for query in properties("AWS::Athena::NamedQuery") if query["Name"].startswith(result)
    ]

    assert {f"{result}_not_empty", f"{result}_key"} < set(checks)
    assert len(checks) >= 3


def test_names_of_checks_are_unique() -> None:
    names = [query["Name"] for query in properties("AWS::Athena::NamedQuery")]

    assert len(set(names)) == len(names)


def test_buckets_are_private_encrypted_versioned_and_tls_only() -> None:
    policies = {policy["Bucket"]["Ref"]: policy for policy in properties("AWS::S3::BucketPolicy")}
    for name, bucket in resources("AWS::S3::Bucket").items():
        settings = bucket["Properties"]
        assert set(settings["PublicAccessBlockConfiguration"].values()) == {True}
        assert settings["VersioningConfiguration"] == {"Status": "Enabled"}
        assert settings["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert settings["LifecycleConfiguration"]["Rules"]
        (statement,) = policies[name]["PolicyDocument"]["Statement"]
        assert (statement["Effect"], statement["Condition"]) == (
            "Deny",
            {"Bool": {"aws:SecureTransport": "false"}},
        )


def test_no_role_may_do_any_action_and_any_resource_only_where_the_service_knows_none() -> None:
    takes_no_resource = ("logs:", "xray:", "cloudwatch:PutMetricData")
    for role in properties("AWS::IAM::Role"):
        for policy in role["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                actions = (
                    [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
                )
                assert not [action for action in actions if "*" in action]
                if statement["Resource"] == "*":
                    assert all(action.startswith(takes_no_resource) for action in actions)


def test_each_component_has_a_role_of_its_own() -> None:
    users = [
        (kind, body["Properties"]["Role"]["Fn::GetAtt"])
        for kind in ("AWS::Serverless::Function", "AWS::Serverless::StateMachine", "AWS::Glue::Crawler")
        for body in resources(kind).values()
    ]
    roles = [str(role) for _, role in users]

    assert len(set(roles)) == len(roles) == 8


def test_logs_are_kept_for_a_time() -> None:
    assert all("RetentionInDays" in group for group in properties("AWS::Logs::LogGroup"))


def test_quicksight_is_off_unless_asked_for() -> None:
    assert template()["Parameters"]["EnableQuickSight"]["Default"] == "false"
    for kind in ("DataSource", "DataSet", "Analysis", "Dashboard"):
        assert {body["Condition"] for body in resources(f"AWS::QuickSight::{kind}").values()} == {
            "QuickSightOn"
        }
    assert all(
        data_set["IngestionWaitPolicy"] == {"WaitForSpiceIngestion": False}
        for data_set in properties("AWS::QuickSight::DataSet")
        if data_set["ImportMode"] == "SPICE"
    )


def test_alarms_tell_the_topic_what_to_do_and_are_quiet_where_there_is_nothing_to_measure() -> None:
    alarms = properties("AWS::CloudWatch::Alarm")

    assert sorted((str(alarm["Namespace"]), alarm["MetricName"]) for alarm in alarms) == [
        ("AWS/Lambda", "Errors"),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
        ("AWS/States", "ExecutionTime"),
        ("{'Ref': 'AWS::StackName'}", "StartPipelineErrors"),
    ]
    for alarm in alarms:
        assert sub(alarm["AlarmName"]).startswith("${AWS::StackName}-")
        assert alarm["AlarmActions"] == [{"Ref": "AlertTopic"}]
        assert alarm["TreatMissingData"] == "notBreaching"
        assert alarm["AlarmDescription"]


def test_an_error_that_start_pipeline_logs_is_counted_for_its_alarm() -> None:
    (filter_,) = properties("AWS::Logs::MetricFilter")
    (counted,) = filter_["MetricTransformations"]
    alarm = resources("AWS::CloudWatch::Alarm")["NoRunStartsAlarm"]["Properties"]

    assert filter_["LogGroupName"] == {"Ref": "StartPipelineLogs"}
    assert (counted["MetricNamespace"], counted["MetricName"]) == (alarm["Namespace"], alarm["MetricName"])


def test_the_topic_takes_only_tls_and_the_alarms_of_the_stack() -> None:
    (policy,) = properties("AWS::SNS::TopicPolicy")
    statements = {statement["Sid"]: statement for statement in policy["PolicyDocument"]["Statement"]}

    assert statements["TlsOnly"]["Effect"] == "Deny"
    assert statements["TlsOnly"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    allowed = statements["FromAlarms"]["Condition"]
    assert sub(allowed["ArnLike"]["aws:SourceArn"]).endswith(":alarm:${AWS::StackName}-*")
    assert allowed["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert [s["Sid"] for s in statements.values() if s["Effect"] == "Allow"] == ["FromAlarms"]


def test_alerts_may_read_the_executions_of_every_state_machine() -> None:
    (policy,) = resources("AWS::IAM::Role")["AlertRole"]["Properties"]["Policies"]
    read = next(s for s in policy["PolicyDocument"]["Statement"] if "states:DescribeExecution" in s["Action"])

    assert sorted(sub(arn).split(":execution:")[1] for arn in read["Resource"]) == sorted(
        f"{sub(machine['Name'])}:*" for machine in properties("AWS::Serverless::StateMachine")
    )


def test_mail_is_sent_only_where_there_is_an_address() -> None:
    assert template()["Parameters"]["AlertEmail"]["Default"] == ""
    assert {body["Condition"] for body in resources("AWS::SNS::Subscription").values()} == {"HasAlertEmail"}


def test_a_job_is_ended_before_its_run_is_and_a_slow_run_alarms_before_it_is_ended() -> None:
    pipeline = json.loads((PROJECT / "statemachine" / "pipeline.asl.json").read_text())
    parameters = template()["Parameters"]

    assert parameters["JobTimeoutMinutes"]["MaxValue"] * 60 <= pipeline["TimeoutSeconds"]
    assert parameters["MaxRunSeconds"]["Default"] < pipeline["TimeoutSeconds"]
    assert parameters["MaxRunSeconds"]["MaxValue"] <= pipeline["TimeoutSeconds"]
