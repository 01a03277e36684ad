"""UN Comtrade: customs trade as each reporter states it, from the API, its bulk files and extracts of both."""
