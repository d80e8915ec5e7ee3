"""TypedGraph -> PackagePlan: every file decided, as statements."""
