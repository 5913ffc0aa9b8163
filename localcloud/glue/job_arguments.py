"""The arguments of a job run: which win, which speak to Glue rather than to the script."""

from collections.abc import Mapping

from localcloud.service import JSON, ServiceError

Arguments = dict[str, str]
_UNSUPPORTED = (
    "--additional-python-modules",
    "--python-modules-installer-option",
    "--extra-jars",
    "--user-jars-first",
)


def merged(job: JSON, run: Arguments) -> Arguments:
    """A run's arguments over the job's defaults, and the job's non-overridable ones over both."""
    return {
        **(job.get("DefaultArguments") or {}),
        **run,
        **(job.get("NonOverridableArguments") or {}),
    }


def check_supported(arguments: Mapping[str, str]) -> None:
    """Raise InvalidInputException for an argument whose effect does not exist here."""
    for name in _UNSUPPORTED:
        if arguments.get(name):
            raise ServiceError("InvalidInputException", f"{name} is not supported by localcloud")
    bookmark = arguments.get("--job-bookmark-option", "job-bookmark-disable")
    if bookmark != "job-bookmark-disable":
        raise ServiceError(
            "InvalidInputException", f"--job-bookmark-option {bookmark} is not supported by localcloud"
        )
    language = arguments.get("--job-language", "python")
    if language != "python":
        raise ServiceError(
            "InvalidInputException", f"--job-language {language} is not supported by localcloud"
        )


def extra_files(arguments: Mapping[str, str]) -> list[str]:
    """The addresses of --extra-py-files."""
    return [
        address.strip() for address in arguments.get("--extra-py-files", "").split(",") if address.strip()
    ]


def spark_settings(arguments: Mapping[str, str]) -> dict[str, str]:
    """The settings of --conf; several are written `a=1 --conf b=2`, as Glue takes one --conf only."""
    settings = {}
    for setting in arguments.get("--conf", "").split("--conf"):
        name, equals, value = setting.strip().partition("=")
        if name and not equals:
            raise ServiceError("InvalidInputException", f"--conf takes name=value, not {name!r}")
        if name:
            settings[name.strip()] = value.strip()
    return settings
