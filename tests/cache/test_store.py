"""Tests that a cache returns what was stored or nothing, whatever happens to its files."""

import multiprocessing
import os
import signal
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from fiftyone_e3m.cache import Cache, Key, get_or_make
from fiftyone_e3m.cache import store as cache_module
from fiftyone_e3m.cache.store import VERSION

MB = 2**20


@pytest.fixture
def files(tmp_path):
    """`files()`: the names in the cache's folder."""
    return lambda: sorted(path.name for path in (tmp_path / "cache").iterdir())


def one(value=0.0, size=1):
    return {"x": np.full(size, value)}


def of_size(megabytes):
    return {"x": np.zeros(int(megabytes * MB), np.uint8)}


# Storing and loading


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(["u1", "i8", "f4", "f8", "?", "<U5"]).flatmap(
        lambda kind: arrays(np.dtype(kind), array_shapes(min_dims=0, min_side=0, max_side=5))
    )
)
def test_arrays_come_back_as_they_were(tmp_path_factory, array):
    cache = Cache(tmp_path_factory.getbasetemp() / "round trip", 100 * MB)
    cache.put(Key("group", "name"), {"array": array, "other": np.arange(3)})
    entry = cache.get(Key("group", "name"))
    assert list(entry) == ["array", "other"]
    assert entry["array"].dtype == array.dtype
    assert entry["array"].shape == array.shape
    assert entry["array"].tobytes() == array.tobytes()


def test_what_was_never_put_is_not_there(cache):
    assert cache.get(Key("group", "name")) is None
    assert list(cache.others("group")) == []
    assert cache.info().entries == 0


def test_the_last_put_counts(cache):
    cache.put(Key("group", "name"), one(1))
    cache.put(Key("group", "name"), one(2))
    assert cache.get(Key("group", "name"))["x"] == 2
    assert cache.info().entries == 1


def test_objects_are_refused(cache):
    with pytest.raises(ValueError, match="Python objects"):
        cache.put(Key("group", "name"), {"x": np.array([{}], object)})
    assert cache.get(Key("group", "name")) is None


def test_others_are_those_of_the_group_the_latest_used_first(cache, tmp_path):
    for age, name in enumerate("abc"):
        cache.put(Key("group", name), one(age))
        path = next((tmp_path / "cache").glob(f"group.{name}.{VERSION}.e3m.npz"))
        os.utime(path, (1000 - age, 1000 - age))
    cache.put(Key("group2", "a"), one(9))
    assert [entry["x"].item() for entry in cache.others("group")] == [0, 1, 2]
    cache.get(Key("group", "c"))
    assert [entry["x"].item() for entry in cache.others("group")] == [2, 0, 1]
    assert next(cache.others("group"))["x"] == 2, "to look at the others is no use of them"


@pytest.mark.parametrize("name", ["file", "allow_pickle", "args", "arr_0", "a/b", "ä"])
def test_an_array_may_have_any_name(cache, name):
    cache.put(Key("group", "name"), {name: np.arange(3)})
    entry = cache.get(Key("group", "name"))
    assert list(entry) == [name]
    assert entry[name].tolist() == [0, 1, 2]


# Damaged and missing files


def flip(data):
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :]


DAMAGE = {
    "empty": lambda data: b"",
    "cut": lambda data: data[:-30],
    "half": lambda data: data[: len(data) // 2],
    "flipped": flip,
    "foreign": lambda data: b"this is a text\n" * 10,
    "pickle": lambda data: b"\x80\x04K\x01.",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_dropped_told_and_made_again(cache, tmp_path, caplog, damage):
    cache.put(Key("group", "name"), one(1, 1000))
    (path,) = (tmp_path / "cache").iterdir()
    path.write_bytes(DAMAGE[damage](path.read_bytes()))
    assert cache.get(Key("group", "name")) is None
    assert not path.exists()
    (record,) = caplog.records
    assert f"{path} is damaged" in record.message
    cache.put(Key("group", "name"), one(2))
    assert cache.get(Key("group", "name"))["x"] == 2


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 2000), st.integers(1, 255))
def test_no_single_wrong_byte_goes_unnoticed(tmp_path_factory, at, change):
    """Bytes that zip does not use may change; the arrays and their number may not."""
    folder = tmp_path_factory.getbasetemp() / "bytes"
    cache = Cache(folder, 100 * MB)
    content = np.arange(200.0)
    cache.put(Key("group", "name"), {"x": content, "y": content})
    path = folder / f"group.name.{VERSION}.e3m.npz"
    data = bytearray(path.read_bytes())
    data[at % len(data)] ^= change
    path.write_bytes(data)
    entry = cache.get(Key("group", "name"))
    if entry is None:
        assert not path.exists()
    else:
        assert list(entry) == ["x", "y"]
        assert all((array == content).all() for array in entry.values())


