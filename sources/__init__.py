"""Publishers: how their bytes are fetched and read into typed frames. `README.md` has the map of the package."""
