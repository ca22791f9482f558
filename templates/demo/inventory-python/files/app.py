"""The inventory: its page, and the addresses through which the page reads and changes the parts."""

import uuid

from flask import Flask, render_template, request

from inventory import SAMPLE_PARTS, change_stock, put_part, read_part, view_of
from store import addresses as store
from store import load, update

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 2 * 1024 * 1024
app.config["TEMPLATES_AUTO_RELOAD"] = True
app.register_blueprint(store)


@app.get("/")
def start():
    return render_template("index.html")


@app.get("/parts")
def show_parts():
    return answer(load("parts", SAMPLE_PARTS))


@app.post("/parts")
def add_part():
    return save_part(uuid.uuid4().hex)


@app.put("/parts/<id>")
def save_part(id):
    part, problem = read_part(request.get_json(silent=True))
    if problem:
        return problem, 400
    return change(lambda parts: put_part(parts, {"id": id, **part}))


@app.post("/parts/<id>/<step>")
def count_part(id, step):
    by = {"less": -1, "more": 1}.get(step)
    if by is None:
        return {"problem": "A part can have one less or one more."}, 400
    return change(lambda parts: change_stock(parts, id, by))


@app.delete("/parts/<id>")
def remove_part(id):
    return change(lambda parts: [part for part in parts if part["id"] != id])


def change(make):
    """Two people who count at the same moment both count: nobody else can save in between."""
    return answer(update("parts", SAMPLE_PARTS, make))


def answer(parts):
    return view_of(parts, show=request.args.get("show", "all"))
