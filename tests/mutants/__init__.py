"""Machine-made mistakes in the reference solution: the grader finds each, or we say why not."""
