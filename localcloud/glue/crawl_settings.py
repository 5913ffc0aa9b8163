"""A crawler's configuration, checked: what it asks for that is not supported fails the crawl, by name."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from localcloud.glue.crawl_csv import CsvClassifier
from localcloud.glue.crawl_objects import IncludePath

JSON = dict[str, Any]

_TARGETS = {"S3Targets": {"Path", "Exclusions"}, "CatalogTargets": {"DatabaseName", "Tables"}}
_OPTIONS = {
    "Version",
    "Grouping.TableGroupingPolicy=CombineCompatibleSchemas",
    "CrawlerOutput.Partitions.AddOrUpdateBehavior=InheritFromTable",
}
_CSV_FIELDS = {"Name", "Delimiter", "QuoteSymbol", "ContainsHeader", "Header", "AllowSingleColumn"}
_BOOKKEEPING = {"CreationTime", "LastUpdated", "Version"}


class CrawlError(Exception):
    """Why a crawl failed: the sentence of LastCrawl.ErrorMessage."""


@dataclass(frozen=True)
class S3Target:
    """Objects to crawl, and the globs of those to leave out."""

    path: IncludePath
    exclusions: tuple[str, ...] = ()


@dataclass(frozen=True)
class CatalogTarget:
    """Tables to compare with their data."""

    database: str
    tables: tuple[str, ...]


@dataclass(frozen=True)
class SchemaChangePolicy:
    """What happens to tables whose data changed, or is gone. The defaults are Glue's."""

    update_behavior: str = "UPDATE_IN_DATABASE"
    delete_behavior: str = "DEPRECATE_IN_DATABASE"

    @property
    def updates(self) -> bool:
        return self.update_behavior == "UPDATE_IN_DATABASE"

    @property
    def deletes(self) -> bool:
        return self.delete_behavior == "DELETE_FROM_DATABASE"

    @property
    def deprecates(self) -> bool:
        return self.delete_behavior == "DEPRECATE_IN_DATABASE"


@dataclass(frozen=True)
class CrawlSettings:
    """A crawler as GetCrawler describes it, in the crawl's terms."""

    name: str
    database: str
    table_prefix: str
    policy: SchemaChangePolicy
    s3_targets: tuple[S3Target, ...]
    catalog_targets: tuple[CatalogTarget, ...]
    classifiers: tuple[str, ...]
    combine: bool

    @classmethod
    def of(cls, crawler: JSON) -> "CrawlSettings":
        """Raises CrawlError for what is not supported."""
        targets = _targets(crawler)
        policy = crawler.get("SchemaChangePolicy") or {}
        options = _options(crawler)
        settings = cls(
            name=crawler["Name"],
            database=crawler.get("DatabaseName") or "",
            table_prefix=crawler.get("TablePrefix") or "",
            policy=SchemaChangePolicy(
                policy.get("UpdateBehavior", SchemaChangePolicy.update_behavior),
                policy.get("DeleteBehavior", SchemaChangePolicy.delete_behavior),
            ),
            s3_targets=tuple(map(_s3_target, targets["S3Targets"])),
            catalog_targets=tuple(
                CatalogTarget(each["DatabaseName"], tuple(each["Tables"]))
                for each in targets["CatalogTargets"]
            ),
            classifiers=tuple(crawler.get("Classifiers") or ()),
            combine="Grouping.TableGroupingPolicy=CombineCompatibleSchemas" in options,
        )
        if settings.catalog_targets and settings.policy.deprecates:
            raise CrawlError(
                "DeleteBehavior DEPRECATE_IN_DATABASE is not valid with CatalogTargets: set it to LOG."
            )
        return settings


def _targets(crawler: JSON) -> dict[str, list[JSON]]:
    targets = {kind: entries for kind, entries in (crawler.get("Targets") or {}).items() if entries}
    _refuse("Targets", targets.keys() - _TARGETS.keys(), _TARGETS)
    if not targets:
        raise CrawlError(f"Crawler {crawler['Name']} has no targets.")
    for kind, entries in targets.items():
        for entry in entries:
            _refuse(kind, {key for key in entry.keys() - _TARGETS[kind] if entry[key]}, _TARGETS[kind])
    behavior = (crawler.get("RecrawlPolicy") or {}).get("RecrawlBehavior", "CRAWL_EVERYTHING")
    _refuse("RecrawlBehavior", {behavior} - {"CRAWL_EVERYTHING"}, {"CRAWL_EVERYTHING"})
    return {kind: targets.get(kind, []) for kind in _TARGETS}


def _refuse(what: str, unsupported: Iterable[str], supported: Iterable[str]) -> None:
    if unsupported:
        verdict = "is not supported here; supported:"
        raise CrawlError(f"{what} {', '.join(sorted(unsupported))} {verdict} {', '.join(sorted(supported))}.")


def _options(crawler: JSON) -> set[str]:
    """The Configuration as `Grouping.TableGroupingPolicy=CombineCompatibleSchemas` and so on."""
    text = crawler.get("Configuration") or "{}"
    try:
        options = set(_flat(json.loads(text)))
    except (json.JSONDecodeError, AttributeError) as error:
        raise CrawlError(f"Configuration of crawler {crawler['Name']} is no JSON object: {text}") from error
    _refuse("Configuration", options - _OPTIONS, _OPTIONS)
    return options


def _flat(options: JSON) -> Iterable[str]:
    for key, value in options.items():
        if isinstance(value, dict):
            yield from (f"{key}.{inner}" for inner in _flat(value))
        else:
            yield key if key == "Version" else f"{key}={value}"


def _s3_target(target: JSON) -> S3Target:
    return S3Target(include_path(target["Path"]), tuple(target.get("Exclusions") or ()))


def include_path(uri: str) -> IncludePath:
    """Raises CrawlError for anything but an S3 path."""
    try:
        return IncludePath.parse(uri)
    except ValueError as error:
        raise CrawlError(f"{error}.") from error


def csv_classifier(name: str, classifier: JSON) -> CsvClassifier:
    """A custom classifier, as GetClassifier describes it. Raises CrawlError for what is not supported."""
    _refuse(f"Classifier {name}: kind", classifier.keys() - {"CsvClassifier"}, {"CsvClassifier"})
    definition = classifier["CsvClassifier"]
    used = {
        key
        for key in definition.keys() - _CSV_FIELDS - _BOOKKEEPING
        if definition[key] not in (False, "None")
    }
    _refuse(f"Classifier {name}:", used, _CSV_FIELDS)
    _refuse(f"Classifier {name}: QuoteSymbol", {definition.get("QuoteSymbol") or '"'} - {'"'}, {'"'})
    return CsvClassifier(
        delimiters=definition.get("Delimiter") or CsvClassifier.delimiters,
        contains_header=definition.get("ContainsHeader") or CsvClassifier.contains_header,
        header=tuple(definition.get("Header") or ()),
        min_columns=1 if definition.get("AllowSingleColumn") else CsvClassifier.min_columns,
    )
