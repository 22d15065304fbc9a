# firmware/core/trust_update.c: the new keys are written over those in use.
s/uint8_t slot = old == 1 ? 2 : 1;/uint8_t slot = old == 0 ? 1 : old;/
