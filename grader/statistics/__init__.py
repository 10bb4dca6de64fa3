"""What a class's grades say together: pure functions over records, then a page and a picture."""
