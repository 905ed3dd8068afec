"""One module per noun; each route declares its permission."""
