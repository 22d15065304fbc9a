# firmware/core/keyset.c: the sequence of a key set is not compared.
s/set.sequence <= sequence/set.sequence == 0/
