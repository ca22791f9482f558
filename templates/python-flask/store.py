"""Data that stays: any JSON value under a name of a-z, 0-9 and "-", kept as a file in $DATA_DIR.

GET /store/<name>   the value saved under that name, `null` before the first save
PUT /store/<name>   saves a value of at most 1 MB; with `If-Match: <etag>` only when nobody else changed it
"""

import base64
import hashlib
import json
import os
import re
import threading
import uuid
from collections import defaultdict
from pathlib import Path

from flask import Blueprint, Response, jsonify, request

MOST_BYTES = 1024 * 1024

addresses = Blueprint("store", __name__)
_locks = defaultdict(threading.RLock)


def load(name, fallback=None):
    """The value saved under `name`, or `fallback` when nothing was saved yet."""
    value = json.loads(_read(name))
    return fallback if value is None else value


def save(name, value):
    """Saves `value` under `name`."""
    _write(name, json.dumps(value, ensure_ascii=False, allow_nan=False).encode())


def update(name, fallback, change):
    """Saves what `change` makes of the newest value and returns it; nobody else can save in between."""
    with _locks[name]:
        value = change(load(name, fallback))
        save(name, value)
        return value


@addresses.get("/store/<name>")
def get(name):
    if not _is_name(name):
        return _problem(400, "A name is 1 to 60 of a-z, 0-9 and -.")
    return _answer(_read(name))


@addresses.put("/store/<name>")
def put(name):
    if not _is_name(name):
        return _problem(400, "A name is 1 to 60 of a-z, 0-9 and -.")
    body = request.get_data()
    if len(body) > MOST_BYTES:
        return _problem(413, "That is more than 1 MB.")
    if not _is_json(body):
        return _problem(400, "That is not JSON.")
    with _locks[name]:
        wanted = request.headers.get("If-Match")
        if wanted and wanted != _tag(_read(name)):
            return _problem(412, "Somebody else changed it.")
        _write(name, body)
    return _answer(body)


def _is_name(name):
    return re.fullmatch(r"[a-z0-9-]{1,60}", name) is not None


def _is_json(body):
    def refuse(constant):
        raise ValueError(constant)

    try:
        json.loads(body, parse_constant=refuse)
        return True
    except (ValueError, RecursionError):
        return False


def _file(name):
    if not _is_name(name):
        raise ValueError(f"{name!r} is no name for data: 1 to 60 of a-z, 0-9 and -")
    return Path(os.environ.get("DATA_DIR") or Path(__file__).parent / "data") / f"{name}.json"


def _read(name):
    try:
        return _file(name).read_bytes()
    except FileNotFoundError:
        return b"null"


def _write(name, body):
    """Whole or not at all: somebody who reads meanwhile gets the old value."""
    file = _file(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(f".{uuid.uuid4()}")
    try:
        draft.write_bytes(body)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _tag(body):
    return '"' + base64.urlsafe_b64encode(hashlib.sha256(body).digest()).decode()[:22] + '"'


def _answer(body):
    headers = {"ETag": _tag(body), "Cache-Control": "no-store"}
    return Response(body, mimetype="application/json", headers=headers)


def _problem(status, error):
    return jsonify(error=error), status
