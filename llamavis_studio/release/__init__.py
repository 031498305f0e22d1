"""What leaves a project, or is put away: leftovers, the report, the export for shipping."""
