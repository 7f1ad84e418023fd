"""The Django base of every web context: settings, access rules, tenancy, pages. Nothing here knows a document."""
