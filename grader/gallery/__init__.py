"""What the pictures of a graded model are made from, gathered while its worker still lives."""
