"""The pages of the office, one module per flow. A page parses, calls one verb, and renders."""

from lienthong.office.screens import (
    arrivals,
    document,
    dossier_sides,
    dossiers,
    draft_acts,
    drafts,
    file_plan,
    files,
    home,
    imports,
    incoming,
    numbering,
    outgoing,
    registers,
    reports,
    search,
    settings,
    signing,
<<<<<<< HEAD
    webhooks,
=======
    tasks,
>>>>>>> main
)

ROUTES = [
    *home.ROUTES,
    *incoming.ROUTES,
    *files.ROUTES,
    *settings.ROUTES,
    *arrivals.ROUTES,
    *document.ROUTES,
    *drafts.ROUTES,
    *draft_acts.ROUTES,
    *signing.ROUTES,
    *numbering.ROUTES,
    *outgoing.ROUTES,
    *registers.ROUTES,
<<<<<<< HEAD
    *imports.ROUTES,
    *webhooks.ROUTES,
=======
    *search.ROUTES,
    *dossier_sides.ROUTES,
    *dossiers.ROUTES,
    *file_plan.ROUTES,
    *reports.ROUTES,
    *tasks.ROUTES,
>>>>>>> main
]
