"""The grader packed for a platform that runs it in a box of its own."""
