"""dbt's unit tests, which builds leave out: they are about the models' logic, not about the figures."""

import shutil

from warehouse import transform
from warehouse.release import database


def test_every_unit_test_of_the_models_passes(copy_of_small) -> None:
    transform.create_candidate(copy_of_small)
    shutil.copyfile(database(copy_of_small).resolve(), copy_of_small.candidate_file)
    results = transform.test_models(copy_of_small)
    assert len(results) >= 9
    assert [result.unique_id for result in results if not result.ok] == []
