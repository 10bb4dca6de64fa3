"""Submissions a minute of a class: our batch, cold processes, otter-grader and nbgrader."""
