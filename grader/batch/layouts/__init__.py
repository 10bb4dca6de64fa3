"""How a class's submissions come: each layout says whether it knows a folder, and reads it."""
