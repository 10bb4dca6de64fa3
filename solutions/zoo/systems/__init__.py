"""The rows of the zoo's tables: each file lists the methods of one system as `METHODS`."""
