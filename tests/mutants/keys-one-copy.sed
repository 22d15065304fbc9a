# firmware/core/trust.c: only the first copy of the keys is read.
s/#define COPIES 2u/#define COPIES 1u/
