"""India's customs as DGCI&S publishes them on TradeStat: monthly (MEIDB) by partner, US$ million."""
