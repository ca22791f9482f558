"""The app: its pages and its addresses. `serve.py` serves it live, `flask run` while it is being made."""

from flask import Flask, render_template

from store import addresses as store

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 2 * 1024 * 1024
app.config["TEMPLATES_AUTO_RELOAD"] = True
app.register_blueprint(store)


@app.get("/")
def start():
    return render_template("index.html")
