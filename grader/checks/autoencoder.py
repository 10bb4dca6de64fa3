"""Task 1: what an autoencoder has to be, whatever it is made of."""

from __future__ import annotations

import numpy as np

from grader.errors import Mismatch
from grader.expect import (
    expect,
    expect_close,
    expect_finite,
    expect_shape,
    expect_varied,
    is_same,
)
from grader.learnable import expect_learnable
from grader.patience import RATES, attempts, awake
from grader.remote import LATENT_DIM, RemoteAutoencoder
from grader.repeatable import expect_repeatable
from grader.student import Student

MAX_PARAMETERS = 2_000_000
VARIED = 0.25  # share of the latent's numbers that have to differ
LEARNT = 0.7  # share of the error that the mean image leaves
ROUNDS = (30, 70, 150, 200)  # steps of training


def default(student: Student) -> RemoteAutoencoder:
    """An autoencoder of the default size, by name: a wrong default is the matter of `shapes`."""
    return student.Autoencoder(latent_dim=LATENT_DIM)


def test_shapes(student: Student, images: np.ndarray) -> None:
    """Latent and reconstruction have the sizes asked for"""
    for count, latent_dim in ((4, 32), (3, 5), (1, 17)):
        autoencoder = student.Autoencoder(latent_dim=latent_dim)
        batch = images[:count]
        _, latent = autoencoder(batch)
        expect_shape(f"{autoencoder.label}(images): the latent", latent, (count, latent_dim))
        encoded = autoencoder.encode(batch)
        expect_shape(f"{autoencoder.label}.encode(images)", encoded, (count, latent_dim))
        autoencoder.decode(encoded)
    _, latent = awake(student.Autoencoder(), images)(images)
    expect_shape("Autoencoder()(images): the latent", latent, (len(images), LATENT_DIM))
    expect_varied("the latent", latent)  # of few numbers a last ReLU may leave none


def test_range(student: Student, images: np.ndarray, rng: np.random.Generator) -> None:
    """The reconstruction lies in [-1, 1], for any latent"""
    autoencoder = awake(default(student), images)
    far = rng.normal(scale=100.0, size=(16, 32)).astype(np.float32)
    outputs = {
        "forward": autoencoder(images)[0],
        "decode": autoencoder.decode(far),
        "forward in training mode": autoencoder(images, training=True)[0],
    }
    for name, output in outputs.items():
        expect_finite(f"the output of {name}", output)
        low, high = float(output.min()), float(output.max())
        expect(
            low >= -1.0 and high <= 1.0,
            f"the output of {name} reaches from {low:.3g} to {high:.3g}, expected within [-1, 1]",
            explained=False,
        )
    expect_varied("what decode gives for latents far apart", outputs["decode"])
    lowest = float(outputs["decode"].min())
    expect(
        lowest < -0.01,
        f"decode gives nothing below {lowest:.3g} for latents of any size, so the background, "
        "-1, is out of reach: does it end in a sigmoid or a ReLU?",
    )


def test_composition(student: Student, images: np.ndarray) -> None:
    """The decoder sees the latent alone: forward is decode after encode"""
    autoencoder = awake(default(student), images)
    blank = autoencoder.twin()  # the same weights, and it never sees an image
    reconstruction, latent = autoencoder(images)
    expect_varied("the latent", latent)
    expect_varied("the reconstruction", reconstruction)
    expect_close(
        "encode(images)", autoencoder.encode(images), latent,
        because="forward has to return the latent that encode gives",
    )  # fmt: skip
    decode_elsewhere = "does the decoder use more than the latent (a skip connection, a state)?"
    autoencoder.encode(images[::-1].copy())  # a decoder that remembers remembers this
    expect_close(
        "decode(latent)", autoencoder.decode(latent), reconstruction, because=decode_elsewhere
    )
    is_whole = is_same(autoencoder.twin()(images)[0], reconstruction)  # else `gradients` says it
    if is_whole and is_same(autoencoder(images)[0], reconstruction):  # else `repeatable` does
        expect_close(
            "decode(latent) by a copy that has seen no image",
            blank.decode(latent),
            reconstruction,
            absolute=1e-4,
            because=decode_elsewhere,
        )


def test_bottleneck(student: Student, images: np.ndarray) -> None:
    """The latent's numbers carry the image"""
    autoencoder = awake(default(student), images)
    latent = autoencoder.encode(images)
    varied = int((np.ptp(latent, axis=0) > 0).sum())
    # After a last ReLU about half of them may be 0 for every image, before training.
    expect(
        varied >= latent.shape[1] * VARIED,
        f"only {varied} of the latent's {latent.shape[1]} numbers differ from image to image: "
        "is it padded, or cut off?",
    )
    nudged = latent[:1] + np.eye(latent.shape[1], dtype=np.float32) * (1 + np.abs(latent).max())
    drawn = autoencoder.decode(np.concatenate([latent[:1], nudged])).reshape(len(nudged) + 1, -1)
    seen = int((np.abs(drawn[1:] - drawn[0]).max(axis=1) > 0).sum())
    expect(
        seen >= latent.shape[1] * VARIED,
        f"only {seen} of the latent's {latent.shape[1]} numbers change what decode draws: "
        "does it use all of them?",
    )


def test_gradients(student: Student, images: np.ndarray) -> None:
    """Every parameter is registered, takes part and receives a gradient"""
    expect_learnable("latent", "reconstruction", awake(default(student), images), images)


def test_learns(student: Student, images: np.ndarray) -> None:
    """It learns to reconstruct a handful of images"""
    constant = float(((images.mean(axis=0) - images) ** 2).mean())
    errors = []
    for autoencoder in attempts(
        student,
        lambda: default(student),
        lambda network, steps, rate: network.overfit(images, steps, rate),
        ROUNDS,
    ):
        reconstruction, _ = autoencoder(images)
        expect_finite("the reconstruction after training", reconstruction)
        errors.append(float(((reconstruction - images) ** 2).mean()))
        if errors[-1] < LEARNT * constant:
            return
    raise Mismatch(
        f"after {len(RATES) * sum(ROUNDS)} steps on {len(images)} images the "
        f"mean squared error is {min(errors):.4f} at best; their mean image alone gives "
        f"{constant:.4f}, expected below {LEARNT * constant:.4f}",
        explained=False,
    )


def test_repeatable(student: Student, images: np.ndarray) -> None:
    """In eval mode it gives one answer, alone or in a batch"""
    expect_repeatable("the reconstruction", awake(default(student), images), images)


def test_size(student: Student) -> None:
    """It has at most 2,000,000 parameters"""
    autoencoder = default(student)
    expect(
        0 < autoencoder.parameters <= MAX_PARAMETERS,
        f"{autoencoder.label} has {autoencoder.parameters:,} parameters, "
        f"expected at most {MAX_PARAMETERS:,}",
        explained=False,
    )
