"""Stub."""
from warehouse.release.site.page import Page
from warehouse.release.site.tables import Tables
def page(tables: Tables, *rest) -> Page:
    return Page(path="chain.html", title="NAME", lead="x", template="topic.html.j2", content={"sections": []})
