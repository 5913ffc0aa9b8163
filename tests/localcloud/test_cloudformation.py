"""Stacks with the types registered here: references, attributes, updates, deletions, wrong properties."""

import json
from typing import Any

import pytest

from tests.localcloud.waiting import Clients, until

ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"
QUERY: dict[str, Any] = {
    "Type": "AWS::Athena::NamedQuery",
    "Properties": {
        "Name": "not_empty",
        "Database": "sales",
        "QueryString": "select 1",
        "WorkGroup": "primary",
    },
}
SOURCE: dict[str, Any] = {
    "Type": "AWS::QuickSight::DataSource",
    "Properties": {
        "AwsAccountId": {"Ref": "AWS::AccountId"},
        "DataSourceId": {"Fn::Sub": "${AWS::StackName}-source"},
        "Name": "source",
        "Type": "ATHENA",
        "DataSourceParameters": {"AthenaParameters": {"WorkGroup": "primary"}},
    },
}
JOB: dict[str, Any] = {
    "Type": "AWS::Glue::Job",
    "Properties": {
        "Role": ROLE,
        "Command": {"Name": "glueetl", "ScriptLocation": "s3://lake/job.py"},
        "ExecutionClass": "FLEX",
        "ExecutionProperty": {"MaxConcurrentRuns": "2"},
        "NumberOfWorkers": "3",
        "NonOverridableArguments": {"--a": "1"},
        "JobMode": "SCRIPT",
        "Timeout": "60",
    },
}


def data_set(**properties: Any) -> dict[str, Any]:
    table = {
        "DataSourceArn": {"Fn::GetAtt": ["Source", "Arn"]},
        "Schema": "sales",
        "Name": "not_there_yet",
        "InputColumns": [{"Name": "id", "Type": "INTEGER"}],
    }
    declared = {
        "AwsAccountId": {"Ref": "AWS::AccountId"},
        "DataSetId": {"Fn::Sub": "${AWS::StackName}-set"},
        "Name": "set",
        "ImportMode": "SPICE",
        "IngestionWaitPolicy": {"WaitForSpiceIngestion": "false"},
        "PhysicalTableMap": {"table": {"RelationalTable": table}},
    }
    return {"Type": "AWS::QuickSight::DataSet", "Properties": declared | properties}


def template(**resources: Any) -> str:
    outputs = {name: {"Value": {"Ref": name}} for name in resources}
    arns = {f"{n}Arn": {"Value": {"Fn::GetAtt": [n, "Arn"]}} for n in resources if n in ("Source", "Set")}
    return json.dumps({"Resources": resources, "Outputs": outputs | arns})


class Stack:
    """One stack of an account, followed to its end states."""

    def __init__(self, clients: Clients, name: str) -> None:
        self.name, self.cloudformation = name, clients("cloudformation")

    def create(self, **resources: Any) -> str:
        self.cloudformation.create_stack(StackName=self.name, TemplateBody=template(**resources))
        return self.settled()

    def update(self, **resources: Any) -> str:
        self.cloudformation.update_stack(StackName=self.name, TemplateBody=template(**resources))
        return self.settled()

    def delete(self) -> None:
        stack_id = self.described()["StackId"]
        self.cloudformation.delete_stack(StackName=self.name)
        until(lambda: self.described(stack_id)["StackStatus"] == "DELETE_COMPLETE")

    def described(self, name: str | None = None) -> dict[str, Any]:
        described: dict[str, Any] = self.cloudformation.describe_stacks(StackName=name or self.name)[
            "Stacks"
        ][0]
        return described

    def settled(self) -> str:
        def status() -> str | None:
            found = str(self.described()["StackStatus"])
            return None if found.endswith("_IN_PROGRESS") else found

        return str(until(status))

    def outputs(self) -> dict[str, str]:
        return {output["OutputKey"]: output["OutputValue"] for output in self.described()["Outputs"]}

    def reasons(self) -> str:
        events = self.cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        return " ".join(event.get("ResourceStatusReason", "") for event in events)


def test_named_queries(account: Clients) -> None:
    stack, athena = Stack(account, "queries"), account("athena")
    assert stack.create(Query=QUERY) == "CREATE_COMPLETE"
    query_id = stack.outputs()["Query"]
    query = athena.get_named_query(NamedQueryId=query_id)["NamedQuery"]
    assert {key: query[key] for key in QUERY["Properties"]} == QUERY["Properties"]
    changed = {**QUERY, "Properties": {**QUERY["Properties"], "QueryString": "select 2"}}
    assert stack.update(Query=changed) == "UPDATE_COMPLETE"
    replaced = stack.outputs()["Query"]
    assert replaced != query_id
    assert athena.get_named_query(NamedQueryId=replaced)["NamedQuery"]["QueryString"] == "select 2"
    assert athena.list_named_queries()["NamedQueryIds"] == [replaced]
    stack.delete()
    assert athena.list_named_queries()["NamedQueryIds"] == []


