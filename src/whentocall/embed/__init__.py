"""Other doors to the same engine: HTTP, a web face, FHIR, conformance vectors."""
