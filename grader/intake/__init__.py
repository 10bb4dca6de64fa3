"""How a submission's files come in: a folder, a zip or a tar, read and never obeyed."""
