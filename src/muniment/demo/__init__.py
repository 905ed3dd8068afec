"""What `muniment demo` needs besides the product: an estate to govern."""
