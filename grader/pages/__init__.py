"""What every HTML page shares: the templates' environment, the look, and charts drawn as SVG."""
