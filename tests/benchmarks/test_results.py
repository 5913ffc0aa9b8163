"""Numbers in a file."""

from pathlib import Path

from benchmarks.results import Results, this_machine

HERE = {"cores": 2}


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    file, results = tmp_path / "results.json", Results(HERE)
    results.add("run", 1, {"cold": {"seconds": 16.123456}})
    results.add("startup", None, {"deploy": 6.0})
    results.save(file)

    loaded = Results.load(file, HERE)
    assert loaded == results
    assert loaded.number("run", 1, "cold", "seconds") == 16.1235
    assert loaded.number("startup", None, "deploy") == 6
    assert loaded.sizes() == [1]


def test_a_part_that_is_measured_again_leaves_the_others(tmp_path: Path) -> None:
    file, results = tmp_path / "results.json", Results(HERE)
    for size in (1, 10):
        results.add("run", size, {"seconds": size})
    results.add("crawl", 1, {"seconds": 3})
    results.save(file)

    again = Results.load(file, HERE)
    again.add("run", 10, {"seconds": 7})
    assert [again.number("run", size, "seconds") for size in (1, 10)] == [1, 7]
    assert again.number("crawl", 1, "seconds") == 3


def test_numbers_of_another_machine_are_left_out(tmp_path: Path) -> None:
    file, results = tmp_path / "results.json", Results(HERE)
    results.add("run", 1, {"seconds": 16})
    results.save(file)

    assert Results.load(file, {"cores": 4}).parts == {}
    assert Results.load(tmp_path / "none.json", HERE).parts == {}


def test_what_was_not_measured_is_none() -> None:
    results = Results(HERE)
    results.add("run", 1, {"cold": {"seconds": 16}})
    for keys in (("warm", "seconds"), ("cold", "memory", "all"), ("cold", "seconds", "more")):
        assert results.number("run", 1, *keys) is None
    assert results.number("run", 10, "cold", "seconds") is None
    assert results.number("crawl", None, "seconds") is None


def test_a_measurement_says_when_and_of_which_commit() -> None:
    results = Results(this_machine())
    results.add("run", 1, {})
    entry = results.parts["run"]["1"]
    assert entry["measured"].endswith("+00:00")
    assert len(entry["commit"]) >= 7
    assert {"cores", "memory_gib", "python", "pyspark", "duckdb"} <= results.machine.keys()
