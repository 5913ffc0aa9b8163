"""One crawl: reads the objects of its targets, finds their tables, and brings the catalog up to date."""

from collections.abc import Callable, Iterable, Iterator

from localcloud import aws
from localcloud.glue.crawl_catalog import Catalog, location
from localcloud.glue.crawl_csv import CsvClassifier
from localcloud.glue.crawl_log import CrawlLog
from localcloud.glue.crawl_objects import IncludePath, S3Object
from localcloud.glue.crawl_sample import UnrecognizedFormatError
from localcloud.glue.crawl_settings import (
    CatalogTarget,
    CrawlError,
    CrawlSettings,
    S3Target,
    csv_classifier,
    include_path,
)
from localcloud.glue.crawl_tables import (
    UNKNOWN,
    CrawledObject,
    FoundTable,
    catalog_name,
    file_table,
    find_tables,
)
from localcloud.glue.schema import classify
from localcloud.service import JSON


class CrawlStoppedError(Exception):
    """The crawl was stopped; nothing of it is written."""


class Crawl:
    """A crawl by a crawler's settings. `is_stopped` is asked before each object."""

    def __init__(self, settings: CrawlSettings, log: CrawlLog, is_stopped: Callable[[], bool]) -> None:
        self._settings, self._log, self._is_stopped = settings, log, is_stopped
        self._s3, self._glue = aws.client("s3"), aws.client("glue")
        self._classifiers: list[CsvClassifier] = []

    def run(self) -> None:
        """Crawl all targets. Raises CrawlError, CrawlStoppedError, and ClientError for what AWS refuses."""
        self._classifiers = [
            csv_classifier(name, self._glue.get_classifier(Name=name)["Classifier"])
            for name in self._settings.classifiers
        ]
        if self._settings.s3_targets:
            self._crawl_paths(self._settings.s3_targets)
        for target in self._settings.catalog_targets:
            self._crawl_tables(target)

    def _crawl_paths(self, targets: Iterable[S3Target]) -> None:
        catalog = Catalog(self._glue, self._settings.database, self._settings, self._log)
        found: dict[str, FoundTable] = {}
        for target in targets:
            objects = self._objects(target.path, target.exclusions)
            found |= {
                table.location: table for table in tables_at(target.path, objects, self._settings.combine)
            }
        for table in found.values():
            for uri in table.strangers:
                self._log.warn(f"{uri} is not like the other objects of table {catalog_name(table.name)}")
        self._log.benchmark(f"Classification complete, writing results to database {self._settings.database}")
        catalog.save(found.values(), lambda where: any(each.path.holds(where) for each in targets))

    def _crawl_tables(self, target: CatalogTarget) -> None:
        """Compare declared tables with their data (AWS Glue: Crawler source type)."""
        catalog = Catalog(self._glue, target.database, self._settings, self._log)
        tables = catalog.tables()
        for name in target.tables:
            if name not in tables:
                raise CrawlError(f"Table {name} of the catalog target is not in database {target.database}.")
            self._crawl_table(catalog, tables[name])

    def _crawl_table(self, catalog: Catalog, table: JSON) -> None:
        path = include_path(location(table))
        found = list(tables_at(path, self._objects(path, ()), combine=True))
        if len(found) > 1:
            self._log.warn(
                f"Drift in table {table['Name']}: the objects at {location(table)} are of several formats"
            )
        elif found:
            catalog.compare(table, found[0])
        else:
            catalog.missing(table)

    def _objects(self, path: IncludePath, exclusions: Iterable[str]) -> list[CrawledObject]:
        try:
            return list(self._classified(path, exclusions))
        except self._s3.exceptions.NoSuchBucket as error:
            raise CrawlError(f"Bucket {path.bucket} of the crawler's target does not exist.") from error

    def _classified(self, path: IncludePath, exclusions: Iterable[str]) -> Iterator[CrawledObject]:
        for each in path.objects(self._s3):
            self._heed_stop()
            ignored = path.ignores(each.key, exclusions)
            if ignored:
                self._log.info(f"Skipped {each.uri}: it {ignored}")
            else:
                yield self._classify(each)
        self._heed_stop()

    def _classify(self, each: S3Object) -> CrawledObject:
        try:
            schema = classify(each, self._classifiers)
        except UnrecognizedFormatError as reason:
            self._log.warn(f"Skipped {each.uri}: it {reason}")
            return CrawledObject(each.key, each.size)
        except self._s3.exceptions.NoSuchKey:
            self._log.warn(f"Skipped {each.uri}: it was deleted during the crawl")
            return CrawledObject(each.key, size=0)
        for remark in schema.remarks:
            self._log.warn(f"{each.uri}: {remark}")
        return CrawledObject(each.key, each.size, schema)

    def _heed_stop(self) -> None:
        if self._is_stopped():
            raise CrawlStoppedError


def tables_at(path: IncludePath, objects: Iterable[CrawledObject], combine: bool) -> Iterator[FoundTable]:
    """The tables of an include path: that of the object that it names, and those of the folder."""
    inside = []
    for each in objects:
        if each.key != path.path:
            inside.append(each)
        elif each.schema is not UNKNOWN:
            yield file_table(path.bucket, each)
    yield from find_tables(path.bucket, path.folder, inside, combine=combine)
