# firmware/core/trust_update.c: an image whose signer was revoked is not recorded as bootable.
s/image->origin = FK_ORIGIN_RECORDED;/image->origin = image->origin;/
