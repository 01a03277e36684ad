"""VAHAN, India's register of vehicles: electric vehicles registered, by class and year, as stated to Parliament."""
