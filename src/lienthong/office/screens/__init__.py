"""The pages of the office, one module per flow. A page parses, calls one verb, and renders."""

from lienthong.office.screens import dossier_sides, dossiers, file_plan, files, home, incoming, reports, search, tasks

ROUTES = [
    *home.ROUTES, *incoming.ROUTES, *files.ROUTES, *search.ROUTES, *dossier_sides.ROUTES, *dossiers.ROUTES,
    *file_plan.ROUTES, *reports.ROUTES, *tasks.ROUTES,
]  # fmt: skip
