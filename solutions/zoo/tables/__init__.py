"""The zoo's tables: what is measured on which problem, and how it becomes Markdown.

problems -> measuring -> results (JSON) -> markdown
"""