def test_quicksight(account: Clients) -> None:
    stack, quicksight = Stack(account, "bi"), account("quicksight")
    before = arns(quicksight)
    assert stack.create(Source=SOURCE, Set=data_set()) == "CREATE_COMPLETE", stack.reasons()
    outputs = stack.outputs()
    assert outputs == {
        "Source": f"{ACCOUNT}|bi-source",
        "SourceArn": f"arn:aws:quicksight:us-east-1:{ACCOUNT}:datasource/bi-source",
        "Set": f"{ACCOUNT}|bi-set",
        "SetArn": f"arn:aws:quicksight:us-east-1:{ACCOUNT}:dataset/bi-set",
    }
    described = quicksight.describe_data_set(AwsAccountId=ACCOUNT, DataSetId="bi-set")["DataSet"]
    assert described["PhysicalTableMap"]["table"]["RelationalTable"]["DataSourceArn"] == outputs["SourceArn"]
    assert stack.update(Source=SOURCE, Set=data_set(Name="renamed")) == "UPDATE_COMPLETE"
    described = quicksight.describe_data_set(AwsAccountId=ACCOUNT, DataSetId="bi-set")["DataSet"]
    assert described["Name"] == "renamed"
    stack.delete()
    assert arns(quicksight) == before


def arns(quicksight: Any) -> set[str]:
    """Of all data sets and data sources in the account, which other tests share."""
    sets = quicksight.list_data_sets(AwsAccountId=ACCOUNT)["DataSetSummaries"]
    sources = quicksight.list_data_sources(AwsAccountId=ACCOUNT)["DataSources"]
    return {each["Arn"] for each in (*sets, *sources)}


def test_a_job_keeps_all_its_properties(account: Clients) -> None:
    stack, glue = Stack(account, "jobs"), account("glue")
    assert stack.create(Job=JOB) == "CREATE_COMPLETE", stack.reasons()
    job = glue.get_job(JobName=stack.outputs()["Job"])["Job"]
    expected: dict[str, Any] = {
        "ExecutionClass": "FLEX",
        "ExecutionProperty": {"MaxConcurrentRuns": 2},
        "JobMode": "SCRIPT",
    }
    expected |= {"NonOverridableArguments": {"--a": "1"}, "NumberOfWorkers": 3, "Timeout": 60}
    assert {key: job[key] for key in expected} == expected
    changed = {key: value for key, value in JOB["Properties"].items() if key != "ExecutionClass"}
    changed["ExecutionProperty"] = {"MaxConcurrentRuns": 5}
    assert stack.update(Job={**JOB, "Properties": changed}) == "UPDATE_COMPLETE"
    job = glue.get_job(JobName=stack.outputs()["Job"])["Job"]
    assert job["ExecutionProperty"] == {"MaxConcurrentRuns": 5}
    assert "ExecutionClass" not in job


def test_a_crawler_keeps_all_its_properties(account: Clients) -> None:
    stack, glue = Stack(account, "crawlers"), account("glue")
    properties: dict[str, Any] = {
        "Role": ROLE,
        "Targets": {"S3Targets": [{"Path": "s3://lake/read/"}]},
        "LakeFormationConfiguration": {"UseLakeFormationCredentials": "true"},
    }
    crawler = {"Type": "AWS::Glue::Crawler", "Properties": properties}
    assert stack.create(Crawler=crawler) == "CREATE_COMPLETE", stack.reasons()
    kept = glue.get_crawler(Name=stack.outputs()["Crawler"])["Crawler"]
    assert kept["LakeFormationConfiguration"] == {"UseLakeFormationCredentials": True}


@pytest.mark.parametrize(
    ("name", "resources", "reason"),
    [
        (
            "typo",
            {"Job": {**JOB, "Properties": {**JOB["Properties"], "WorkerTyp": "G.1X"}}},
            "extraneous key [WorkerTyp]",
        ),
        (
            "deep",
            {"Job": {**JOB, "Properties": {**JOB["Properties"], "Command": {"Nam": "x"}}}},
            "extraneous key [Command/Nam]",
        ),
        (
            "missing",
            {"Query": {**QUERY, "Properties": {"Database": "sales"}}},
            "required key [QueryString] not found",
        ),
        (
            "enum",
            {"Source": {**SOURCE, "Properties": {**SOURCE["Properties"], "Type": "ORACLE9"}}},
            "Type is 'ORACLE9', not one of",
        ),
        (
            "waiting",
            {"Source": SOURCE, "Set": data_set(IngestionWaitPolicy={})},
            "must set WaitForSpiceIngestion to false",
        ),
    ],
)
def test_wrong_properties_fail_the_stack(
    account: Clients,
    name: str,
    resources: dict[str, Any],
    reason: str,
) -> None:
    stack = Stack(account, name)
    assert stack.create(**resources) == "ROLLBACK_COMPLETE"
    assert reason in stack.reasons()


def test_a_workgroup_keeps_its_limits(account: Clients) -> None:
    configuration = {
        "EnforceWorkGroupConfiguration": True,
        "BytesScannedCutoffPerQuery": 10_000_000,
        "ResultConfiguration": {"OutputLocation": "s3://lake/from-stack/"},
    }
    properties = {"Name": "from-stack", "WorkGroupConfiguration": configuration}
    stack, athena = Stack(account, "workgroup"), account("athena")
    assert (
        stack.create(Group={"Type": "AWS::Athena::WorkGroup", "Properties": properties}) == "CREATE_COMPLETE"
    )
    started = athena.start_query_execution(
        QueryString="select 1",
        WorkGroup="from-stack",
        ResultConfiguration={"OutputLocation": "s3://lake/mine/"},
    )
    execution = athena.get_query_execution(QueryExecutionId=started["QueryExecutionId"])["QueryExecution"]
    assert execution["ResultConfiguration"]["OutputLocation"].startswith("s3://lake/from-stack/")
