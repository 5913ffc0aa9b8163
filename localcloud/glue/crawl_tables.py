"""From objects to tables: which objects make one table, what it is called, and its definition.

The rules are those of AWS Glue: How does a crawler determine when to create partitions?, Creating a single
schema for each Amazon S3 include path, and Parameters set on Data Catalog tables by crawler.
"""

import functools
import hashlib
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from localcloud.glue.crawl_types import Column, hive_type, merge_columns, similarity
from localcloud.glue.schema import Schema

JSON = dict[str, Any]

# Parameters that come and go with the data; those of people stay.
DESCRIBING_PARAMETERS = {
    "delimiter",
    "skip.header.line.count",
    "columnsOrdered",
    "areColumnsQuoted",
    "DEPRECATED_BY_CRAWLER",
}

_SIMILAR = 0.7  # Glue's threshold: of the columns of two schemas, and of the objects of a folder
_MOST_SCHEMAS = 5
_HIVE_FOLDER = re.compile(r"([^=]+)=(.*)", re.DOTALL)
_TEXT = (
    "org.apache.hadoop.mapred.TextInputFormat",
    "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
)
_PARQUET = "org.apache.hadoop.hive.ql.io.parquet"
_FORMATS = {
    "csv": (*_TEXT, "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"),
    "json": (*_TEXT, "org.openx.data.jsonserde.JsonSerDe"),
    "parquet": (
        f"{_PARQUET}.MapredParquetInputFormat",
        f"{_PARQUET}.MapredParquetOutputFormat",
        f"{_PARQUET}.serde.ParquetHiveSerDe",
    ),
}


UNKNOWN = Schema("UNKNOWN", columns=(), records=0, record_size=0)


@dataclass(frozen=True)
class CrawledObject:
    """An object with its schema; UNKNOWN, as Glue says, where no classifier recognizes it."""

    key: str
    size: int
    schema: Schema = UNKNOWN


@dataclass(frozen=True)
class FoundTable:
    """Objects that make one table, at a folder (its location ends in a slash) or a file.

    `partitions` holds, for the values of `partition_keys`, the folder and objects of each partition.
    `strangers` are objects that lie in the folder but are of another format or schema.
    """

    name: str
    location: str
    members: Sequence[CrawledObject]
    partition_keys: tuple[str, ...] = ()
    partitions: Mapping[tuple[str, ...], tuple[str, Sequence[CrawledObject]]] = field(default_factory=dict)
    strangers: tuple[str, ...] = ()

    @functools.cached_property
    def columns(self) -> tuple[Column, ...]:
        return merge_columns(member.schema.columns for member in self.members)


def find_tables(
    bucket: str, folder: str, objects: Sequence[CrawledObject], *, combine: bool = False
) -> Iterator[FoundTable]:
    """The tables in `folder` of a bucket (with a slash at its end; empty for all of it).

    A folder whose objects are mostly alike is one table, whose sub-folders are partitions; in any other
    folder each file is a table, and each sub-folder is looked at in the same way. `combine` takes columns
    for alike whatever they are, when the format is the same (CombineCompatibleSchemas).
    """
    members = _alike(objects, combine)
    if members:
        yield _folder_table(bucket, folder, objects, members)
        return
    for name, inside in _by_folder(folder, objects).items():
        if name.endswith("/"):
            yield from find_tables(bucket, folder + name, inside, combine=combine)
        else:
            yield from (file_table(bucket, member) for member in _known(inside))


def file_table(bucket: str, member: CrawledObject) -> FoundTable:
    """The table of a single file, named after it."""
    return FoundTable(member.key.rpartition("/")[2], f"s3://{bucket}/{member.key}", [member])


def _known(objects: Iterable[CrawledObject]) -> list[CrawledObject]:
    return [each for each in objects if each.schema is not UNKNOWN]


