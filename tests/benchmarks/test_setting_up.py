"""The benchmark of set-up: all downloads are counted, and no link as a file."""

from benchmarks.setting_up import downloaded, on_disk

LOG = """\
07:20:50,001 Collecting torch>=2.6
07:20:50,002   Downloading torch-2.15.0-cp311-cp311-linux_x86_64.whl.metadata (29 kB)
07:20:50,003 Processing /opt/wheels/numpy-2.4.6-cp311-cp311-linux_x86_64.whl
07:20:51,004 Using cached idna-3.20-py3-none-any.whl (65 kB)
07:20:52,005 Downloading torch-2.15.0-cp311-cp311-linux_x86_64.whl (539.1 MB)
07:20:59,006 Downloading nvidia_cudnn_cu13-9.26.0.51-py3-none-linux_x86_64.whl (1.5 GB)
"""


def test_what_pip_fetched_counts_and_nothing_else():
    assert downloaded(LOG) == 29e3 + 539.1e6 + 1.5e9


def test_a_link_does_not_count_as_what_it_leads_to(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_bytes(b"0" * 100_000)
    (tmp_path / "link").symlink_to(tmp_path / "folder" / "file")
    assert 100_000 <= on_disk(tmp_path) < 110_000
