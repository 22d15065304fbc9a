# firmware/core/envelope.c: the new envelope goes where the running image's stands
s/? FK_ORIGIN_ENVELOPE_2$/? FK_ORIGIN_ENVELOPE/
