"""How the practice web looks: one module per site, each from path and query to a page."""
