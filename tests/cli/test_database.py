"""Pins that the database and its other users are named."""

import os
import subprocess
import sys

import fiftyone.core.odm as foo
import pytest

from fiftyone_e3m.cli.database import describe

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
    assert str(os.getpid()) not in describe(client).partition("also used by")[2]


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX pipes")
def test_another_process_that_uses_the_database_is_named():
    command = [sys.executable, "-c", JOINS, os.environ["FIFTYONE_DATABASE_URI"]]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as other:
        assert other.stdout.readline() == "joined\n"
        assert f"also used by processes {other.pid}" in describe(foo.get_db_client())
        other.stdin.close()
