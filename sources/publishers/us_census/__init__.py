"""US Census Bureau: monthly imports and exports of the United States by HS code and country."""