def _by_folder(folder: str, objects: Iterable[CrawledObject]) -> dict[str, list[CrawledObject]]:
    """The objects by the next name on their path; that of a sub-folder ends in a slash."""
    names: dict[str, list[CrawledObject]] = defaultdict(list)
    for each in objects:
        name, slash, _ = each.key.removeprefix(folder).partition("/")
        names[name + slash].append(each)
    return names


def _alike(objects: Sequence[CrawledObject], combine: bool) -> list[CrawledObject]:
    """The objects that make a folder one table; none where they do not.

    They are more than 70% of the folder's, of at most five schemas, and equally deep in it. Empty
    objects do not count: they say nothing about the folder.
    """
    clusters: list[list[CrawledObject]] = []
    for member in _known(objects):
        for cluster in clusters:
            if _is_similar(member.schema, cluster[0].schema, combine):
                cluster.append(member)
                break
        else:
            clusters.append([member])
        if len(clusters) > _MOST_SCHEMAS:
            return []
    largest = max(clusters, key=len, default=[])
    counted = sum(each.size > 0 for each in objects)
    one_depth = len({member.key.count("/") for member in largest}) == 1
    return largest if one_depth and len(largest) > _SIMILAR * counted else []


def _is_similar(one: Schema, other: Schema, combine: bool) -> bool:
    return one.format == other.format and (combine or similarity(one.columns, other.columns) >= _SIMILAR)


def _folder_table(
    bucket: str, folder: str, objects: Iterable[CrawledObject], members: Sequence[CrawledObject]
) -> FoundTable:
    folder = _root(folder, members)
    paths = [tuple(member.key.removeprefix(folder).split("/")[:-1]) for member in members]
    keys = _partition_keys(paths, members)
    partitions: dict[tuple[str, ...], tuple[str, list[CrawledObject]]] = {}
    for path, member in zip(paths, members, strict=True):
        if path:
            where = f"s3://{bucket}/{folder}{'/'.join(path)}/"
            partitions.setdefault(tuple(map(_partition_value, path)), (where, []))[1].append(member)
    ours = {member.key for member in members}
    return FoundTable(
        name=(folder.rstrip("/") or bucket).rpartition("/")[2],
        location=f"s3://{bucket}/{folder}",
        members=members,
        partition_keys=keys,
        partitions=partitions,
        strangers=tuple(f"s3://{bucket}/{each.key}" for each in _known(objects) if each.key not in ours),
    )


def _root(folder: str, members: Sequence[CrawledObject]) -> str:
    """Where the table begins: below folders that hold nothing but one folder that is no `key=value`."""
    while True:
        names = {member.key.removeprefix(folder).partition("/")[0] for member in members}
        only = names.pop()
        is_file = any(member.key == folder + only for member in members)
        if names or is_file or _HIVE_FOLDER.fullmatch(only):
            return folder
        folder = f"{folder}{only}/"


def _partition_keys(paths: Iterable[tuple[str, ...]], members: Iterable[CrawledObject]) -> tuple[str, ...]:
    """A name for each level of folders: the key of `key=value`, or else `partition_0` and so on."""
    taken = {c.catalog_name for member in members for c in member.schema.columns}
    keys: list[str] = []
    for level in zip(*paths, strict=True):
        matches = [_HIVE_FOLDER.fullmatch(name) for name in level]
        names = {catalog_name(match[1]) if match else "" for match in matches}
        name = names.pop() if len(names) == 1 else ""
        unnamed = sum(key.startswith("partition_") for key in keys)
        keys.append(name if name and name not in taken else f"partition_{unnamed}")
        taken.add(keys[-1])
    return tuple(keys)


def _partition_value(folder: str) -> str:
    match = _HIVE_FOLDER.fullmatch(folder)
    return match[2] if match else folder


def catalog_name(name: str) -> str:
    """A name as the catalog takes it: lower case letters, digits and underscores."""
    return re.sub(r"[^a-z0-9_]", "_", name.lower())