@pytest.mark.parametrize("lost", [0, 1])
def test_an_entry_without_one_of_its_arrays_is_damaged(cache, tmp_path, lost):
    """The zip directory has no checksum: a wrong length in it can hide the next array."""
    cache.put(Key("group", "name"), {"x": np.arange(3), "y": np.arange(3)})
    (path,) = (tmp_path / "cache").iterdir()
    data = bytearray(path.read_bytes())
    starts = [at for at in range(len(data)) if data[at : at + 4] == b"PK\x01\x02"]
    data[starts[lost] + 30] += starts[lost + 1] - starts[lost]
    path.write_bytes(data)
    assert cache.get(Key("group", "name")) is None
    assert not path.exists()


def sealed_otherwise(path, arrays):
    """A well-formed entry that nobody kept under this name."""
    with np.load(path) as file:
        header = file["arr_0"]
    np.savez(path.with_suffix(""), header, *arrays)
    os.replace(f"{path.with_suffix('')}.npz", path)


def test_two_entries_that_changed_places_are_both_made_again(cache, tmp_path, caplog):
    """Before, a video got the boxes of another one, and was "ok"."""
    for name, value in (("a", 1), ("b", 2)):
        cache.put(Key("group", name), one(value))
    a, b = (tmp_path / "cache" / f"group.{name}.{VERSION}.e3m.npz" for name in "ab")
    first, second = a.read_bytes(), b.read_bytes()
    a.write_bytes(second)
    b.write_bytes(first)
    assert list(cache.others("group")) == []
    assert "it is not what was kept under its name" in caplog.text
    a.write_bytes(second)
    assert cache.get(Key("group", "a")) is None
    assert not a.exists()


@pytest.mark.parametrize(
    "content",
    [np.full(3, np.nan), np.arange(3), np.arange(3.0, 6.0), np.array(["a", "b", "c"])],
    ids=["NaN", "another kind", "other numbers", "texts"],
)
def test_a_well_formed_entry_with_other_content_is_damaged(cache, tmp_path, caplog, content):
    cache.put(Key("group", "name"), {"x": np.arange(3.0)})
    (path,) = (tmp_path / "cache").iterdir()
    sealed_otherwise(path, [content])
    assert cache.get(Key("group", "name")) is None
    assert "is damaged" in caplog.text
    assert not path.exists()


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX permissions")
def test_the_cache_is_for_its_user_alone(cache, tmp_path):
    cache.put(Key("group", "name"), one())
    (path,) = (tmp_path / "cache").iterdir()
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX permissions")
def test_a_folder_that_the_user_shares_keeps_its_permissions(cache, tmp_path):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache").chmod(0o755)
    cache.put(Key("group", "name"), one())
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o755


def test_a_folder_that_may_only_be_read_is_read(cache, monkeypatch):
    cache.put(Key("group", "name"), one(1))

    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(cache_module.os, "utime", refuse)
    assert cache.get(Key("group", "name"))["x"] == 1


def test_other_files_in_the_folder_are_left_alone(tmp_path, files):
    (tmp_path / "cache").mkdir()
    mine = ["my.npz", "notes.tmp"]
    for name in mine:
        (tmp_path / "cache" / name).write_bytes(bytes(MB))
        os.utime(tmp_path / "cache" / name, (0, 0))
    cache = Cache(tmp_path / "cache", MB)
    cache.put(Key("group", "name"), one())
    assert cache.info().entries == 1
    assert files() == [f"group.name.{VERSION}.e3m.npz", *mine]
    cache.clear()
    assert files() == mine


def test_what_cannot_be_written_is_told_once_and_costs_nothing(tmp_path, caplog):
    (tmp_path / "cache").write_text("a file in the folder's place")
    cache = Cache(tmp_path / "cache", MB)
    for name in "ab":
        cache.put(Key("group", name), one())
        assert cache.get(Key("group", name)) is None
    assert list(cache.others("group")) == []
    (record,) = caplog.records
    assert str(tmp_path / "cache") in record.message
    assert "E3M_CACHE_DIR" in record.message


