import unittest

from inventory import SAMPLE_PARTS, change_stock, put_part, read_part, status_of, summary_of, visible_parts


class Inventory(unittest.TestCase):
    def test_a_part_runs_low_at_its_reorder_level_and_is_out_at_zero(self):
        self.assertEqual(status_of({"stock": 21, "reorder_at": 20}), "fine")
        self.assertEqual(status_of({"stock": 20, "reorder_at": 20}), "low")
        self.assertEqual(status_of({"stock": 0, "reorder_at": 20}), "out")

    def test_the_summary_counts_what_to_reorder(self):
        self.assertEqual(summary_of(SAMPLE_PARTS), "8 parts, 3 to reorder")
        self.assertEqual(summary_of([]), "No parts yet")
        self.assertEqual(summary_of(SAMPLE_PARTS[:1]), "1 part, nothing to reorder")

    def test_the_list_is_sorted_by_name_and_can_show_only_what_runs_low(self):
        self.assertEqual(len(visible_parts(SAMPLE_PARTS, "all")), 8)
        low = [part["name"] for part in visible_parts(SAMPLE_PARTS, "low")]
        self.assertEqual(low, ["Danish oil, 1 l", "Sanding discs, 120", "Wood glue, 750 g"])
        sizes = [{**SAMPLE_PARTS[0], "name": name} for name in ["M10", "m6"]]
        self.assertEqual([part["name"] for part in visible_parts(sizes, "all")], ["m6", "M10"])

    def test_stock_never_goes_below_zero(self):
        self.assertEqual(change_stock([{"id": "a", "stock": 1}], "a", -5), [{"id": "a", "stock": 0}])

    def test_saving_replaces_a_part_with_the_same_id_and_appends_a_new_one(self):
        self.assertEqual(put_part([{"id": "a", "stock": 1}], {"id": "a", "stock": 2}), [{"id": "a", "stock": 2}])
        self.assertEqual(len(put_part([{"id": "a"}], {"id": "b"})), 2)

    def test_the_form_says_which_field_is_not_right(self):
        good = {"name": " Screws ", "supplier": "", "stock": "12", "reorder_at": ""}
        part, problem = read_part(good)
        self.assertEqual(part, {"name": "Screws", "supplier": "", "stock": 12, "reorder_at": 0})
        self.assertIsNone(problem)
        for field, value in [("name", "  "), ("stock", "1.5"), ("reorder_at", "-1"), ("stock", "٣")]:
            self.assertEqual(read_part({**good, field: value})[1]["field"], field)
        self.assertEqual(read_part("no form")[1]["field"], "name")