def table_name(found: FoundTable, prefix: str, taken: Mapping[str, str]) -> str:
    """The name of a table in a database whose tables are `taken`, name to location.

    Where the name belongs to a table at another location, a hash of the location makes it one of its own.
    """
    name = catalog_name(prefix + found.name)
    if same_location(taken.get(name, found.location), found.location):
        return name
    return f"{name}_{hashlib.md5(found.location.encode(), usedforsecurity=False).hexdigest()}"


def same_location(one: str, other: str) -> bool:
    return one.rstrip("/") == other.rstrip("/")


def table_input(found: FoundTable, name: str, crawler: str) -> JSON:
    """The table's definition, as CreateTable and UpdateTable take it."""
    parameters = _parameters(found.members) | {"UPDATED_BY_CRAWLER": crawler}
    return {
        "Name": name,
        "Owner": "owner",
        "Retention": 0,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": parameters,
        "StorageDescriptor": _storage(found, found.location, parameters),
        "PartitionKeys": [{"Name": key, "Type": "string"} for key in found.partition_keys],
    }


def partition_inputs(found: FoundTable) -> list[JSON]:
    """The definitions of the table's partitions, as BatchCreatePartition takes them."""
    inputs = []
    for values, (location, members) in found.partitions.items():
        parameters = _parameters(members)
        storage = _storage(found, location, parameters)
        inputs.append({"Values": list(values), "Parameters": parameters, "StorageDescriptor": storage})
    return inputs


def is_deprecated(entry: JSON) -> bool:
    """Whether a crawler found the data of a table or partition gone, and said so in its parameters."""
    return "DEPRECATED_BY_CRAWLER" in entry.get("Parameters", {})


def deprecated(entry: JSON) -> dict[str, str]:
    """The parameters of a table or partition whose data is gone: with the time, in milliseconds."""
    return {**entry.get("Parameters", {}), "DEPRECATED_BY_CRAWLER": str(int(time.time() * 1000))}


def _parameters(members: Sequence[CrawledObject]) -> dict[str, str]:
    schema = members[0].schema
    records = sum(member.schema.records for member in members)
    volume = sum(member.schema.records * member.schema.record_size for member in members)
    parameters = {
        **schema.parameters,
        "classification": schema.classification,
        "compressionType": schema.compression,
        "typeOfData": "file",
        "objectCount": str(len(members)),
        "recordCount": str(records),
        "averageRecordSize": str(volume // max(records, 1)),
        "sizeKey": str(sum(member.size for member in members)),
        "CrawlerSchemaSerializerVersion": "1.0",
        "CrawlerSchemaDeserializerVersion": "1.0",
    }
    if any(member.schema.parameters.get("areColumnsQuoted") == "true" for member in members):
        parameters["areColumnsQuoted"] = "true"
    return parameters


def _storage(found: FoundTable, location: str, parameters: Mapping[str, str]) -> JSON:
    schema = found.members[0].schema
    input_format, output_format, serde = _FORMATS[schema.classification]
    return {
        "Columns": [{"Name": c.catalog_name, "Type": hive_type(c.type)} for c in found.columns],
        "Location": location,
        "InputFormat": input_format,
        "OutputFormat": output_format,
        "Compressed": schema.compression != "none",
        "NumberOfBuckets": -1,
        "SerdeInfo": {"SerializationLibrary": serde, "Parameters": _serde_parameters(found)},
        "BucketColumns": [],
        "SortColumns": [],
        "Parameters": dict(parameters),
        "StoredAsSubDirectories": False,
    }


def _serde_parameters(found: FoundTable) -> dict[str, str]:
    schema = found.members[0].schema
    match schema.classification:
        case "csv":
            return {"field.delim": schema.parameters["delimiter"]}
        case "json":
            return {"paths": ",".join(sorted(column.name for column in found.columns))}
    return {"serialization.format": "1"}