def test_a_writer_that_dies_leaves_no_entry(cache, files, monkeypatch):
    def die(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(cache_module.os, "replace", die)
    with pytest.raises(KeyboardInterrupt):
        cache.put(Key("group", "name"), one())
    assert files() == []


def test_what_a_killed_writer_left_is_removed_after_a_while(cache, tmp_path, files):
    cache.put(Key("group", "name"), one())
    for name, age in [("old.e3m.tmp", 2 * cache_module.STALE), ("new.e3m.tmp", 0)]:
        path = tmp_path / "cache" / name
        path.write_bytes(b"half")
        os.utime(path, (time.time() - age,) * 2)
    cache.put(Key("group", "other"), one())
    assert files() == [*(f"group.{n}.{VERSION}.e3m.npz" for n in ("name", "other")), "new.e3m.tmp"]


def die_before_replace(folder):
    cache_module.os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    Cache(folder, MB).put(Key("group", "name"), one(2))


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_a_killed_writer_leaves_the_entry_before(cache, tmp_path):
    cache.put(Key("group", "name"), one(1))
    context = multiprocessing.get_context("spawn")
    writer = context.Process(target=die_before_replace, args=(tmp_path / "cache",))
    writer.start()
    writer.join(120)
    assert writer.exitcode == -signal.SIGKILL
    assert cache.get(Key("group", "name"))["x"] == 1
    assert cache.info().entries == 1
    (half,) = (tmp_path / "cache").glob("*.tmp")
    assert cache.clear().entries == 1
    assert half.exists(), "its writer may still be there"
    os.utime(half, (1000, 1000))
    cache.clear()
    assert list((tmp_path / "cache").iterdir()) == []


def test_entries_of_another_version_are_not_read_but_take_room(cache, tmp_path, monkeypatch):
    cache.put(Key("group", "name"), one(1))
    monkeypatch.setattr(cache_module, "VERSION", VERSION + 1)
    assert cache.get(Key("group", "name")) is None
    assert list(cache.others("group")) == []
    assert cache.info().entries == 1


# Size limit


def test_what_was_not_used_for_longest_goes_first(tmp_path):
    cache = Cache(tmp_path / "cache", 3 * MB)
    for age, name in enumerate("abc"):
        cache.put(Key("group", name), of_size(0.9))
        os.utime(tmp_path / "cache" / f"group.{name}.{VERSION}.e3m.npz", (1000 + age,) * 2)
    cache.get(Key("group", "a"))
    cache.put(Key("group", "d"), of_size(0.9))
    there = [name for name in "abcd" if cache.get(Key("group", name)) is not None]
    assert there == ["a", "c", "d"]
    assert cache.info().size <= 3 * MB


def test_what_is_larger_than_the_cache_is_not_kept(tmp_path):
    cache = Cache(tmp_path / "cache", MB)
    cache.put(Key("group", "small"), of_size(0.5))
    cache.put(Key("group", "large"), of_size(2))
    assert cache.get(Key("group", "large")) is None
    assert cache.get(Key("group", "small")) is not None


# Several processes


def write_many(folder, value):
    cache = Cache(folder, 10 * MB)
    for number in range(40):
        cache.put(Key("group", "same"), one(value, 20_000))
        cache.put(Key("group", f"{value} {number}"), one(value, 20_000))
        entry = cache.get(Key("group", "same"))
        assert len(set(entry["x"].tolist())) == 1


@pytest.mark.slow
def test_processes_share_a_cache(tmp_path):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_many, args=(tmp_path, v)) for v in (1.0, 2.0)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert set(Cache(tmp_path, 10 * MB).get(Key("group", "same"))["x"]) < {1.0, 2.0}
    assert Cache(tmp_path, 0).info().size <= 10 * MB
    assert not list(tmp_path.glob("*.tmp"))


# `get_or_make`


KEY = Key("group", "name")


@pytest.fixture
def make():
    """A function that makes arrays, with a different number each time."""
    numbers = iter(range(1, 100))
    return lambda: one(next(numbers))


def test_what_is_kept_is_not_made_again(cache, make):
    assert [get_or_make(cache, KEY, make)["x"] for _ in range(3)] == [1, 1, 1]
    assert make()["x"] == 2


@pytest.mark.parametrize("nothing", ["no cache", "no key"])
def test_without_a_cache_or_a_key_it_is_made_each_time(cache, make, nothing):
    where = (None, KEY) if nothing == "no cache" else (cache, None)
    assert [get_or_make(*where, make)["x"] for _ in range(2)] == [1, 2]
    assert cache.info().entries == 0


def test_what_is_not_worth_it_is_not_kept(cache, make):
    assert get_or_make(cache, KEY, make, worth_keeping=lambda: False)["x"] == 1
    assert get_or_make(cache, KEY, make, worth_keeping=lambda: True)["x"] == 2
    assert get_or_make(cache, KEY, make)["x"] == 2
