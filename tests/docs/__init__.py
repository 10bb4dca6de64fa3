"""Whether the documents are true: every command, link, path and shown output."""
