import os
import tempfile
import threading
import unittest

import store
from app import app


class Store(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        os.environ["DATA_DIR"] = folder.name
        self.client = app.test_client()

    def put(self, name, body, **headers):
        return self.client.put(f"/store/{name}", data=body, headers=headers)

    def test_keeps_data(self):
        self.assertIsNone(self.client.get("/store/items").json)
        self.assertEqual(self.put("items", '[{"name":"Tea"}]').status_code, 200)
        self.assertEqual(self.client.get("/store/items").json, [{"name": "Tea"}])
        self.assertEqual(store.load("items"), [{"name": "Tea"}])
        self.assertEqual(os.listdir(os.environ["DATA_DIR"]), ["items.json"])

    def test_refuses_what_it_cannot_keep(self):
        self.assertEqual(self.put("Items", "1").status_code, 400)
        self.assertEqual(self.put("..%2fitems", "1").status_code, 404)
        for body in ["not json", "NaN", "[" * 100_000, b"\xff"]:
            self.assertEqual(self.put("items", body).status_code, 400)
        self.assertEqual(self.put("items", '"' + "x" * 1024 * 1024 + '"').status_code, 413)
        with self.assertRaises(ValueError):
            store.save("../items", 1)

    def test_does_not_lose_what_somebody_else_saved_in_between(self):
        before = self.put("shared", "1").headers["ETag"]
        self.assertEqual(self.put("shared", "2", **{"If-Match": before}).status_code, 200)
        self.assertEqual(self.put("shared", "3", **{"If-Match": before}).status_code, 412)
        self.assertEqual(store.load("shared"), 2)

    def test_changes_at_the_same_time_all_count(self):
        def count():
            for _ in range(20):
                store.update("count", 0, lambda value: value + 1)

        threads = [threading.Thread(target=count) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(store.load("count"), 80)
