"""The gradebook: kept whole, keyed, exported."""
