"""The tests mirror the source; besides, journeys/ follows whole flows and architecture/ watches floors, documents and names."""
