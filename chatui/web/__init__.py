"""The browser side: pages, the live line, the guard and the endpoints."""
