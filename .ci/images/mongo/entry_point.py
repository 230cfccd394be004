"""Starts SecantusDB as the entry point of mongo starts MongoDB.

As root it owns the data and becomes mongodb. An empty data folder gets its first user from a server that listens on loopback
only; later starts ask for a password, and change none.
"""
import os
import pathlib
import subprocess
import sys

import pymongo

DATA = pathlib.Path("/data/db")
INITIALIZED = DATA / ".initialized"


def command(host):
    megabytes = next(
        (round(float(word.split("=")[1]) * 1024) for word in sys.argv if word.startswith("--wiredTigerCacheSizeGB=")), 256
    )
    return [
        "/venv/bin/secantusd-py", "--host", host, "--port", "27017", "--storage-path", str(DATA),
        "--cache-size", f"{megabytes}M", "--log-level", "WARNING", "--standalone",
    ]


def create_first_user(user, password):
    server = subprocess.Popen(command("127.0.0.1"))
    with pymongo.MongoClient("127.0.0.1", serverSelectionTimeoutMS=30_000, directConnection=True) as client:
        client.admin.command("createUser", user, pwd=password, roles=[{"role": "root", "db": "admin"}])
    server.terminate()
    server.wait()
    INITIALIZED.touch()


if os.getuid() == 0:
    subprocess.run(["chown", "-R", "mongodb:", "/data"], check=True)
    os.execvp("gosu", ["gosu", "mongodb", sys.executable, *sys.argv])
if not INITIALIZED.exists():
    create_first_user(os.environ["MONGO_INITDB_ROOT_USERNAME"], os.environ["MONGO_INITDB_ROOT_PASSWORD"])
os.execv("/venv/bin/secantusd-py", [*command("0.0.0.0"), "--auth"])
