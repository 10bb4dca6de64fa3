"""What goes into a hidden bundle, and the file that it is kept in."""

import json
import zipfile

import numpy as np
import pytest

from datasets import UNKNOWN, DataError, ImageSet, load_test, read_bundle
from datasets.bundle import _digest, write_bundle
from datasets.hidden import make_hidden
from datasets.image_set import unknown_set

NOWHERE = "/no/such/root"


def nearest(queries: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Index of the nearest image to each query, by Euclidean distance between pixels."""
    x, y = (part.reshape(len(part), -1).astype(np.float32) for part in (queries, images))
    return ((y**2).sum(axis=1) - 2 * x @ y.T).argmin(axis=1)


@pytest.fixture(scope="module")
def hidden():
    return make_hidden("digits", NOWHERE, seed=5)


@pytest.fixture(scope="module")
def public(digits_profile):
    return digits_profile.test, digits_profile.unknowns


def test_hidden_digits_are_the_test_s_and_yet_no_image_of_it(hidden, public):
    digits, test = hidden[0], public[0]
    assert np.bincount(digits.labels).tolist() == np.bincount(test.labels).tolist()
    assert not {image.tobytes() for image in digits.images} & {
        image.tobytes() for image in test.images
    }


def test_a_list_of_the_test_s_labels_does_not_answer_them(hidden, public):
    assert (hidden[0].labels == public[0].labels).mean() < 0.3


def test_hidden_digits_can_still_be_read(hidden, digits_profile):
    train = digits_profile.train
    found = train.labels[nearest(hidden[0].images, train.images)]
    assert (found == hidden[0].labels).mean() > 0.93


def test_hidden_digits_lie_no_farther_from_the_training_digits_than_public_ones(
    hidden, public, digits_profile
):
    train = digits_profile.train
    near = train.images.astype(float)

    def distance(images):
        partners = near[nearest(images, train.images)]
        return np.median(np.sqrt(((images - partners) ** 2).sum(axis=(1, 2))))

    ratio = distance(hidden[0].images) / distance(public[0].images)
    assert ratio == pytest.approx(1, abs=0.05)


def test_the_families_are_the_public_ones_with_other_images(hidden, public):
    assert [(part.family, part.graded) for part in hidden[1]] == [
        (part.family, part.graded) for part in public[1]
    ]
    for mine, theirs in zip(hidden[1], public[1], strict=True):
        assert len(mine) == 500
        assert not {image.tobytes() for image in mine.images} & {
            image.tobytes() for image in theirs.images
        }


def test_even_the_public_sets_seed_gives_other_images(public):
    _, unknowns = make_hidden("digits", NOWHERE, seed=1, per_family=10)
    for mine, theirs in zip(unknowns, public[1], strict=True):
        assert not (mine.images == theirs.images[:10]).all(axis=(1, 2)).any()


def test_sizes_can_be_chosen():
    digits, unknowns = make_hidden("digits", NOWHERE, seed=5, known=50, per_family=7)
    assert np.bincount(digits.labels).tolist() == [5] * 10
    assert [len(part) for part in unknowns] == [7] * 4


def test_more_digits_than_there_are_is_an_error():
    with pytest.raises(DataError, match="501 hidden digits wanted, but the public test has 500"):
        make_hidden("digits", NOWHERE, seed=5, known=501)


def test_mnist_must_be_there(tmp_path):
    with pytest.raises(DataError, match="fetch mnist"):
        make_hidden("mnist", tmp_path, seed=5)


def flat_images(count):
    """Images of one grey level each, which no movement changes, so that each is known again."""
    levels = np.arange(count) % 250
    images = np.repeat(levels.astype(np.uint8), 784).reshape(count, 28, 28)
    return images, np.zeros(count, int)


def test_hidden_mnist_takes_what_the_public_sets_leave_over(mnist_root, numbered, numbers):
    images, labels = flat_images(240)
    np.savez(mnist_root / "few.npz", images=images, labels=labels, graded=False)
    np.savez(mnist_root / "many.npz", images=numbered(2600), labels=np.zeros(2600, int))
    np.savez(mnist_root / "usps.npz", images=images, labels=labels, known=True)
    digits, unknowns = make_hidden("mnist", mnist_root, seed=5, known=100, per_family=300)
    families = {part.family: part for part in unknowns}
    assert list(families) == ["few", "many", "photographs", "noise", "mnist_noise"]
    assert not families["few"].graded
    # too few for a set of its own, so all that there are
    assert len(families["few"]) == 240
    assert len(np.unique(families["few"].images[:, 14, 14])) == 240
    assert len(families["many"]) == 300
    assert len(families["mnist_noise"]) == 100
    assert np.bincount(digits.labels).tolist() == [10] * 10
    assert set(map(bytes, digits.images)).isdisjoint(
        map(bytes, load_test("mnist", mnist_root)[0].images)
    )


def test_left_over_images_are_not_public_ones(monkeypatch, mnist_root, numbered, numbers):
    np.savez(mnist_root / "many.npz", images=numbered(2600), labels=np.zeros(2600, int))
    monkeypatch.setattr("datasets.hidden.move", lambda images, *_: images)
    (_, public), (_, unknowns) = (
        load_test("mnist", mnist_root),
        make_hidden("mnist", mnist_root, seed=5, known=10, per_family=600),
    )
    shown, kept = numbers(public[0].images), numbers(unknowns[0].images)
    assert sorted([*shown, *kept]) == list(range(2600))


KNOWN = ImageSet(
    "x", "digits", np.arange(3 * 784, dtype=np.uint8).reshape(3, 28, 28), np.array([7, 0, 9])
)
UNKNOWNS = (
    unknown_set("runes", np.full((2, 28, 28), 5, np.uint8)),
    unknown_set("clouds", np.full((4, 28, 28), 6, np.uint8), graded=False),
)


@pytest.fixture
def file(tmp_path):
    write_bundle(tmp_path / "hidden.npz", KNOWN, UNKNOWNS, profile="digits", seed=5)
    return tmp_path / "hidden.npz"


def test_a_bundle_comes_back_as_it_was(file):
    bundle = read_bundle(file)
    for mine, theirs in zip((bundle.known, *bundle.unknowns), (KNOWN, *UNKNOWNS), strict=True):
        assert (mine.family, mine.graded) == (theirs.family, theirs.graded)
        assert mine.name == f"hidden-{theirs.family}"
        np.testing.assert_array_equal(mine.images, theirs.images)
        np.testing.assert_array_equal(mine.labels, theirs.labels)
    assert bundle.manifest["seed"] == 5
    assert bundle.manifest["profile"] == "digits"
    assert bundle.manifest["schema"] == "osr-hidden/1"
    assert bundle.manifest["families"][1] == {"family": "runes", "count": 2, "graded": True}


def test_a_bundle_opens_with_plain_numpy_and_no_pickle(file):
    with np.load(file, allow_pickle=False) as arrays:
        assert sorted(arrays) == ["families", "images", "labels", "manifest"]
        assert arrays["labels"].tolist() == [7, 0, 9] + [UNKNOWN] * 6
        assert arrays["families"].tolist() == ["digits"] * 3 + ["runes"] * 2 + ["clouds"] * 4
        assert json.loads(str(arrays["manifest"]))["seed"] == 5


def test_the_same_bundle_is_the_same_bytes(file, tmp_path, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 2e9)
    write_bundle(tmp_path / "again.npz", KNOWN, UNKNOWNS, profile="digits", seed=5)
    assert (tmp_path / "again.npz").read_bytes() == file.read_bytes()


def resave(file, **changes):
    with np.load(file) as arrays:
        kept = {**arrays, **changes}
    np.savez(file, **{key: value for key, value in kept.items() if value is not None})


def manifest_with(file, **changes):
    with np.load(file) as arrays:
        return np.array(json.dumps({**json.loads(str(arrays["manifest"])), **changes}))


CHANGED_LABELS = np.array([7, 1, 9] + [UNKNOWN] * 6)


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": CHANGED_LABELS},
        {"images": np.zeros((9, 28, 28), np.uint8)},
        {"images": np.zeros((9, 784), np.uint8)},
        {"families": np.array(["digits"] * 3 + ["runes"] * 6)},
    ],
)
def test_changed_arrays_are_noticed(file, changes):
    resave(file, **changes)
    with pytest.raises(DataError, match="SHA-256 differs"):
        read_bundle(file)


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 6},
        {"families": [{"family": "digits", "count": 3, "graded": False}]},
        {"more": 1},
    ],
)
def test_a_changed_manifest_is_noticed(file, changes):
    resave(file, manifest=manifest_with(file, **changes))
    with pytest.raises(DataError, match="SHA-256 differs"):
        read_bundle(file)


def test_every_single_changed_byte_is_noticed(file):
    content = file.read_bytes()
    sound = read_bundle(file)
    for place in range(0, len(content), 7):
        damaged = bytearray(content)
        damaged[place] ^= 0x10
        file.write_bytes(damaged)
        try:
            read = read_bundle(file)
        except DataError:
            continue
        # a byte of the archive that carries no content, such as a member's date
        np.testing.assert_array_equal(read.known.images, sound.known.images)
        assert read.manifest == sound.manifest


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"manifest": None}, "`manifest` cannot be read"),
        ({"images": None}, "`images` cannot be read"),
        ({"families": None}, "`families` cannot be read"),
        ({"manifest": np.array("{")}, "not JSON"),
        ({"manifest": np.array("[]")}, "no hidden bundle of schema"),
        ({"manifest": np.array('{"schema": "osr-hidden/2"}')}, "no hidden bundle of schema"),
        ({"manifest": np.array('{"schema": "osr-hidden/1"}')}, "no SHA-256"),
        ({"labels": np.array([None] * 9)}, "`labels` cannot be read"),
    ],
)
def test_what_is_no_bundle_is_named_with_its_fault(file, changes, words):
    resave(file, **changes)
    with pytest.raises(DataError, match=words) as caught:
        read_bundle(file)
    assert str(file) in str(caught.value)
    assert "copy it again" in str(caught.value)  # what to do


def test_a_manifest_without_end_is_an_error(file):
    resave(file, manifest=np.array("[" * 100_000))
    with pytest.raises(DataError, match="its manifest is not JSON"):
        read_bundle(file)


def test_other_compression_that_is_damaged_is_an_error(file):
    with zipfile.ZipFile(file.with_name("x.npz"), "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("manifest.npy", bytes(5000))
    content = bytearray(file.with_name("x.npz").read_bytes())
    content[55:70] = b"\xff" * 15
    file.write_bytes(content)
    with pytest.raises(DataError, match="`manifest` cannot be read"):
        read_bundle(file)


def resigned(file, **changes):
    """The bundle with another manifest that its SHA-256 fits."""
    with np.load(file) as arrays:
        kept = dict(arrays)
    manifest = {**json.loads(str(kept["manifest"])), **changes}
    parts = (kept["images"], kept["labels"], kept["families"])
    manifest["sha256"] = _digest(*parts, manifest)
    resave(file, manifest=np.array(json.dumps(manifest)))


def test_a_count_larger_than_any_number_of_images_is_an_error(file):
    resigned(file, families=[{"family": "digits", "count": 10**400, "graded": True}])
    with pytest.raises(DataError, match="does not fit"):
        read_bundle(file)


@pytest.mark.parametrize(
    "unknowns",
    [(), (UNKNOWNS[1],), (UNKNOWNS[0], unknown_set("none", np.zeros((0, 28, 28), "u1")))],
)
def test_a_bundle_that_nothing_can_be_measured_on_is_an_error(tmp_path, unknowns):
    write_bundle(tmp_path / "hidden.npz", KNOWN, unknowns, profile="digits")
    with pytest.raises(DataError, match="a set without images, or grades no digits or no unknown"):
        read_bundle(tmp_path / "hidden.npz")


def test_a_bundle_whose_digits_do_not_count_is_an_error(file):
    families = [{"family": "digits", "count": 3, "graded": False}]
    families += [{"family": "runes", "count": 2, "graded": True}]
    families += [{"family": "clouds", "count": 4, "graded": False}]
    resigned(file, families=families)
    with pytest.raises(DataError, match="grades no digits"):
        read_bundle(file)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x93NUMPY\x01\x00", b"text"])
def test_what_is_no_archive_is_an_error(tmp_path, content):
    (tmp_path / "hidden.npz").write_bytes(content)
    with pytest.raises(DataError, match="cannot be read"):
        read_bundle(tmp_path / "hidden.npz")


def test_a_missing_bundle_and_a_folder_are_errors(tmp_path):
    for path in (tmp_path / "none.npz", tmp_path):
        with pytest.raises(DataError, match="no such hidden bundle"):
            read_bundle(path)


def test_labels_must_fit_their_families(tmp_path):
    file = tmp_path / "hidden.npz"
    write_bundle(file, UNKNOWNS[0], (KNOWN,))
    with pytest.raises(DataError, match="digits must come first"):
        read_bundle(file)


def test_one_family_twice_is_an_error(tmp_path):
    file = tmp_path / "hidden.npz"
    write_bundle(file, KNOWN, (UNKNOWNS[0], UNKNOWNS[0]))
    with pytest.raises(DataError, match="does not fit"):
        read_bundle(file)


def test_a_write_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(DataError, match="No space left on device"):
        write_bundle(tmp_path / "hidden.npz", KNOWN, UNKNOWNS)
    assert list(tmp_path.iterdir()) == []
