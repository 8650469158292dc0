"""One file of figures that grows."""

from yinse.training.metrics import MetricsFile, read_metrics


def test_rows_are_appended_and_columns_added(tmp_path):
    path = tmp_path / "metrics.csv"
    log = MetricsFile(path)
    log.log_metrics({"train/loss": 2.0}, 0)
    log.log_metrics({"train/loss": 1.0}, 1)
    log.log_metrics({"valid/score": 0.5}, 1)
    rows, columns = read_metrics(path)
    assert columns == ["step", "train/loss", "valid/score"]
    assert [row["train/loss"] for row in rows] == ["2.0", "1.0", ""]
    assert rows[2]["valid/score"] == "0.5"


def test_steps_that_are_taken_again_are_dropped(tmp_path):
    path = tmp_path / "metrics.csv"
    log = MetricsFile(path)
    for step in range(5):
        log.log_metrics({"loss": float(step)}, step)
    again = MetricsFile(path, first_step=3)
    again.log_metrics({"loss": 30.0}, 3)
    assert [row["loss"] for row in read_metrics(path)[0]] == ["0.0", "1.0", "2.0", "30.0"]


def test_nothing_is_written_before_something_is_logged(tmp_path):
    MetricsFile(tmp_path / "metrics.csv")
    assert not list(tmp_path.iterdir())
