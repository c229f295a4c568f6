"""Pins that the database and its other users are named."""

import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

import bson
import fiftyone as fo
import fiftyone.core.odm as foo
import pytest

from fiftyone_e3m.cli.database import database_check, describe

JOINS = """
import sys, pymongo
client = pymongo.MongoClient(sys.argv[1])
client.admin.command("ping")
print("joined", flush=True)
sys.stdin.read()
"""


def test_the_database_is_named_with_its_address_and_process():
    client = foo.get_db_client()
    pid = client.admin.command("serverStatus")["pid"]
    assert describe(client).startswith(f"at 127.0.0.1:{client.address[1]}, process {pid}")
    assert "no other process of this machine uses it" in describe(client)


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX pipes")
def test_another_process_that_uses_the_database_is_named():
    command = [sys.executable, "-c", JOINS, os.environ["FIFTYONE_DATABASE_URI"]]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as other:
        assert other.stdout.readline() == "joined\n"
        assert f"also used by processes {other.pid}" in describe(foo.get_db_client())
        other.stdin.close()


def folder(client):
    return client.admin.command("getCmdLineOpts")["parsed"]["storage"]["dbPath"]


def test_version_and_folder_are_named_as_the_server_says():
    client = foo.get_db_client()
    text = describe(client)
    assert f"MongoDB {client.server_info()['version']}; data in {folder(client)}" in text
    assert "joins" not in text  # one that FiftyOne was told to use


def test_of_fiftyones_own_it_is_said_that_it_may_be_that_of_another_program(tmp_path):
    client = foo.get_db_client()
    joins = "FiftyOne joins any database service of the same user that runs"
    own = describe(client, Path(folder(client)))
    assert joins in own
    assert "as configured" not in own
    other = describe(client, tmp_path)
    assert f"data in {folder(client)}; not in {tmp_path}, as configured" in other
    assert joins in other


@pytest.mark.skipif(sys.platform != "linux", reason="needs two addresses of one machine")
def test_another_machine_that_uses_the_database_is_named():
    client = foo.get_db_client()
    assert "other machines" not in describe(client)
    hello = bson.encode({"hello": 1, "$db": "admin"})
    message = struct.pack("<iiiiIB", 21 + len(hello), 1, 0, 2013, 0, 0) + hello
    with socket.create_connection(client.address, source_address=("127.0.0.2", 0)) as other:
        other.sendall(message)
        assert other.recv(4)
        assert "also used from other machines: 127.0.0.2" in describe(client)


def test_a_database_that_does_not_answer_is_named_without_its_password(monkeypatch):
    def fail():
        raise ConnectionError("refused")

    monkeypatch.setattr(fo.config, "database_uri", "mongodb://me:secret@nowhere:1/")
    monkeypatch.setattr(fo, "list_datasets", fail)
    check = database_check()
    assert (check.ok, check.required) == (False, True)
    assert "(mongodb://…@nowhere:1/) does not answer: refused" in check.detail
