"""The rules of the inventory. Nothing in here touches the page or the files, so tests can use it as it is."""

import re

SAMPLE_PARTS = [
    {"id": "1", "name": "M6 bolts, 40 mm", "supplier": "Hartmann", "stock": 320, "reorder_at": 100},
    {"id": "2", "name": "Wood glue, 750 g", "supplier": "Ponal", "stock": 2, "reorder_at": 4},
    {"id": "3", "name": "Sanding discs, 120", "supplier": "Bosch", "stock": 18, "reorder_at": 20},
    {"id": "4", "name": "Hinges, brass", "supplier": "Hettich", "stock": 46, "reorder_at": 10},
    {"id": "5", "name": "Drawer slides, 450 mm", "supplier": "Blum", "stock": 14, "reorder_at": 8},
    {"id": "6", "name": "Danish oil, 1 l", "supplier": "Rustins", "stock": 0, "reorder_at": 2},
    {"id": "7", "name": "Masking tape, 30 mm", "supplier": "Tesa", "stock": 24, "reorder_at": 6},
    {"id": "8", "name": "Dowels, beech, 8 mm", "supplier": "Hartmann", "stock": 540, "reorder_at": 200},
]


def status_of(part):
    """Gives "out" when nothing is left, "low" when it is time to reorder, else "fine"."""
    if part["stock"] == 0:
        return "out"
    return "low" if part["stock"] <= part["reorder_at"] else "fine"


def needs_reorder(part):
    return status_of(part) != "fine"


def summary_of(parts):
    """The line under the title, for example "8 parts, 3 to reorder"."""
    if not parts:
        return "No parts yet"
    count = "1 part" if len(parts) == 1 else f"{len(parts)} parts"
    low = sum(map(needs_reorder, parts))
    return f"{count}, {low} to reorder" if low else f"{count}, nothing to reorder"


def visible_parts(parts, show):
    """The parts to show, in the order of their names; "M6" stands before "M10"."""
    chosen = [part for part in parts if show != "low" or needs_reorder(part)]
    return sorted(chosen, key=sort_key)


def sort_key(part):
    """Splits a name into words and numbers, so that numbers count by their size."""
    bits = re.split(r"([0-9]+)", part["name"].casefold())
    return [int(bit) if at % 2 else bit for at, bit in enumerate(bits)]


def view_of(parts, show):
    """What the page is told: the parts that were asked for, and what holds for all of them."""
    return {
        "summary": summary_of(parts),
        "all": len(parts),
        "low": sum(map(needs_reorder, parts)),
        "parts": [{**part, "status": status_of(part)} for part in visible_parts(parts, show)],
    }


def change_stock(parts, id, by):
    """Takes from or adds to the stock of one part; it never goes below zero."""
    return [{**part, "stock": max(0, part["stock"] + by)} if part["id"] == id else part for part in parts]


def put_part(parts, part):
    """Puts a part in: replaces the one with the same id, or appends it."""
    if any(other["id"] == part["id"] for other in parts):
        return [part if other["id"] == part["id"] else other for other in parts]
    return [*parts, part]


def read_part(fields):
    """Reads what the form sent. Gives the part and None, or None and what is wrong with which field."""
    fields = fields if isinstance(fields, dict) else {}
    name = str(fields.get("name") or "").strip()[:80]
    if name == "":
        return None, {"field": "name", "problem": "Please give the part a name."}
    part = {"name": name, "supplier": str(fields.get("supplier") or "").strip()[:80]}
    for field, label in [("stock", "In stock"), ("reorder_at", "Reorder at")]:
        count = read_count(fields.get(field, ""))
        if count is None:
            return None, {"field": field, "problem": f"{label} must be a whole number, 0 or more."}
        part[field] = count
    return part, None


def read_count(given):
    text = str(given).strip()
    if text == "":
        return 0
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None
