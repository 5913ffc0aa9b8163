"""QuickSight's operations on data sources, data sets and ingestions, by their API names."""

import contextvars
import threading
import uuid
from collections import defaultdict
from pathlib import Path
from typing import ClassVar, Self

from localcloud import faults
from localcloud.quicksight.dashboards import Dashboards
from localcloud.quicksight.datasets import invalid, output_columns, source, unsupported
from localcloud.quicksight.records import arn, checked_id, exists, find, identity, now, page, summary
from localcloud.quicksight.spice import IngestionError, ingest
from localcloud.service import JSON, Operation, ServiceError

ENDED = ("COMPLETED", "FAILED", "CANCELLED")


class QuickSight:
    """The QuickSight of the account: everything in memory, the rows in `spice`."""

    current: ClassVar["QuickSight"]

    def __init__(self, spice: Path) -> None:
        spice.mkdir(parents=True, exist_ok=True)
        self.spice = spice
        self.data_sources: dict[str, JSON] = {}
        self.data_sets: dict[str, JSON] = {}
        self.ingestions: dict[str, dict[str, Ingestion]] = {}
        self.turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self.lock = threading.RLock()
        self.dashboards = Dashboards(self.data_sets)

    @classmethod
    def open(cls, spice: Path) -> Self:
        """Make the account's QuickSight, which CloudFormation then finds as `current`."""
        cls.current = service = cls(spice)
        return service

    def operations(self) -> dict[str, Operation]:
        """The operations answered here, by their API names."""
        return {
            "CreateDataSource": self.create_data_source,
            "DescribeDataSource": self.describe_data_source,
            "ListDataSources": self.list_data_sources,
            "UpdateDataSource": self.update_data_source,
            "DeleteDataSource": self.delete_data_source,
            "CreateDataSet": self.create_data_set,
            "DescribeDataSet": self.describe_data_set,
            "ListDataSets": self.list_data_sets,
            "UpdateDataSet": self.update_data_set,
            "DeleteDataSet": self.delete_data_set,
            "CreateIngestion": self.create_ingestion,
            "DescribeIngestion": self.describe_ingestion,
            "ListIngestions": self.list_ingestions,
            "CancelIngestion": self.cancel_ingestion,
            **self.dashboards.operations(),
        }

    # Data sources

    def create_data_source(self, request: JSON) -> JSON:
        """Register an Athena data source; ResourceExistsException for a used id."""
        if request["Type"] != "ATHENA":
            raise unsupported(f"A data source of type {request['Type']}")
        source_id = checked_id(request["DataSourceId"])
        with self.lock:
            if source_id in self.data_sources:
                raise exists("DataSource", source_id)
            shown = (
                "DataSourceId",
                "Name",
                "Type",
                "DataSourceParameters",
                "SslProperties",
                "VpcConnectionProperties",
            )
            self.data_sources[source_id] = {
                **{key: request[key] for key in shown if key in request},
                "Arn": arn(f"datasource/{source_id}"),
                "Status": "CREATION_SUCCESSFUL",
                "CreatedTime": now(),
                "LastUpdatedTime": now(),
            }
        return {
            **identity(self.data_sources[source_id], "DataSourceId"),
            "CreationStatus": "CREATION_SUCCESSFUL",
        }

    def describe_data_source(self, request: JSON) -> JSON:
        return {"DataSource": find(self.data_sources, "DataSource", request["DataSourceId"])}

    def list_data_sources(self, request: JSON) -> JSON:
        keys = ("Arn", "DataSourceId", "Name", "Type", "CreatedTime", "LastUpdatedTime")
        return page("DataSources", [summary(s, keys) for s in self.data_sources.values()], request)

    def update_data_source(self, request: JSON) -> JSON:
        record = find(self.data_sources, "DataSource", request["DataSourceId"])
        changes: JSON = {key: request[key] for key in ("Name", "DataSourceParameters") if key in request}
        record |= {**changes, "Status": "UPDATE_SUCCESSFUL", "LastUpdatedTime": now()}
        return {**identity(record, "DataSourceId"), "UpdateStatus": "UPDATE_SUCCESSFUL"}

    def delete_data_source(self, request: JSON) -> JSON:
        record = find(self.data_sources, "DataSource", request["DataSourceId"])
        del self.data_sources[request["DataSourceId"]]
        return identity(record, "DataSourceId")

    # Data sets

    def create_data_set(self, request: JSON) -> JSON:
        """Create a data set; one in SPICE begins to be filled at once, as in QuickSight."""
        set_id = checked_id(request["DataSetId"])
        with self.lock:
            if set_id in self.data_sets:
                raise exists("DataSet", set_id)
            record = self.checked_data_set(request) | {"Arn": arn(f"dataset/{set_id}"), "CreatedTime": now()}
            self.data_sets[set_id], self.ingestions[set_id] = record, {}
        return {**identity(record, "DataSetId"), **self.refreshed(record, "INITIAL_INGESTION")}

    def describe_data_set(self, request: JSON) -> JSON:
        record = find(self.data_sets, "DataSet", request["DataSetId"])
        file = self.file(record["DataSetId"])
        return {
            "DataSet": {
                **record,
                "OutputColumns": output_columns(record),
                "ConsumedSpiceCapacityInBytes": file.stat().st_size if file.exists() else 0,
            }
        }

    def list_data_sets(self, request: JSON) -> JSON:
        keys = ("Arn", "DataSetId", "Name", "CreatedTime", "LastUpdatedTime", "ImportMode")
        return page("DataSetSummaries", [summary(s, keys) for s in self.data_sets.values()], request)

    def update_data_set(self, request: JSON) -> JSON:
        """Replace a data set's definition; one in SPICE is filled again."""
        former = find(self.data_sets, "DataSet", request["DataSetId"])
        record = self.checked_data_set(request) | {key: former[key] for key in ("Arn", "CreatedTime")}
        self.data_sets[request["DataSetId"]] = record
        return {**identity(record, "DataSetId"), **self.refreshed(record, "EDIT")}

    def delete_data_set(self, request: JSON) -> JSON:
        """Delete a data set, its rows and its ingestions."""
        set_id = request["DataSetId"]
        record = find(self.data_sets, "DataSet", set_id)
        with self.lock:
            for ingestion in self.ingestions.pop(set_id).values():
                ingestion.cancel()
            del self.data_sets[set_id]
            self.file(set_id).unlink(missing_ok=True)
        return identity(record, "DataSetId")

    def checked_data_set(self, request: JSON) -> JSON:
        record = {
            key: value for key, value in request.items() if key not in ("AwsAccountId", "Permissions", "Tags")
        }
        self.data_source(source(record).data_source_arn)
        output_columns(record)
        return record | {"LastUpdatedTime": now()}

    def data_source(self, source_arn: str) -> JSON:
        for record in self.data_sources.values():
            if record["Arn"] == source_arn:
                return record
        raise invalid(f"Invalid dataSourceArn: {source_arn} is no data source of this account")

    def refreshed(self, record: JSON, request_type: str) -> JSON:
        if record["ImportMode"] != "SPICE":
            return {}
        ingestion = self.start(record, str(uuid.uuid4()), request_type)
        return {"IngestionArn": ingestion.record["Arn"], "IngestionId": ingestion.record["IngestionId"]}

    def file(self, set_id: str) -> Path:
        """The data set's rows in SPICE."""
        return self.spice / f"{set_id}.parquet"

    # Ingestions

    def create_ingestion(self, request: JSON) -> JSON:
        """Refresh a SPICE data set; ResourceExistsException for a used id."""
        record = find(self.data_sets, "DataSet", request["DataSetId"])
        if record["ImportMode"] != "SPICE":
            raise invalid(f"The dataset {record['DataSetId']} is not a SPICE dataset and cannot be ingested")
        if request.get("IngestionType", "FULL_REFRESH") != "FULL_REFRESH":
            raise invalid(f"The dataset {record['DataSetId']} is not configured for incremental refresh")
        ingestion = self.start(record, checked_id(request["IngestionId"]), "FULL_REFRESH")
        return {**identity(ingestion.record, "IngestionId"), "IngestionStatus": "INITIALIZED"}

    def describe_ingestion(self, request: JSON) -> JSON:
        return {"Ingestion": self.find_ingestion(request).shown()}

    def list_ingestions(self, request: JSON) -> JSON:
        """The data set's ingestions, the latest first."""
        find(self.data_sets, "DataSet", request["DataSetId"])
        latest = reversed(self.ingestions[request["DataSetId"]].values())
        return page("Ingestions", [ingestion.shown() for ingestion in latest], request)

    def cancel_ingestion(self, request: JSON) -> JSON:
        """Cancel an ingestion that has not ended; InvalidParameterValueException for one that has."""
        ingestion = self.find_ingestion(request)
        if not ingestion.cancel():
            raise invalid(
                f"Ingestion {request['IngestionId']} is {ingestion.record['IngestionStatus']} already"
            )
        return identity(ingestion.record, "IngestionId")

    def find_ingestion(self, request: JSON) -> "Ingestion":
        find(self.data_sets, "DataSet", request["DataSetId"])
        ingestion = self.ingestions[request["DataSetId"]].get(request["IngestionId"])
        if ingestion is None:
            raise ServiceError(
                "ResourceNotFoundException", f"Ingestion {request['IngestionId']} is not found", 404
            )
        return ingestion

    def start(self, data_set: JSON, ingestion_id: str, request_type: str) -> "Ingestion":
        with self.lock:
            ingestions = self.ingestions[data_set["DataSetId"]]
            if ingestion_id in ingestions:
                raise exists("Ingestion", ingestion_id)
            waiting_on = next((i for i, other in ingestions.items() if not other.ended()), None)
            ingestion = Ingestion(data_set, ingestion_id, request_type, waiting_on)
            ingestions[ingestion_id] = ingestion
        run = contextvars.copy_context().run
        threading.Thread(target=run, args=(self.run, ingestion), name="ingestion", daemon=True).start()
        return ingestion

    def run(self, ingestion: "Ingestion") -> None:
        """Fill the data set, one ingestion at a time."""
        ingestion.enter("QUEUED")
        data_set = ingestion.data_set
        with self.turns[data_set["DataSetId"]]:
            if not ingestion.enter("RUNNING"):
                return
            try:
                faults.on_work("ingestion", data_set["DataSetId"])
                table = source(data_set)
                workgroup = self.workgroup(table.data_source_arn)
                loaded = ingest(table, workgroup, self.file(data_set["DataSetId"]), ingestion.cancelled)
                rows = {"RowsIngested": loaded.ingested, "RowsDropped": loaded.dropped}
                rows["TotalRowsInDataset"] = loaded.ingested
                ingestion.enter("COMPLETED", RowInfo=rows, IngestionSizeInBytes=loaded.size)
            except IngestionError as error:
                ingestion.enter("FAILED", ErrorInfo={"Type": error.type, "Message": str(error)})
            except Exception as error:
                message = f"{type(error).__name__}: {error}"
                ingestion.enter("FAILED", ErrorInfo={"Type": "INTERNAL_SERVICE_ERROR", "Message": message})

    def workgroup(self, source_arn: str) -> str:
        try:
            parameters = self.data_source(source_arn).get("DataSourceParameters") or {}
        except ServiceError as error:
            raise IngestionError("DATA_SOURCE_NOT_FOUND", error.message) from None
        return str((parameters.get("AthenaParameters") or {}).get("WorkGroup", "primary"))


