"""Task 1, `autoencoder`: a network that can only redraw what it has learnt to draw.

An autoencoder squeezes an image through a narrow code and draws it again. Trained on digits alone,
it redraws digits well and everything else badly; how badly is what task 4 measures.

Source: Hinton & Salakhutdinov, "Reducing the Dimensionality of Data with Neural Networks",
Science 313 (2006). Reconstruction as a sign of the unknown: Yoshihashi et al., "Classification-
Reconstruction Learning for Open-Set Recognition" (CROSR), CVPR 2019.
"""

from __future__ import annotations

from torch import Tensor, nn


class Autoencoder(nn.Module):
    """An encoder to `latent_dim` numbers and a decoder back to an image.

    The architecture is yours. Three things are asked for:

    - the decoder sees the latent alone: nothing else may lead from the image to the output,
      or the network learns to copy, and copies unknown images just as well;
    - a reconstruction lies in [-1, 1] for every input;
    - at most 2,000,000 parameters.

    Call `super().__init__()` before you assign the first layer, and build every layer in the
    constructor, so that the optimiser and the weights file see it.

    Args:
        latent_dim: how many numbers an image is squeezed into, at least 1.
    """

    def __init__(self, latent_dim: int = 32) -> None:
        # BEGIN SOLUTION task 1, autoencoder: build the encoder and the decoder
        super().__init__()
        hidden = 512
        # Batch norm is what makes so small a network good enough within a few epochs.
        self.encoder = nn.Sequential(
            nn.Flatten(),  # (N, 784)
            nn.Linear(28 * 28, hidden),
            nn.BatchNorm1d(hidden),
            nn.ReLU(),
            nn.Linear(hidden, latent_dim),  # no activation: a code may be negative
        )
        self.decoder = nn.Sequential(
            nn.Linear(latent_dim, hidden),
            nn.BatchNorm1d(hidden),
            nn.ReLU(),
            nn.Linear(hidden, 28 * 28),
            nn.Tanh(),  # pixels lie in [-1, 1]
            nn.Unflatten(1, (1, 28, 28)),
        )
        # END SOLUTION

    def encode(self, images: Tensor) -> Tensor:
        """Squeeze images into their latents.

        Args:
            images: float32 (N, 1, 28, 28) in [-1, 1], -1 is background.

        Returns:
            The latents, float32 (N, latent_dim), any real numbers.
        """
        # BEGIN SOLUTION task 1, autoencoder: encode images into latents
        latent: Tensor = self.encoder(images)  # (N, latent_dim)
        return latent
        # END SOLUTION

    def decode(self, latent: Tensor) -> Tensor:
        """Draw images from latents alone.

        Args:
            latent: float32 (N, latent_dim).

        Returns:
            The reconstructions, float32 (N, 1, 28, 28) in [-1, 1].
        """
        # BEGIN SOLUTION task 1, autoencoder: decode latents into images
        reconstruction: Tensor = self.decoder(latent)  # (N, 1, 28, 28)
        return reconstruction
        # END SOLUTION

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Encode images and draw them again.

        In evaluation mode the two results equal `decode(encode(images))` and `encode(images)`.

        Args:
            images: float32 (N, 1, 28, 28) in [-1, 1].

        Returns:
            `(reconstruction, latent)`: float32 (N, 1, 28, 28) in [-1, 1] and (N, latent_dim).
        """
        # BEGIN SOLUTION task 1, autoencoder: return the reconstruction and the latent
        latent = self.encode(images)  # (N, latent_dim)
        return self.decode(latent), latent
        # END SOLUTION
