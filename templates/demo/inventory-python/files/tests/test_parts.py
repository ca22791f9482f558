import os
import tempfile
import unittest

from app import app


class Parts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        os.environ["DATA_DIR"] = folder.name
        self.client = app.test_client()

    def test_it_starts_with_sample_parts_and_can_show_only_what_runs_low(self):
        self.assertEqual(self.client.get("/parts").json["summary"], "8 parts, 3 to reorder")
        low = self.client.get("/parts?show=low").json
        self.assertEqual(([part["status"] for part in low["parts"]], low["all"]), (["out", "low", "low"], 8))

    def test_a_part_is_added_counted_changed_and_removed(self):
        fields = {"name": "Screws", "supplier": "Spax", "stock": "1", "reorder_at": "5"}
        added = self.client.post("/parts", json=fields).json["parts"]
        id = next(part["id"] for part in added if part["name"] == "Screws")

        def stock():
            return [part["stock"] for part in self.client.get("/parts").json["parts"] if part["id"] == id]

        self.client.post(f"/parts/{id}/more")
        self.assertEqual(stock(), [2])
        self.client.put(f"/parts/{id}", json={**fields, "stock": "40"})
        self.client.post(f"/parts/{id}/less")
        self.assertEqual(stock(), [39])
        self.client.delete(f"/parts/{id}")
        self.assertEqual(stock(), [])

    def test_what_cannot_be_saved_is_said(self):
        answer = self.client.post("/parts", json={"name": ""})
        self.assertEqual((answer.status_code, answer.json["field"]), (400, "name"))
        self.assertEqual(self.client.post("/parts", data="no JSON").status_code, 400)
        self.assertEqual(self.client.post("/parts/1/twice").status_code, 400)
        self.assertEqual(self.client.get("/parts").json["all"], 8)
