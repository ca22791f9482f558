import re
import unittest
from pathlib import Path

from app import app

root = Path(__file__).resolve().parent.parent


class Pages(unittest.TestCase):
    def setUp(self):
        self.page = app.test_client().get("/")

    def test_the_page_opens_has_a_title_and_fits_a_phone(self):
        self.assertEqual(self.page.status_code, 200)
        self.assertRegex(self.page.text, r"<title>[^<]+</title>")
        self.assertIn('name="viewport"', self.page.text)

    def test_everything_that_the_page_loads_is_there(self):
        files = re.findall(r'(?:src|href)="(/static/[^"?#]+)', self.page.text)
        self.assertNotEqual(files, [])
        for file in files:
            with app.test_client().get(file) as answer:
                self.assertEqual(answer.status_code, 200, file)

    def test_what_is_not_part_of_the_page_is_not_served(self):
        for path in ["app.py", "static/../app.py", "static/%2e%2e/app.py", ".devcontainer/devcontainer.json"]:
            self.assertEqual(app.test_client().get("/" + path).status_code, 404, path)
