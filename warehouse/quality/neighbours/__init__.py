"""Compares each newly loaded partition with its neighbours: does it fit them better as it reads, or read otherwise?

A file in another unit, with two columns or two labels exchanged, still parses and still passes every rule about single
figures. It shows only beside other figures of the same thing: the statement before it, the same period in other
layouts and editions, the years beside it, the other side's report, unit values of the same code.
"""
