"""The programming interface of the office (REST, OpenAPI 3.1): the same services and rights as the pages."""
