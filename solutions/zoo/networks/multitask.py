"""System a's networks, layer by layer as its report tables them.

The report's 412,801 parameters are those of encoder and decoder; its linear classifier on the code
is counted beside them. It gives that classifier eleven outputs, of which the eleventh never sees an
image; here there is one output a known class.
"""

from __future__ import annotations

from torch import Tensor, nn

from solutions.zoo.outputs import Outputs

CODE = 128


class MultitaskAutoencoder(nn.Module):
    """One code that is classified and decoded; for 28 x 28 grey images.

    Args:
        num_classes: K.
    """

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1),  # (N, 16, 28, 28)
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.MaxPool2d(2),  # (N, 16, 14, 14)
            nn.Conv2d(16, 32, 3, padding=1),  # (N, 32, 14, 14)
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.MaxPool2d(2),  # (N, 32, 7, 7)
            nn.Flatten(),
            nn.Linear(32 * 7 * 7, CODE),  # (N, 128)
        )
        self.decoder = nn.Sequential(
            nn.Linear(CODE, 32 * 7 * 7),  # (N, 1568)
            nn.ReLU(),
            nn.Unflatten(1, (32, 7, 7)),
            nn.ConvTranspose2d(32, 16, 3, padding=1),  # (N, 16, 7, 7)
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Upsample(scale_factor=2),  # (N, 16, 14, 14)
            nn.ConvTranspose2d(16, 1, 3, padding=1),  # (N, 1, 14, 14)
            nn.Upsample(scale_factor=2),  # (N, 1, 28, 28)
        )
        self.classifier = nn.Linear(CODE, num_classes)

    def forward(self, images: Tensor) -> Outputs:
        """Outputs "logits" (N, K), "embedding" (N, 128), "reconstruction" (N, 1, 28, 28).

        In evaluation mode also "reconstruction_code" (N, 128), what the encoder makes of the
        reconstruction; training has no use for it.
        """
        code = self.encoder(images)
        outputs = {
            "logits": self.classifier(code),
            "embedding": code,
            "reconstruction": self.decoder(code),
        }
        if not self.training:
            outputs["reconstruction_code"] = self.encoder(outputs["reconstruction"])
        return outputs


class BaselineClassifier(nn.Module):
    """Two convolutions, two linear layers, log-softmax: 31,146 parameters at K = 10.

    The table's first linear layer takes 32 numbers, one a channel: maps are averaged before it.

    Args:
        num_classes: K.
    """

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 64, 5, padding=2),  # (N, 64, 28, 28)
            nn.ReLU(),
            nn.Conv2d(64, 32, 3, stride=2, padding=1),  # (N, 32, 14, 14)
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),  # (N, 32)
            nn.Linear(32, 256),  # (N, 256)
            nn.ReLU(),
        )
        self.head = nn.Linear(256, num_classes)
        self.log_softmax = nn.LogSoftmax(dim=1)

    def forward(self, images: Tensor) -> Outputs:
        """Outputs "logits" (N, K), "embedding" (N, 256) and "log_probabilities" (N, K).

        The log-softmax that ends the table is an output of its own: "logits" are what it was given,
        since a score that reads logits must not be handed their softmax.
        """
        embedding = self.features(images)
        logits = self.head(embedding)
        return {
            "logits": logits,
            "embedding": embedding,
            "log_probabilities": self.log_softmax(logits),
        }
