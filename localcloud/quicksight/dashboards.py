"""QuickSight's operations on analyses and dashboards, by their API names."""

import threading
from typing import Any

from localcloud.quicksight.datasets import invalid, unsupported
from localcloud.quicksight.definitions import check_definition, errors
from localcloud.quicksight.records import arn, checked_id, exists, find, identity, now, page, summary
from localcloud.service import JSON, Operation, ServiceError

KEPT = ("Name", "Definition", "ThemeArn", "DashboardPublishOptions", "VersionDescription")


class Dashboards:
    """The analyses and the dashboards, a dashboard with all of its versions."""

    def __init__(self, data_sets: dict[str, JSON]) -> None:
        self.data_sets = data_sets
        self.analyses: dict[str, JSON] = {}
        self.dashboards: dict[str, JSON] = {}
        self.lock = threading.RLock()

    def operations(self) -> dict[str, Operation]:
        """The operations answered here, by their API names."""
        return {
            "CreateAnalysis": self.create_analysis,
            "DescribeAnalysis": self.describe_analysis,
            "DescribeAnalysisDefinition": self.describe_analysis_definition,
            "ListAnalyses": self.list_analyses,
            "UpdateAnalysis": self.update_analysis,
            "DeleteAnalysis": self.delete_analysis,
            "CreateDashboard": self.create_dashboard,
            "DescribeDashboard": self.describe_dashboard,
            "DescribeDashboardDefinition": self.describe_dashboard_definition,
            "ListDashboards": self.list_dashboards,
            "ListDashboardVersions": self.list_dashboard_versions,
            "UpdateDashboard": self.update_dashboard,
            "UpdateDashboardPublishedVersion": self.update_dashboard_published_version,
            "DeleteDashboard": self.delete_dashboard,
        }

    # Analyses

    def create_analysis(self, request: JSON) -> JSON:
        """Create an analysis, whose Status and Errors say whether its data sets fit."""
        analysis_id = checked_id(request["AnalysisId"])
        state = self.checked(request, "CREATION")
        with self.lock:
            if analysis_id in self.analyses:
                raise exists("Analysis", analysis_id)
            self.analyses[analysis_id] = {
                "AnalysisId": analysis_id,
                "Arn": arn(f"analysis/{analysis_id}"),
                "CreatedTime": now(),
                "LastUpdatedTime": now(),
                **state,
            }
        return {
            **identity(self.analyses[analysis_id], "AnalysisId"),
            "CreationStatus": "CREATION_IN_PROGRESS",
        }

    def describe_analysis(self, request: JSON) -> JSON:
        record = find(self.analyses, "Analysis", request["AnalysisId"])
        keys = ("AnalysisId", "Arn", "Name", "CreatedTime", "LastUpdatedTime", "Status", *present(record))
        return {"Analysis": {**summary(record, keys), **contents(record)}}

    def describe_analysis_definition(self, request: JSON) -> JSON:
        record = find(self.analyses, "Analysis", request["AnalysisId"])
        return {
            **summary(record, ("AnalysisId", "Name", "Definition", *present(record))),
            "ResourceStatus": record["Status"],
        }

    def list_analyses(self, request: JSON) -> JSON:
        keys = ("Arn", "AnalysisId", "Name", "Status", "CreatedTime", "LastUpdatedTime")
        return page("AnalysisSummaryList", [summary(a, keys) for a in self.analyses.values()], request)

    def update_analysis(self, request: JSON) -> JSON:
        record = find(self.analyses, "Analysis", request["AnalysisId"])
        state = self.checked(request, "UPDATE")
        for name in (*KEPT, "Errors"):
            record.pop(name, None)
        record |= {**state, "LastUpdatedTime": now()}
        return {**identity(record, "AnalysisId"), "UpdateStatus": "UPDATE_IN_PROGRESS"}

    def delete_analysis(self, request: JSON) -> JSON:
        """Delete an analysis at once; there is no recovery window here."""
        record = find(self.analyses, "Analysis", request["AnalysisId"])
        if not request.get("ForceDeleteWithoutRecovery"):
            raise unsupported("DeleteAnalysis without ForceDeleteWithoutRecovery")
        del self.analyses[request["AnalysisId"]]
        return {**identity(record, "AnalysisId"), "DeletionTime": now()}

    # Dashboards

    def create_dashboard(self, request: JSON) -> JSON:
        """Create a dashboard with its first version, published where its data sets fit."""
        dashboard_id = checked_id(request["DashboardId"])
        state = self.checked(request, "CREATION")
        with self.lock:
            if dashboard_id in self.dashboards:
                raise exists("Dashboard", dashboard_id)
            record: JSON = {
                "DashboardId": dashboard_id,
                "Arn": arn(f"dashboard/{dashboard_id}"),
                "CreatedTime": now(),
                "LastPublishedTime": now(),
                "Published": 1,
                "Versions": [],
            }
            self.dashboards[dashboard_id] = record
        return self.add_version(record, state)

    def update_dashboard(self, request: JSON) -> JSON:
        """Add a version; UpdateDashboardPublishedVersion shows it to readers."""
        record = find(self.dashboards, "Dashboard", request["DashboardId"])
        state = self.checked(request, "CREATION")
        return self.add_version(record, state)

    def add_version(self, record: JSON, state: JSON) -> JSON:
        with self.lock:
            number = len(record["Versions"]) + 1
            version = {
                **state,
                "VersionNumber": number,
                "CreatedTime": now(),
                "Arn": f"{record['Arn']}/version/{number}",
            }
            record["Versions"].append(version)
            record["LastUpdatedTime"] = now()
        ids = {**identity(record, "DashboardId"), "VersionArn": version["Arn"]}
        return {**ids, "CreationStatus": "CREATION_IN_PROGRESS"}

    def update_dashboard_published_version(self, request: JSON) -> JSON:
        record = find(self.dashboards, "Dashboard", request["DashboardId"])
        version = version_of(record, {"VersionNumber": request["VersionNumber"]})
        if "Errors" in version:
            raise invalid(f"Version {version['VersionNumber']} of the dashboard is {version['Status']}")
        record |= {"Published": version["VersionNumber"], "LastPublishedTime": now()}
        return identity(record, "DashboardId")

    def describe_dashboard(self, request: JSON) -> JSON:
        """A dashboard with one version of it: the published one unless another is asked for."""
        record = find(self.dashboards, "Dashboard", request["DashboardId"])
        version = version_of(record, request)
        keys = ("VersionNumber", "CreatedTime", "Arn", "Status", *present(version))
        shown = {**summary(version, keys), **contents(version)}
        if "VersionDescription" in version:
            shown["Description"] = version["VersionDescription"]
        times = ("DashboardId", "Arn", "CreatedTime", "LastPublishedTime", "LastUpdatedTime")
        return {"Dashboard": {**summary(record, times), "Name": version["Name"], "Version": shown}}

    def describe_dashboard_definition(self, request: JSON) -> JSON:
        record = find(self.dashboards, "Dashboard", request["DashboardId"])
        version = version_of(record, request)
        options = [key for key in ("DashboardPublishOptions",) if key in version]
        shown = summary(version, ("Name", "Definition", *options, *present(version)))
        return {"DashboardId": record["DashboardId"], **shown, "ResourceStatus": version["Status"]}

    def list_dashboards(self, request: JSON) -> JSON:
        keys = ("Arn", "DashboardId", "CreatedTime", "LastUpdatedTime", "LastPublishedTime")
        listed = [
            {
                **summary(record, keys),
                "Name": version_of(record, {})["Name"],
                "PublishedVersionNumber": record["Published"],
            }
            for record in self.dashboards.values()
        ]
        return page("DashboardSummaryList", listed, request)

    def list_dashboard_versions(self, request: JSON) -> JSON:
        record = find(self.dashboards, "Dashboard", request["DashboardId"])
        keys = ("Arn", "CreatedTime", "VersionNumber", "Status")
        latest = [summary(version, keys) for version in reversed(record["Versions"])]
        return page("DashboardVersionSummaryList", latest, request)

    def delete_dashboard(self, request: JSON) -> JSON:
        if "VersionNumber" in request:
            raise unsupported("DeleteDashboard of one version")
        record = find(self.dashboards, "Dashboard", request["DashboardId"])
        del self.dashboards[request["DashboardId"]]
        return identity(record, "DashboardId")

    def checked(self, request: JSON, verb: str) -> JSON:
        """What is kept of a request, and whether its data sets fit: AWS says that only when it is described."""
        if "Definition" not in request:
            raise unsupported("A SourceEntity in place of a Definition")
        check_definition(request["Definition"])
        found = errors(request["Definition"], self.data_sets)
        status = {"Status": f"{verb}_FAILED", "Errors": found} if found else {"Status": f"{verb}_SUCCESSFUL"}
        return {**{key: request[key] for key in KEPT if key in request}, **status}


def version_of(record: JSON, request: JSON) -> JSON:
    """The version that is asked for by number or alias, the published one where neither is."""
    versions: list[JSON] = record["Versions"]
    number: int = request.get("VersionNumber") or record["Published"]
    if request.get("AliasName") == "$LATEST":
        number = len(versions)
    if not 1 <= number <= len(versions):
        message = f"Version {number} of dashboard {record['DashboardId']} is not found"
        raise ServiceError("ResourceNotFoundException", message, 404)
    return versions[number - 1]


def present(record: JSON) -> list[str]:
    return [key for key in ("Errors", "ThemeArn") if key in record]


def contents(record: JSON) -> dict[str, Any]:
    """The data sets and the sheets of a definition, as a description lists them."""
    definition = record["Definition"]
    declared = definition["DataSetIdentifierDeclarations"]
    sheets = [
        {"SheetId": sheet["SheetId"], "Name": sheet.get("Name", sheet["SheetId"])}
        for sheet in definition.get("Sheets", [])
    ]
    return {"DataSetArns": [declaration["DataSetArn"] for declaration in declared], "Sheets": sheets}
