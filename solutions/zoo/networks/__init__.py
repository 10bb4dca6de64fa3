"""Networks, a file each: `forward(images) -> Outputs`."""