class Ingestion:
    """One ingestion: INITIALIZED, QUEUED, RUNNING, then one of ENDED, for good."""

    def __init__(self, data_set: JSON, ingestion_id: str, request_type: str, waiting_on: str | None) -> None:
        self.data_set = data_set
        self.cancelled = threading.Event()
        self.lock = threading.Lock()
        self.started = now()
        self.waiting_on = waiting_on
        self.record: JSON = {
            "Arn": arn(f"dataset/{data_set['DataSetId']}/ingestion/{ingestion_id}"),
            "IngestionId": ingestion_id,
            "IngestionStatus": "INITIALIZED",
            "CreatedTime": self.started,
            "RequestSource": "MANUAL",
            "RequestType": request_type,
        }

    def enter(self, status: str, **more: object) -> bool:
        """Go to `status`, unless it has ended."""
        with self.lock:
            if self.ended():
                return False
            if status == "RUNNING":
                self.started = now()
            if status in ENDED:
                self.record["IngestionTimeInSeconds"] = round((now() - self.started).total_seconds())
            self.record |= {"IngestionStatus": status, **more}
            return True

    def ended(self) -> bool:
        return self.record["IngestionStatus"] in ENDED

    def cancel(self) -> bool:
        self.cancelled.set()
        error = {"Type": "INGESTION_CANCELED", "Message": "The ingestion was cancelled by a user"}
        return self.enter("CANCELLED", ErrorInfo=error)

    def shown(self) -> JSON:
        """DescribeIngestion's Ingestion."""
        if self.record["IngestionStatus"] != "QUEUED" or not self.waiting_on:
            return dict(self.record)
        queue = {"WaitingOnIngestion": self.waiting_on, "QueuedIngestion": self.record["IngestionId"]}
        return {**self.record, "QueueInfo": queue}
