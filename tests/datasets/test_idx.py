import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasets.errors import DataError
from datasets.idx import find_idx, idx_shape, read_idx, read_labelled

IMAGES = np.arange(3 * 28 * 28).reshape(3, 28, 28).astype(np.uint8)


@given(shape=st.lists(st.integers(1, 6), min_size=1, max_size=4), packed=st.booleans())
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_written_is_read(tmp_path, write_idx, shape, packed):
    array = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    file = write_idx(tmp_path / "set", array)
    packed_file = tmp_path / "set.gz"
    packed_file.unlink(missing_ok=True)
    if packed:
        packed_file.write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()
    np.testing.assert_array_equal(read_idx(tmp_path / "set"), array)
    assert idx_shape(tmp_path / "set") == array.shape


def test_torchvision_s_own_example_of_the_format(tmp_path):
    # 2 labels, 7 and 9, spelled out by hand from the description of the format
    (tmp_path / "labels").write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]))
    assert read_idx(tmp_path / "labels").tolist() == [7, 9]


def test_the_plain_file_comes_before_the_packed_one(tmp_path, write_idx):
    file = write_idx(tmp_path / "set", IMAGES)
    (tmp_path / "set.gz").write_bytes(b"not gzip")
    assert find_idx(tmp_path / "set") == file
    np.testing.assert_array_equal(read_idx(file), IMAGES)


def test_what_is_read_cannot_be_changed_on_disk(tmp_path, write_idx):
    images = read_idx(write_idx(tmp_path / "set", IMAGES))
    with pytest.raises(ValueError, match="read-only"):
        images[0, 0, 0] = 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is not an IDX file"),
        (b"\0\0", "is not an IDX file"),
        (b"\x89PNG\r\n", "is not an IDX file"),
        (b"\0\0\x08\0", "is not an IDX file"),
        (b"\0\0\x0d\x01\0\0\0\x01abcd", "type 0x0d"),
        (b"\0\0\x08\x03\0\0\0\x01", "within its header"),
        (b"\0\0\x08\x01\0\0\0\0", "holds nothing"),
        (b"\0\0\x08\x01\0\0\0\x03ab", "cut short, 10 bytes instead of 11"),
        (b"\0\0\x08\x01\0\0\0\x03abcd", "too long"),
        (b"\0\0\x08\x03" + b"\xff" * 12 + b"abcd", "cut short"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_broken_file_is_named_with_its_fault(tmp_path, content, words, packed):
    file = tmp_path / ("set.gz" if packed else "set")
    file.write_bytes(gzip.compress(content) if packed else content)
    with pytest.raises(DataError, match=words) as caught:
        read_idx(tmp_path / "set")
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("length", [0, 5, 40, -1])
def test_a_truncated_packed_file_is_an_error(tmp_path, write_idx, length):
    content = gzip.compress(write_idx(tmp_path / "plain", IMAGES).read_bytes())
    (tmp_path / "set.gz").write_bytes(content[:length])
    with pytest.raises(DataError, match=r"set\.gz"):
        read_idx(tmp_path / "set")


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        read_idx(tmp_path / "set")
    with pytest.raises(DataError, match="no such file"):
        idx_shape(tmp_path / "set")


@pytest.mark.parametrize(
    ("images", "labels", "words"),
    [
        (np.zeros((2, 28, 27)), np.zeros(2), "not images of 28 by 28"),
        (np.zeros(5), np.zeros(5), "not images of 28 by 28"),
        (np.zeros((2, 28, 28)), np.zeros(3), r"\(3,\) labels for 2 images"),
        (np.zeros((2, 28, 28)), np.zeros((2, 1)), "labels for 2 images"),
    ],
)
def test_images_and_labels_must_belong_together(tmp_path, write_idx, images, labels, words):
    pair: tuple[Path, Path] = (
        write_idx(tmp_path / "images", images),
        write_idx(tmp_path / "labels", labels),
    )
    with pytest.raises(DataError, match=words):
        read_labelled(*pair)
